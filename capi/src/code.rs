//! Codes: one set of numbers for verdicts, for what functions return, and for what callbacks return.

use core::ffi::{CStr, c_char};

/// What a function or a callback returns: one of `enum lockop_code`. Whatever is not in that enum is a failure.
pub type Status = i32;

/// Verdicts (1 to 12, in the order in which they are decided: docs/operation.md §7) and what else can go wrong (from
/// 100). The numbers and names are stable; later versions may add to them.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(non_camel_case_types, clippy::enum_variant_names, reason = "the names are those of the header")]
pub enum Code {
    /// Done; of a verdict: applied.
    LOCKOP_OK = 0,
    /// Not a well-formed operation, or longer than the policy allows.
    LOCKOP_MALFORMED = 1,
    /// The header asks for something that is not understood.
    LOCKOP_UNSUPPORTED_ALGORITHM = 2,
    /// Issuer unknown, signature wrong, or certificate not bound to the issuer.
    LOCKOP_UNAUTHENTICATED = 3,
    /// For another lock.
    LOCKOP_WRONG_DEVICE = 4,
    /// `nbf` or `iat` is in the future.
    LOCKOP_NOT_YET_VALID = 5,
    /// `exp` has passed.
    LOCKOP_EXPIRED = 6,
    /// The issuer is no ADMIN, or not active now.
    LOCKOP_FORBIDDEN = 7,
    /// Applied before, or may have been.
    LOCKOP_REPLAYED = 8,
    /// An operation of a type that is not known.
    LOCKOP_UNSUPPORTED_OPERATION = 9,
    /// Something is wrong inside the operation.
    LOCKOP_INVALID_OPERATION = 10,
    /// The store has no room for the new users.
    LOCKOP_ACL_FULL = 11,
    /// The store failed.
    LOCKOP_STORAGE = 12,

    /// A pointer that is NULL or not aligned, a length or size that cannot be, a value that means nothing. Nothing was
    /// done.
    LOCKOP_INVALID_ARGUMENT = 100,
    /// No such user, or no such place in a list.
    LOCKOP_NOT_FOUND = 101,
    /// The store was not made yet, or its making failed.
    LOCKOP_NOT_READY = 102,
    /// The store is at work: it was called from one of its own callbacks, or from two threads.
    LOCKOP_BUSY = 103,
    /// A visitor has ended the walk.
    LOCKOP_STOPPED = 104,

    /// The flash driver failed.
    LOCKOP_FLASH_FAILED = 110,
    /// What was programmed does not read back: the flash is worn out.
    LOCKOP_FLASH_WORN = 111,
    /// What was committed is damaged. Nothing of it is told.
    LOCKOP_FLASH_CORRUPT = 112,
    /// Nothing was ever committed there: format it.
    LOCKOP_FLASH_UNFORMATTED = 113,
    /// Written in another version of the format, or in a region or words of another size.
    LOCKOP_FLASH_OTHER_FORMAT = 114,
    /// The region does not lie on pages, is no even number of pages, or is too small.
    LOCKOP_FLASH_REGION = 115,
    /// More changes at once than a record can hold.
    LOCKOP_FLASH_TOO_LARGE = 116,
}

impl Code {
    const ALL: [Self; 25] = [
        Self::LOCKOP_OK,
        Self::LOCKOP_MALFORMED,
        Self::LOCKOP_UNSUPPORTED_ALGORITHM,
        Self::LOCKOP_UNAUTHENTICATED,
        Self::LOCKOP_WRONG_DEVICE,
        Self::LOCKOP_NOT_YET_VALID,
        Self::LOCKOP_EXPIRED,
        Self::LOCKOP_FORBIDDEN,
        Self::LOCKOP_REPLAYED,
        Self::LOCKOP_UNSUPPORTED_OPERATION,
        Self::LOCKOP_INVALID_OPERATION,
        Self::LOCKOP_ACL_FULL,
        Self::LOCKOP_STORAGE,
        Self::LOCKOP_INVALID_ARGUMENT,
        Self::LOCKOP_NOT_FOUND,
        Self::LOCKOP_NOT_READY,
        Self::LOCKOP_BUSY,
        Self::LOCKOP_STOPPED,
        Self::LOCKOP_FLASH_FAILED,
        Self::LOCKOP_FLASH_WORN,
        Self::LOCKOP_FLASH_CORRUPT,
        Self::LOCKOP_FLASH_UNFORMATTED,
        Self::LOCKOP_FLASH_OTHER_FORMAT,
        Self::LOCKOP_FLASH_REGION,
        Self::LOCKOP_FLASH_TOO_LARGE,
    ];

    pub(crate) const fn status(self) -> Status {
        self as Status
    }

    const fn name(self) -> &'static CStr {
        match self {
            Self::LOCKOP_OK => c"ok",
            Self::LOCKOP_MALFORMED => c"malformed",
            Self::LOCKOP_UNSUPPORTED_ALGORITHM => c"unsupported-algorithm",
            Self::LOCKOP_UNAUTHENTICATED => c"unauthenticated",
            Self::LOCKOP_WRONG_DEVICE => c"wrong-device",
            Self::LOCKOP_NOT_YET_VALID => c"not-yet-valid",
            Self::LOCKOP_EXPIRED => c"expired",
            Self::LOCKOP_FORBIDDEN => c"forbidden",
            Self::LOCKOP_REPLAYED => c"replayed",
            Self::LOCKOP_UNSUPPORTED_OPERATION => c"unsupported-operation",
            Self::LOCKOP_INVALID_OPERATION => c"invalid-operation",
            Self::LOCKOP_ACL_FULL => c"acl-full",
            Self::LOCKOP_STORAGE => c"storage",
            Self::LOCKOP_INVALID_ARGUMENT => c"invalid-argument",
            Self::LOCKOP_NOT_FOUND => c"not-found",
            Self::LOCKOP_NOT_READY => c"not-ready",
            Self::LOCKOP_BUSY => c"busy",
            Self::LOCKOP_STOPPED => c"stopped",
            Self::LOCKOP_FLASH_FAILED => c"flash-failed",
            Self::LOCKOP_FLASH_WORN => c"flash-worn",
            Self::LOCKOP_FLASH_CORRUPT => c"flash-corrupt",
            Self::LOCKOP_FLASH_UNFORMATTED => c"flash-unformatted",
            Self::LOCKOP_FLASH_OTHER_FORMAT => c"flash-other-format",
            Self::LOCKOP_FLASH_REGION => c"flash-region",
            Self::LOCKOP_FLASH_TOO_LARGE => c"flash-too-large",
        }
    }
}

/// The verdicts' numbers and names are the library's. A refusal that the library adds is an error here until it is in
/// the header.
const _: () = {
    let all = lockop::Code::ALL;
    assert!(all.len() == 12);
    let mut place = 0;
    while place < all.len() {
        let (ours, theirs) = (Code::ALL[place + 1], all[place]);
        assert!(ours as Status == theirs as Status && ours as usize == place + 1);
        assert!(same(ours.name().to_bytes(), theirs.as_str().as_bytes()));
        place += 1;
    }
    assert!(Code::LOCKOP_OK as Status == 0);
};

const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}

/// What a function returns.
pub(crate) fn status_of(result: Result<(), Code>) -> Status {
    match result {
        Ok(()) => Code::LOCKOP_OK.status(),
        Err(code) => code.status(),
    }
}

/// The name of a code, for logs and for answers to the outside: `"wrong-device"`; `"unknown"` of a number that is no
/// code.
///
/// The string is constant and ends with a NUL. May be called from anywhere. Stack: 64 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn lockop_code_name(code: Status) -> *const c_char {
    let known = Code::ALL.iter().find(|known| known.status() == code);
    known.map_or(c"unknown", |known| known.name()).as_ptr()
}
