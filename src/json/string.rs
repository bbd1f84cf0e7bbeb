//! Strings: escapes and UTF-8 (RFC 8259 §7 and §8.1).

use crate::error::Fault;
use crate::jws::base64::Bytes;

/// The bytes of a string that stand for themselves and are a character each.
static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x20;
    while byte < 0x80 {
        table[byte] = byte != b'"' as usize && byte != b'\\' as usize;
        byte += 1;
    }
    table
};

/// Reads a string from behind its opening quotation mark to behind its closing one, if nothing in it is escaped, all of
/// it is ASCII and it is short, as most are: its length. Its bytes are those that have just been taken, and `each` has
/// seen them. Else nothing is read.
#[inline]
pub(super) fn read_plain(bytes: &mut Bytes<'_>, mut each: impl FnMut(u8)) -> Option<usize> {
    let plain = |byte| {
        let plain = PLAIN[usize::from(byte)];
        if plain {
            each(byte);
        }
        plain
    };
    bytes.take_through(plain, b'"')
}

/// Reads a string from behind its opening quotation mark to behind its closing one, and hands out its unescaped bytes
/// in pieces.
pub(super) fn read(bytes: &mut Bytes<'_>, mut piece: impl FnMut(&[u8])) -> Result<(), Fault> {
    loop {
        let run = bytes.take_while(|byte| PLAIN[usize::from(byte)]);
        if !run.is_empty() {
            piece(run);
        }
        match bytes.peek() {
            b'"' => {
                bytes.bump();
                return Ok(());
            }
            b'\\' => {
                bytes.bump();
                let mut utf8 = [0; 4];
                piece(escape(bytes)?.encode_utf8(&mut utf8).as_bytes());
            }
            0x80.. => {
                let (utf8, len) = multi_byte(bytes)?;
                piece(utf8.get(..len).unwrap_or_default());
            }
            // The window has ended in the middle of a run.
            0x20.. => {}
            0 if bytes.at_end() => return Err(Fault::Syntax),
            _ => return Err(Fault::ControlCharacter),
        }
    }
}

/// What is behind a backslash.
#[inline(never)]
fn escape(bytes: &mut Bytes<'_>) -> Result<char, Fault> {
    Ok(match take(bytes) {
        byte @ (b'"' | b'\\' | b'/') => char::from(byte),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let mut code = hex4(bytes)?;
            if (0xd800..0xdc00).contains(&code) {
                if take(bytes) != b'\\' || take(bytes) != b'u' {
                    return Err(Fault::Escape);
                }
                let low = hex4(bytes)?;
                if !(0xdc00..0xe000).contains(&low) {
                    return Err(Fault::Escape);
                }
                code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            }
            // A lone low surrogate is no character.
            char::from_u32(code).ok_or(Fault::Escape)?
        }
        _ => return Err(Fault::Escape),
    })
}

fn hex4(bytes: &mut Bytes<'_>) -> Result<u32, Fault> {
    let mut code = 0;
    for _ in 0..4 {
        let digit = char::from(take(bytes)).to_digit(16).ok_or(Fault::Escape)?;
        code = (code << 4) | digit;
    }
    Ok(code)
}

/// A character of several bytes: exactly the well-formed sequences of RFC 3629 §4.
#[inline(never)]
fn multi_byte(bytes: &mut Bytes<'_>) -> Result<([u8; 4], usize), Fault> {
    let lead = take(bytes);
    let (len, second) = match lead {
        0xc2..=0xdf => (2, 0x80..=0xbf),
        0xe0 => (3, 0xa0..=0xbf),
        0xed => (3, 0x80..=0x9f),
        0xe1..=0xef => (3, 0x80..=0xbf),
        0xf0 => (4, 0x90..=0xbf),
        0xf1..=0xf3 => (4, 0x80..=0xbf),
        0xf4 => (4, 0x80..=0x8f),
        _ => return Err(Fault::Utf8),
    };
    let mut utf8 = [lead, 0, 0, 0];
    let mut range = second;
    for place in utf8.iter_mut().take(len).skip(1) {
        *place = take(bytes);
        if !range.contains(place) {
            return Err(Fault::Utf8);
        }
        range = 0x80..=0xbf;
    }
    Ok((utf8, len))
}

fn take(bytes: &mut Bytes<'_>) -> u8 {
    let byte = bytes.peek();
    bytes.bump();
    byte
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::jws::base64::{Encoded, Spelling};
    use base64ct::{Base64Unpadded, Encoding};
    use std::vec;
    use std::vec::Vec;

    /// Reads a string with these bytes inside its quotation marks, wherever the windows of the decoder end in it.
    fn unescape(inside: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut outcome = None;
        for before in [0, 30, 119, 123, 124, 125, 126] {
            let text = [&vec![b'x'; before][..], inside, b"\""].concat();
            let text = Base64Unpadded::encode_string(&text);
            let mut unescaped = Vec::new();
            let mut bytes = Encoded::check(text.as_bytes(), Spelling::Either).unwrap().bytes();
            let read = read(&mut bytes, |piece| unescaped.extend_from_slice(piece)).map(|()| unescaped);
            let read = read.map(|unescaped| unescaped[before..].to_vec());
            assert_eq!(*outcome.get_or_insert(read.clone()), read, "{inside:x?} behind {before}");
        }
        outcome.unwrap()
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescape(br#"\"\\\/\b\f\n\r\t"#).unwrap(), b"\"\\/\x08\x0c\n\r\t");
        assert_eq!(unescape(br"\u0000a\u00e9\u20AC\ud83d\uDE00z").unwrap(), "\0aé€😀z".as_bytes());
        assert_eq!(unescape("é€😀\u{7f}".as_bytes()).unwrap(), "é€😀\u{7f}".as_bytes());
        for bad in [&br"\a"[..], br"\u12", br"\u12g4", br"\U0061", br"\x61", br"\'", b"\\\n"] {
            assert_eq!(unescape(bad), Err(Fault::Escape));
        }
    }

    #[test]
    fn lone_surrogates_are_refused() {
        for bad in [&br"\ud83d"[..], br"\ude00", br"\ud83dx", br"\ud83d\n", br"\ud83d\u0061", br"\ud83d\ud83d\ude00"] {
            assert_eq!(unescape(bad), Err(Fault::Escape), "{}", std::string::String::from_utf8_lossy(bad));
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
                    let expected = core::str::from_utf8(&inside).map(|text| text.as_bytes().to_vec());
                    assert_eq!(unescape(&inside).ok(), expected.ok(), "{inside:x?}");
                }
            }
        }
    }

    #[test]
    fn control_characters_must_be_escaped() {
        for control in 0..0x20 {
            assert_eq!(unescape(&[b'a', control]), Err(Fault::ControlCharacter));
        }
    }

    #[test]
    fn an_end_inside_the_string_is_no_string() {
        let mut bytes = Encoded::check(b"YWFh", Spelling::Either).unwrap().bytes();
        assert_eq!(read(&mut bytes, |_| {}), Err(Fault::Syntax));
    }
}
