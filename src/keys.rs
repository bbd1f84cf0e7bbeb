//! Users' keys (§5): the three forms in which they arrive, and what the ACL keeps of them.

use sha2::{Digest, Sha256};

use crate::der;
use crate::jws::base64::{Base64, Spelling};

/// What the ACL keeps of a user's key: 32 bytes, and which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKey {
    /// An Ed25519 public key (RFC 8032 §5.1.2). Not necessarily a good one: [`Ed25519::is_valid_key`] tells.
    ///
    /// [`Ed25519::is_valid_key`]: crate::Ed25519::is_valid_key
    Ed25519([u8; 32]),
    /// The SHA-256 of an RSA key's SubjectPublicKeyInfo. The key itself comes with each operation (§6).
    RsaFingerprint([u8; 32]),
}

/// The SubjectPublicKeyInfo of a 4096-bit key, the longest of the three forms.
const MAX_LEN: usize = 550;

/// What stands before the 32 bytes of the key in an Ed25519 SubjectPublicKeyInfo (RFC 8410 §4).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

impl UserKey {
    /// Reads one of the three key forms, told apart by length and content; `None` if it is none of them.
    ///
    /// Whether an Ed25519 key is a point at all is not looked at here.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if let Ok(raw) = bytes.try_into() {
            return Some(Self::Ed25519(raw));
        }
        if let Some(raw) = bytes.strip_prefix(&ED25519_SPKI).and_then(|raw| raw.try_into().ok()) {
            return Some(Self::Ed25519(raw));
        }
        der::rsa_spki(bytes).map(|_| Self::RsaFingerprint(Sha256::digest(bytes).into()))
    }

    /// Reads the base64 of one of the three key forms, as `publicKey` gives it: either alphabet, padding optional.
    ///
    /// ```
    /// let key = lockop::UserKey::from_base64(b"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    /// assert!(matches!(key, Some(lockop::UserKey::Ed25519([0xd7, 0x5a, ..]))));
    /// ```
    #[must_use]
    pub fn from_base64(text: &[u8]) -> Option<Self> {
        Self::decode(text.iter().copied())
    }

    pub(crate) fn decode(text: impl Iterator<Item = u8>) -> Option<Self> {
        let mut buffer = [0; MAX_LEN];
        let mut bytes = Base64::new(text, Spelling::Either);
        let mut len = 0;
        for byte in &mut bytes {
            *buffer.get_mut(len)? = byte;
            len += 1;
        }
        if bytes.fault().is_some() {
            return None;
        }
        Self::from_bytes(buffer.get(..len)?)
    }

    /// The 32 bytes, whichever kind they are.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        match self {
            Self::Ed25519(bytes) | Self::RsaFingerprint(bytes) => bytes,
        }
    }
}
