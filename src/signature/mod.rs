//! Ed25519 (RFC 8032) behind a small trait.

#[cfg(feature = "constant-time")]
mod constant_time;
#[cfg(feature = "x5c")]
pub(crate) mod rsa;
#[cfg(feature = "ed25519-compact")]
mod variable_time;

#[cfg(feature = "constant-time")]
pub use constant_time::ConstantTime;
#[cfg(feature = "ed25519-compact")]
pub use variable_time::VariableTime;

use subtle::Choice;

use crate::verdict::Verdict;

/// Ed25519 arithmetic: the default [`ConstantTime`], a hardware engine, or another library.
///
/// An implementation must hold the decisions of §6: S < L; canonical and not small-order A and R; the cofactorless
/// equation compared as encodings of R. The published edge cases in `tests/published.rs` show whether it does.
///
#[cfg_attr(not(feature = "constant-time"), doc = "[`ConstantTime`]: crate::Device")]
pub trait Ed25519 {
    /// Whether `signature` is the holder of `key`'s signature of `message` (RFC 8032 §5.1.7).
    ///
    /// It should execute the same instructions whatever the bytes are, wrong keys and signatures included (§9): an
    /// answer that comes early is a place to aim a glitch at. It must not panic.
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice;

    /// The same, found out in two ways: what a [`Device`](crate::Device) asks.
    ///
    /// Here both are [`verify`](Self::verify)'s one answer, which is then a single place to aim a glitch at. An engine
    /// with an answer of its own should form it twice.
    fn verdict(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Verdict {
        Verdict::once(self.verify(key, message, signature))
    }

    /// Whether `key` is the canonical encoding of a point on the curve that is not of small order (§5).
    ///
    /// The key is public and comes from an authenticated issuer: no constant time is needed.
    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool;
}

impl<V: Ed25519> Ed25519 for &mut V {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        V::verify(self, key, message, signature)
    }

    fn verdict(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Verdict {
        V::verdict(self, key, message, signature)
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        V::is_valid_key(self, key)
    }
}

/// The decoded third segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature {
    /// The first 64 bytes; zeros where there are fewer.
    pub(crate) bytes: [u8; 64],
    /// Whether there are 64: if not, the signature is wrong, at the same cost.
    pub(crate) right_length: Choice,
}

/// The key that is verified with where there is none, so that it costs the same (§9).
///
/// It is the SHA-512 of `lockop: nobody knows the private key of this point`, its first 32 bytes with the sign cleared.
/// That happens to be the encoding of a point; that its private key is unknown is a second reason, beside the verdict's
/// own, why nobody can sign for an issuer that has no key.
pub(crate) const FALLBACK_KEY: [u8; 32] = [
    0xf8, 0xe6, 0x46, 0x22, 0x00, 0x3b, 0xb7, 0x83, 0x74, 0x68, 0xd2, 0xa1, 0xe9, 0x7e, 0xf6, 0x81, 0xf2, 0xc2, 0xef,
    0x28, 0xb7, 0x56, 0x42, 0x84, 0x7c, 0x3c, 0x50, 0x36, 0x49, 0x97, 0xcc, 0x7b,
];

/// A backend for tests: whose signatures and keys are all good.
#[cfg(test)]
pub(crate) struct Everybody;

#[cfg(test)]
impl Ed25519 for Everybody {
    fn verify(&mut self, _: &[u8; 32], _: &[u8], _: &[u8; 64]) -> Choice {
        Choice::from(1)
    }
    fn is_valid_key(&mut self, _: &[u8; 32]) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha512};

    use super::*;

    #[test]
    fn the_fallback_key_is_made_from_words() {
        let mut hash: [u8; 64] = Sha512::digest("lockop: nobody knows the private key of this point").into();
        hash[31] &= 0x7f;
        assert_eq!(hash[..32], FALLBACK_KEY);
    }
}
