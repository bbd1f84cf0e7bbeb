//! The four spellings of base64 that operation.md §1 allows.

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};

/// Alphabet and padding of one segment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// base64url without padding (RFC 7515).
    Url,
    /// base64url with padding.
    UrlPad,
    /// Standard alphabet without padding.
    Std,
    /// Standard alphabet with padding.
    StdPad,
}

impl Spelling {
    /// All four, for tables.
    pub(crate) const ALL: [Self; 4] = [Self::Url, Self::UrlPad, Self::Std, Self::StdPad];

    /// Part of an id.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::UrlPad => "url-padded",
            Self::Std => "std",
            Self::StdPad => "std-padded",
        }
    }

    /// Encodes `bytes` in this spelling.
    pub(crate) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Url => Base64UrlUnpadded::encode_string(bytes),
            Self::UrlPad => Base64Url::encode_string(bytes),
            Self::Std => Base64Unpadded::encode_string(bytes),
            Self::StdPad => Base64::encode_string(bytes),
        }
    }
}

/// base64url without padding.
pub(crate) fn url(bytes: &[u8]) -> String {
    Spelling::Url.encode(bytes)
}

/// Standard base64 with padding.
pub(crate) fn std(bytes: &[u8]) -> String {
    Spelling::StdPad.encode(bytes)
}

/// Decodes the text of a checked-in fixture.
pub(crate) fn fixture(text: &str) -> Vec<u8> {
    Base64::decode_vec(text.trim()).expect("fixtures are padded standard base64")
}

/// Adds `bits` to the unused bits of the last character, which base64 leaves zero.
pub(crate) fn with_trailing_bits(text: &str, bits: u8) -> String {
    const TABLE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let body = text.trim_end_matches('=');
    let last = *body.as_bytes().last().expect("not empty");
    let value = TABLE.iter().position(|c| *c == last).expect("no special last character");
    let changed = char::from(TABLE[value | usize::from(bits)]);
    format!("{}{changed}{}", &body[..body.len() - 1], &text[body.len()..])
}
