//! The device and its policy, in the caller's memory.

use lockop::Policy;

use crate::code::{Code, Status, status_of};
use crate::entry::Uuid;
use crate::pointer::{Out, borrow};

/// In `flags` of a device: accept segments of RFC 7515 alone, the URL-safe alphabet without padding.
pub const LOCKOP_RFC7515_ONLY: u32 = 1;
/// In `flags` of a device: refuse operations without `jti` as malformed.
pub const LOCKOP_REQUIRE_JTI: u32 = 2;

/// A lock and its policy: 32 bytes. `lockop_device_init` fills it in; change fields after that as you like, but not
/// while a function uses it.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// The lock's own ID, which `sub` of an operation must be.
    pub id: Uuid,
    /// How far the clocks of phone and lock may differ, in seconds: 60.
    pub leeway: u64,
    /// The longest operation in bytes: 32,768. A longer one is malformed.
    pub max_len: u32,
    /// `LOCKOP_RFC7515_ONLY`, `LOCKOP_REQUIRE_JTI`, both, or 0. With any other bit, operations are refused as
    /// `LOCKOP_INVALID_ARGUMENT`: it might be a restriction.
    pub flags: u32,
}

impl Device {
    pub(crate) fn policy(&self) -> Result<Policy, Code> {
        if self.flags & !(LOCKOP_RFC7515_ONLY | LOCKOP_REQUIRE_JTI) != 0 {
            return Err(Code::LOCKOP_INVALID_ARGUMENT);
        }
        Ok(Policy {
            leeway: self.leeway,
            rfc7515_only: self.flags & LOCKOP_RFC7515_ONLY != 0,
            require_jti: self.flags & LOCKOP_REQUIRE_JTI != 0,
            max_len: usize::try_from(self.max_len).unwrap_or(usize::MAX),
        })
    }
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<Device>() == 32 && offset_of!(Device, leeway) == 16);
    assert!(offset_of!(Device, max_len) == 24 && offset_of!(Device, flags) == 28);
};

/// A device with the default policy.
///
/// `id` is copied. May be called from any thread that has `device` for itself. Stack: 128 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_device_init(device: *mut Device, id: *const Uuid) -> Status {
    let init = || {
        // SAFETY: the caller gives a device's memory and a UUID, or NULL.
        let (device, id) = unsafe { (Out::at(device)?, *borrow(id)?) };
        let Policy { leeway, max_len, .. } = Policy::DEFAULT;
        device.set(Device { id, leeway, max_len: u32::try_from(max_len).unwrap_or(u32::MAX), flags: 0 });
        Ok(())
    };
    status_of(init())
}
