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

    /// Whether `key` is the canonical encoding of a point on the curve that is not of small order (§5).
    ///
    /// The key is public and comes from an authenticated issuer: no constant time is needed.
    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool;
}

impl<V: Ed25519> Ed25519 for &mut V {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        V::verify(self, key, message, signature)
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

/// The key that is verified with where there is none, so that it costs the same (§9): the curve's base point.
///
/// Its private key is well known, which is why the verdict is and-ed with whether the issuer has a key.
pub(crate) const FALLBACK_KEY: [u8; 32] = {
    let mut key = [0x66; 32];
    key[0] = 0x58;
    key
};
