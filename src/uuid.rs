//! UUIDs (RFC 9562 §4): the names of users and locks.

use core::fmt;
use core::str::FromStr;

/// A UUID, compared as its 16 bytes.
///
/// ```
/// let lock: lockop::Uuid = "00000000-0000-4000-8000-00000000ABCD".parse()?;
/// assert_eq!(lock.to_string(), "00000000-0000-4000-8000-00000000abcd");
/// # Ok::<(), lockop::InvalidUuid>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 16]);

/// Length of the text form in bytes.
pub(crate) const TEXT_LEN: usize = 36;

impl Uuid {
    /// From the 16 bytes in network order.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes in network order.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads the 36-character form, in either letter case; no braces, no `urn:`, no form without hyphens.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 16];
        let mut places = bytes.iter_mut();
        let mut rest = text;
        for (group, digits) in [8, 4, 4, 4, 12].into_iter().enumerate() {
            if group > 0 {
                rest = rest.strip_prefix(b"-")?;
            }
            let (pairs, behind) = rest.split_at_checked(digits)?;
            for ([high, low], place) in pairs.as_chunks().0.iter().zip(&mut places) {
                *place = (hex_digit(*high)? << 4) | hex_digit(*low)?;
            }
            rest = behind;
        }
        rest.is_empty().then_some(Self(bytes))
    }
}

/// 32 hexadecimal digits.
#[cfg(feature = "defmt")]
impl defmt::Format for Uuid {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u128:032x}", u128::from_be_bytes(self.0));
    }
}

#[inline]
const fn hex_digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

/// Not the 36-character form of a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidUuid;

impl fmt::Display for InvalidUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a UUID in its 36-character form (RFC 9562)")
    }
}

impl core::error::Error for InvalidUuid {}

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        Self::from_text(text.as_bytes()).ok_or(InvalidUuid)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn both_letter_cases_are_the_same_uuid() {
        let lower: Uuid = "0123abcd-ef01-4567-89ab-cdef01234567".parse().unwrap();
        let upper: Uuid = "0123ABCD-EF01-4567-89AB-CDEF01234567".parse().unwrap();
        assert_eq!(lower, upper);
        assert_eq!(lower.as_bytes()[..4], [0x01, 0x23, 0xab, 0xcd]);
        assert_eq!(upper.to_string(), "0123abcd-ef01-4567-89ab-cdef01234567");
    }

    /// Whoever writes it somewhere is told that there was no room for all of it.
    #[test]
    fn what_has_no_room_is_an_error() {
        use core::fmt::Write;
        struct Room(usize);
        impl Write for Room {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
                Ok(())
            }
        }
        let uuid = Uuid::from_bytes([0xab; 16]);
        for room in 0..40 {
            assert_eq!(write!(Room(room), "{uuid}").is_ok(), room >= TEXT_LEN, "{room}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "0123abcdef01456789abcdef01234567",
            "{0123abcd-ef01-4567-89ab-cdef0123456}",
            "urn:uuid:0123abcd-ef01-4567-89ab-cde",
            "0123abcd-ef01-4567-89ab-cdef0123456g",
            "0123abcd-ef01-4567-89ab-cdef0123456",
            "0123abcd-ef01-4567-89ab-cdef012345678",
            "0123abcd+ef01-4567-89ab-cdef01234567",
            "0123abcde-f01-4567-89ab-cdef01234567",
            "0123abcd-ef01-4567-89ab-cdef0123456\u{661}",
        ] {
            assert_eq!(text.parse::<Uuid>(), Err(InvalidUuid), "{text}");
        }
    }
}
