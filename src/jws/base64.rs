//! Base64 (RFC 4648): checked once, then decoded without a way to fail.
//!
//! The characters are public (the cloud carries them), so decoding is by table and may branch on them. Only the
//! signature verification is constant time (§9).

use core::cell::Cell;

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

/// The six-bit values alone, of characters that have been checked.
static SIX_BITS: [u8; 256] = {
    let mut table = VALUES;
    let mut byte = 0;
    while byte < 256 {
        table[byte] &= 0x3f;
        byte += 1;
    }
    table
};

/// The three bytes of four characters.
#[inline]
fn decode([a, b, c, d]: [u8; 4]) -> [u8; 3] {
    let bits = |byte| u32::from(SIX_BITS[usize::from(byte)]);
    let [_, bytes @ ..] = ((bits(a) << 18) | (bits(b) << 12) | (bits(c) << 6) | bits(d)).to_be_bytes();
    bytes
}

/// Checks a text that may come in pieces.
#[derive(Debug)]
pub(crate) struct Check {
    spelling: Spelling,
    /// The alphabet marks met so far.
    marks: u8,
    /// The last character.
    last: u8,
    /// How many characters there were, padding apart.
    count: usize,
    padding: usize,
}

impl Check {
    pub(crate) fn new(spelling: Spelling) -> Self {
        // The other alphabet's mark from the start makes every character of this one a mixture.
        let marks = match spelling {
            Spelling::Either => 0,
            Spelling::Rfc7515 => URL_SAFE,
            Spelling::Certificate => STANDARD,
        };
        Self { spelling, marks, last: 0, count: 0, padding: 0 }
    }

    pub(crate) fn push(&mut self, piece: &[u8]) {
        let signs = piece.iter().rev().take_while(|byte| **byte == b'=').count();
        let characters = piece.get(..piece.len() - signs).unwrap_or_default();
        if self.padding > 0 && !characters.is_empty() {
            self.marks |= BAD;
        }
        // A `=` among the characters is none of them.
        self.marks = characters.iter().fold(self.marks, |marks, byte| marks | VALUES[usize::from(*byte)]);
        self.last = characters.last().copied().unwrap_or(self.last);
        self.count += characters.len();
        self.padding += signs;
    }

    /// The number of decoded bytes.
    pub(crate) fn finish(self) -> Result<usize, Fault> {
        let rest = self.count % 4;
        let last = VALUES[usize::from(self.last)];
        let padding_fits = match self.spelling {
            Spelling::Either => self.padding == 0 || self.padding == (4 - rest) % 4,
            Spelling::Rfc7515 => self.padding == 0,
            Spelling::Certificate => self.padding == (4 - rest) % 4,
        };
        if self.marks & BAD == BAD {
            Err(Fault::Base64Alphabet)
        } else if self.count == 0 {
            Err(Fault::EmptySegment)
        } else if rest == 1 {
            Err(Fault::Base64Length)
        } else if !padding_fits {
            Err(Fault::Base64Padding)
        } else if (rest == 2 && last & 0xf != 0) || (rest == 3 && last & 0x3 != 0) {
            Err(Fault::Base64TrailingBits)
        } else {
            Ok(self.count / 4 * 3 + rest.saturating_sub(1))
        }
    }
}

/// A text that has been checked; its padding is cut off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoded<'a> {
    characters: &'a [u8],
}

impl<'a> Encoded<'a> {
    pub(crate) fn check(text: &'a [u8], spelling: Spelling) -> Result<Self, Fault> {
        let mut check = Check::new(spelling);
        check.push(text);
        let characters = text.get(..check.count).unwrap_or_default();
        check.finish().map(|_| Self { characters })
    }

    /// The decoded bytes.
    pub(crate) fn bytes(self) -> Bytes<'a> {
        Bytes { rest: self.characters, window: [0; ROOM + SLACK], next: 0, end: 0, decoded: 0 }
    }

    /// What is left of the text behind so many decoded bytes, and how many bytes of that belong to what is before:
    /// four characters make three bytes, so that a place is found without decoding.
    pub(crate) fn behind(self, offset: usize) -> (Self, usize) {
        let characters = self.characters.get(offset / 3 * 4..).unwrap_or_default();
        (Self { characters }, offset % 3)
    }
}

/// Room for decoded bytes and a NUL behind them: a power of two, so that a place in it needs no check but a mask.
const ROOM: usize = 128;

/// How many bytes can be looked at from any place in the window on, whatever they are.
const SLACK: usize = 16;

/// Decodes a checked text from its beginning, a window at a time.
#[derive(Debug)]
pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
    /// NUL behind the bytes: no text here goes on behind a NUL, so that looking for the end can wait until one is met.
    window: [u8; ROOM + SLACK],
    /// The next byte in the window.
    next: usize,
    /// The end of the bytes in the window.
    end: usize,
    /// All bytes that have been in the window.
    decoded: usize,
}

impl Bytes<'_> {
    /// The next byte without taking it; 0 at the end, where [`at_end`](Self::at_end) tells it from a real NUL.
    #[inline]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.window[self.next % ROOM] {
            0 => self.peek_slowly(),
            byte => byte,
        }
    }

    #[cold]
    fn peek_slowly(&mut self) -> u8 {
        if self.next == self.end {
            self.refill();
        }
        self.window[self.next % ROOM]
    }

    /// Takes the byte that [`peek`](Self::peek) showed; nothing at the end.
    #[inline]
    pub(crate) fn bump(&mut self) {
        self.next += usize::from(self.next < self.end);
    }

    /// Takes the bytes at hand for as long as they are of a kind, which NUL must not be. There may be more of the kind
    /// behind them.
    #[inline]
    pub(crate) fn take_while(&mut self, mut of_kind: impl FnMut(u8) -> bool) -> &[u8] {
        self.peek();
        let first = self.next;
        // It ends at the NUL behind the bytes.
        while of_kind(self.window[self.next % ROOM]) {
            self.next += 1;
        }
        self.window.get(first..self.next).unwrap_or_default()
    }

    /// Takes the bytes of a kind, which NUL must not be, and the byte behind them, if that is `last` and the window has
    /// room for them all: how many are of the kind. Else nothing is taken.
    #[inline]
    pub(crate) fn take_through(&mut self, mut of_kind: impl FnMut(u8) -> bool, last: u8) -> Option<usize> {
        let mut len = 0;
        loop {
            let byte = self.window[(self.next + len) % ROOM];
            if of_kind(byte) {
                len += 1;
            } else if byte == last {
                self.next += len + 1;
                return Some(len);
            } else if byte != 0 || self.next + len != self.end || !self.refill() {
                return None;
            }
        }
    }

    /// Of the bytes that [`take_through`](Self::take_through) has just taken, those of the kind.
    #[inline]
    pub(crate) fn taken(&mut self, len: usize) -> &mut [u8] {
        let last = self.next.wrapping_sub(1);
        self.window.get_mut(last.wrapping_sub(len)..last).unwrap_or_default()
    }

    /// The first of them, and whatever there is behind.
    #[inline]
    pub(crate) fn taken_chunk<const N: usize>(&self, len: usize) -> [u8; N] {
        const { assert!(N <= SLACK) };
        let first = self.next.wrapping_sub(len + 1) % ROOM;
        self.window[first..].first_chunk().copied().unwrap_or([0; N])
    }

    /// Whether all bytes have been taken.
    pub(crate) fn at_end(&mut self) -> bool {
        self.peek_slowly();
        self.next == self.end
    }

    /// How many bytes have been taken.
    pub(crate) fn position(&self) -> usize {
        self.decoded - (self.end - self.next)
    }

    /// Decodes to behind the bytes at hand, which move to the front of the window: whether there are more now.
    #[inline(never)]
    fn refill(&mut self) -> bool {
        let kept = self.end - self.next;
        for place in 0..kept {
            self.window[place % ROOM] = self.window[(self.next + place) % ROOM];
        }
        let (quads, short) = self.rest.as_chunks::<4>();
        let room = self.window.get_mut(kept..ROOM - 1).unwrap_or_default();
        let mut more = 0;
        for (place, quad) in room.as_chunks_mut::<3>().0.iter_mut().zip(quads) {
            *place = decode(*quad);
            more += 3;
        }
        self.rest = self.rest.get(more / 3 * 4..).unwrap_or_default();
        if quads.is_empty()
            && let Some(room) = room.first_chunk_mut()
        {
            // The last two or three characters: one or two bytes.
            self.rest = &[];
            let (quad, len) = match *short {
                [a, b] => ([a, b, b'A', b'A'], 1),
                [a, b, c] => ([a, b, c, b'A'], 2),
                _ => ([b'A'; 4], 0),
            };
            let [first, second, _] = decode(quad);
            *room = [first, second];
            more = len;
        }
        (self.next, self.end) = (0, kept + more);
        self.window[self.end % ROOM] = 0;
        self.decoded += more;
        more > 0
    }
}

/// Decodes a text that fills a buffer into the beginning of the same buffer.
pub(crate) fn decode_in_place(buffer: &mut [u8], spelling: Spelling) -> Result<&[u8], Fault> {
    let mut check = Check::new(spelling);
    check.push(buffer);
    let len = check.finish()?;
    let cells = Cell::from_mut(&mut *buffer).as_slice_of_cells();
    // Three bytes lie before the characters of the next four.
    for (place, quad) in cells.as_chunks::<3>().0.iter().zip(cells.as_chunks::<4>().0).take(len / 3) {
        for (place, byte) in place.iter().zip(decode(quad.each_ref().map(Cell::get))) {
            place.set(byte);
        }
    }
    // What is missing of a last group that makes fewer than three bytes, and padding, stands for zero bits.
    let group = len / 3;
    let mut quad = [b'A'; 4];
    for (place, cell) in quad.iter_mut().zip(cells.iter().skip(group * 4)).filter(|(_, cell)| cell.get() != b'=') {
        *place = cell.get();
    }
    for (place, byte) in cells.iter().take(len).skip(group * 3).zip(decode(quad)) {
        place.set(byte);
    }
    Ok(buffer.get(..len).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    /// Decodes in all three ways, which must agree.
    fn decoded(text: &str, spelling: Spelling) -> Result<Vec<u8>, Fault> {
        let mut buffer = text.as_bytes().to_vec();
        let in_place = decode_in_place(&mut buffer, spelling).map(<[u8]>::to_vec);
        let by_window = Encoded::check(text.as_bytes(), spelling).map(|encoded| {
            let mut bytes = encoded.bytes();
            let mut taken = Vec::new();
            while !bytes.at_end() {
                assert_eq!(bytes.position(), taken.len());
                taken.push(bytes.peek());
                bytes.bump();
            }
            assert_eq!((bytes.position(), bytes.peek()), (taken.len(), 0));
            taken
        });
        assert_eq!(in_place, by_window, "{text}");
        for cut in 0..=text.len() {
            let mut check = Check::new(spelling);
            check.push(&text.as_bytes()[..cut]);
            check.push(&text.as_bytes()[cut..]);
            assert_eq!(check.finish(), in_place.as_ref().map(Vec::len).map_err(|fault| *fault), "{text} at {cut}");
        }
        in_place
    }

    #[track_caller]
    fn check(text: &str, either: Result<&[u8], Fault>) {
        assert_eq!(decoded(text, Spelling::Either), either.map(<[u8]>::to_vec), "{text}");
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
        assert_eq!(decoded("+/+/", Spelling::Rfc7515), Err(Fault::Base64Alphabet));
        assert_eq!(decoded("-_-_", Spelling::Certificate), Err(Fault::Base64Alphabet));
    }

    #[test]
    fn padding_is_absent_or_exact() {
        for text in ["Zg=", "Zm8==", "Zm9v=", "Zm9v====", "Zg==="] {
            check(text, Err(Fault::Base64Padding));
        }
        for text in ["Zg==Zg==", "Zg==A", "Zm8=A", "Zg=A", "=Zg=", "Zg=="] {
            let expected = if text == "Zg==" { Ok(&b"f"[..]) } else { Err(Fault::Base64Alphabet) };
            check(text, expected);
        }
        assert_eq!(decoded("Zg==", Spelling::Rfc7515), Err(Fault::Base64Padding));
        assert_eq!(decoded("Zg", Spelling::Certificate), Err(Fault::Base64Padding));
        assert_eq!(decoded("Zm9vZg", Spelling::Certificate), Err(Fault::Base64Padding));
        assert_eq!(decoded("Zg==", Spelling::Certificate), Ok(Vec::from(*b"f")));
        assert_eq!(decoded("Zm9v", Spelling::Certificate), Ok(Vec::from(*b"foo")));
        assert_eq!(decoded("Zg", Spelling::Rfc7515), Ok(Vec::from(*b"f")));
    }

    #[test]
    fn unused_bits_are_zero_and_lengths_possible() {
        check("Zh", Err(Fault::Base64TrailingBits));
        check("Zh==", Err(Fault::Base64TrailingBits));
        check("Zm9", Err(Fault::Base64TrailingBits));
        check("Zm9=", Err(Fault::Base64TrailingBits));
        check("Zm9vY", Err(Fault::Base64Length));
        check("Z===", Err(Fault::Base64Length));
        check("", Err(Fault::EmptySegment));
        check("=", Err(Fault::EmptySegment));
        check("====", Err(Fault::EmptySegment));
        for text in ["Zm 9v", "Zm9v\n", "Zm9\0", "Zm9\u{80}", "Zm.v"] {
            check(text, Err(Fault::Base64Alphabet));
        }
    }

    #[test]
    fn every_length_around_the_window() {
        use base64ct::{Base64, Base64UrlUnpadded, Encoding};
        let all: Vec<u8> = (0..=255).cycle().take(3 * ROOM + 7).map(|byte: u8| byte.wrapping_mul(73)).collect();
        for len in 1..all.len() {
            let bytes = &all[..len];
            assert_eq!(decoded(&Base64::encode_string(bytes), Spelling::Either), Ok(bytes.to_vec()));
            let text = Base64UrlUnpadded::encode_string(bytes);
            assert_eq!(decoded(&text, Spelling::Rfc7515), Ok(bytes.to_vec()));
            for (offset, expected) in bytes.iter().enumerate() {
                let (behind, skip) = Encoded::check(text.as_bytes(), Spelling::Either).unwrap().behind(offset);
                let mut rest = behind.bytes();
                for _ in 0..skip {
                    rest.peek();
                    rest.bump();
                }
                assert_eq!(rest.peek(), *expected);
            }
        }
    }
}
