//! The store in RAM.

use core::ffi::c_void;

use lockop::{AclStore, CommitError, Full, RamAcl, ReplayLog};

use crate::code::{Code, Status, status_of};
use crate::config::{REPLAYS, USERS};
use crate::entry::{Entry, LOCKOP_NO_TIME, Replay, Uuid};
use crate::memory::{Kept, enter, make};
use crate::pointer::{Out, borrow, checked};
use crate::store::Store;
use crate::transaction::Transaction;

type Acl = RamAcl<USERS, REPLAYS>;

/// The caller's memory for a store in RAM: `lockop_ram_acl` of the header.
#[repr(C)]
pub struct RamMemory {
    opaque: [u64; (USERS * 72 + REPLAYS * 40 + 64) / 8],
}

impl Kept for Acl {
    type Memory = RamMemory;
    const READY: u32 = 0x5241_4d21;
}

/// Is shown one entry of a store. Not 0 ends the walk. It must not use the store.
pub type EntryVisitor = Option<unsafe extern "C" fn(context: *mut c_void, entry: *const Entry) -> Status>;

/// Is shown one replay record of a store. Not 0 ends the walk. It must not use the store.
pub type ReplayVisitor = Option<unsafe extern "C" fn(context: *mut c_void, record: *const Replay) -> Status>;

/// Makes an empty ACL in `acl`, over whatever is there. Nobody can sign for it until an ADMIN is provisioned.
///
/// `size` is `sizeof(lockop_ram_acl)`; LOCKOP_INVALID_ARGUMENT if the library was built with other `LOCKOP_USERS` or
/// `LOCKOP_REPLAYS` than your code. The memory stays yours; do not move it or write to it. Stack: 256 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_init(acl: *mut RamMemory, size: usize) -> Status {
    // SAFETY: the caller stands for the memory.
    status_of(unsafe { make::<Acl>(acl, size, || Ok(Acl::new())) })
}

/// The same, with the `len` replay records (of more than fit, the first to expire make room) and the horizon from before a restart:
/// without them, operations that were applied shortly before could be applied again.
///
/// `horizon` is LOCKOP_NO_TIME if there was none. `records` is copied; it may be NULL if `len` is 0. Stack: 512 bytes
/// and 120 for each record of `LOCKOP_REPLAYS`.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_init_with_replays(
    acl: *mut RamMemory,
    size: usize,
    records: *const Replay,
    len: usize,
    horizon: u64,
) -> Status {
    let records = || {
        if len == 0 {
            return Ok(&[][..]);
        }
        let records = checked(records)?;
        let bytes = len.checked_mul(size_of::<Replay>()).ok_or(Code::LOCKOP_INVALID_ARGUMENT)?;
        let end = records.addr().checked_add(bytes);
        if isize::try_from(bytes).is_err() || end.is_none() {
            return Err(Code::LOCKOP_INVALID_ARGUMENT);
        }
        // SAFETY: aligned, not NULL, a possible length, and by the caller's word so many records.
        Ok(unsafe { core::slice::from_raw_parts(records, len) })
    };
    let make = |records: &[Replay]| {
        let horizon = (horizon != LOCKOP_NO_TIME).then_some(horizon);
        let value = || {
            let records = records.iter().map(|record| record.to_library());
            Ok(Acl::with_replays(ReplayLog::restore(records, horizon)))
        };
        // SAFETY: the caller stands for the memory.
        unsafe { make::<Acl>(acl, size, value) }
    };
    status_of(records().and_then(make))
}

/// Adds or replaces an entry without a signed operation: how the first ADMIN gets on the ACL. LOCKOP_ACL_FULL if there
/// is no room.
///
/// `entry` is copied. Whether an Ed25519 key is a point of the curve is not looked at. One thread at a time for each
/// `acl`. Stack: 512 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_provision(acl: *mut RamMemory, entry: *const Entry) -> Status {
    let provision = || {
        // SAFETY: the caller stands for both.
        unsafe {
            let entry = borrow(entry)?.to_library()?;
            enter(acl, |acl: &mut Acl| acl.provision(entry).map_err(|Full| Code::LOCKOP_ACL_FULL))
        }
    };
    status_of(provision())
}

/// Removes a user without a signed operation; LOCKOP_NOT_FOUND if there is no such user.
///
/// One thread at a time for each `acl`. Stack: 512 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_remove(acl: *mut RamMemory, user: *const Uuid) -> Status {
    let remove = || {
        // SAFETY: the caller stands for both.
        unsafe {
            let user = lockop::Uuid::from_bytes(borrow(user)?.bytes);
            enter(acl, |acl: &mut Acl| if acl.remove(&user) { Ok(()) } else { Err(Code::LOCKOP_NOT_FOUND) })
        }
    };
    status_of(remove())
}

/// The entry of a user; LOCKOP_NOT_FOUND if there is none, and `entry` is not written then.
///
/// One thread at a time for each `acl`. Stack: 512 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_get(acl: *mut RamMemory, user: *const Uuid, entry: *mut Entry) -> Status {
    let get = || {
        // SAFETY: the caller stands for each.
        unsafe {
            let user = lockop::Uuid::from_bytes(borrow(user)?.bytes);
            let out = Out::at(entry)?;
            let found = enter(acl, |acl: &mut Acl| acl.get(&user).map_err(|never| match never {}))?;
            out.set(Entry::from_library(&found.ok_or(Code::LOCKOP_NOT_FOUND)?));
        }
        Ok(())
    };
    status_of(get())
}

/// How many users are on the ACL, of at most `LOCKOP_USERS`.
///
/// One thread at a time for each `acl`. Stack: 64 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_len(acl: *mut RamMemory, len: *mut u32) -> Status {
    let get = || {
        // SAFETY: the caller stands for both.
        unsafe {
            let out = Out::at(len)?;
            out.set(u32::try_from(enter(acl, |acl: &mut Acl| Ok(acl.entries().len()))?).unwrap_or(u32::MAX));
        }
        Ok(())
    };
    status_of(get())
}

/// Shows every entry to `visitor`, in no particular order; LOCKOP_STOPPED if that ended the walk.
///
/// While it runs, the store answers LOCKOP_BUSY. One thread at a time for each `acl`. Stack: 256 bytes and the
/// visitor's.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_for_each(
    acl: *mut RamMemory,
    visitor: EntryVisitor,
    context: *mut c_void,
) -> Status {
    let walk = || {
        let visitor = visitor.ok_or(Code::LOCKOP_INVALID_ARGUMENT)?;
        let all = |acl: &mut Acl| {
            for entry in acl.entries() {
                let entry = Entry::from_library(entry);
                // SAFETY: the caller stands for the visitor, and the entry outlives the call.
                if unsafe { visitor(context, &raw const entry) } != 0 {
                    return Err(Code::LOCKOP_STOPPED);
                }
            }
            Ok(())
        };
        // SAFETY: the caller stands for the memory.
        unsafe { enter(acl, all) }
    };
    status_of(walk())
}

/// Shows every replay record to `visitor`, in no particular order, and gives the horizon: what to keep over a restart,
/// for `lockop_ram_acl_init_with_replays`. LOCKOP_STOPPED if the visitor ended the walk; `horizon` is not written then.
///
/// While it runs, the store answers LOCKOP_BUSY. One thread at a time for each `acl`. Stack: 256 bytes and the
/// visitor's.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_for_each_replay(
    acl: *mut RamMemory,
    visitor: ReplayVisitor,
    context: *mut c_void,
    horizon: *mut u64,
) -> Status {
    let walk = || {
        let visitor = visitor.ok_or(Code::LOCKOP_INVALID_ARGUMENT)?;
        let all = |acl: &mut Acl| {
            for record in acl.replays().records() {
                let record = Replay::from_library(record);
                // SAFETY: the caller stands for the visitor, and the record outlives the call.
                if unsafe { visitor(context, &raw const record) } != 0 {
                    return Err(Code::LOCKOP_STOPPED);
                }
            }
            Ok(acl.replays().horizon().unwrap_or(LOCKOP_NO_TIME))
        };
        // SAFETY: the caller stands for both.
        unsafe {
            let out = Out::at(horizon)?;
            out.set(enter(acl, all)?);
        }
        Ok(())
    };
    status_of(walk())
}

/// Makes a store of an ACL, for `lockop_apply`. It points to `acl`, which must outlive it.
///
/// One thread at a time for each `acl`, whatever it is used by. Stack: 64 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_ram_acl_store(acl: *mut RamMemory, store: *mut Store) -> Status {
    let make = || {
        checked(acl)?;
        // SAFETY: the caller stands for the memory.
        let out = unsafe { Out::at(store)? };
        out.set(Store { context: acl.cast(), get: Some(get), is_replay: Some(is_replay), commit: Some(commit) });
        Ok(())
    };
    status_of(make())
}

unsafe extern "C" fn get(context: *mut c_void, user: *const Uuid, entry: *mut Entry) -> Status {
    // SAFETY: whoever calls back stands for the pointers, and `lockop_ram_acl_store` has put the memory there.
    unsafe { lockop_ram_acl_get(context.cast(), user, entry) }
}

unsafe extern "C" fn is_replay(context: *mut c_void, record: *const Replay, passed: u64) -> Status {
    let look = || {
        // SAFETY: as above.
        let known = unsafe {
            let record = borrow(record)?.to_library();
            enter(context.cast(), |acl: &mut Acl| acl.is_replay(&record, passed).map_err(|never| match never {}))?
        };
        if known { Err(Code::LOCKOP_REPLAYED) } else { Ok(()) }
    };
    status_of(look())
}

unsafe extern "C" fn commit(context: *mut c_void, transaction: *const Transaction) -> Status {
    let commit = || {
        // SAFETY: as above.
        unsafe {
            let transaction = Transaction::behind(transaction)?;
            enter(context.cast(), |acl: &mut Acl| {
                acl.commit(transaction).map_err(|error| match error {
                    CommitError::Full => Code::LOCKOP_ACL_FULL,
                    CommitError::Store(never) => match never {},
                })
            })
        }
    };
    status_of(commit())
}
