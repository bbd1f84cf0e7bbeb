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
