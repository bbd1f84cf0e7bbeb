//! The stored form of ACL entries and replay records, version 1 (feature `postcard`).
//!
//! Stores that outlive a restart should keep this form, so that firmware can change its store and still read what is
//! there. It is postcard's encoding of the fields behind a version byte, versioned apart from the crate:
//!
//! ```text
//! entry   01 · user (16 bytes) · key: 00 Ed25519 | 01 RSA fingerprint (1 + 32 bytes)
//!            · role: 00 USER | 01 ADMIN · start · end
//!         start, end: 00 for none | 01 · Unix seconds as a varint of 7 bits a byte, low bits first
//! record  01 · identity (32 bytes) · exp, Unix seconds as such a varint
//! horizon 01 · 00 for none | 01 · Unix seconds as such a varint
//! ```
//!
//! There is one encoding of each value, and the decoders accept no other. There is no checksum: that is the store's.
//!
//! ```
//! use lockop::acl::stored;
//! use lockop::{AclEntry, Role, UserKey, Uuid, Window};
//!
//! let entry = AclEntry {
//!     user: Uuid::from_bytes([7; 16]),
//!     key: UserKey::Ed25519([9; 32]),
//!     role: Role::Admin,
//!     window: Window::ALWAYS,
//! };
//! let mut buffer = [0; stored::MAX_ENTRY_LEN];
//! let bytes = stored::encode_entry(&entry, &mut buffer)?;
//! assert_eq!(bytes.len(), 53);
//! assert_eq!(stored::decode_entry(bytes)?, entry);
//! # Ok::<(), stored::StoredError>(())
//! ```

use core::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{AclEntry, Role, Window};
use crate::keys::UserKey;
use crate::replay::ReplayRecord;
use crate::uuid::Uuid;

/// The version byte that every stored value begins with.
pub const VERSION: u8 = 1;
/// The longest stored entry in bytes.
pub const MAX_ENTRY_LEN: usize = 69;
/// The longest stored replay record in bytes.
pub const MAX_RECORD_LEN: usize = 43;
/// The longest stored horizon in bytes.
pub const MAX_HORIZON_LEN: usize = 12;

/// Why bytes were not encoded or decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StoredError {
    /// The buffer is too small.
    BufferTooSmall,
    /// A version that this code does not know, or no bytes at all.
    UnknownVersion,
    /// Not the encoding of any value.
    Corrupt,
}

impl fmt::Display for StoredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BufferTooSmall => "the buffer is too small for the stored form",
            Self::UnknownVersion => "a stored form of an unknown version",
            Self::Corrupt => "not a stored form",
        })
    }
}

impl core::error::Error for StoredError {}

// The types below are the format. Their fields and variants may not change, nor change places.

#[derive(Serialize, Deserialize)]
struct EntryV1 {
    user: [u8; 16],
    key: KeyV1,
    role: RoleV1,
    start: Option<u64>,
    end: Option<u64>,
}

#[derive(Serialize, Deserialize)]
enum KeyV1 {
    Ed25519([u8; 32]),
    RsaFingerprint([u8; 32]),
}

#[derive(Serialize, Deserialize)]
enum RoleV1 {
    User,
    Admin,
}

#[derive(Serialize, Deserialize)]
struct RecordV1 {
    id: [u8; 32],
    exp: u64,
}

/// Writes the stored form of an entry into `buffer`, of which [`MAX_ENTRY_LEN`] bytes are always enough.
///
/// # Errors
///
/// [`StoredError::BufferTooSmall`].
pub fn encode_entry<'b>(entry: &AclEntry, buffer: &'b mut [u8]) -> Result<&'b [u8], StoredError> {
    let key = match entry.key {
        UserKey::Ed25519(bytes) => KeyV1::Ed25519(bytes),
        UserKey::RsaFingerprint(bytes) => KeyV1::RsaFingerprint(bytes),
    };
    let role = match entry.role {
        Role::User => RoleV1::User,
        Role::Admin => RoleV1::Admin,
    };
    let (start, end) = (entry.window.start(), entry.window.end());
    encode(&EntryV1 { user: *entry.user.as_bytes(), key, role, start, end }, buffer)
}

/// Reads the stored form of an entry.
///
/// # Errors
///
/// [`StoredError::UnknownVersion`]; [`StoredError::Corrupt`] if the bytes are not exactly one entry.
pub fn decode_entry(bytes: &[u8]) -> Result<AclEntry, StoredError> {
    let stored: EntryV1 = decode(bytes)?;
    let entry = AclEntry {
        user: Uuid::from_bytes(stored.user),
        key: match stored.key {
            KeyV1::Ed25519(bytes) => UserKey::Ed25519(bytes),
            KeyV1::RsaFingerprint(bytes) => UserKey::RsaFingerprint(bytes),
        },
        role: match stored.role {
            RoleV1::User => Role::User,
            RoleV1::Admin => Role::Admin,
        },
        window: Window::new(stored.start, stored.end).ok_or(StoredError::Corrupt)?,
    };
    canonical(bytes, encode_entry(&entry, &mut [0; MAX_ENTRY_LEN]))?;
    Ok(entry)
}

/// Writes the stored form of a replay record into `buffer`, of which [`MAX_RECORD_LEN`] bytes are always enough.
///
/// # Errors
///
/// [`StoredError::BufferTooSmall`].
pub fn encode_record<'b>(record: &ReplayRecord, buffer: &'b mut [u8]) -> Result<&'b [u8], StoredError> {
    encode(&RecordV1 { id: *record.id(), exp: record.exp() }, buffer)
}

/// Reads the stored form of a replay record.
///
/// # Errors
///
/// [`StoredError::UnknownVersion`]; [`StoredError::Corrupt`] if the bytes are not exactly one record.
pub fn decode_record(bytes: &[u8]) -> Result<ReplayRecord, StoredError> {
    let stored: RecordV1 = decode(bytes)?;
    let record = ReplayRecord::from_parts(stored.id, stored.exp);
    canonical(bytes, encode_record(&record, &mut [0; MAX_RECORD_LEN]))?;
    Ok(record)
}

/// Writes the stored form of a [horizon](crate::ReplayLog::horizon) into `buffer`, of which [`MAX_HORIZON_LEN`] bytes
/// are always enough.
///
/// # Errors
///
/// [`StoredError::BufferTooSmall`].
pub fn encode_horizon(horizon: Option<u64>, buffer: &mut [u8]) -> Result<&[u8], StoredError> {
    encode(&horizon, buffer)
}

/// Reads the stored form of a horizon.
///
/// # Errors
///
/// [`StoredError::UnknownVersion`]; [`StoredError::Corrupt`] if the bytes are not exactly one horizon.
pub fn decode_horizon(bytes: &[u8]) -> Result<Option<u64>, StoredError> {
    let horizon = decode(bytes)?;
    canonical(bytes, encode_horizon(horizon, &mut [0; MAX_HORIZON_LEN]))?;
    Ok(horizon)
}

fn encode<'b>(value: &impl Serialize, buffer: &'b mut [u8]) -> Result<&'b [u8], StoredError> {
    postcard::to_slice(&(VERSION, value), buffer).map(|bytes| &*bytes).map_err(|_| StoredError::BufferTooSmall)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoredError> {
    match bytes.split_first() {
        Some((&VERSION, value)) => postcard::from_bytes(value).map_err(|_| StoredError::Corrupt),
        _ => Err(StoredError::UnknownVersion),
    }
}

/// What was read is written again: bytes behind it, and longer spellings of its numbers, show by the difference.
fn canonical(bytes: &[u8], again: Result<&[u8], StoredError>) -> Result<(), StoredError> {
    if again == Ok(bytes) { Ok(()) } else { Err(StoredError::Corrupt) }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn entry() -> AclEntry {
        AclEntry {
            user: Uuid::from_bytes([0xab; 16]),
            key: UserKey::RsaFingerprint([0xcd; 32]),
            role: Role::Admin,
            window: Window::new(Some(1), Some(300)).unwrap(),
        }
    }

    /// These bytes are on devices: they may never change.
    #[test]
    fn version_1_is_pinned() {
        let mut buffer = [0; MAX_ENTRY_LEN];
        let bytes = encode_entry(&entry(), &mut buffer).unwrap();
        let expected: Vec<u8> = [&[1][..], &[0xab; 16], &[1], &[0xcd; 32], &[1], &[1, 1], &[1, 0xac, 0x02]].concat();
        assert_eq!(bytes, expected);

        let plain = AclEntry { key: UserKey::Ed25519([0xef; 32]), role: Role::User, window: Window::ALWAYS, ..entry() };
        let bytes = encode_entry(&plain, &mut buffer).unwrap();
        let expected: Vec<u8> = [&[1][..], &[0xab; 16], &[0], &[0xef; 32], &[0], &[0], &[0]].concat();
        assert_eq!(bytes, expected);

        let record = ReplayRecord::from_parts([0x11; 32], 300);
        let mut buffer = [0; MAX_RECORD_LEN];
        let bytes = encode_record(&record, &mut buffer).unwrap();
        assert_eq!(bytes, [&[1][..], &[0x11; 32], &[0xac, 0x02]].concat());
    }

    #[test]
    fn the_longest_values_fit_exactly() {
        let last = (1 << 53) - 1;
        let longest = AclEntry { window: Window::new(Some(last - 1), Some(last)).unwrap(), ..entry() };
        assert_eq!(encode_entry(&longest, &mut [0; MAX_ENTRY_LEN]).unwrap().len(), MAX_ENTRY_LEN);
        assert_eq!(encode_entry(&longest, &mut [0; MAX_ENTRY_LEN - 1]), Err(StoredError::BufferTooSmall));
        let longest = ReplayRecord::from_parts([0; 32], u64::MAX);
        assert_eq!(encode_record(&longest, &mut [0; MAX_RECORD_LEN]).unwrap().len(), MAX_RECORD_LEN);
    }

    #[test]
    fn horizons() {
        let mut buffer = [0; MAX_HORIZON_LEN];
        assert_eq!(encode_horizon(None, &mut buffer), Ok(&[1, 0][..]));
        assert_eq!(encode_horizon(Some(300), &mut buffer), Ok(&[1, 1, 0xac, 0x02][..]));
        assert_eq!(decode_horizon(&[1, 1, 0xac, 0x02]), Ok(Some(300)));
        assert_eq!(encode_horizon(Some(u64::MAX), &mut buffer).unwrap().len(), MAX_HORIZON_LEN);
        for bad in [&[1][..], &[1, 2], &[1, 1], &[1, 0, 0], &[1, 1, 0x81, 0]] {
            assert_eq!(decode_horizon(bad), Err(StoredError::Corrupt), "{bad:x?}");
        }
        assert_eq!(decode_horizon(&[0, 0]), Err(StoredError::UnknownVersion));
    }

    #[test]
    fn other_bytes_are_refused() {
        let mut buffer = [0; MAX_ENTRY_LEN];
        let good = encode_entry(&entry(), &mut buffer).unwrap().to_vec();
        assert_eq!(decode_entry(&good), Ok(entry()));
        assert_eq!(decode_entry(&[]), Err(StoredError::UnknownVersion));
        for cut in 1..good.len() {
            assert_eq!(decode_entry(&good[..cut]), Err(StoredError::Corrupt), "{cut}");
        }
        let changed = |place: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[place] = byte;
            decode_entry(&bytes)
        };
        assert_eq!(changed(0, 0), Err(StoredError::UnknownVersion));
        assert_eq!(changed(0, 2), Err(StoredError::UnknownVersion));
        assert_eq!(changed(17, 2), Err(StoredError::Corrupt), "key kind");
        assert_eq!(changed(50, 2), Err(StoredError::Corrupt), "role");
        assert_eq!(changed(51, 2), Err(StoredError::Corrupt), "option");
        let with = |tail: &[u8]| decode_entry(&[&good[..51], tail].concat());
        assert_eq!(with(&[1, 5, 1, 5]), Err(StoredError::Corrupt), "an empty window");
        assert_eq!(with(&[1, 0x81, 0x00, 0]), Err(StoredError::Corrupt), "a longer spelling of 1");
        assert_eq!(with(&[1, 1, 0, 0]), Err(StoredError::Corrupt), "a byte too many");
        assert!(with(&[1, 1, 0]).is_ok());
    }
}
