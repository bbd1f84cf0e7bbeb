//! ed25519-dalek's strict verification, in variable time: the same accepted set.

use ed25519_dalek::{Signature, VerifyingKey};
use lockop::Ed25519;
use subtle::Choice;

/// `VerifyingKey::verify_strict`.
#[derive(Debug, Default)]
pub struct VerifyStrict;

impl Ed25519 for VerifyStrict {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        let good = VerifyingKey::from_bytes(key)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok());
        Choice::from(u8::from(good))
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        VerifyingKey::from_bytes(key).is_ok_and(|key| !key.is_weak())
    }
}
