//! Who signs an operation, and the certificates that say so (docs/operation.md, §6).

use std::path::PathBuf;

use base64ct::{Base64, Encoding as _};
use ed25519_compact::KeyPair;

use crate::json::array;
use crate::operation::key_pair;

/// Made by its `make.sh`.
pub const CERTIFICATES: &str = "certificates";

/// Which key signs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The issuer's own, an Ed25519 key; no certificate.
    Issuer,
    /// That of a leaf, which the issuer's Ed25519 key has signed.
    LeafOfEd25519,
    /// That of a leaf, which the issuer's RSA-2048 key has signed, with all four certificates.
    LeafOfRsa,
}

/// What becomes of the leaf's own signature, which is its last bytes.
#[derive(Clone, Copy)]
pub enum LeafSignature {
    Good,
    /// One bit of it is flipped.
    Flipped,
    /// No RSA signature: the number is not less than the modulus, which is found out before all arithmetic.
    TooLarge,
}

impl Signer {
    /// What the name of a case says about it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Issuer => "",
            Self::LeafOfEd25519 => "-leaf",
            Self::LeafOfRsa => "-chain",
        }
    }

    pub fn needs_x5c(self) -> bool {
        self != Self::Issuer
    }

    /// The key of the operation's signature.
    pub fn key_pair(self) -> KeyPair {
        match self {
            Self::Issuer => issuer(),
            Self::LeafOfEd25519 | Self::LeafOfRsa => leaf(),
        }
    }

    /// The issuer's key on the ACL, as its `publicKey` once was.
    pub fn issuer_key(self) -> Vec<u8> {
        match self {
            Self::Issuer | Self::LeafOfEd25519 => issuer().pk.to_vec(),
            Self::LeafOfRsa => read("user.spki"),
        }
    }

    /// The value of `x5c`, if there is one.
    pub fn x5c(self, signature: LeafSignature) -> Option<String> {
        let names: &[&str] = match self {
            Self::Issuer => return None,
            Self::LeafOfEd25519 => &["ed25519-leaf.der"],
            Self::LeafOfRsa => &["leaf.der", "user.der", "intermediate.der", "root.der"],
        };
        let mut chain: Vec<Vec<u8>> = names.iter().map(|name| read(name)).collect();
        signature.apply(&mut chain[0]);
        let texts: Vec<String> = chain.iter().map(|der| format!(r#""{}""#, Base64::encode_string(der))).collect();
        Some(array(&texts))
    }
}

impl LeafSignature {
    fn apply(self, leaf: &mut [u8]) {
        let end = leaf.len();
        match self {
            Self::Good => {}
            Self::Flipped => leaf[end - 1] ^= 1,
            Self::TooLarge => leaf[end - 256..].fill(0xff),
        }
    }
}

/// The issuer's Ed25519 keys.
pub fn issuer() -> KeyPair {
    key_pair(0xff)
}

/// The keys of both leaves.
pub fn leaf() -> KeyPair {
    key_pair(0xfe)
}

fn read(name: &str) -> Vec<u8> {
    let path = PathBuf::from(CERTIFICATES).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
