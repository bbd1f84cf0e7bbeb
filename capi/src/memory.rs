//! Stores in the caller's memory.

use core::mem::MaybeUninit;

use crate::code::Code;
use crate::pointer::checked;

/// What can be kept in the caller's memory.
pub(crate) trait Kept: Sized {
    /// What C has for it.
    type Memory;
    /// Says in memory that it is there; every type has its own.
    const READY: u32;
    /// The memory has room for it.
    const FITS: () = {
        assert!(size_of::<Held<Self>>() <= size_of::<Self::Memory>());
        assert!(align_of::<Held<Self>>() <= align_of::<Self::Memory>());
    };
}

/// A value, and whether it may be used.
#[repr(C)]
struct Held<T> {
    state: u32,
    value: MaybeUninit<T>,
}

/// Somebody is using it.
const BUSY: u32 = 0x6275_7379;
const EMPTY: u32 = 0;

/// Where it is, if `memory` is neither NULL nor misaligned.
fn place<T: Kept>(memory: *mut T::Memory) -> Result<*mut Held<T>, Code> {
    let () = T::FITS;
    checked(memory)?;
    Ok(memory.cast())
}

/// Makes a value in the caller's memory, over whatever was there. If that fails, nothing is there.
///
/// # Safety
///
/// `memory` is NULL, or memory for a `T::Memory` to which nobody else has access meanwhile.
pub(crate) unsafe fn make<T: Kept>(
    memory: *mut T::Memory,
    size: usize,
    value: impl FnOnce() -> Result<T, Code>,
) -> Result<(), Code> {
    let held = place::<T>(memory)?;
    if size != size_of::<T::Memory>() {
        return Err(Code::LOCKOP_INVALID_ARGUMENT);
    }
    // SAFETY: `held` is aligned and lies in the caller's memory, which has room; only places are written, nothing that
    // may be uninitialised is read.
    unsafe {
        (&raw mut (*held).state).write(EMPTY);
        (&raw mut (*held).value).cast::<T>().write(value()?);
        (&raw mut (*held).state).write(T::READY);
    }
    Ok(())
}

/// Uses the value, while nobody else can: who tries is told `LOCKOP_BUSY`.
///
/// # Safety
///
/// `memory` is NULL, or was given to [`make`] before, or is zero; no other thread uses it.
pub(crate) unsafe fn enter<T: Kept, R>(
    memory: *mut T::Memory,
    use_it: impl FnOnce(&mut T) -> Result<R, Code>,
) -> Result<R, Code> {
    let held = place::<T>(memory)?;
    // SAFETY: `held` is aligned, lies in the caller's memory, and its first word was written.
    let state = unsafe { &raw mut (*held).state };
    // SAFETY: likewise. Volatile, for what is in the caller's memory is what decides.
    match unsafe { state.read_volatile() } {
        now if now == T::READY => {}
        BUSY => return Err(Code::LOCKOP_BUSY),
        _ => return Err(Code::LOCKOP_NOT_READY),
    }
    // SAFETY: as above. From here on, a second call does not come this far.
    unsafe { state.write_volatile(BUSY) };
    // SAFETY: the state says that `make` has put a value here, and that this is the only reference to it.
    let result = use_it(unsafe { (*held).value.assume_init_mut() });
    // SAFETY: as above; the reference has ended.
    unsafe { state.write_volatile(T::READY) };
    result
}
