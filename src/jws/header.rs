//! The header (§3; RFC 7515 §4).

use super::base64::{Check, Spelling};
use crate::error::{Fault, UnsupportedAlgorithm};
use crate::json::{Bookmark, Kind, Reader};

/// Most certificates in `x5c` (§3).
const MAX_CERTIFICATES: usize = 6;

/// Longest certificate in bytes of DER, of those that are read (§11).
pub(crate) const MAX_CERTIFICATE_LEN: usize = 2048;

/// How many certificates of a chain are read (§6).
const READ_CERTIFICATES: usize = 2;

/// What the header says, read but not yet judged: a `malformed` payload goes before an unsupported header (§7).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header<'a> {
    /// The first member that is not understood.
    pub(crate) unsupported: Option<UnsupportedAlgorithm>,
    /// The certificate chain, leaf first.
    pub(crate) x5c: Option<X5c<'a>>,
}

/// A certificate chain whose entries are known to be padded standard base64.
#[derive(Debug, Clone, Copy)]
pub(crate) struct X5c<'a> {
    /// Where its array begins.
    #[cfg_attr(not(feature = "x5c"), expect(dead_code, reason = "without certificates, there being some is enough"))]
    pub(crate) array: Bookmark<'a>,
}

impl<'a> Header<'a> {
    /// Reads the header to its end.
    pub(crate) fn read(reader: &mut Reader<'a, '_>) -> Result<Self, Fault> {
        if reader.kind()? != Kind::Object {
            return Err(Fault::NotAnObject);
        }
        let mut alg = None;
        let mut typ = true;
        let mut crit = false;
        let mut x5c = None;
        reader.enter_object()?;
        while let Some(name) = reader.next_name()? {
            match name.known() {
                b"alg" => {
                    let mut buffer = [0; 7];
                    let text = string(reader, &mut buffer, "alg")?;
                    alg = Some(matches!(text, Some(b"EdDSA" | b"Ed25519")));
                }
                b"typ" => {
                    let mut buffer = [0; 3];
                    let text = string(reader, &mut buffer, "typ")?;
                    typ = text.is_some_and(|text| text.eq_ignore_ascii_case(b"JWT"));
                }
                b"crit" => {
                    crit = true;
                    reader.skip_value()?;
                }
                b"x5c" => x5c = read_x5c(reader)?,
                _ => reader.skip_value()?,
            }
        }
        reader.finish()?;
        let unsupported = match alg.ok_or(Fault::Missing("alg"))? {
            false => Some(UnsupportedAlgorithm::Alg),
            true if !typ => Some(UnsupportedAlgorithm::Typ),
            true => crit.then_some(UnsupportedAlgorithm::Crit),
        };
        Ok(Self { unsupported, x5c })
    }
}

fn string<'b>(
    reader: &'b mut Reader<'_, '_>,
    buffer: &'b mut [u8],
    name: &'static str,
) -> Result<Option<&'b [u8]>, Fault> {
    match reader.kind()? {
        Kind::String => Ok(reader.short_text(buffer)?.map(|text| &*text)),
        _ => Err(Fault::Member(name)),
    }
}

/// Reads `x5c`; `null` counts as absent (§11).
fn read_x5c<'a>(reader: &mut Reader<'a, '_>) -> Result<Option<X5c<'a>>, Fault> {
    let array = match reader.kind()? {
        Kind::Array => reader.bookmark(),
        Kind::Null => return reader.null().map(|()| None),
        _ => return Err(Fault::Member("x5c")),
    };
    let mut count = 0;
    reader.enter_array()?;
    while reader.next_element()? {
        if reader.kind()? != Kind::String {
            return Err(Fault::Member("x5c"));
        }
        let mut certificate = Check::new(Spelling::Certificate);
        reader.string(|piece, _| certificate.push(piece))?;
        let len = certificate.finish()?;
        if count < READ_CERTIFICATES && len > MAX_CERTIFICATE_LEN {
            return Err(Fault::CertificateTooLong);
        }
        count += 1;
    }
    if (1..=MAX_CERTIFICATES).contains(&count) { Ok(Some(X5c { array })) } else { Err(Fault::Member("x5c")) }
}
