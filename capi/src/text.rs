//! UUIDs and keys as text.

use core::ffi::c_char;

use lockop::UserKey;

use crate::code::{Code, Status, status_of};
use crate::entry::{Entry, KeyKind, Uuid};
use crate::pointer::{Out, bytes, checked};

/// Reads the 36 characters of a UUID, in either letter case; LOCKOP_INVALID_ARGUMENT if it is none.
///
/// `text` has `text_len` bytes and needs no NUL. `uuid` is written only with LOCKOP_OK. May be called from anywhere. Stack: 256
/// bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_uuid_parse(text: *const c_char, text_len: usize, uuid: *mut Uuid) -> Status {
    let parse = || {
        // SAFETY: the caller gives so many bytes and a UUID's memory, or NULL.
        let (text, out) = unsafe { (bytes(text.cast(), text_len)?, Out::at(uuid)?) };
        let uuid = lockop::Uuid::from_text(text).ok_or(Code::LOCKOP_INVALID_ARGUMENT)?;
        out.set(Uuid { bytes: *uuid.as_bytes() });
        Ok(())
    };
    status_of(parse())
}

/// Writes the 36 characters of a UUID in lower case, and a NUL: `text` has room for 37 bytes.
///
/// May be called from anywhere. Stack: 256 bytes.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_uuid_format(uuid: *const Uuid, text: *mut c_char) -> Status {
    let format = || {
        // SAFETY: the caller gives a UUID and 37 bytes, or NULL.
        let (uuid, out) = unsafe { (*checked(uuid)?, Out::at(text.cast::<[u8; 37]>())?) };
        let mut text = [0; 37];
        let mut digits = uuid.bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit);
        for (number, place) in text.iter_mut().enumerate() {
            *place = match number {
                8 | 13 | 18 | 23 => b'-',
                // Behind the last digit, the NUL.
                _ => digits.next().unwrap_or(0),
            };
        }
        out.set(text);
        Ok(())
    };
    status_of(format())
}

const fn hex_digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

/// Sets `key` and `key_kind` of an entry from a key in base64, either alphabet, padding optional: 32 bytes of Ed25519,
/// or the SubjectPublicKeyInfo of an Ed25519 or RSA key (2048 to 4096 bits), of which the fingerprint is kept.
/// LOCKOP_INVALID_ARGUMENT if it is none of these; `entry` is as before then.
///
/// Whether an Ed25519 key is a point of the curve at all is not looked at. `text` has `text_len` bytes and needs no NUL.
/// May be called from any thread that has `entry` for itself. Stack: 2 KiB.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_entry_set_key(entry: *mut Entry, text: *const c_char, text_len: usize) -> Status {
    let set = || {
        let entry = checked(entry)?.cast_mut();
        // SAFETY: the caller gives so many bytes, or NULL.
        let text = unsafe { bytes(text.cast(), text_len)? };
        let key = UserKey::from_base64(text).ok_or(Code::LOCKOP_INVALID_ARGUMENT)?;
        let kind = match key {
            UserKey::Ed25519(_) => KeyKind::LOCKOP_KEY_ED25519,
            UserKey::RsaFingerprint(_) => KeyKind::LOCKOP_KEY_RSA_FINGERPRINT,
        };
        // SAFETY: aligned, not NULL, and by the caller's word an entry's memory. Only these two places are written: the
        // others may not be filled in yet.
        unsafe {
            (&raw mut (*entry).key).write(*key.as_bytes());
            (&raw mut (*entry).key_kind).write(kind as u32);
        }
        Ok(())
    };
    status_of(set())
}
