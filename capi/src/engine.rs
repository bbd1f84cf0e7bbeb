//! A hardware engine for Ed25519.

use core::ffi::c_void;

use lockop::{Choice, Ed25519};

use crate::code::{Code, Status};

/// Somebody else's Ed25519: a hardware engine, or another library. For `lockop_apply_with_ed25519`.
///
/// It must hold RFC 8032 §5.1.7 with these decisions (docs/operation.md §6): S < L; canonical A and R that are not of
/// small order; the cofactorless equation, compared as encodings of R. It should take the same time whatever the bytes
/// are. The callbacks run on the stack of `lockop_apply_with_ed25519` and must not call it for the same store.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Engine {
    /// Yours: it comes back to you in every call.
    pub context: *mut c_void,
    /// Whether `signature` (64 bytes) is that of `message` by the holder of `key` (32 bytes). LOCKOP_OK: it is.
    /// Anything else: it is not. The pointers hold during the call only, and have no alignment.
    pub verify: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            key: *const u8,
            message: *const u8,
            message_len: usize,
            signature: *const u8,
        ) -> Status,
    >,
    /// Whether `key` (32 bytes) is the canonical encoding of a point on the curve that is not of small order.
    /// LOCKOP_OK: it is. Anything else: it is not.
    pub is_valid_key: Option<unsafe extern "C" fn(context: *mut c_void, key: *const u8) -> Status>,
}

const _: () = assert!(size_of::<Engine>() == 3 * size_of::<*const ()>());

/// An engine of which both callbacks are there.
pub(crate) struct Hardware {
    context: *mut c_void,
    verify: unsafe extern "C" fn(*mut c_void, *const u8, *const u8, usize, *const u8) -> Status,
    is_valid_key: unsafe extern "C" fn(*mut c_void, *const u8) -> Status,
}

impl Hardware {
    /// # Safety
    ///
    /// The callbacks may be called with the context, and keep to the header.
    pub(crate) unsafe fn new(engine: &Engine) -> Result<Self, Code> {
        match *engine {
            Engine { context, verify: Some(verify), is_valid_key: Some(is_valid_key) } => {
                Ok(Self { context, verify, is_valid_key })
            }
            _ => Err(Code::LOCKOP_INVALID_ARGUMENT),
        }
    }
}

impl Ed25519 for Hardware {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        // SAFETY: `new` was promised that this may be called, and what is borrowed outlives the call.
        let status =
            unsafe { (self.verify)(self.context, key.as_ptr(), message.as_ptr(), message.len(), signature.as_ptr()) };
        Choice::from(u8::from(status == Code::LOCKOP_OK.status()))
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        // SAFETY: as above.
        let status = unsafe { (self.is_valid_key)(self.context, key.as_ptr()) };
        status == Code::LOCKOP_OK.status()
    }
}
