//! What build.rs has made.

use lockop::{AclEntry, Role, UserKey, Uuid, Window};

use crate::lock::Lock;

/// A signed operation.
#[derive(Debug)]
pub struct Case {
    /// Users, kind of key, certificates, encoding.
    pub name: &'static str,
    /// How many users it adds.
    pub users: usize,
    /// The issuer's key on the ACL, in one of the forms of `publicKey`.
    pub(crate) anchor: &'static [u8],
    /// The Ed25519 key that signed: the issuer's, or the leaf's.
    pub(crate) signer: [u8; 32],
    /// Whether there are certificates.
    pub chain: bool,
    /// A device accepts it.
    pub jws: &'static str,
    /// The same with one bit of the signature flipped.
    pub refused: &'static str,
}

impl Case {
    /// What the lock knows before the operation arrives.
    #[must_use]
    pub fn lock(&self) -> Lock {
        Lock { id: Uuid::from_bytes(DEVICE), issuer: self.issuer(), signer: self.signer, now: NOW, leeway: 60 }
    }

    /// Whether it is in the SDK's encoding.
    #[must_use]
    pub fn is_sdk(&self) -> bool {
        self.name.ends_with("sdk")
    }

    /// The issuer's entry on the ACL.
    fn issuer(&self) -> AclEntry {
        let key = UserKey::from_bytes(self.anchor).expect("a key");
        AclEntry { user: Uuid::from_bytes(ISSUER), key, role: Role::Admin, window: Window::ALWAYS }
    }
}

include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
