//! A store behind callbacks.

use core::ffi::c_void;

use lockop::{AclEntry, AclStore, CommitError, ReplayRecord};

use crate::code::{Code, Status};
use crate::entry::{Entry, Replay, Uuid};
use crate::transaction::Transaction;

/// Where the ACL and the replay records are kept: your callbacks, or a built-in store
/// (`lockop_ram_acl_store`, `lockop_flash_acl_store`).
///
/// `lockop_apply` calls `get`, `is_replay` and `commit`, each at most once and in this order, on its own stack. What a
/// callback returns and does not stand at it below is a failure of the store; it comes back as `store_status` of the
/// verdict. Pointers that a callback is given hold during its call only. A callback must not call `lockop_apply` for
/// the same store, and must not leave by `longjmp` or a C++ exception.
///
/// What a store promises:
///
/// - All or nothing: after `commit` has returned LOCKOP_OK, every change of the transaction and its replay record are
///   durable. After it has returned anything else, or after power was lost while it ran, a restart shows all of
///   that or none of it, and until a restart nothing of it is seen.
/// - `get` and `is_replay` show what was committed, and nothing else.
/// - When there is no slot for a replay record, the one with the lowest `exp` makes room, and from then on `is_replay`
///   answers LOCKOP_REPLAYED for every record whose `exp` is not above that one's.
/// - A lookup does not tell by its time whether the user is there.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Store {
    /// Yours: it comes back to you in every call.
    pub context: *mut c_void,
    /// Looks a user up. LOCKOP_OK: `entry`, which comes as zeros, is filled in; one that is not valid is a failure.
    /// LOCKOP_NOT_FOUND: there is no such user. A doubtful entry is a failure, never LOCKOP_NOT_FOUND.
    pub get: Option<unsafe extern "C" fn(context: *mut c_void, user: *const Uuid, entry: *mut Entry) -> Status>,
    /// LOCKOP_OK: the operation of this record is new. LOCKOP_REPLAYED: it was applied before, or may have been.
    /// Records whose `exp` is not above `passed` need not count.
    pub is_replay: Option<unsafe extern "C" fn(context: *mut c_void, record: *const Replay, passed: u64) -> Status>,
    /// Makes all changes durable together. LOCKOP_OK: done. LOCKOP_ACL_FULL: there is no room for all of the new users,
    /// and nothing was written.
    pub commit: Option<unsafe extern "C" fn(context: *mut c_void, transaction: *const Transaction) -> Status>,
}

const _: () = assert!(size_of::<Store>() == 4 * size_of::<*const ()>());

type Get = unsafe extern "C" fn(*mut c_void, *const Uuid, *mut Entry) -> Status;
type IsReplay = unsafe extern "C" fn(*mut c_void, *const Replay, u64) -> Status;
type Commit = unsafe extern "C" fn(*mut c_void, *const Transaction) -> Status;

/// A store of which all callbacks are there.
pub(crate) struct Callbacks {
    context: *mut c_void,
    get: Get,
    is_replay: IsReplay,
    commit: Commit,
}

impl Callbacks {
    /// # Safety
    ///
    /// The callbacks may be called with the context, and keep to the header.
    pub(crate) unsafe fn new(store: &Store) -> Result<Self, Code> {
        match *store {
            Store { context, get: Some(get), is_replay: Some(is_replay), commit: Some(commit) } => {
                Ok(Self { context, get, is_replay, commit })
            }
            _ => Err(Code::LOCKOP_INVALID_ARGUMENT),
        }
    }
}

const OK: Status = Code::LOCKOP_OK as Status;
const NOT_FOUND: Status = Code::LOCKOP_NOT_FOUND as Status;
const REPLAYED: Status = Code::LOCKOP_REPLAYED as Status;
const ACL_FULL: Status = Code::LOCKOP_ACL_FULL as Status;

impl AclStore for Callbacks {
    type Error = Status;

    fn get(&mut self, user: &lockop::Uuid) -> Result<Option<AclEntry>, Status> {
        let user = Uuid { bytes: *user.as_bytes() };
        let mut entry = Entry::NONE;
        // SAFETY: `new` was promised that this may be called; both pointers are to what outlives the call.
        match unsafe { (self.get)(self.context, &raw const user, &raw mut entry) } {
            OK => entry.to_library().map(Some).map_err(Code::status),
            NOT_FOUND => Ok(None),
            failure => Err(failure),
        }
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Status> {
        let record = Replay::from_library(record);
        // SAFETY: as above.
        match unsafe { (self.is_replay)(self.context, &raw const record, passed) } {
            OK => Ok(false),
            REPLAYED => Ok(true),
            failure => Err(failure),
        }
    }

    fn commit(&mut self, transaction: &lockop::Transaction<'_>) -> Result<(), CommitError<Status>> {
        // SAFETY: as above.
        match unsafe { (self.commit)(self.context, Transaction::handle(transaction)) } {
            OK => Ok(()),
            ACL_FULL => Err(CommitError::Full),
            failure => Err(CommitError::Store(failure)),
        }
    }
}
