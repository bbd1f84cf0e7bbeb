//! What §6 wants of a leaf, as x509-cert sees it.

use std::collections::HashSet;

use der::asn1::{Any, BitStringRef, Ia5StringRef, PrintableStringRef, SequenceRef, Utf8StringRef};
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, ErrorKind, Reader, SliceReader, Tag, Tagged};
use lockop::{UserKey, Uuid};
use sha2::{Digest, Sha256};
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::time::Time;

use crate::changed_der::Element;
use crate::key::{self, ED25519, places_of_rsa_key, rsa_modulus};
use crate::rsa;

/// sha256WithRSAEncryption (RFC 4055 §5).
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
/// UID (RFC 4519 §2.39).
const UID: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1");
/// basicConstraints (RFC 5280 §4.2.1.9).
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// keyUsage (RFC 5280 §4.2.1.3).
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");

/// A certificate as x509-cert reads it, with serial numbers of any kind.
pub type Certificate = CertificateInner<Raw>;

/// When, for whom, and by which key a leaf is judged.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Unix seconds.
    pub now: u64,
    /// Seconds.
    pub leeway: u64,
    /// The issuer of the operation.
    pub iss: Uuid,
    /// The issuer's key on the ACL.
    pub anchor: Option<UserKey>,
    /// `x5c[1]`, if there is one.
    pub next: Option<&'a [u8]>,
}

/// The leaf's key, if x509-cert sees nothing that §6 forbids; `None` if it cannot say, only because of its own limits.
///
/// # Errors
///
/// The first thing that it sees: a message for whoever reads the crash.
pub fn bound_key(der: &[u8], circumstances: &Circumstances<'_>) -> Result<Option<[u8; 32]>, String> {
    let (readable, any_moved) = moved_dates(der);
    let leaf = match Certificate::from_der(&readable) {
        Ok(leaf) => leaf,
        Err(error) if is_beyond(error.kind(), der) => return Ok(None),
        Err(error) => return Err(format!("x509-cert cannot read it: {error}")),
    };
    let again = leaf.to_der().map_err(|error| format!("x509-cert cannot write it: {error}"))?;
    ensure(again == readable, "x509-cert would write it differently")?;

    let tbs = leaf.tbs_certificate();
    ensure(tbs.version() == Version::V3, "not version 3")?;
    ensure(tbs.signature() == leaf.signature_algorithm(), "the two signature algorithms differ")?;

    let Circumstances { now, leeway, iss, .. } = *circumstances;
    // Close to 1970, it makes a difference how long before that a date is.
    if any_moved && now <= leeway {
        return Ok(None);
    }
    let seconds = |time: Time| {
        let is_moved = any_moved && MOVED_TO.contains(&time.to_date_time().year());
        if is_moved { 0 } else { time.to_unix_duration().as_secs() }
    };
    let (not_before, not_after) = (seconds(tbs.validity().not_before), seconds(tbs.validity().not_after));
    ensure(not_before <= now.saturating_add(leeway), "not yet valid")?;
    ensure(now <= not_after.saturating_add(leeway), "no longer valid")?;

    ensure(tbs.extensions().is_none_or(|extensions| !extensions.is_empty()), "an empty list of extensions")?;
    let mut known = HashSet::new();
    for extension in tbs.extensions().into_iter().flatten() {
        ensure(known.insert(extension.extn_id), "an extension twice")?;
        let value = extension.extn_value.as_bytes();
        if extension.extn_id == BASIC_CONSTRAINTS {
            let constraints = BasicConstraints::from_der(value).ok();
            let is_canonical = constraints.as_ref().is_some_and(|it| it.to_der().as_deref() == Ok(value));
            ensure(is_canonical, "no basicConstraints")?;
            // A path length is for a CA (RFC 5280 §4.2.1.9).
            ensure(constraints.is_some_and(|it| !it.ca && it.path_len_constraint.is_none()), "a CA")?;
        } else if extension.extn_id == KEY_USAGE {
            // Not x509-cert's own type, which knows no bits but the nine that have names. A list of named bits ends with
            // one that is set (X.690 §11.2.2).
            let bits = BitStringRef::from_der(value).ok().filter(has_zeros_behind);
            let bits = bits.and_then(|bits| Some((bits.bits().next()?, bits.bits().last()?)));
            ensure(bits == Some((true, true)), "not for signatures")?;
        } else {
            ensure(!extension.critical, "an unknown critical extension")?;
        }
    }
    let attributes = tbs.issuer().iter().chain(tbs.subject().iter()).map(|attribute| attribute.oid);
    let extensions = tbs.extensions().into_iter().flatten().map(|extension| extension.extn_id);
    let mut oids = attributes.chain(extensions).chain([leaf.signature_algorithm().oid]);
    ensure(oids.all(|oid| is_oid(oid.as_bytes())), "an object identifier that could be shorter")?;
    ensure(has_good_ids(&leaf), "a unique identifier with bits behind its last")?;
    ensure(has_short_tags(&leaf), "a tag of several bytes")?;
    for name in [tbs.issuer(), tbs.subject()] {
        ensure(name.as_ref().iter().all(|relative| !relative.is_empty()), "an RDN of nothing")?;
    }
    for attribute in tbs.issuer().iter().filter(|attribute| attribute.oid == UID) {
        let text = text(&attribute.value).ok_or("a UID that is no text")?;
        ensure(text.parse() == Ok(iss), "the UID is not the issuer")?;
    }

    let info = tbs.subject_public_key_info();
    ensure(info.algorithm.oid == ED25519 && info.algorithm.parameters.is_none(), "not an Ed25519 key")?;
    let key = info.subject_public_key.as_bytes().and_then(|bytes| bytes.try_into().ok());
    let key = key.ok_or("not 32 bytes of key")?;
    match is_bound(der, &leaf, key, circumstances) {
        Bound::Yes => Ok(Some(key)),
        Bound::No => Err("neither the anchor's key nor signed by it".to_owned()),
        Bound::Unsaid => Ok(None),
    }
}

/// Whether the bits of the last byte that are not used are zeros, as DER has them (X.690 §11.2.1): der does not look.
fn has_zeros_behind(bits: &BitStringRef<'_>) -> bool {
    bits.raw_bytes().last().is_none_or(|last| last.trailing_zeros() >= u32::from(bits.unused_bits()))
}

fn has_good_ids(certificate: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate();
    let ids = [tbs.issuer_unique_id().as_ref(), tbs.subject_unique_id().as_ref()];
    ids.into_iter().flatten().all(|bits| has_zeros_behind(&BitStringRef::from(bits)))
}

/// Whether all that may be of any type has a tag of one byte (§11).
fn has_short_tags(certificate: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate();
    let names = tbs.issuer().iter().chain(tbs.subject().iter()).map(|attribute| attribute.value.tag());
    let algorithms = [tbs.signature(), certificate.signature_algorithm(), &tbs.subject_public_key_info().algorithm];
    let parameters = algorithms.into_iter().filter_map(|algorithm| algorithm.parameters.as_ref()).map(Any::tag);
    names.chain(parameters).all(|tag| tag.number().value() < 0x1f)
}

/// Whether an error is one of x509-cert's own limits: there are certificates in good DER that it cannot read.
fn is_beyond(error: ErrorKind, der: &[u8]) -> bool {
    match error {
        // Types of ASN.1 that it does not know: ObjectDescriptor, TIME, GraphicString and UniversalString.
        ErrorKind::TagUnknown { byte: 0x07 | 0x0e | 0x19 | 0x1c } => true,
        // Object identifiers that are too long for it, or have numbers that are too large. Which one it was, it does not say.
        ErrorKind::OidMalformed | ErrorKind::Length { tag: Tag::ObjectIdentifier } => (0..der.len()).any(|place| {
            let element = Element::take(&der[place..]).map(|(element, _)| element);
            element.is_some_and(|Element { tag, content }| {
                tag == 0x06 && is_oid(&content) && ObjectIdentifier::from_bytes(&content).is_err()
            })
        }),
        _ => false,
    }
}

/// Whether this is an object identifier (X.690 §8.19): the last byte of each number, and no other, is less than 0x80, and
/// none begins with a byte that says nothing.
fn is_oid(bytes: &[u8]) -> bool {
    let is_last = |byte: &u8| *byte < 0x80;
    bytes.last().is_some_and(is_last) && bytes.split_inclusive(is_last).all(|number| number[0] != 0x80)
}

/// Whether a leaf is bound to its anchor.
enum Bound {
    Yes,
    No,
    /// x509-cert cannot read `x5c[1]`, of which the library reads less.
    Unsaid,
}

impl From<bool> for Bound {
    fn from(bound: bool) -> Self {
        if bound { Self::Yes } else { Self::No }
    }
}

/// The three ways of §6, (a) to (c).
fn is_bound(der: &[u8], leaf: &Certificate, key: [u8; 32], circumstances: &Circumstances<'_>) -> Bound {
    let (Some(signed), Some(signature)) = (signed(der), leaf.signature().as_bytes()) else { return Bound::No };
    let algorithm = leaf.signature_algorithm();
    match circumstances.anchor {
        None => Bound::No,
        Some(UserKey::Ed25519(anchor)) if anchor == key => Bound::Yes,
        Some(UserKey::Ed25519(anchor)) => {
            let right = algorithm.oid == ED25519 && algorithm.parameters.is_none();
            Bound::from(right && key::verifies(&anchor, signed, signature))
        }
        Some(UserKey::RsaFingerprint(fingerprint)) => {
            let Some(next) = circumstances.next else { return Bound::No };
            let is_signed_with = |info: &[u8]| {
                let is_same = Sha256::digest(info).as_slice() == fingerprint;
                let right = algorithm.oid == SHA256_WITH_RSA && algorithm.parameters.as_ref().is_none_or(Any::is_null);
                is_same && right && rsa_modulus(info).is_some_and(|n| rsa::is_signature(n, signed, signature))
            };
            match Certificate::from_der(next) {
                Ok(read) if read.to_der().as_deref() == Ok(next) && has_good_ids(&read) && has_short_tags(&read) => {
                    let info = read.tbs_certificate().subject_public_key_info().to_der();
                    Bound::from(info.is_ok_and(|info| is_signed_with(&info)))
                }
                _ if places_of_rsa_key(next).any(is_signed_with) => Bound::Unsaid,
                _ => Bound::No,
            }
        }
    }
}

/// The TBSCertificate as it stands.
fn signed(der: &[u8]) -> Option<&[u8]> {
    SliceReader::new(<&SequenceRef>::from_der(der).ok()?.as_bytes()).ok()?.tlv_bytes().ok()
}

/// A year that is no leap year, and one that is.
const MOVED_TO: [u16; 2] = [1971, 1972];

/// The certificate with its dates before 1970, which x509-cert does not know, moved to a year that it does; and whether
/// there were any. To a clock that begins in 1970, one date before that is as good as another.
fn moved_dates(der: &[u8]) -> (Vec<u8>, bool) {
    let mut moved = der.to_vec();
    for place in 0..der.len() {
        // UTCTime, whose first year is 1950, and GeneralizedTime.
        let (digits, early) = match &mut moved[place..] {
            [0x17, 13, digits @ ..] if digits.len() > 12 => (&mut digits[..13], "50".."70"),
            [0x18, 15, digits @ ..] if digits.len() > 14 => (&mut digits[..15], "0000".."1970"),
            _ => continue,
        };
        let (year, rest) = digits.split_at_mut(early.start.len());
        let is_date = year.iter().chain(&rest[..10]).all(u8::is_ascii_digit) && rest[10] == b'Z';
        if is_date && (early.start.as_bytes()..early.end.as_bytes()).contains(&&*year) {
            let number: u16 = std::str::from_utf8(year).ok().and_then(|year| year.parse().ok()).unwrap_or_default();
            // Of those with two digits, from 1950 to 1969, none is a century.
            let in_century = year.len() == 2 || !number.is_multiple_of(100) || number.is_multiple_of(400);
            let is_leap = number.is_multiple_of(4) && in_century;
            let moved_to = MOVED_TO[usize::from(is_leap)].to_string();
            year.copy_from_slice(&moved_to.as_bytes()[moved_to.len() - year.len()..]);
        }
    }
    let any = moved != der;
    (moved, any)
}

/// The characters of the three kinds of string that a UUID may be.
fn text(value: &Any) -> Option<&str> {
    let utf8 = Utf8StringRef::try_from(value).map(|text| text.as_str());
    let printable = || PrintableStringRef::try_from(value).map(|text| text.as_str());
    let ia5 = || Ia5StringRef::try_from(value).map(|text| text.as_str());
    utf8.or_else(|_| printable()).or_else(|_| ia5()).ok()
}

fn ensure(good: bool, otherwise: &str) -> Result<(), String> {
    if good { Ok(()) } else { Err(otherwise.to_owned()) }
}
