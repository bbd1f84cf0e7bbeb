//! Pointers as C gives them.

use crate::code::Code;

/// A pointer that is neither NULL nor misaligned.
pub(crate) fn checked<T>(pointer: *const T) -> Result<*const T, Code> {
    if pointer.is_null() || !pointer.is_aligned() { Err(Code::LOCKOP_INVALID_ARGUMENT) } else { Ok(pointer) }
}

/// What a pointer points to.
///
/// # Safety
///
/// A pointer that is neither NULL nor misaligned points to a `T`, which nobody changes as long as it is borrowed, and
/// `T` is made of numbers and pointers alone: every bit pattern is one.
pub(crate) unsafe fn borrow<'a, T>(pointer: *const T) -> Result<&'a T, Code> {
    let pointer = checked(pointer)?;
    // SAFETY: it is neither NULL nor misaligned, and for the rest the caller stands.
    Ok(unsafe { &*pointer })
}

/// `len` bytes; NULL is refused even if there are none.
///
/// # Safety
///
/// If `bytes` is not NULL and `len` is possible, there are so many bytes, which nobody changes as long as they are
/// borrowed.
pub(crate) unsafe fn bytes<'a>(bytes: *const u8, len: usize) -> Result<&'a [u8], Code> {
    let bytes = checked(bytes)?;
    // No object is larger, and none goes beyond the end of the address space.
    if isize::try_from(len).is_err() || bytes.addr().checked_add(len).is_none() {
        return Err(Code::LOCKOP_INVALID_ARGUMENT);
    }
    // SAFETY: it is not NULL, the length is possible, and for the rest the caller stands.
    Ok(unsafe { core::slice::from_raw_parts(bytes, len) })
}

/// Where a result goes. Checked before the work is done, and written after it: a result may lie where an input did.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// # Safety
    ///
    /// A pointer that is neither NULL nor misaligned points to memory for a `T`, to which nobody else has access until
    /// [`set`](Self::set) is done.
    pub(crate) unsafe fn at(pointer: *mut T) -> Result<Self, Code> {
        checked(pointer)?;
        Ok(Self(pointer))
    }

    pub(crate) fn set(self, value: T) {
        // SAFETY: it is neither NULL nor misaligned, and who made this stands for the rest.
        unsafe { self.0.write(value) }
    }
}
