//! Users' keys (§5): the three forms in which they arrive, and what the ACL keeps of them.

use sha2::{Digest, Sha256};

use crate::jws::base64::{Spelling, decode_in_place};
use crate::spki;

/// What the ACL keeps of a user's key: 32 bytes, and which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum UserKey {
    /// An Ed25519 public key (RFC 8032 §5.1.2). Not necessarily a good one: [`Ed25519::is_valid_key`] tells.
    ///
    /// [`Ed25519::is_valid_key`]: crate::Ed25519::is_valid_key
    Ed25519([u8; 32]),
    /// The SHA-256 of an RSA key's SubjectPublicKeyInfo. The key itself comes with each operation (§6).
    RsaFingerprint([u8; 32]),
}

/// Bytes of base64, padding included, of the longest of the three forms: the SubjectPublicKeyInfo of a 4096-bit key,
/// 550 bytes.
pub(crate) const MAX_TEXT_LEN: usize = 736;

impl UserKey {
    /// Reads one of the three key forms, told apart by length and content; `None` if it is none of them.
    ///
    /// Whether an Ed25519 key is a point at all is not looked at here.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if let Ok(raw) = bytes.try_into() {
            return Some(Self::Ed25519(raw));
        }
        if let Some(raw) = spki::ed25519(bytes) {
            return Some(Self::Ed25519(raw));
        }
        spki::rsa(bytes).map(|_| Self::RsaFingerprint(Sha256::digest(bytes).into()))
    }

    /// Reads the base64 of one of the three key forms, as `publicKey` gives it: either alphabet, padding optional.
    ///
    /// ```
    /// let key = lockop::UserKey::from_base64(b"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    /// assert!(matches!(key, Some(lockop::UserKey::Ed25519([0xd7, 0x5a, ..]))));
    /// ```
    #[must_use]
    pub fn from_base64(text: &[u8]) -> Option<Self> {
        let mut buffer = [0; MAX_TEXT_LEN];
        let copy = buffer.get_mut(..text.len())?;
        copy.copy_from_slice(text);
        Self::decode(copy)
    }

    /// Reads base64, and writes over it.
    pub(crate) fn decode(text: &mut [u8]) -> Option<Self> {
        Self::from_bytes(decode_in_place(text, Spelling::Either).ok()?)
    }

    /// The 32 bytes, whichever kind they are.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        match self {
            Self::Ed25519(bytes) | Self::RsaFingerprint(bytes) => bytes,
        }
    }
}
