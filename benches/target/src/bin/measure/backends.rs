//! The arithmetic with a part left out, to see what the rest costs.

use lockop::Ed25519;
use lockop_target::Backend;
use lockop_target::fixtures::LEAF_KEY;
use subtle::Choice;

/// Takes every key for a good one.
#[derive(Default)]
pub struct UncheckedKeys(Backend);

impl Ed25519 for UncheckedKeys {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        self.0.verify(key, message, signature)
    }

    fn is_valid_key(&mut self, _: &[u8; 32]) -> bool {
        true
    }
}

/// Takes every signature of the leaf's key for a good one: that is the operation's own.
#[derive(Default)]
pub struct UncheckedOperation(Backend);

impl Ed25519 for UncheckedOperation {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        if *key == LEAF_KEY { Choice::from(1) } else { self.0.verify(key, message, signature) }
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        self.0.is_valid_key(key)
    }
}
