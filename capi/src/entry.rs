//! Users, entries and replay records in C's layout.

use lockop::{AclEntry, ReplayRecord, UserKey, Window};

use crate::code::Code;

/// In the place of a time: there is none. (Times are Unix seconds below 2^53.)
pub const LOCKOP_NO_TIME: u64 = u64::MAX;

/// A UUID as 16 bytes, in the order of its text.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uuid {
    /// `00112233-4455-...` is 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, ...
    pub bytes: [u8; 16],
}

/// What `key` of an entry is. 0 is nothing, so that an entry of zeros is no entry.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the names are those of the header")]
pub enum KeyKind {
    /// An Ed25519 public key (RFC 8032).
    LOCKOP_KEY_ED25519 = 1,
    /// The SHA-256 of an RSA key's SubjectPublicKeyInfo.
    LOCKOP_KEY_RSA_FINGERPRINT = 2,
}

/// What a user may do. 0 is nothing, so that an entry of zeros is no entry.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the names are those of the header")]
pub enum Role {
    /// May open the lock.
    LOCKOP_ROLE_USER = 1,
    /// May open the lock, and sign operations that change the ACL.
    LOCKOP_ROLE_ADMIN = 2,
}

/// A user on the ACL: 72 bytes.
///
/// The user is active while `start <= now < end`, in Unix seconds below 2^53; `LOCKOP_NO_TIME` for no bound. `end`
/// must be after `start`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The user.
    pub user: Uuid,
    /// The user's key, or its fingerprint.
    pub key: [u8; 32],
    /// When the user becomes active, or `LOCKOP_NO_TIME`.
    pub start: u64,
    /// When the user stops being active, or `LOCKOP_NO_TIME`.
    pub end: u64,
    /// One of `enum lockop_key_kind`.
    pub key_kind: u32,
    /// One of `enum lockop_role`.
    pub role: u32,
}

impl Entry {
    /// No entry: what is not filled in is refused.
    pub(crate) const NONE: Self =
        Self { user: Uuid { bytes: [0; 16] }, key: [0; 32], start: 0, end: 0, key_kind: 0, role: 0 };

    pub(crate) fn from_library(entry: &AclEntry) -> Self {
        Self {
            user: Uuid { bytes: *entry.user.as_bytes() },
            key: *entry.key.as_bytes(),
            start: entry.window.start().unwrap_or(LOCKOP_NO_TIME),
            end: entry.window.end().unwrap_or(LOCKOP_NO_TIME),
            key_kind: match entry.key {
                UserKey::Ed25519(_) => KeyKind::LOCKOP_KEY_ED25519,
                UserKey::RsaFingerprint(_) => KeyKind::LOCKOP_KEY_RSA_FINGERPRINT,
            } as u32,
            role: match entry.role {
                lockop::Role::User => Role::LOCKOP_ROLE_USER,
                lockop::Role::Admin => Role::LOCKOP_ROLE_ADMIN,
            } as u32,
        }
    }

    /// The entry, if every number in it means something.
    pub(crate) fn to_library(self) -> Result<AclEntry, Code> {
        const ED25519: u32 = KeyKind::LOCKOP_KEY_ED25519 as u32;
        const RSA_FINGERPRINT: u32 = KeyKind::LOCKOP_KEY_RSA_FINGERPRINT as u32;
        const USER: u32 = Role::LOCKOP_ROLE_USER as u32;
        const ADMIN: u32 = Role::LOCKOP_ROLE_ADMIN as u32;
        let bound = |time| (time != LOCKOP_NO_TIME).then_some(time);
        Ok(AclEntry {
            user: lockop::Uuid::from_bytes(self.user.bytes),
            key: match self.key_kind {
                ED25519 => UserKey::Ed25519(self.key),
                RSA_FINGERPRINT => UserKey::RsaFingerprint(self.key),
                _ => return Err(Code::LOCKOP_INVALID_ARGUMENT),
            },
            role: match self.role {
                USER => lockop::Role::User,
                ADMIN => lockop::Role::Admin,
                _ => return Err(Code::LOCKOP_INVALID_ARGUMENT),
            },
            window: Window::new(bound(self.start), bound(self.end)).ok_or(Code::LOCKOP_INVALID_ARGUMENT)?,
        })
    }
}

/// A replay record: 40 bytes. It keeps an operation from being applied again.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    /// The operation's identity: compare all 32 bytes.
    pub id: [u8; 32],
    /// The operation's `exp` in Unix seconds.
    pub exp: u64,
}

impl Replay {
    pub(crate) const fn from_library(record: &ReplayRecord) -> Self {
        Self { id: *record.id(), exp: record.exp() }
    }

    pub(crate) const fn to_library(self) -> ReplayRecord {
        ReplayRecord::from_parts(self.id, self.exp)
    }
}

// The header asserts the same.
const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<Uuid>() == 16 && align_of::<Uuid>() == 1);
    assert!(size_of::<Entry>() == 72 && offset_of!(Entry, key) == 16 && offset_of!(Entry, start) == 48);
    assert!(offset_of!(Entry, end) == 56 && offset_of!(Entry, key_kind) == 64 && offset_of!(Entry, role) == 68);
    assert!(size_of::<Replay>() == 40 && offset_of!(Replay, exp) == 32);
};
