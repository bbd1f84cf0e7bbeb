//! The access-control list: its entries, the trait by which a store keeps them, and the store in RAM.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod entry;
#[cfg(feature = "flash")]
mod flash;
mod ram;
#[cfg(feature = "postcard")]
pub mod stored;

use core::fmt::Debug;

pub use entry::{AclEntry, Role, Window};
#[cfg(feature = "flash")]
pub use flash::{Entries, FlashAcl, FlashError};
pub use ram::{Full, RamAcl};

use crate::replay::ReplayRecord;
use crate::uuid::Uuid;

/// Where a device keeps its ACL and its replay records.
///
/// The library looks up one user, asks for one replay record (twice, against glitches) and commits one transaction, in
/// this order, for each operation. It holds no state of its own between two operations.
///
/// # What an implementer promises
///
/// - **All or nothing.** After [`commit`](Self::commit) has returned `Ok`, every change of the transaction and its
///   replay record are durable. After it has returned an error, or after power was lost while it ran, a restart shows
///   either all of that or none of it: never some grants, never the grants without the record (§10).
/// - **An error changes nothing** that a reader can see before a restart. Where a failed write may yet become visible
///   by a restart, the store must settle that by itself before it answers again.
/// - **Readers see committed data only.** `get` and `is_replay` show the state after the last `Ok`.
/// - **Bounded memory.** When there is no slot for a replay record, the oldest to expire makes room, and from then on
///   `is_replay` answers `true` for every record whose `exp` is not later than that one's (§8).
///   [`ReplayLog`](crate::ReplayLog) does this.
/// - **Equal work.** A lookup should not tell by its time whether the user is on the ACL (§9).
///
/// `acl::conformance::run` (feature `conformance`) checks the promises that a test can check.
pub trait AclStore {
    /// What goes wrong in the medium.
    type Error: Debug;

    /// The entry of a user, or `None`.
    ///
    /// # Errors
    ///
    /// If the medium cannot be read, or holds what is not an entry. A doubtful entry is an error, never `None`.
    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Self::Error>;

    /// Whether the operation of this record was applied before, or may have been (§8).
    ///
    /// Operations with an `exp` up to `passed` have expired. A record counts until then, but it should be kept as long
    /// as there is room, for a clock may be set back.
    ///
    /// # Errors
    ///
    /// If the medium cannot be read.
    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Self::Error>;

    /// Makes all changes of the transaction, and its replay record, durable together.
    ///
    /// # Errors
    ///
    /// [`CommitError::Full`] if the users do not fit, which is found out before anything is written;
    /// [`CommitError::Store`] if the medium fails.
    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Self::Error>>;
}

impl<S: AclStore> AclStore for &mut S {
    type Error = S::Error;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Self::Error> {
        S::get(self, user)
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Self::Error> {
        S::is_replay(self, record, passed)
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Self::Error>> {
        S::commit(self, transaction)
    }
}

/// What one operation changes. Only an authorized operation makes one.
///
/// The two kinds of change are all that an ACL can undergo: later operations will use them, not add to them. No user
/// is in both, and none is in one of them twice.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Transaction<'a> {
    pub(crate) grants: &'a [AclEntry],
    pub(crate) removals: &'a [Uuid],
    pub(crate) replay: ReplayRecord,
}

impl<'a> Transaction<'a> {
    /// Entries to add, or to put in the place of the same user's: at most 25.
    #[must_use]
    pub const fn grants(&self) -> &'a [AclEntry] {
        self.grants
    }

    /// Users to remove. One who is not on the ACL is no error.
    #[must_use]
    pub const fn removals(&self) -> &'a [Uuid] {
        self.removals
    }

    /// The record that keeps the operation from being applied again.
    #[must_use]
    pub const fn replay(&self) -> &ReplayRecord {
        &self.replay
    }
}

/// Why a transaction was not committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CommitError<E> {
    /// There is no room for all of its new users.
    Full,
    /// The medium failed.
    Store(E),
}

impl<E: Debug> core::fmt::Display for CommitError<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Full => f.write_str("the ACL has no room for all of the new users"),
            Self::Store(error) => write!(f, "the store failed: {error:?}"),
        }
    }
}

impl<E: Debug> core::error::Error for CommitError<E> {}
