//! The store under test, whatever it is.

use std::fmt;
use std::ops::Range;

use lockop::acl::Transaction;
use lockop::{AclEntry, ReplayRecord, Uuid};

use crate::nor::{NorError, Shape};
use crate::port::Chip;

/// Why a store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The flash said so.
    Flash(NorError),
    /// There is no room for the users.
    Full,
    /// The store found damage.
    Corrupt,
    /// Nothing was ever committed here.
    Unformatted,
    /// Anything else.
    Other(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => write!(f, "{error}"),
            Self::Full => f.write_str("full"),
            Self::Corrupt => f.write_str("corrupt"),
            Self::Unformatted => f.write_str("unformatted"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// A store with its sizes and its flash geometry.
pub trait Subject: Sized {
    /// Users that fit.
    const USERS: usize;
    /// Replay records that are kept.
    const REPLAYS: usize;
    /// Read, write and erase size of its flash in bytes.
    const SIZES: (usize, usize, usize);
    /// Bytes of flash that it needs.
    const MIN_LEN: u32;

    /// Makes an empty store where anything may have been before.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn format(chip: &Chip, region: Range<u32>) -> Result<Self, Fault>;

    /// Opens what is there, after a restart.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn mount(chip: &Chip, region: Range<u32>) -> Result<Self, Fault>;

    /// Adds or replaces a user without a replay record.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn provision(&mut self, entry: AclEntry) -> Result<(), Fault>;

    /// Removes a user without a replay record; whether the user was there.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn remove(&mut self, user: &Uuid) -> Result<bool, Fault>;

    /// Applies a transaction.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), Fault>;

    /// Forgets everything.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn factory_reset(&mut self) -> Result<(), Fault>;

    /// Housekeeping.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn compact(&mut self) -> Result<(), Fault>;

    /// One user's entry.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Fault>;

    /// Whether an operation was applied.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Fault>;

    /// Every entry.
    ///
    /// # Errors
    ///
    /// As the store's.
    fn entries(&mut self) -> Result<Vec<AclEntry>, Fault>;

    /// The number of entries, as the store says it.
    fn users(&self) -> usize;

    /// Replay records and horizon.
    fn replays(&self) -> (Vec<ReplayRecord>, Option<u64>);

    /// A flash array for it, with `spare` pages more than it needs, and a page on either side that it must leave alone.
    fn shape_and_region(spare: usize) -> (Shape, Range<u32>) {
        let (read, write, erase) = Self::SIZES;
        let needed = usize::try_from(Self::MIN_LEN).unwrap_or(usize::MAX);
        let region = needed.next_multiple_of(erase) + spare * erase;
        let start = u32::try_from(erase).unwrap_or(u32::MAX);
        let end = start + u32::try_from(region).unwrap_or(u32::MAX);
        (Shape { read, write, erase, len: region + 2 * erase }, start..end)
    }
}
