//! What a JWS holds, whether or not it is in order: for showing and explaining, never for deciding.

use lockop::Part;

use crate::base64::{self, Decoded};
use crate::members::Members;

/// The parts between the dots, still encoded; three if all is well.
pub(crate) fn segments(jws: &[u8]) -> Vec<&[u8]> {
    jws.split(|byte| *byte == b'.').collect()
}

fn decoded(jws: &[u8], place: usize) -> Option<Decoded> {
    segments(jws).get(place).map(|segment| base64::decode_forgiving(segment))
}

/// What could be read of the part.
pub(crate) fn part(jws: &[u8], part: Part) -> Option<Decoded> {
    match part {
        Part::Input => None,
        Part::Header => decoded(jws, 0),
        Part::Payload => decoded(jws, 1),
        Part::Signature => decoded(jws, 2),
    }
}

pub(crate) fn header(jws: &[u8]) -> Option<Members> {
    decoded(jws, 0).and_then(|decoded| Members::parse(&decoded.bytes))
}

pub(crate) fn payload(jws: &[u8]) -> Option<Members> {
    decoded(jws, 1).and_then(|decoded| Members::parse(&decoded.bytes))
}

/// The text that the signature is of, and the signature if it has the right length.
pub(crate) fn signed(jws: &[u8]) -> Option<(&[u8], [u8; 64])> {
    let dot = jws.iter().rposition(|byte| *byte == b'.')?;
    let signature = decoded(jws, 2)?.bytes.try_into().ok()?;
    Some((&jws[..dot], signature))
}
