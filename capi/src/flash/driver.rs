//! A driver of flash behind callbacks.

use core::ffi::c_void;
use core::ops::Range;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

use crate::code::{Code, Status};
use crate::config::{ERASE_SIZE, WRITE_SIZE};

/// A driver of NOR flash, and the region in it for a store.
///
/// Erased bytes read as 0xff, and a word that power failed on reads as anything, but is no error. A word is programmed
/// once between two erasures, so flash with ECC will do. Addresses are yours: `start` is what you make of it. What is
/// read and programmed is aligned to `write_size` and so many bytes or a multiple (at most 64); erased is one page at a
/// time. A callback returns 0 for success, when the work is done; anything else is a failure. It must not use the store.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Flash {
    /// Yours: it comes back to you in every call.
    pub context: *mut c_void,
    /// Reads `len` bytes at `address` into `out`.
    pub read: Option<unsafe extern "C" fn(context: *mut c_void, address: u32, out: *mut u8, len: usize) -> Status>,
    /// Programs `len` bytes at `address`, which are erased. `bytes` is in RAM and has no alignment.
    pub program:
        Option<unsafe extern "C" fn(context: *mut c_void, address: u32, bytes: *const u8, len: usize) -> Status>,
    /// Erases `len` bytes at `address`: one page.
    pub erase: Option<unsafe extern "C" fn(context: *mut c_void, address: u32, len: usize) -> Status>,
    /// Where the region begins: a multiple of `erase_size`.
    pub start: u32,
    /// Its length in bytes: an even number of pages, at least `lockop_flash_acl_min_len()`.
    pub len: u32,
    /// What is programmed at once: LOCKOP_WRITE_SIZE.
    pub write_size: u32,
    /// A page: LOCKOP_ERASE_SIZE.
    pub erase_size: u32,
}

const _: () = assert!(size_of::<Flash>() == 4 * size_of::<*const ()>() + 16);

/// A driver of which everything is there.
#[derive(Debug)]
pub(super) struct Driver {
    context: *mut c_void,
    read: unsafe extern "C" fn(*mut c_void, u32, *mut u8, usize) -> Status,
    program: unsafe extern "C" fn(*mut c_void, u32, *const u8, usize) -> Status,
    erase: unsafe extern "C" fn(*mut c_void, u32, usize) -> Status,
    end: u32,
}

/// The driver failed. It knows why itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct DriverError;

impl NorFlashError for DriverError {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl Driver {
    /// The driver and its region.
    ///
    /// # Safety
    ///
    /// The callbacks may be called with the context, as long as the driver is used, and keep to the header.
    pub(super) unsafe fn new(flash: &Flash) -> Result<(Self, Range<u32>), Code> {
        let Flash { context, read: Some(read), program: Some(program), erase: Some(erase), start, len, .. } = *flash
        else {
            return Err(Code::LOCKOP_INVALID_ARGUMENT);
        };
        if usize::try_from(flash.write_size) != Ok(WRITE_SIZE) || usize::try_from(flash.erase_size) != Ok(ERASE_SIZE) {
            return Err(Code::LOCKOP_INVALID_ARGUMENT);
        }
        let end = start.checked_add(len).ok_or(Code::LOCKOP_FLASH_REGION)?;
        Ok((Self { context, read, program, erase, end }, start..end))
    }
}

fn done(status: Status) -> Result<(), DriverError> {
    if status == Code::LOCKOP_OK.status() { Ok(()) } else { Err(DriverError) }
}

impl ErrorType for Driver {
    type Error = DriverError;
}

impl ReadNorFlash for Driver {
    const READ_SIZE: usize = WRITE_SIZE;

    fn read(&mut self, address: u32, out: &mut [u8]) -> Result<(), DriverError> {
        // SAFETY: `new` was promised that this may be called, and `out` outlives the call.
        done(unsafe { (self.read)(self.context, address, out.as_mut_ptr(), out.len()) })
    }

    fn capacity(&self) -> usize {
        // What is behind the region is not ours.
        usize::try_from(self.end).unwrap_or(usize::MAX)
    }
}

impl NorFlash for Driver {
    const WRITE_SIZE: usize = WRITE_SIZE;
    const ERASE_SIZE: usize = ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), DriverError> {
        let len = usize::try_from(to.saturating_sub(from)).map_err(|_| DriverError)?;
        // SAFETY: as above.
        done(unsafe { (self.erase)(self.context, from, len) })
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), DriverError> {
        // SAFETY: as above.
        done(unsafe { (self.program)(self.context, address, bytes.as_ptr(), bytes.len()) })
    }
}
