//! Strings: escapes and UTF-8 (RFC 8259 §7 and §8.1).

use core::iter::Copied;
use core::slice::Iter;

use crate::error::Fault;
use crate::jws::base64::Base64;

/// The unescaped bytes of a string, as UTF-8.
///
/// A fault ends the bytes; [`finish`](Self::finish) reads what is left and tells whether the string was good.
#[derive(Debug)]
pub(crate) struct StringBytes<'r, 'a> {
    bytes: &'r mut Base64<Copied<Iter<'a, u8>>>,
    /// The rest of a character of several bytes, left-aligned; no such byte is 0.
    queue: u32,
    outcome: Option<Result<(), Fault>>,
}

impl<'r, 'a> StringBytes<'r, 'a> {
    /// Reads behind the opening quotation mark.
    pub(super) fn new(bytes: &'r mut Base64<Copied<Iter<'a, u8>>>) -> Self {
        Self { bytes, queue: 0, outcome: None }
    }

    /// Reads to the closing quotation mark.
    pub(crate) fn finish(mut self) -> Result<(), Fault> {
        while self.next().is_some() {}
        self.outcome.unwrap_or(Err(Fault::Syntax))
    }

    /// What is behind a backslash.
    fn escape(&mut self) -> Result<u8, Fault> {
        let byte = self.take();
        Ok(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let character = self.escaped_character()?;
                let mut utf8 = [0; 4];
                character.encode_utf8(&mut utf8);
                self.queue = u32::from_be_bytes(utf8) << 8;
                let [first, ..] = utf8;
                first
            }
            _ => return Err(Fault::Escape),
        })
    }

    /// `\uXXXX`, or two of them that are a surrogate pair.
    fn escaped_character(&mut self) -> Result<char, Fault> {
        let mut code = self.hex4()?;
        if (0xd800..0xdc00).contains(&code) {
            if self.take() != b'\\' || self.take() != b'u' {
                return Err(Fault::Escape);
            }
            let low = self.hex4()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(Fault::Escape);
            }
            code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        // A lone low surrogate is no character.
        char::from_u32(code).ok_or(Fault::Escape)
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.take()).to_digit(16).ok_or(Fault::Escape)?;
            code = (code << 4) | digit;
        }
        Ok(code)
    }

    /// The rest of a character that begins with `lead`: exactly the well-formed sequences of RFC 3629 §4.
    fn utf8(&mut self, lead: u8) -> Result<u8, Fault> {
        let (more, second) = match lead {
            0xc2..=0xdf => (1, 0x80..=0xbf),
            0xe0 => (2, 0xa0..=0xbf),
            0xed => (2, 0x80..=0x9f),
            0xe1..=0xef => (2, 0x80..=0xbf),
            0xf0 => (3, 0x90..=0xbf),
            0xf1..=0xf3 => (3, 0x80..=0xbf),
            0xf4 => (3, 0x80..=0x8f),
            _ => return Err(Fault::Utf8),
        };
        let mut range = second;
        for place in 0..more {
            let byte = self.take();
            if !range.contains(&byte) {
                return Err(Fault::Utf8);
            }
            self.queue |= u32::from(byte) << (24 - 8 * place);
            range = 0x80..=0xbf;
        }
        Ok(lead)
    }

    fn take(&mut self) -> u8 {
        let byte = self.bytes.peek();
        self.bytes.bump();
        byte
    }
}

impl Iterator for StringBytes<'_, '_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        if self.queue != 0 {
            let [byte, ..] = self.queue.to_be_bytes();
            self.queue <<= 8;
            return Some(byte);
        }
        if self.outcome.is_some() {
            return None;
        }
        let byte = self.bytes.peek();
        let read = match byte {
            b'"' => {
                self.bytes.bump();
                self.outcome = Some(Ok(()));
                return None;
            }
            b'\\' => {
                self.bytes.bump();
                self.escape()
            }
            0x20..=0x7f => {
                self.bytes.bump();
                return Some(byte);
            }
            0x80.. => {
                self.bytes.bump();
                self.utf8(byte)
            }
            0 if self.bytes.at_end() => Err(Fault::Syntax),
            _ => Err(Fault::ControlCharacter),
        };
        match read {
            Ok(byte) => Some(byte),
            Err(fault) => {
                self.queue = 0;
                self.outcome = Some(Err(fault));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::jws::base64::Spelling;
    use base64ct::{Base64Unpadded, Encoding};
    use std::vec::Vec;

    fn read(inside: &[u8]) -> Result<Vec<u8>, Fault> {
        let text = Base64Unpadded::encode_string(&[inside, b"\""].concat());
        let mut bytes = Base64::new(text.as_bytes().iter().copied(), Spelling::Either);
        let mut string = StringBytes::new(&mut bytes);
        let read: Vec<u8> = string.by_ref().collect();
        string.finish().map(|()| read)
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(read(br#"\"\\\/\b\f\n\r\t"#).unwrap(), b"\"\\/\x08\x0c\n\r\t");
        assert_eq!(read(br"\u0000a\u00e9\u20AC\ud83d\uDE00z").unwrap(), "\0aé€😀z".as_bytes());
        for bad in [&br"\a"[..], br"\u12", br"\u12g4", br"\U0061", br"\x61", br"\'", b"\\\n"] {
            assert_eq!(read(bad), Err(Fault::Escape));
        }
    }

    #[test]
    fn lone_surrogates_are_refused() {
        for bad in [&br"\ud83d"[..], br"\ude00", br"\ud83dx", br"\ud83d\n", br"\ud83d\u0061", br"\ud83d\ud83d\ude00"] {
            assert_eq!(read(bad), Err(Fault::Escape), "{}", std::string::String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn utf8_is_what_core_takes_for_utf8() {
        // Every two-byte start, followed by each kind of continuation.
        let tails: [&[u8]; 5] = [b"", b"\x80", b"\x80\x80", b"\xbf\xbf", b"\x80\x80\x80"];
        for first in 0x20..=0xff_u8 {
            for second in [0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff] {
                for tail in tails {
                    let inside = [&[first, second], tail].concat();
                    if inside.contains(&b'"') || inside.contains(&b'\\') {
                        continue;
                    }
                    assert_eq!(read(&inside).is_ok(), core::str::from_utf8(&inside).is_ok(), "{inside:x?}");
                }
            }
        }
    }

    #[test]
    fn control_characters_must_be_escaped() {
        for control in 0..0x20 {
            assert_eq!(read(&[b'a', control]), Err(Fault::ControlCharacter));
        }
        assert_eq!(read(b"\x7f").unwrap(), b"\x7f");
    }

    #[test]
    fn an_end_inside_the_string_is_no_string() {
        let mut bytes = Base64::new(b"YWFh".iter().copied(), Spelling::Either);
        assert_eq!(StringBytes::new(&mut bytes).finish(), Err(Fault::Syntax));
    }
}
