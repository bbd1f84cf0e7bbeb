//! The base64 cursor: decoded bytes, one at a time, without a buffer (§1; RFC 4648).
//!
//! The characters are public (the cloud carries them), so decoding is by table and may branch on them. Only the
//! signature verification is constant time (§9).

use crate::error::Fault;

/// Which spellings of base64 are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// §1: either alphabet but not both; padding absent or exactly right.
    Either,
    /// RFC 7515 §2: the URL-safe alphabet, no padding.
    Rfc7515,
    /// RFC 7515 §4.1.6, an `x5c` entry: the standard alphabet, padding required.
    Certificate,
}

/// Marks a character of the standard alphabet alone (`+`, `/`).
const STANDARD: u8 = 0x40;
/// Marks a character of the URL-safe alphabet alone (`-`, `_`).
const URL_SAFE: u8 = 0x80;
/// Both marks at once: no character of base64, or both alphabets met in one text.
const BAD: u8 = STANDARD | URL_SAFE;

/// Six-bit value and alphabet mark of each byte.
static VALUES: [u8; 256] = {
    let mut table = [BAD; 256];
    let mut value = 0;
    while value < 62 {
        let byte = match value {
            0..=25 => b'A' + value,
            26..=51 => b'a' + (value - 26),
            _ => b'0' + (value - 52),
        };
        table[byte as usize] = value;
        value += 1;
    }
    table[b'+' as usize] = 62 | STANDARD;
    table[b'/' as usize] = 63 | STANDARD;
    table[b'-' as usize] = 62 | URL_SAFE;
    table[b'_' as usize] = 63 | URL_SAFE;
    table
};

/// Decodes base64 characters that arrive from any iterator: a segment of the JWS, or the unescaped bytes of a JSON
/// string.
///
/// A fault ends the bytes, as the end of the text does; [`fault`](Self::fault) tells which it was.
#[derive(Debug, Clone)]
pub(crate) struct Base64<I> {
    chars: I,
    spelling: Spelling,
    /// The decoded bytes that are not yet taken, left-aligned.
    word: u32,
    /// How many bytes of `word` are left: 0 to 3.
    left: u8,
    /// The alphabet marks met so far.
    marks: u8,
    /// The text is over: its last, possibly short, group has been decoded.
    over: bool,
    fault: Option<Fault>,
    /// Bytes decoded so far, those in `word` included.
    decoded: usize,
}

impl<I: Iterator<Item = u8>> Base64<I> {
    pub(crate) fn new(chars: I, spelling: Spelling) -> Self {
        Self {
            chars,
            spelling,
            word: 0,
            left: 0,
            // The other alphabet's mark from the start makes every character of this one a mixture.
            marks: match spelling {
                Spelling::Either => 0,
                Spelling::Rfc7515 => URL_SAFE,
                Spelling::Certificate => STANDARD,
            },
            over: false,
            fault: None,
            decoded: 0,
        }
    }

    /// The next byte without taking it; 0 at the end, where [`at_end`](Self::at_end) tells it from a real NUL.
    #[inline]
    pub(crate) fn peek(&mut self) -> u8 {
        if self.left == 0 {
            self.refill();
        }
        self.word.to_be_bytes()[0]
    }

    /// Takes the byte that [`peek`](Self::peek) showed.
    #[inline]
    pub(crate) fn bump(&mut self) {
        self.word <<= 8;
        self.left = self.left.saturating_sub(1);
    }

    /// Whether all bytes have been taken, or a fault has ended them.
    pub(crate) fn at_end(&mut self) -> bool {
        if self.left == 0 {
            self.refill();
        }
        self.left == 0
    }

    /// What was wrong with the text, once its end has been reached.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// How many bytes have been taken.
    pub(crate) fn position(&self) -> usize {
        self.decoded - usize::from(self.left)
    }

    /// Decodes the next four characters.
    fn refill(&mut self) {
        if self.over {
            return;
        }
        let mut word = 0;
        let mut marks = self.marks;
        let mut count = 0;
        while count < 4 {
            let Some(byte) = self.chars.next() else { break };
            if byte == b'=' {
                return self.padded_end(word, marks, count);
            }
            let value = VALUES[usize::from(byte)];
            marks |= value;
            word = (word << 6) | u32::from(value & 0x3f);
            count += 1;
        }
        if marks & BAD == BAD {
            return self.fail(Fault::Base64Alphabet);
        }
        self.marks = marks;
        if count == 4 {
            self.word = word << 8;
            self.left = 3;
            self.decoded += 3;
        } else if count == 0 {
            // The end, unless there was nothing at all: an empty text is no base64 of anything here (§1).
            self.over = true;
            if self.decoded == 0 {
                self.fail(Fault::EmptySegment);
            }
        } else if self.spelling == Spelling::Certificate {
            self.fail(Fault::Base64Padding);
        } else {
            self.short_end(word, count);
        }
    }

    /// The end of a padded text, at the first `=`, which followed `count` characters of the last group.
    fn padded_end(&mut self, word: u32, marks: u8, count: u8) {
        let missing = 4 - count;
        let mut signs = 1;
        for byte in self.chars.by_ref().take(2) {
            signs = if byte == b'=' { signs + 1 } else { u8::MAX };
            if signs == u8::MAX {
                break;
            }
        }
        if marks & BAD == BAD {
            self.fail(Fault::Base64Alphabet);
        } else if signs != missing || missing > 2 || self.spelling == Spelling::Rfc7515 {
            self.fail(Fault::Base64Padding);
        } else {
            self.marks = marks;
            self.short_end(word, count);
        }
    }

    /// The last group, of two or three characters: one or two bytes, and unused bits that must be zero (RFC 4648 §3.5).
    fn short_end(&mut self, word: u32, count: u8) {
        self.over = true;
        match count {
            2 if word & 0xf == 0 => {
                self.word = word << 20;
                self.left = 1;
            }
            3 if word & 0x3 == 0 => {
                self.word = word << 14;
                self.left = 2;
            }
            2 | 3 => return self.fail(Fault::Base64TrailingBits),
            _ => return self.fail(Fault::Base64Length),
        }
        self.decoded += usize::from(self.left);
    }

    fn fail(&mut self, fault: Fault) {
        self.fault = Some(fault);
        self.over = true;
        self.left = 0;
        self.word = 0;
    }
}

impl<I: Iterator<Item = u8>> Iterator for Base64<I> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        if self.at_end() {
            return None;
        }
        let byte = self.peek();
        self.bump();
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn decode(text: &str, spelling: Spelling) -> Result<Vec<u8>, Fault> {
        let mut cursor = Base64::new(text.bytes(), spelling);
        let bytes: Vec<u8> = cursor.by_ref().collect();
        cursor.fault().map_or(Ok(bytes), Err)
    }

    #[track_caller]
    fn check(text: &str, either: Result<&[u8], Fault>) {
        assert_eq!(decode(text, Spelling::Either), either.map(<[u8]>::to_vec), "{text}");
    }

    #[test]
    fn rfc_4648_section_10_with_and_without_padding() {
        for (text, bytes) in
            [("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmFy", "foobar")]
        {
            check(text, Ok(bytes.as_bytes()));
            check(text.trim_end_matches('='), Ok(bytes.as_bytes()));
        }
    }

    #[test]
    fn either_alphabet_but_not_both() {
        check("+/+/", Ok(&[0xfb, 0xff, 0xbf]));
        check("-_-_", Ok(&[0xfb, 0xff, 0xbf]));
        check("+_+_", Err(Fault::Base64Alphabet));
        check("+AAAAAA-", Err(Fault::Base64Alphabet));
        check("+AAA-w==", Err(Fault::Base64Alphabet));
        assert_eq!(decode("+/+/", Spelling::Rfc7515), Err(Fault::Base64Alphabet));
        assert_eq!(decode("-_-_", Spelling::Certificate), Err(Fault::Base64Alphabet));
    }

    #[test]
    fn padding_is_absent_or_exact() {
        for text in
            ["Zg=", "Zm8==", "Zm9v=", "Zm9v====", "Z===", "=", "====", "Zg==Zg==", "Zg==A", "Zm8=A", "Zg=A", "Zg==="]
        {
            check(text, Err(Fault::Base64Padding));
        }
        assert_eq!(decode("Zg==", Spelling::Rfc7515), Err(Fault::Base64Padding));
        assert_eq!(decode("Zg", Spelling::Certificate), Err(Fault::Base64Padding));
        assert_eq!(decode("Zg==", Spelling::Certificate), Ok(Vec::from(*b"f")));
        assert_eq!(decode("Zg", Spelling::Rfc7515), Ok(Vec::from(*b"f")));
    }

    #[test]
    fn unused_bits_are_zero_and_lengths_possible() {
        check("Zh", Err(Fault::Base64TrailingBits));
        check("Zh==", Err(Fault::Base64TrailingBits));
        check("Zm9", Err(Fault::Base64TrailingBits));
        check("Zm9=", Err(Fault::Base64TrailingBits));
        check("Zm9vY", Err(Fault::Base64Length));
        check("", Err(Fault::EmptySegment));
        for text in ["Zm 9v", "Zm9v\n", "Zm9\0", "Zm9\u{80}", "Zm.v"] {
            check(text, Err(Fault::Base64Alphabet));
        }
    }

    #[test]
    fn positions_count_taken_bytes() {
        let mut cursor = Base64::new(b"Zm9vYg".iter().copied(), Spelling::Either);
        for taken in 0..4 {
            assert_eq!(cursor.position(), taken);
            assert_eq!(cursor.peek(), b"foob"[taken]);
            cursor.bump();
        }
        assert!(cursor.at_end());
        assert_eq!(cursor.position(), 4);
        assert_eq!(cursor.peek(), 0);
    }
}
