//! Signing keys from fixed seeds, so that every run writes the same bytes.

use ed25519_compact::{KeyPair, Seed, sha512};

use crate::b64;

/// An Ed25519 key pair.
pub(crate) struct Key(KeyPair);

impl Key {
    /// The key that belongs to a name.
    pub(crate) fn named(name: &str) -> Self {
        Self(KeyPair::from_seed(Seed::new(seed(name))))
    }

    /// The 32 bytes of the public key.
    pub(crate) fn public(&self) -> [u8; 32] {
        *self.0.pk
    }

    /// A deterministic signature (RFC 8032 §5.1.6).
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        *self.0.sk.sign(message, None)
    }
}

/// 32 bytes that depend on nothing but the name.
pub(crate) fn seed(name: &str) -> [u8; 32] {
    let digest = sha512::Hash::hash(format!("lockop vector key: {name}"));
    digest[..32].try_into().expect("32 of 64 bytes")
}

/// The SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
pub(crate) fn spki(public: &[u8; 32]) -> Vec<u8> {
    let mut out = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    out.extend_from_slice(public);
    out
}

/// The SubjectPublicKeyInfo of a real RSA key of 2048, 3072 or 4096 bits, made once with OpenSSL.
pub(crate) fn rsa(bits: usize) -> Vec<u8> {
    b64::fixture(match bits {
        2048 => include_str!("../keys/rsa2048.b64"),
        3072 => include_str!("../keys/rsa3072.b64"),
        4096 => include_str!("../keys/rsa4096.b64"),
        _ => panic!("no fixture of {bits} bits"),
    })
}
