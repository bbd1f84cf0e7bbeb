//! ed25519-compact, in **variable time** and with another accepted set: for comparison, and for those who use it already.

use ed25519_compact::{PublicKey, Signature};
use subtle::Choice;

use super::Ed25519;

/// Verifies in **variable time**: sliding windows, and an early exit for keys and signatures that do not decode. A
/// device that uses it gives up §9.
///
/// It also verifies with the cofactor, so that the holder of a key can make signatures that this accepts and
/// [`ConstantTime`](super::ConstantTime) does not (§6). Nobody else can.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VariableTime;

impl Ed25519 for VariableTime {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        let verdict = PublicKey::new(*key).verify(message, &Signature::new(*signature));
        Choice::from(u8::from(verdict.is_ok()))
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        PublicKey::new(*key).validate().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_key_is_told_from_others() {
        // RFC 8032 §7.1, TEST 1.
        let key = *b"\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\
                    \x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a";
        assert!(VariableTime.is_valid_key(&key));
        // The neutral element.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert!(!VariableTime.is_valid_key(&neutral));
    }
}
