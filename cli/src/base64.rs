//! The two spellings of base64 for writing, and a forgiving reader that shows what a broken text holds.
//!
//! The forgiving reader decides nothing: what is accepted is the library's business.

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};

use crate::args::Encoding;

pub(crate) fn encode(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Base64url => Base64UrlUnpadded::encode_string(bytes),
        Encoding::Base64 => Base64::encode_string(bytes),
    }
}

/// Which characters for 62 and 63 a text uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// Neither occurs.
    Either,
    UrlSafe,
    Standard,
    Mixed,
}

impl Alphabet {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Either => "either",
            Self::UrlSafe => "base64url",
            Self::Standard => "base64",
            Self::Mixed => "mixed",
        }
    }
}

/// What a text has of padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Padding {
    /// Its length needs none, and it has none.
    NotNeeded,
    Absent,
    Exact,
    Wrong,
}

impl Padding {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NotNeeded => "not needed",
            Self::Absent => "absent",
            Self::Exact => "exact",
            Self::Wrong => "wrong",
        }
    }
}

/// What could be read of a base64 text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) alphabet: Alphabet,
    pub(crate) padding: Padding,
    /// Where the first character stands that is not base64; reading ended there.
    pub(crate) stopped: Option<usize>,
}

/// Decodes as much as there is, in either alphabet.
pub(crate) fn decode_forgiving(text: &[u8]) -> Decoded {
    let body_len = text.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let body = &text[..body_len];
    let (mut standard, mut url_safe, mut stopped) = (false, false, None);
    let (mut word, mut bits) = (0_u32, 0_u32);
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 2);
    for (place, character) in body.iter().enumerate() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => {
                stopped = Some(place);
                break;
            }
        };
        standard |= matches!(character, b'+' | b'/');
        url_safe |= matches!(character, b'-' | b'_');
        word = (word << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits).to_le_bytes()[0]);
        }
    }
    let alphabet = match (standard, url_safe) {
        (false, false) => Alphabet::Either,
        (true, false) => Alphabet::Standard,
        (false, true) => Alphabet::UrlSafe,
        (true, true) => Alphabet::Mixed,
    };
    let padding = match (text.len() - body_len, body_len % 4) {
        (0, 0) => Padding::NotNeeded,
        (0, 2 | 3) => Padding::Absent,
        (2, 2) | (1, 3) => Padding::Exact,
        _ => Padding::Wrong,
    };
    Decoded { bytes, alphabet, padding, stopped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_come_back() {
        for len in 0..40_u8 {
            let bytes: Vec<u8> = (0..len).map(|byte| byte.wrapping_mul(83) | 0x83).collect();
            for encoding in [Encoding::Base64url, Encoding::Base64] {
                let decoded = decode_forgiving(encode(&bytes, encoding).as_bytes());
                assert_eq!((decoded.bytes, decoded.stopped), (bytes.clone(), None));
            }
        }
    }

    #[test]
    fn spellings_are_told_apart() {
        for (text, alphabet, padding) in [
            ("", Alphabet::Either, Padding::NotNeeded),
            ("Zm9v", Alphabet::Either, Padding::NotNeeded),
            ("Zg", Alphabet::Either, Padding::Absent),
            ("Zg==", Alphabet::Either, Padding::Exact),
            ("Zg=", Alphabet::Either, Padding::Wrong),
            ("Zm9v=", Alphabet::Either, Padding::Wrong),
            ("Zm9vY", Alphabet::Either, Padding::Wrong),
            ("+A==", Alphabet::Standard, Padding::Exact),
            ("_A", Alphabet::UrlSafe, Padding::Absent),
            ("+_", Alphabet::Mixed, Padding::Absent),
        ] {
            let decoded = decode_forgiving(text.as_bytes());
            assert_eq!((decoded.alphabet, decoded.padding), (alphabet, padding), "{text}");
        }
    }

    #[test]
    fn reading_ends_at_the_first_stranger() {
        let decoded = decode_forgiving(b"Zm9v\nYmFy");
        assert_eq!((&decoded.bytes[..], decoded.stopped), (&b"foo"[..], Some(4)));
    }
}
