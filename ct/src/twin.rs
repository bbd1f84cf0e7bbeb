//! Leaky twins: the same verdicts, with one leak each. A check that does not see the leak is no check.

use core::hint::black_box;

use lockop::{Choice, ConstantTime, Ed25519};

use crate::verification::{VERIFICATIONS, Verification};

/// The cases between which every twin shows its leak.
const CASES: [&str; 3] = ["valid", "R, bit 0", "S + L"];

pub(crate) fn cases() -> impl Iterator<Item = &'static Verification> {
    VERIFICATIONS.iter().filter(|case| CASES.contains(&case.name))
}

/// Compares R with another byte by byte, and stops at the first difference: other instructions.
#[derive(Debug)]
pub struct EarlyExit;

/// Refuses S at once where it is not canonical: other instructions, and far fewer.
#[derive(Debug)]
pub struct Branch;

/// Looks a byte of R up in a table: the same instructions, at other addresses.
#[derive(Debug)]
pub struct TableLookup;

impl Ed25519 for EarlyExit {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        let verdict = ConstantTime.verify(key, message, signature);
        for (byte, of_another) in signature.iter().zip(black_box(&VERIFICATIONS[0].input.signature[..32])) {
            if black_box(byte) != of_another {
                break;
            }
        }
        verdict
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        ConstantTime.is_valid_key(key)
    }
}

impl Ed25519 for Branch {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        // L is a little more than 2^252.
        if signature[63] > 0x10 {
            return Choice::from(0);
        }
        ConstantTime.verify(key, message, signature)
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        ConstantTime.is_valid_key(key)
    }
}

impl Ed25519 for TableLookup {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        static TABLE: [u8; 256] = [1; 256];
        let verdict = ConstantTime.verify(key, message, signature);
        verdict & Choice::from(black_box(&TABLE)[usize::from(signature[0])])
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        ConstantTime.is_valid_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_are_there() {
        assert_eq!(cases().count(), CASES.len());
    }
}
