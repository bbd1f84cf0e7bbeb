//! Builder of compact JWS: any bytes in any spelling, signed as sent.

use crate::b64::{self, Spelling};
use crate::keys::Key;
use crate::text::Obj;
use crate::world::{admin_key, claims, header};

/// A token that is still to be encoded and signed.
pub(crate) struct Token {
    header: Vec<u8>,
    payload: Vec<u8>,
    spelling: [Spelling; 3],
    key: Key,
}

impl Token {
    /// From raw bytes of the two JSON texts; base64url, signed by the default ADMIN.
    pub(crate) fn raw(header: impl Into<Vec<u8>>, payload: impl Into<Vec<u8>>) -> Self {
        Self { header: header.into(), payload: payload.into(), spelling: [Spelling::Url; 3], key: admin_key() }
    }

    /// With the default header.
    pub(crate) fn claims(claims: &Obj) -> Self {
        Self::raw(header().render(), claims.render())
    }

    /// With the default claims.
    pub(crate) fn header(header: &Obj) -> Self {
        Self::raw(header.render(), claims().render())
    }

    /// With the default header and raw bytes as claims.
    pub(crate) fn payload(payload: impl Into<Vec<u8>>) -> Self {
        Self::raw(header().render(), payload)
    }

    /// The token that is right in every respect.
    pub(crate) fn good() -> Self {
        Self::claims(&claims())
    }

    /// With all three segments in one spelling.
    pub(crate) fn spelled(self, all: Spelling) -> Self {
        self.spelled3([all; 3])
    }

    /// With a spelling for each segment.
    pub(crate) fn spelled3(mut self, each: [Spelling; 3]) -> Self {
        self.spelling = each;
        self
    }

    /// Signed by somebody else.
    pub(crate) fn by(mut self, key: Key) -> Self {
        self.key = key;
        self
    }

    /// The bytes that are signed.
    pub(crate) fn signing_input(&self) -> Vec<u8> {
        let [h, p, _] = self.spelling;
        format!("{}.{}", h.encode(&self.header), p.encode(&self.payload)).into_bytes()
    }

    /// The right signature.
    pub(crate) fn signature(&self) -> [u8; 64] {
        self.key.sign(&self.signing_input())
    }

    /// The whole token with any bytes as its signature.
    pub(crate) fn jws_with(&self, signature: &[u8]) -> Vec<u8> {
        self.jws_with_text(&self.spelling[2].encode(signature))
    }

    /// The whole token with any text as its signature segment.
    pub(crate) fn jws_with_text(&self, segment: &str) -> Vec<u8> {
        let mut out = self.signing_input();
        out.push(b'.');
        out.extend_from_slice(segment.as_bytes());
        out
    }

    /// The whole token.
    pub(crate) fn jws(&self) -> Vec<u8> {
        self.jws_with(&self.signature())
    }
}

/// Signs two segments exactly as they are, so that nothing but their text can be at fault.
pub(crate) fn sealed(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = [header.as_ref(), payload.as_ref()].join(&b'.');
    let signature = b64::url(&admin_key().sign(&out));
    out.push(b'.');
    out.extend_from_slice(signature.as_bytes());
    out
}
