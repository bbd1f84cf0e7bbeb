//! Numbers (RFC 8259 §6) as NumericDate (§2), exactly, however they are spelled.

use crate::error::Fault;
use crate::jws::base64::Bytes;

/// NumericDates are below this (§2).
const LIMIT: u64 = 1 << 53;

/// 2^53 has 16 decimal digits: an integer part with more is out of range whatever they are.
const MAX_DIGITS: isize = 16;

/// The number as 0.d1d2d3... × 10^`point`, its first significant digits only.
struct Decimal {
    /// The first up to 16 significant digits.
    digits: u64,
    /// How many significant digits there are: 0 means that the number is zero so far.
    count: isize,
    /// Where the decimal point is, counted from the first significant digit.
    point: isize,
}

impl Decimal {
    const ZERO: Self = Self { digits: 0, count: 0, point: 0 };

    /// Adds a digit behind the others.
    #[inline]
    fn push(&mut self, digit: u8) {
        if digit == 0 && self.count == 0 {
            // Not significant, and none of them comes before the point (RFC 8259 §6).
            self.point -= 1;
            return;
        }
        if self.count < MAX_DIGITS {
            self.digits = self.digits * 10 + u64::from(digit);
        }
        // Digits cannot be so many that this overflows: they are bytes of a slice.
        self.count += 1;
    }

    /// The integer part of digits × 10^exponent, if it is below 2^53.
    fn truncated(&self, exponent: isize) -> Option<u64> {
        let point = self.point.saturating_add(exponent);
        if self.count == 0 || point <= 0 {
            return Some(0);
        }
        if point > MAX_DIGITS {
            return None;
        }
        let mut value = self.digits;
        let count = self.count.min(MAX_DIGITS);
        for _ in point..count {
            value /= 10;
        }
        for _ in count..point {
            value *= 10;
        }
        (value < LIMIT).then_some(value)
    }
}

/// Reads a number: its integer part, or `None` if the value is negative or 2^53 or more.
pub(super) fn numeric_date(bytes: &mut Bytes<'_>) -> Result<Option<u64>, Fault> {
    let mut decimal = Decimal::ZERO;
    let negative = take(bytes, b'-');
    if take(bytes, b'0') {
        if bytes.peek().is_ascii_digit() {
            return Err(Fault::Number);
        }
    } else {
        digits(bytes, &mut decimal)?;
        decimal.point = decimal.count;
    }
    if take(bytes, b'.') {
        digits(bytes, &mut decimal)?;
    }
    let mut exponent = 0;
    if take(bytes, b'e') || take(bytes, b'E') {
        let down = take(bytes, b'-');
        if !down {
            take(bytes, b'+');
        }
        let mut decimal = Decimal::ZERO;
        digits(bytes, &mut decimal)?;
        // Of more than 16 digits, the first 16 are already more than any number of digits could make up for.
        exponent = isize::try_from(decimal.digits).unwrap_or(isize::MAX);
        if down {
            exponent = -exponent;
        }
    }
    if negative && decimal.count > 0 {
        return Ok(None);
    }
    Ok(decimal.truncated(exponent))
}

/// One digit or more.
#[inline(never)]
fn digits(bytes: &mut Bytes<'_>, decimal: &mut Decimal) -> Result<(), Fault> {
    if !bytes.peek().is_ascii_digit() {
        return Err(Fault::Number);
    }
    while bytes.peek().is_ascii_digit() {
        bytes.take_while(|byte| {
            let is_digit = byte.is_ascii_digit();
            if is_digit {
                decimal.push(byte - b'0');
            }
            is_digit
        });
    }
    Ok(())
}

fn take(bytes: &mut Bytes<'_>, byte: u8) -> bool {
    let there = bytes.peek() == byte;
    if there {
        bytes.bump();
    }
    there
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::jws::base64::{Encoded, Spelling};
    use base64ct::{Base64Unpadded, Encoding};
    use std::format;

    #[track_caller]
    fn check(number: &str, value: Result<Option<u64>, Fault>) {
        let text = Base64Unpadded::encode_string(number.as_bytes());
        let mut bytes = Encoded::check(text.as_bytes(), Spelling::Either).unwrap().bytes();
        assert_eq!(numeric_date(&mut bytes), value, "{number}");
    }

    #[test]
    fn values_are_truncated_and_never_rounded() {
        for (number, value) in [
            ("0", 0),
            ("-0", 0),
            ("-0.000e99", 0),
            ("1700000000", 1_700_000_000),
            ("1.7e9", 1_700_000_000),
            ("17E+8", 1_700_000_000),
            ("17000000000e-1", 1_700_000_000),
            ("1700000000.999999999999999999999999", 1_700_000_000),
            ("0.9", 0),
            ("1e-1", 0),
            ("12345.6789e2", 1_234_567),
            ("0.00000000017e19", 1_700_000_000),
            ("9007199254740991", (1 << 53) - 1),
            ("9007199254740991.99999999999999999", (1 << 53) - 1),
            ("9.007199254740991e15", (1 << 53) - 1),
            ("0e999999999999999999999999999", 0),
            ("1e-999999999999999999999999999", 0),
            ("17e00000000000000000000000008", 1_700_000_000),
            ("17e+0", 17),
        ] {
            check(number, Ok(Some(value)));
        }
    }

    #[test]
    fn values_outside_the_range_are_no_dates() {
        for number in [
            "-1",
            "-0.5",
            "-1e-99999999999999999999",
            "9007199254740992",
            "9007199254740992.0",
            "18446744073709551616",
            "1e16",
            "1e400",
            "1e99999999999999999999999",
            "0.1e18",
            "99999999999999999999999999",
            "9.007199254740992e15",
        ] {
            check(number, Ok(None));
        }
    }

    #[test]
    fn length_does_not_matter() {
        let zeros = "0".repeat(5_000);
        check(&format!("0.{zeros}17e5010"), Ok(Some(1_700_000_000)));
        check(&format!("17{zeros}e-4992"), Ok(Some(1_700_000_000)));
        check(&format!("1.{zeros}1e1"), Ok(Some(10)));
        check(&format!("1{zeros}"), Ok(None));
        check(&format!("-0.{zeros}1"), Ok(None));
    }

    #[test]
    fn the_grammar_is_strict() {
        for number in ["01", "-", "-01", "+1", ".5", "1.", "1.e5", "1e", "1e+", "1E-", "--1", "00", "-.5", "1.-5"] {
            check(number, Err(Fault::Number));
        }
    }
}
