//! What became of an operation.

use core::ffi::c_char;

use lockop::{Applied, Error};

use crate::code::{Code, Status};
use crate::entry::Uuid;

/// Which operation was applied.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the names are those of the header")]
pub enum OperationKind {
    /// None was.
    LOCKOP_OPERATION_NONE = 0,
    /// `BATCH_ADD_USER`: puts 1 to 25 users on the ACL.
    LOCKOP_OPERATION_BATCH_ADD_USER = 1,
    /// One that a later version of lockop.h names.
    LOCKOP_OPERATION_OTHER = 2,
}

/// What became of an operation: 40 bytes. Unless `code` is LOCKOP_OK, all but `code` and `store_status` is zero.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Who signed it.
    pub issuer: Uuid,
    /// When it expires, in Unix seconds.
    pub exp: u64,
    /// The same as is returned.
    pub code: Status,
    /// What the store said, if it failed (`code` is LOCKOP_STORAGE, or LOCKOP_UNAUTHENTICATED because the issuer could
    /// not be looked up); else 0. For the log, not for the outside.
    pub store_status: Status,
    /// One of `enum lockop_operation`.
    pub operation: u32,
    /// How many users it has put on the ACL or replaced there.
    pub users: u32,
}

impl Verdict {
    pub(crate) const fn refused(code: Status, store_status: Status) -> Self {
        Self {
            issuer: Uuid { bytes: [0; 16] },
            exp: 0,
            code,
            store_status,
            operation: OperationKind::LOCKOP_OPERATION_NONE as u32,
            users: 0,
        }
    }

    pub(crate) fn of(result: &Result<Applied, Error<Status>>) -> Self {
        let applied = match result {
            Ok(applied) => applied,
            Err(Error::Storage(status) | Error::Lookup(status)) => {
                let code = if matches!(result, Err(Error::Lookup(_))) {
                    Code::LOCKOP_UNAUTHENTICATED
                } else {
                    Code::LOCKOP_STORAGE
                };
                return Self::refused(code.status(), *status);
            }
            Err(error) => return Self::refused(Status::from(error.code() as u8), Code::LOCKOP_OK.status()),
        };
        Self {
            issuer: Uuid { bytes: *applied.claims.iss.as_bytes() },
            exp: applied.claims.exp,
            code: Code::LOCKOP_OK.status(),
            store_status: Code::LOCKOP_OK.status(),
            operation: match applied.operation {
                "BATCH_ADD_USER" => OperationKind::LOCKOP_OPERATION_BATCH_ADD_USER,
                _ => OperationKind::LOCKOP_OPERATION_OTHER,
            } as u32,
            users: u32::try_from(applied.users).unwrap_or(u32::MAX),
        }
    }
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<Verdict>() == 40 && offset_of!(Verdict, exp) == 16 && offset_of!(Verdict, code) == 24);
    assert!(offset_of!(Verdict, operation) == 32 && offset_of!(Verdict, users) == 36);
};

/// The name of an operation: `"BATCH_ADD_USER"`; `"none"` or `"unknown"` of a number that is none.
///
/// The string is constant and ends with a NUL. May be called from anywhere. Stack: 16 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn lockop_operation_name(operation: u32) -> *const c_char {
    const NONE: u32 = OperationKind::LOCKOP_OPERATION_NONE as u32;
    const BATCH_ADD_USER: u32 = OperationKind::LOCKOP_OPERATION_BATCH_ADD_USER as u32;
    match operation {
        NONE => c"none",
        BATCH_ADD_USER => c"BATCH_ADD_USER",
        _ => c"unknown",
    }
    .as_ptr()
}
