//! The operation, as users of serde would write it down (docs/operation.md, §5).

use std::fmt;
use std::marker::PhantomData;

use lockop::{AclEntry, UserKey, Window};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Grants;
use crate::refused::Refused;

/// Which library decodes the users' keys: each peer's own.
pub(crate) trait Base64 {
    /// Padded, in the standard alphabet, into `buffer`.
    fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]>;
}

/// Bytes of the longest key: the SubjectPublicKeyInfo of an RSA key of 4096 bits.
const MAX_KEY_LEN: usize = 550;

/// `operation`, whose users are in a `Vec` of the standard library's or of heapless.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "V: Deserialize<'de>"))]
pub(crate) struct Operation<V> {
    #[serde(rename = "type")]
    _kind: Kind,
    users: V,
}

#[derive(Deserialize)]
enum Kind {
    #[serde(rename = "BATCH_ADD_USER")]
    BatchAddUser,
}

/// One user object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", bound(deserialize = "B: Base64"))]
pub(crate) struct User<B> {
    user: uuid::Uuid,
    public_key: Key<B>,
    role: Option<Role>,
    start: Option<u64>,
    end: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Role {
    Admin,
    User,
}

/// A decoded `publicKey`. What an ACL keeps of its bytes is the same code for all.
struct Key<B> {
    key: UserKey,
    base64: PhantomData<B>,
}

impl<'de, B: Base64> Deserialize<'de> for Key<B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<B>(PhantomData<B>);

        impl<B: Base64> Visitor<'_> for Text<B> {
            type Value = Key<B>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the base64 of a public key")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Key<B>, E> {
                let mut buffer = [0; MAX_KEY_LEN];
                let key = B::decode(text, &mut buffer).and_then(UserKey::from_bytes);
                Ok(Key { key: key.ok_or_else(|| E::custom("not a key"))?, base64: self.0 })
            }
        }

        deserializer.deserialize_str(Text(PhantomData))
    }
}

impl<V> Operation<V> {
    /// The grants, after what serde does not check: how many, all different, none with an empty window.
    pub(crate) fn grant<B>(&self, grants: &mut Grants) -> Result<(), Refused>
    where
        V: AsRef<[User<B>]>,
    {
        for user in self.users.as_ref() {
            let entry = user.entry().ok_or(Refused::Malformed)?;
            if grants.iter().any(|earlier| earlier.user == entry.user) {
                return Err(Refused::Malformed);
            }
            grants.push(entry).map_err(|_| Refused::Malformed)?;
        }
        if grants.is_empty() { Err(Refused::Malformed) } else { Ok(()) }
    }
}

impl<B> User<B> {
    fn entry(&self) -> Option<AclEntry> {
        let role = match self.role {
            Some(Role::Admin) => lockop::Role::Admin,
            Some(Role::User) | None => lockop::Role::User,
        };
        let window = Window::new(self.start, self.end)?;
        Some(AclEntry { user: id(self.user), key: self.public_key.key, role, window })
    }
}

/// The library's type for the same 16 bytes.
pub(crate) fn id(uuid: uuid::Uuid) -> lockop::Uuid {
    lockop::Uuid::from_bytes(*uuid.as_bytes())
}
