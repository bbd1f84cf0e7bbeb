//! What records are made of: `tag · length · contents`.

use heapless::Vec;

use super::layout::MAX_ITEM_LEN;
use crate::acl::AclEntry;
use crate::acl::stored::{self, MAX_ENTRY_LEN, MAX_HORIZON_LEN, MAX_RECORD_LEN};
use crate::replay::ReplayRecord;
use crate::uuid::Uuid;

const ENTRY: u8 = 1;
const REMOVAL: u8 = 2;
const REPLAY: u8 = 3;
const HORIZON: u8 = 4;

/// One item of a record, not yet decoded further than walking the log needs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    /// A user is on the ACL with this entry, whatever was there before.
    Entry { user: &'a [u8; 16] },
    /// A user is not on the ACL any more.
    Removal { user: &'a [u8; 16] },
    /// An applied operation.
    Replay { stored: &'a [u8] },
    /// The replay horizon of everything before.
    Horizon { stored: &'a [u8] },
}

impl<'a> Item<'a> {
    pub(super) fn of(tag: u8, contents: &'a [u8]) -> Option<Self> {
        match (tag, contents) {
            // The stored form begins with its version and the user (`acl::stored`).
            (ENTRY, [stored::VERSION, rest @ ..]) => Some(Self::Entry { user: rest.first_chunk()? }),
            (REMOVAL, user) => Some(Self::Removal { user: user.try_into().ok()? }),
            (REPLAY, stored) => Some(Self::Replay { stored }),
            (HORIZON, stored) => Some(Self::Horizon { stored }),
            _ => None,
        }
    }
}

/// The bytes of an item.
pub(super) type Bytes = Vec<u8, MAX_ITEM_LEN>;

pub(super) fn entry(entry: &AclEntry) -> Bytes {
    bytes(ENTRY, stored::encode_entry(entry, &mut [0; MAX_ENTRY_LEN]).unwrap_or_default())
}

pub(super) fn removal(user: &Uuid) -> Bytes {
    bytes(REMOVAL, user.as_bytes())
}

pub(super) fn replay(record: &ReplayRecord) -> Bytes {
    bytes(REPLAY, stored::encode_record(record, &mut [0; MAX_RECORD_LEN]).unwrap_or_default())
}

pub(super) fn horizon(horizon: Option<u64>) -> Bytes {
    bytes(HORIZON, stored::encode_horizon(horizon, &mut [0; MAX_HORIZON_LEN]).unwrap_or_default())
}

fn bytes(tag: u8, contents: &[u8]) -> Bytes {
    let mut item = Bytes::new();
    // An item has room for the longest contents.
    let _ = item.push(tag);
    let _ = item.push(u8::try_from(contents.len()).unwrap_or_default());
    let _ = item.extend_from_slice(contents);
    item
}
