//! Base64 in the spellings of §1, by base64ct.

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};

/// One of the four spellings: how it is written, and how it is read.
#[derive(Clone, Copy)]
pub struct Spelling {
    /// Writes it.
    pub encode: fn(&[u8]) -> String,
    /// Reads it.
    pub decode: fn(&str) -> Result<Vec<u8>, base64ct::Error>,
}

/// Either alphabet, with or without padding.
pub const SPELLINGS: [Spelling; 4] = [
    Spelling { encode: Base64UrlUnpadded::encode_string, decode: Base64UrlUnpadded::decode_vec },
    Spelling { encode: Base64::encode_string, decode: Base64::decode_vec },
    Spelling { encode: Base64Unpadded::encode_string, decode: Base64Unpadded::decode_vec },
    Spelling { encode: Base64Url::encode_string, decode: Base64Url::decode_vec },
];

/// Reads a segment (§1), and says in which spelling it is written; `None` if it is none, or empty.
#[must_use]
pub fn read(text: &[u8]) -> Option<(Vec<u8>, Spelling)> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.is_empty())?;
    SPELLINGS.into_iter().find_map(|spelling| Some(((spelling.decode)(text).ok()?, spelling)))
}

/// Reads a segment (§1).
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    read(text).map(|(bytes, _)| bytes)
}

/// Reads a segment by the policy (§1).
#[must_use]
pub fn segment(text: &[u8], rfc7515_only: bool) -> Option<Vec<u8>> {
    let [url, ..] = SPELLINGS;
    if !rfc7515_only {
        return decode(text);
    }
    let text = std::str::from_utf8(text).ok().filter(|text| !text.is_empty())?;
    (url.decode)(text).ok()
}

/// Writes base64url without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
