//! The three segments and what was signed (§1; RFC 7515 §7.1).

use super::base64::{Encoded, Spelling};
use crate::error::{Fault, Malformed, Part};
use crate::signature::Signature;

/// The segments of a compact JWS, still encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compact<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) signature: &'a [u8],
    /// Header, dot and payload, as sent: what the signature is of (RFC 7515 §5.2).
    pub(crate) signing_input: &'a [u8],
}

impl<'a> Compact<'a> {
    /// Splits at the first dot and at the last. A dot between them is found when the payload's encoding is checked.
    pub(crate) fn split(input: &'a [u8]) -> Result<Self, Malformed> {
        let fault = Malformed { part: Part::Input, fault: Fault::SegmentCount, offset: input.len() };
        let is_dot = |byte: &u8| *byte == b'.';
        let first = input.iter().position(is_dot).ok_or(fault)?;
        let last = input.iter().rposition(is_dot).ok_or(fault)?;
        let (signing_input, signature) = input.split_at(last);
        let (header, payload) = signing_input.split_at_checked(first + 1).ok_or(fault)?;
        let (Some(header), Some(signature)) = (header.get(..first), signature.get(1..)) else {
            return Err(fault);
        };
        Ok(Self { header, payload, signature, signing_input })
    }

    /// Decodes the third segment.
    ///
    /// One that is not 64 bytes long is a wrong signature (§11), not a malformed JWS: it is remembered as such.
    pub(crate) fn signature(&self, spelling: Spelling) -> Result<Signature, Malformed> {
        let mut bytes = check(Part::Signature, self.signature, spelling)?.bytes();
        let mut signature = [0; 64];
        for place in &mut signature {
            *place = bytes.peek();
            bytes.bump();
        }
        let right_length = bytes.position() == signature.len() && bytes.at_end();
        Ok(Signature { bytes: signature, right_length: u8::from(right_length).into() })
    }
}

/// Checks the encoding of a segment.
pub(crate) fn check(part: Part, segment: &[u8], spelling: Spelling) -> Result<Encoded<'_>, Malformed> {
    Encoded::check(segment, spelling).map_err(|fault| match fault {
        _ if segment.contains(&b'.') => {
            Malformed { part: Part::Input, fault: Fault::SegmentCount, offset: segment.len() }
        }
        fault => Malformed { part, fault, offset: segment.len() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_two_dots() {
        let compact = Compact::split(b"aa.b.c").unwrap();
        assert_eq!((compact.header, compact.payload, compact.signature), (&b"aa"[..], &b"b"[..], &b"c"[..]));
        assert_eq!(compact.signing_input, b"aa.b");
        assert_eq!(Compact::split(b"..").unwrap().signing_input, b".");
        for input in [&b""[..], b"a", b"a.b", b"."] {
            assert_eq!(Compact::split(input).unwrap_err().fault, Fault::SegmentCount);
        }
        for input in [&b"a.b.c.d"[..], b"...", b"AAAA.AAAA.AAAA.AAAA", b"a.b.c.d.e"] {
            let payload = Compact::split(input).unwrap().payload;
            let error = check(Part::Payload, payload, Spelling::Either).unwrap_err();
            assert_eq!((error.part, error.fault), (Part::Input, Fault::SegmentCount));
        }
    }

    #[test]
    fn signatures_of_other_lengths_are_remembered_as_wrong() {
        for (encoded, right) in [(84, false), (86, true), (87, false), (88, false), (3, false)] {
            let segment = [b'A'; 88];
            let compact = Compact { header: b"", payload: b"", signature: &segment[..encoded], signing_input: b"" };
            let signature = compact.signature(Spelling::Either).unwrap();
            assert_eq!(bool::from(signature.right_length), right, "{encoded}");
        }
    }

    #[test]
    fn the_whole_signature_segment_is_checked() {
        let mut segment = [b'A'; 200];
        segment[199] = b'*';
        let compact = Compact { header: b"", payload: b"", signature: &segment, signing_input: b"" };
        assert_eq!(compact.signature(Spelling::Either).unwrap_err().fault, Fault::Base64Alphabet);
    }
}
