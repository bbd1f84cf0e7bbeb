//! What §6 wants of a leaf, as x509-cert sees it.

use der::asn1::{Any, BitStringRef, Ia5StringRef, PrintableStringRef, SequenceRef, Utf8StringRef};
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, ErrorKind, Reader, SliceReader, Tag};
use ed25519_dalek::{Signature, VerifyingKey};
use lockop::{UserKey, Uuid};
use sha2::{Digest, Sha256};
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::time::Time;

use crate::changed_der::Element;
use crate::key::{ED25519, places_of_rsa_key, rsa_modulus};
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

/// The leaf's key, if x509-cert sees nothing that §6 forbids; `None` if it cannot read the certificate only because of its
/// own limits.
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
    let seconds = |time: Time| {
        let is_moved = any_moved && time.to_date_time().year() == MOVED_TO;
        if is_moved { 0 } else { time.to_unix_duration().as_secs() }
    };
    let (not_before, not_after) = (seconds(tbs.validity().not_before), seconds(tbs.validity().not_after));
    ensure(not_before <= now.saturating_add(leeway), "not yet valid")?;
    ensure(now <= not_after.saturating_add(leeway), "no longer valid")?;

    for extension in tbs.extensions().into_iter().flatten() {
        let value = extension.extn_value.as_bytes();
        if extension.extn_id == BASIC_CONSTRAINTS {
            ensure(BasicConstraints::from_der(value).is_ok_and(|constraints| !constraints.ca), "a CA")?;
        } else if extension.extn_id == KEY_USAGE {
            // Not x509-cert's own type, which knows no bits but the nine that have names.
            let bits = BitStringRef::from_der(value).ok().map(|bits| bits.bits().next());
            ensure(bits == Some(Some(true)), "not for signatures")?;
        } else {
            ensure(!extension.critical, "an unknown critical extension")?;
        }
    }
    for attribute in tbs.issuer().iter().filter(|attribute| attribute.oid == UID) {
        let text = text(&attribute.value).ok_or("a UID that is no text")?;
        ensure(text.parse() == Ok(iss), "the UID is not the issuer")?;
    }

    let info = tbs.subject_public_key_info();
    ensure(info.algorithm.oid == ED25519 && info.algorithm.parameters.is_none(), "not an Ed25519 key")?;
    let key = info.subject_public_key.as_bytes().and_then(|bytes| bytes.try_into().ok());
    let key = key.ok_or("not 32 bytes of key")?;
    ensure(is_bound(der, &leaf, key, circumstances) == Some(true), "neither the anchor's key nor signed by it")?;
    Ok(Some(key))
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

/// The three ways of §6, (a) to (c).
fn is_bound(der: &[u8], leaf: &Certificate, key: [u8; 32], circumstances: &Circumstances<'_>) -> Option<bool> {
    let signed = SliceReader::new(<&SequenceRef>::from_der(der).ok()?.as_bytes()).ok()?.tlv_bytes().ok()?;
    let signature = leaf.signature().as_bytes()?;
    let algorithm = leaf.signature_algorithm();
    match circumstances.anchor? {
        UserKey::Ed25519(anchor) if anchor == key => Some(true),
        UserKey::Ed25519(anchor) => {
            let signature = Signature::from_slice(signature).ok()?;
            let anchor = VerifyingKey::from_bytes(&anchor).ok()?;
            let right = algorithm.oid == ED25519 && algorithm.parameters.is_none();
            Some(right && anchor.verify_strict(signed, &signature).is_ok())
        }
        UserKey::RsaFingerprint(fingerprint) => {
            let is_same = |info: &&[u8]| Sha256::digest(info).as_slice() == fingerprint;
            let info = places_of_rsa_key(circumstances.next?).find(is_same)?;
            let right = algorithm.oid == SHA256_WITH_RSA && algorithm.parameters.as_ref().is_none_or(Any::is_null);
            Some(right && rsa::is_signature(rsa_modulus(info)?, signed, signature))
        }
    }
}

/// A leap year, so that every date of another year is one of this.
const MOVED_TO: u16 = 1972;

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
            let moved_to = MOVED_TO.to_string();
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
