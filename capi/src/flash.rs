//! The store in flash.

mod driver;

use core::ffi::c_void;

use lockop::{AclStore, CommitError, FlashAcl, FlashError};

use crate::code::{Code, Status, status_of};
use crate::config::{REPLAYS, USERS};
use crate::entry::{Entry, Replay, Uuid};
use crate::memory::{Kept, enter, make};
use crate::pointer::{Out, borrow, checked};
use crate::ram::EntryVisitor;
use crate::store::Store;
use crate::transaction::Transaction;
pub use driver::Flash;
use driver::{Driver, DriverError};

type Acl = FlashAcl<Driver, USERS, REPLAYS>;

/// The caller's memory for a store in flash: `lockop_flash_acl` of the header.
#[repr(C)]
pub struct FlashMemory {
    opaque: [u64; (REPLAYS * 40 + 192) / 8],
}

impl Kept for Acl {
    type Memory = FlashMemory;
    const READY: u32 = 0x464c_4153;
}

// The word sizes of the header, which the library checks again with a message of its own.
const _: () = assert!(Acl::MIN_LEN > 0);

fn code_of(error: FlashError<DriverError>) -> Code {
    match error {
        FlashError::Flash(DriverError) => Code::LOCKOP_FLASH_FAILED,
        FlashError::Worn => Code::LOCKOP_FLASH_WORN,
        FlashError::Corrupt => Code::LOCKOP_FLASH_CORRUPT,
        FlashError::Unformatted => Code::LOCKOP_FLASH_UNFORMATTED,
        FlashError::OtherFormat => Code::LOCKOP_FLASH_OTHER_FORMAT,
        FlashError::Region => Code::LOCKOP_FLASH_REGION,
        FlashError::TooLarge => Code::LOCKOP_FLASH_TOO_LARGE,
        _ => Code::LOCKOP_STORAGE,
    }
}

fn code_of_commit(error: CommitError<FlashError<DriverError>>) -> Code {
    match error {
        CommitError::Full => Code::LOCKOP_ACL_FULL,
        CommitError::Store(error) => code_of(error),
    }
}

/// The least length of the region in bytes, for `LOCKOP_USERS`, `LOCKOP_REPLAYS`, `LOCKOP_WRITE_SIZE` and
/// `LOCKOP_ERASE_SIZE`. With twice as much, the flash is erased far less often.
///
/// May be called from anywhere. Stack: 16 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn lockop_flash_acl_min_len() -> u32 {
    Acl::MIN_LEN
}

/// Makes an empty ACL in flash, in place of whatever the region holds, and mounts it in `acl`. For a new device; to
/// empty an ACL in use, there is `lockop_flash_acl_factory_reset`.
///
/// `size` is `sizeof(lockop_flash_acl)`; LOCKOP_INVALID_ARGUMENT if the library was built with other `LOCKOP_...` sizes
/// than your code. `flash` is copied, but its `context` is kept. The memory stays yours; do not move it or write to
/// it. On anything but LOCKOP_OK, `acl` cannot be used. If power is lost meanwhile, do it again.
///
/// Takes as long as erasing the region. One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_format(acl: *mut FlashMemory, size: usize, flash: *const Flash) -> Status {
    // SAFETY: the caller stands for the memory, the driver and its callbacks.
    status_of(unsafe {
        make::<Acl>(acl, size, || {
            let (driver, region) = Driver::new(borrow(flash)?)?;
            Acl::format(driver, region).map_err(code_of)
        })
    })
}

/// Mounts the ACL as it was before a restart, in `acl`. LOCKOP_FLASH_UNFORMATTED where nothing was ever committed.
///
/// Where power was lost during a change, this settles for good whether it was made, which may take as long as erasing
/// half the region. For the rest as `lockop_flash_acl_format`. Do not format on any other error than
/// LOCKOP_FLASH_UNFORMATTED: what was applied could be applied again.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_mount(acl: *mut FlashMemory, size: usize, flash: *const Flash) -> Status {
    // SAFETY: the caller stands for the memory, the driver and its callbacks.
    status_of(unsafe {
        make::<Acl>(acl, size, || {
            let (driver, region) = Driver::new(borrow(flash)?)?;
            Acl::mount(driver, region).map_err(code_of)
        })
    })
}

/// Adds or replaces an entry without a signed operation: how the first ADMIN gets on the ACL. LOCKOP_ACL_FULL if there
/// is no room. Durable when it returns LOCKOP_OK.
///
/// `entry` is copied. Whether an Ed25519 key is a point of the curve is not looked at. One thread at a time for each
/// `acl`. Stack: see `LOCKOP_FLASH_STACK`.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_provision(acl: *mut FlashMemory, entry: *const Entry) -> Status {
    let provision = || {
        // SAFETY: the caller stands for both.
        unsafe {
            let entry = borrow(entry)?.to_library()?;
            enter(acl, |acl: &mut Acl| acl.provision(entry).map_err(code_of_commit))
        }
    };
    status_of(provision())
}

/// Removes a user without a signed operation; LOCKOP_NOT_FOUND if there is no such user. Durable when it returns
/// LOCKOP_OK.
///
/// One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_remove(acl: *mut FlashMemory, user: *const Uuid) -> Status {
    let remove = || {
        // SAFETY: the caller stands for both.
        let was_there = unsafe {
            let user = lockop::Uuid::from_bytes(borrow(user)?.bytes);
            enter(acl, |acl: &mut Acl| acl.remove(&user).map_err(code_of))?
        };
        if was_there { Ok(()) } else { Err(Code::LOCKOP_NOT_FOUND) }
    };
    status_of(remove())
}

/// The entry of a user; LOCKOP_NOT_FOUND if there is none, and `entry` is not written then.
///
/// Reads the whole log. One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_get(acl: *mut FlashMemory, user: *const Uuid, entry: *mut Entry) -> Status {
    let get = || {
        // SAFETY: the caller stands for each.
        unsafe {
            let user = lockop::Uuid::from_bytes(borrow(user)?.bytes);
            let out = Out::at(entry)?;
            let found = enter(acl, |acl: &mut Acl| acl.get(&user).map_err(code_of))?;
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
pub unsafe extern "C" fn lockop_flash_acl_len(acl: *mut FlashMemory, len: *mut u32) -> Status {
    let get = || {
        // SAFETY: the caller stands for both.
        unsafe {
            let out = Out::at(len)?;
            out.set(u32::try_from(enter(acl, |acl: &mut Acl| Ok(acl.len()))?).unwrap_or(u32::MAX));
        }
        Ok(())
    };
    status_of(get())
}

/// How many bytes can be written before the next compaction: an operation takes about 140 for one user, 1,850 for 25.
///
/// One thread at a time for each `acl`. Stack: 64 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_room(acl: *mut FlashMemory, room: *mut u32) -> Status {
    let get = || {
        // SAFETY: the caller stands for both.
        unsafe {
            let out = Out::at(room)?;
            out.set(enter(acl, |acl: &mut Acl| Ok(acl.room()))?);
        }
        Ok(())
    };
    status_of(get())
}

/// Shows every entry to `visitor`, in no particular order; LOCKOP_STOPPED if that ended the walk.
///
/// While it runs, the store answers LOCKOP_BUSY. An entry that has been shown holds only if this returns LOCKOP_OK or
/// LOCKOP_STOPPED. One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`, and the visitor's.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_for_each(
    acl: *mut FlashMemory,
    visitor: EntryVisitor,
    context: *mut c_void,
) -> Status {
    let walk = || {
        let visitor = visitor.ok_or(Code::LOCKOP_INVALID_ARGUMENT)?;
        let all = |acl: &mut Acl| {
            for entry in acl.entries() {
                let entry = Entry::from_library(&entry.map_err(code_of)?);
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

/// Copies what holds into the other half of the region, so that the next changes need not. Never necessary, but it takes
/// the time of erasing half the region, which is better spent while nobody waits.
///
/// One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_compact(acl: *mut FlashMemory) -> Status {
    // SAFETY: the caller stands for the memory.
    status_of(unsafe { enter(acl, |acl: &mut Acl| acl.compact().map_err(code_of)) })
}

/// Removes all users and all replay records, and erases where they were: for the next owner. If power is lost meanwhile,
/// a restart shows all of them or nothing.
///
/// One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_factory_reset(acl: *mut FlashMemory) -> Status {
    // SAFETY: the caller stands for the memory.
    status_of(unsafe { enter(acl, |acl: &mut Acl| acl.factory_reset().map_err(code_of)) })
}

/// Makes a store of an ACL, for `lockop_apply`. It points to `acl`, which must outlive it.
///
/// One thread at a time for each `acl`, whatever it is used by. Stack: 64 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_flash_acl_store(acl: *mut FlashMemory, store: *mut Store) -> Status {
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
    // SAFETY: whoever calls back stands for the pointers, and `lockop_flash_acl_store` has put the memory there.
    unsafe { lockop_flash_acl_get(context.cast(), user, entry) }
}

unsafe extern "C" fn is_replay(context: *mut c_void, record: *const Replay, passed: u64) -> Status {
    let look = || {
        // SAFETY: as above.
        let known = unsafe {
            let record = borrow(record)?.to_library();
            enter(context.cast(), |acl: &mut Acl| acl.is_replay(&record, passed).map_err(code_of))?
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
            enter(context.cast(), |acl: &mut Acl| acl.commit(transaction).map_err(code_of_commit))
        }
    };
    status_of(commit())
}
