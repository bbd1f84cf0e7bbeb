//! A store in NOR flash that survives the loss of power at any moment (feature `flash`).
//!
//! `docs/flash.md` in the repository has the format, and what was measured.

mod change;
mod checksum;
mod error;
#[cfg(feature = "defmt")]
mod format;
mod header;
mod item;
mod layout;
mod live;
mod medium;
mod reader;
mod record;
mod recovery;
mod rewrite;

use core::ops::Range;

use embedded_storage::nor_flash::NorFlash;
use heapless::Vec;
use subtle::{ConditionallySelectable, ConstantTimeEq};

pub use error::FlashError;

use super::{AclEntry, AclStore, CommitError, Transaction, stored};
use crate::replay::{ReplayLog, ReplayRecord};
use crate::uuid::Uuid;
use change::Change;
use item::Item;
use layout::{ITEMS_PER_RECORD, Layout, MAX_ITEM_LEN, TAG_LEN};
use live::Live;
use medium::Medium;
use record::Log;
use recovery::Found;

/// An ACL of up to `USERS` users with up to `REPLAYS` replay records, in a region of flash.
///
/// The region is used as two halves. Each change is appended to one of them as a record with a checksum; when there is
/// no room, what holds is copied into the other. A change is there after a restart if its function has returned
/// `Ok`; if it has not, because power was lost or the flash failed, all of it is there or nothing. Until the flash
/// works again, everything is an error.
///
/// In RAM are the replay records (40 bytes each) and about 60 bytes; the users are looked up in flash. Every lookup reads the whole
/// log and checks it: there is no answer from damaged flash. So its cost depends on the length of the log, not on the user.
///
/// What it asks of the flash, beside the contract of [`NorFlash`]: erased bytes read as `0xff`; a word that power failed
/// on reads as anything, but is no error. A word is programmed once between two erasures, so flash with ECC will do; but for words
/// of zeros, which may be programmed once more where power failed on them and they read as erased.
///
/// ```
/// # use core::convert::Infallible;
/// # use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
/// # struct Chip(Vec<u8>);
/// # impl ErrorType for Chip { type Error = Infallible; }
/// # impl ReadNorFlash for Chip {
/// #     const READ_SIZE: usize = 1;
/// #     fn read(&mut self, at: u32, out: &mut [u8]) -> Result<(), Infallible> {
/// #         out.copy_from_slice(&self.0[at as usize..][..out.len()]);
/// #         Ok(())
/// #     }
/// #     fn capacity(&self) -> usize { self.0.len() }
/// # }
/// # impl NorFlash for Chip {
/// #     const WRITE_SIZE: usize = 4;
/// #     const ERASE_SIZE: usize = 4096;
/// #     fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
/// #         self.0[from as usize..to as usize].fill(0xff);
/// #         Ok(())
/// #     }
/// #     fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Infallible> {
/// #         self.0[at as usize..][..bytes.len()].copy_from_slice(bytes);
/// #         Ok(())
/// #     }
/// # }
/// # let mut chip = Chip(vec![0xff; 0x1_0000]);
/// use lockop::{AclEntry, FlashAcl, FlashError, Role, UserKey, Uuid, Window};
///
/// type Acl<F> = FlashAcl<F, 100, 32>;
/// const REGION: core::ops::Range<u32> = 0x8000..0x1_0000;
///
/// // When the device starts. A new device has nothing there yet.
/// let mut acl = match Acl::mount(&mut chip, REGION) {
///     Err(FlashError::Unformatted) => Acl::format(&mut chip, REGION)?,
///     mounted => mounted?,
/// };
/// // Nobody can sign an operation for an empty ACL: the first ADMIN comes by another way.
/// acl.provision(AclEntry {
///     user: Uuid::from_bytes([1; 16]),
///     key: UserKey::Ed25519([2; 32]),
///     role: Role::Admin,
///     window: Window::ALWAYS,
/// })?;
///
/// // After a restart, they are there.
/// drop(acl);
/// assert_eq!(Acl::mount(&mut chip, REGION)?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FlashAcl<F, const USERS: usize, const REPLAYS: usize> {
    medium: Medium<F>,
    log: Log,
    state: State,
    replays: ReplayLog<REPLAYS>,
}

/// What may be done with the log as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing: what is in flash may become different from what is told. It is written anew first.
    Doubtful,
    /// It can be read. Power may have failed on the word at its end, so early that it reads as erased but does not keep
    /// what is programmed over it: before the first change, the log is written anew.
    Readable,
    /// It can be read and appended to.
    Open,
}

impl<F: NorFlash, const USERS: usize, const REPLAYS: usize> FlashAcl<F, USERS, REPLAYS> {
    /// The least length of the region, in bytes. With twice as much, the flash is erased far less often: docs/flash.md.
    pub const MIN_LEN: u32 = {
        assert!(USERS <= u16::MAX as usize, "the format has 16 bits for the number of users");
        2 * Layout::<F>::bank(USERS, REPLAYS)
    };

    /// An empty ACL, in place of whatever the region holds.
    ///
    /// If power is lost meanwhile, what is there afterwards is not defined: do it again. To empty an ACL in use, there is
    /// [`factory_reset`](Self::factory_reset).
    ///
    /// # Errors
    ///
    /// [`FlashError::Region`], [`FlashError::Flash`].
    pub fn format(flash: F, region: Range<u32>) -> Result<Self, FlashError<F::Error>> {
        let mut medium = Medium::new(flash, &region, Self::MIN_LEN / 2)?;
        let log = medium.format()?;
        Ok(Self { medium, log, state: State::Open, replays: ReplayLog::new() })
    }

    /// The ACL as it was before a restart.
    ///
    /// Where power failed during a change, this settles for good whether the change was made, and takes as long as
    /// [`compact`](Self::compact). If not, the first change after it does: a word that power failed on is not
    /// always seen. See [`resume`](Self::resume).
    ///
    /// # Errors
    ///
    /// [`FlashError::Unformatted`] where nothing was ever committed; [`FlashError::Corrupt`], [`FlashError::OtherFormat`],
    /// [`FlashError::Region`], [`FlashError::Flash`], [`FlashError::Worn`].
    pub fn mount(flash: F, region: Range<u32>) -> Result<Self, FlashError<F::Error>> {
        let mut medium = Medium::new(flash, &region, Self::MIN_LEN / 2)?;
        let Found { log, settled, without_last } = medium.recover()?;
        // In its place from the start: copies of the replay records would all be on the stack at once.
        let mut acl = Self { medium, log, state: State::Doubtful, replays: ReplayLog::new() };
        match (acl.take_up(settled), without_last) {
            // It has not read the same each time: power failed on the last record itself.
            (Err(FlashError::Corrupt), Some(log)) => {
                acl.log = log;
                acl.take_up(false)?;
            }
            (taken_up, _) => taken_up?,
        }
        Ok(acl)
    }

    /// As [`mount`](Self::mount), after a restart that cannot have interrupted a change, such as the end of a deep sleep: the first
    /// change need not take longer than others.
    ///
    /// The cause of the restart must be known, and the flash must have been powered when it came. After a loss of power, this is wrong.
    ///
    /// # Errors
    ///
    /// As [`mount`](Self::mount).
    pub fn resume(flash: F, region: Range<u32>) -> Result<Self, FlashError<F::Error>> {
        let mut acl = Self::mount(flash, region)?;
        if acl.state == State::Readable {
            acl.state = State::Open;
        }
        Ok(acl)
    }

    /// Gives the flash back.
    pub fn release(self) -> F {
        self.medium.into_flash()
    }

    /// Adds or replaces an entry without a signed operation: how the first ADMIN gets on the ACL.
    ///
    /// # Errors
    ///
    /// [`CommitError::Full`] if the user is new and there is no room; [`CommitError::Store`].
    pub fn provision(&mut self, entry: AclEntry) -> Result<(), CommitError<FlashError<F::Error>>> {
        self.make(&Change { grants: &[entry], removals: &[], replay: None })
    }

    /// Removes a user without a signed operation; whether the user was there.
    ///
    /// # Errors
    ///
    /// As [`get`](AclStore::get) and [`commit`](AclStore::commit).
    pub fn remove(&mut self, user: &Uuid) -> Result<bool, FlashError<F::Error>> {
        if self.get(user)?.is_none() {
            return Ok(false);
        }
        match self.make(&Change { grants: &[], removals: &[*user], replay: None }) {
            Ok(()) => Ok(true),
            Err(CommitError::Store(error)) => Err(error),
            // It adds nobody.
            Err(CommitError::Full) => Err(FlashError::TooLarge),
        }
    }

    /// Removes all users and all replay records, and erases them from flash.
    ///
    /// If power is lost meanwhile, a restart shows either all of them or nothing. After an error, either all of them are still there or nothing
    /// is told of them any more, but flash may hold them still: do it again. Somebody who is put on the ACL anew could
    /// have operations applied again that were applied before.
    ///
    /// # Errors
    ///
    /// [`FlashError::Flash`], [`FlashError::Worn`].
    pub fn factory_reset(&mut self) -> Result<(), FlashError<F::Error>> {
        let former = self.log.bank;
        self.rewrite(false)?;
        self.replays.clear();
        self.state = State::Doubtful;
        self.medium.make_sure(self.log.bank)?;
        self.medium.erase(former)?;
        self.medium.take_over(self.log.bank)?;
        self.state = State::Open;
        Ok(())
    }

    /// Copies what holds into the other half of the region, so that the next changes need not.
    ///
    /// It is never necessary, but it takes the time of erasing half the region, which is better spent while nobody waits.
    ///
    /// # Errors
    ///
    /// [`FlashError::Flash`], [`FlashError::Worn`], [`FlashError::Corrupt`].
    pub fn compact(&mut self) -> Result<(), FlashError<F::Error>> {
        self.reopen()
    }

    /// Bytes that can be written before a [compaction](Self::compact): in words of 4 bytes, a batch of one user takes 112
    /// to 132, one of 25 up to 1,836.
    #[must_use]
    pub const fn room(&self) -> u32 {
        self.medium.bank_len - self.log.end
    }

    /// How many users are on the ACL, of at most `USERS`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.log.users.into()
    }

    /// Whether nobody is on the ACL, so that nobody can sign operations for it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.log.users == 0
    }

    /// The replay records.
    #[must_use]
    pub const fn replays(&self) -> &ReplayLog<REPLAYS> {
        &self.replays
    }

    /// The entries, in no particular order. For every 32 of them, the log is read once.
    pub fn entries(&mut self) -> Entries<'_, F, USERS, REPLAYS> {
        Entries { acl: self, live: Live::new(), places: Vec::new(), failed: false }
    }

    /// Makes what a restart has found ready to be told.
    fn take_up(&mut self, settled: bool) -> Result<(), FlashError<F::Error>> {
        load_replays(&mut self.medium, &self.log, &mut self.replays)?;
        if !settled {
            return self.rewrite(true);
        }
        self.state = State::Readable;
        Ok(())
    }

    /// Makes flash agree with what is told, if it may not.
    fn settle(&mut self) -> Result<(), FlashError<F::Error>> {
        if self.state == State::Doubtful { self.reopen() } else { Ok(()) }
    }

    /// Goes on in the other bank.
    fn reopen(&mut self) -> Result<(), FlashError<F::Error>> {
        self.rewrite(true)?;
        if self.state == State::Open { Ok(()) } else { Err(FlashError::Worn) }
    }

    /// Writes everything, or nothing, into the other bank, and goes on there.
    fn rewrite(&mut self, keep: bool) -> Result<(), FlashError<F::Error>> {
        self.state = State::Doubtful;
        (self.log, self.state) = replace(&mut self.medium, &self.log, keep.then_some(&self.replays))?;
        Ok(())
    }

    /// Makes a change durable. On an error, nothing has changed, or will not have when the flash works again.
    fn make(&mut self, change: &Change<'_>) -> Result<(), CommitError<FlashError<F::Error>>> {
        self.settle().map_err(CommitError::Store)?;
        let users = change.users_after(&mut self.medium, &self.log).map_err(CommitError::Store)?;
        let users = u16::try_from(users).ok().filter(|users| usize::from(*users) <= USERS).ok_or(CommitError::Full)?;
        self.append(users, change).map_err(CommitError::Store)?;
        if let Some(replay) = change.replay {
            self.replays.insert(replay);
        }
        Ok(())
    }

    fn append(&mut self, users: u16, change: &Change<'_>) -> Result<(), FlashError<F::Error>> {
        let mut items = |medium: &mut Medium<F>, take: &mut record::Take<'_, F>| change.items(medium, take);
        if self.state != State::Open {
            self.reopen()?;
        }
        let mut appended = self.medium.append(&mut self.log, users, &mut items);
        if matches!(appended, Err(FlashError::TooLarge)) {
            self.reopen()?;
            appended = self.medium.append(&mut self.log, users, &mut items);
        }
        if !matches!(appended, Ok(()) | Err(FlashError::TooLarge)) {
            self.state = State::Doubtful;
        }
        appended
    }

    /// The entry that is stored in a place.
    fn entry_at(&mut self, place: u32) -> Result<AclEntry, FlashError<F::Error>> {
        let mut buffer = [0; MAX_ITEM_LEN];
        let item = self.medium.item_at(&self.log, place, &mut buffer)?;
        stored::decode_entry(item.get(TAG_LEN..).unwrap_or_default()).map_err(|_| FlashError::Corrupt)
    }
}

impl<F: NorFlash, const USERS: usize, const REPLAYS: usize> AclStore for FlashAcl<F, USERS, REPLAYS> {
    type Error = FlashError<F::Error>;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Self::Error> {
        /// No item is here: a bank begins with its headers.
        const NOWHERE: u32 = 0;
        self.settle()?;
        let (mut found, mut any) = (NOWHERE, NOWHERE);
        self.medium.walk(&self.log, &mut |place, item| match item {
            Item::Entry { user: other } => {
                found.conditional_assign(&place, other.ct_eq(user.as_bytes()));
                any = place;
            }
            Item::Removal { user: other } => found.conditional_assign(&NOWHERE, other.ct_eq(user.as_bytes())),
            Item::Replay { .. } | Item::Horizon { .. } => {}
        })?;
        // Who is not there costs what another costs (§9).
        match if found == NOWHERE { any } else { found } {
            NOWHERE => Ok(None),
            place => self.entry_at(place).map(|entry| (found != NOWHERE).then_some(entry)),
        }
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Self::Error> {
        self.settle()?;
        Ok(self.replays.contains(record, passed))
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Self::Error>> {
        self.make(&Change {
            grants: transaction.grants(),
            removals: transaction.removals(),
            replay: Some(*transaction.replay()),
        })
    }
}

/// Writes what holds of a log, or nothing at all, into the other bank, which takes its place.
fn replace<F: NorFlash, const N: usize>(
    medium: &mut Medium<F>,
    log: &Log,
    kept: Option<&ReplayLog<N>>,
) -> Result<(Log, State), FlashError<F::Error>> {
    let new = medium.rewrite(log, kept)?;
    // The new bank is complete: there is no way back. Without the marks, it is written anew once more.
    let state = if medium.take_over(new.bank).is_ok() { State::Open } else { State::Doubtful };
    Ok((new, state))
}

/// Makes the replay records those in a log.
fn load_replays<F: NorFlash, const N: usize>(
    medium: &mut Medium<F>,
    log: &Log,
    replays: &mut ReplayLog<N>,
) -> Result<(), FlashError<F::Error>> {
    replays.clear();
    let mut good = true;
    medium.walk(log, &mut |_, item| match item {
        Item::Horizon { stored } => match stored::decode_horizon(stored) {
            Ok(horizon) => replays.raise(horizon),
            Err(_) => good = false,
        },
        Item::Replay { stored } => match stored::decode_record(stored) {
            Ok(record) => replays.insert(record),
            Err(_) => good = false,
        },
        Item::Entry { .. } | Item::Removal { .. } => {}
    })?;
    if good { Ok(()) } else { Err(FlashError::Corrupt) }
}

/// The entries of a [`FlashAcl`].
#[derive(Debug)]
pub struct Entries<'a, F, const USERS: usize, const REPLAYS: usize> {
    acl: &'a mut FlashAcl<F, USERS, REPLAYS>,
    live: Live,
    /// In the reverse of their order.
    places: Vec<u32, ITEMS_PER_RECORD>,
    failed: bool,
}

impl<F: NorFlash, const USERS: usize, const REPLAYS: usize> Entries<'_, F, USERS, REPLAYS> {
    fn advance(&mut self) -> Result<Option<AclEntry>, FlashError<F::Error>> {
        if self.places.is_empty() {
            self.acl.settle()?;
            self.places = self.live.next(&mut self.acl.medium, &self.acl.log)?;
            self.places.reverse();
        }
        self.places.pop().map(|place| self.acl.entry_at(place)).transpose()
    }
}

impl<F: NorFlash, const USERS: usize, const REPLAYS: usize> Iterator for Entries<'_, F, USERS, REPLAYS> {
    type Item = Result<AclEntry, FlashError<F::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let entry = self.advance();
        self.failed = entry.is_err();
        entry.transpose()
    }
}
