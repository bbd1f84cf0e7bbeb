//! The certificates of `x5c`, for people to read. Nothing here decides anything.

use anyhow::{Context, Result};
use lockop::UserKey;
use serde_json::{Value, json};
use x509_cert::Certificate;
use x509_cert::der::asn1::{AnyRef, UintRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::oid::db::DB;
use x509_cert::der::{Decode, Encode};
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::binding::Binding;
use crate::members::Members;
use crate::{base64, table, text};

const UID: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The strings of `x5c`, if it is an array; what is no string is left out.
pub(crate) fn texts(header: &Members) -> Vec<String> {
    let Some(Value::Array(chain)) = header.value("x5c") else { return Vec::new() };
    chain.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Reads one of them.
pub(crate) fn parse(text: &str) -> Result<Certificate> {
    View::parse(text).map(|view| view.certificate)
}

/// The key of a certificate, if it is an Ed25519 key.
pub(crate) fn ed25519_key(certificate: &Certificate) -> Option<[u8; 32]> {
    let spki = certificate.tbs_certificate().subject_public_key_info();
    (spki.algorithm.oid == ED25519).then(|| spki.subject_public_key.raw_bytes().try_into().ok()).flatten()
}

/// The key of a certificate, as an ACL keeps it, if an ACL can.
pub(crate) fn user_key(certificate: &Certificate) -> Option<UserKey> {
    spki(certificate).and_then(|der| UserKey::from_bytes(&der))
}

/// The SubjectPublicKeyInfo of a certificate in DER.
pub(crate) fn spki(certificate: &Certificate) -> Option<Vec<u8>> {
    certificate.tbs_certificate().subject_public_key_info().to_der().ok()
}

/// When a certificate is valid: its first and its last second.
pub(crate) fn validity(certificate: &Certificate) -> (u64, u64) {
    let validity = certificate.tbs_certificate().validity();
    (unix(validity.not_before), unix(validity.not_after))
}

/// The UIDs of a name, whatever type of string they are.
pub(crate) fn uids(name: &Name) -> impl Iterator<Item = String> {
    let uids = name.iter().filter(|attribute| attribute.oid == UID);
    uids.map(|attribute| String::from_utf8_lossy(attribute.value.value()).into_owned())
}

/// What an algorithm or an extension is called.
pub(crate) fn algorithm(oid: ObjectIdentifier) -> String {
    DB.by_oid(&oid).map_or_else(|| oid.to_string(), str::to_owned)
}

/// What is to be seen of the certificates, leaf first.
pub(super) struct Chain {
    /// The library's answer (operation.md §6), if there is an ACL to ask it about.
    binding: Option<Binding>,
    certificates: Vec<Result<View>>,
}

/// One certificate.
struct View {
    certificate: Certificate,
    size: usize,
}

impl Chain {
    pub(super) fn of(header: &Members, binding: Option<Binding>) -> Option<Self> {
        let certificates: Vec<_> = texts(header).iter().map(|text| View::parse(text)).collect();
        (!certificates.is_empty()).then_some(Self { binding, certificates })
    }

    /// Whether the next certificate's subject is the issuer of this one: a matter of names, no signature is verified.
    fn issued_by_next(&self, place: usize) -> Option<bool> {
        let (Some(Ok(this)), Some(Ok(next))) = (self.certificates.get(place), self.certificates.get(place + 1)) else {
            return None;
        };
        Some(this.certificate.tbs_certificate().issuer() == next.certificate.tbs_certificate().subject())
    }

    pub(super) fn json(&self) -> Value {
        let certificates = self.certificates.iter().enumerate().map(|(place, view)| match view {
            Err(error) => json!({ "fault": format!("{error:#}") }),
            Ok(view) => {
                let mut json = view.json();
                json["issuer_is_next_subject"] = json!(self.issued_by_next(place));
                json
            }
        });
        let (bound, reason) = match &self.binding {
            None => (None, None),
            Some(Binding::Bound) => (Some(true), None),
            Some(Binding::NotBound(reason)) => (Some(false), Some(reason)),
        };
        json!({
            "certificates": certificates.collect::<Vec<_>>(),
            "leaf_bound_to_issuer": bound,
            "leaf_not_bound_because": reason,
        })
    }

    /// Tables, one for each certificate.
    pub(super) fn text(&self, now: u64) -> String {
        let mut out = String::new();
        for (place, view) in self.certificates.iter().enumerate() {
            let name = if place == 0 { "x5c[0], the leaf".to_owned() } else { format!("x5c[{place}]") };
            match view {
                Err(error) => out.push_str(&format!("{name}: {}\n", text::escape(&format!("{error:#}")))),
                Ok(view) => {
                    let mut rows = view.rows(now);
                    if let Some(matches) = self.issued_by_next(place) {
                        let next = place + 1;
                        let words = if matches { "is" } else { "is NOT" };
                        rows.push([
                            "chain".to_owned(),
                            format!("its issuer {words} the subject of x5c[{next}] (by name)"),
                        ]);
                    }
                    out.push_str(&table::table([name.as_str(), ""], rows));
                    out.push('\n');
                }
            }
        }
        match &self.binding {
            None => {}
            Some(Binding::Bound) => out.push_str("The leaf is bound to the issuer's key on the ACL."),
            Some(Binding::NotBound(reason)) => {
                out.push_str(&format!("The leaf is NOT bound to the issuer's key on the ACL: {reason}."));
            }
        }
        out
    }
}

impl View {
    fn parse(text: &str) -> Result<Self> {
        let decoded = base64::decode_forgiving(text.as_bytes());
        if let Some(place) = decoded.stopped {
            anyhow::bail!("not base64 at character {place}");
        }
        let certificate = Certificate::from_der(&decoded.bytes).context("no certificate in DER")?;
        Ok(Self { certificate, size: decoded.bytes.len() })
    }

    fn json(&self) -> Value {
        let tbs = self.certificate.tbs_certificate();
        let (not_before, not_after) = validity(&self.certificate);
        json!({
            "fault": null,
            "size": self.size,
            "subject": tbs.subject().to_string(),
            "subject_uid": uids(tbs.subject()).next(),
            "issuer": tbs.issuer().to_string(),
            "issuer_uid": uids(tbs.issuer()).next(),
            "serial": tbs.serial_number().to_string(),
            "not_before": not_before,
            "not_after": not_after,
            "key": key(&self.certificate),
            "signature_algorithm": algorithm(self.certificate.signature_algorithm().oid),
        })
    }

    fn rows(&self, now: u64) -> Vec<[String; 2]> {
        let tbs = self.certificate.tbs_certificate();
        let (not_before, not_after) = validity(&self.certificate);
        let name = |name: &Name| text::shorten(&text::escape(&name.to_string()), 200);
        let none = || "none".to_owned();
        [
            ("subject", name(tbs.subject())),
            ("subject UID", uids(tbs.subject()).next().map_or_else(none, |uid| text::escape(&uid))),
            ("issuer", name(tbs.issuer())),
            ("issuer UID", uids(tbs.issuer()).next().map_or_else(none, |uid| text::escape(&uid))),
            ("valid from", format!("{} ({})", text::utc(not_before), text::relative(not_before, now))),
            ("valid to", format!("{} ({})", text::utc(not_after), text::relative(not_after, now))),
            ("key", key(&self.certificate)),
            ("signed with", algorithm(self.certificate.signature_algorithm().oid)),
            ("size", format!("{} bytes", self.size)),
        ]
        .map(|(name, value)| [name.to_owned(), value])
        .into()
    }
}

fn unix(time: Time) -> u64 {
    time.to_unix_duration().as_secs()
}

fn key(certificate: &Certificate) -> String {
    let spki = certificate.tbs_certificate().subject_public_key_info();
    match spki.algorithm.oid {
        ED25519 => format!("Ed25519 {}", text::hex(spki.subject_public_key.raw_bytes())),
        RSA => {
            let size = modulus_bits(spki.subject_public_key.raw_bytes());
            let size = size.map_or_else(|| "of unreadable size".to_owned(), |bits| format!("{bits} bits"));
            // What the ACL keeps of such a key.
            let kept = user_key(certificate)
                .map_or_else(|| "not a key for an ACL".to_owned(), |key| text::hex(key.as_bytes()));
            format!("RSA {size}, SHA-256 {kept}")
        }
        other => algorithm(other),
    }
}

/// Size of the modulus in an RSAPublicKey (RFC 8017 A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let key = AnyRef::from_der(key).ok()?;
    let (modulus, _) = key
        .sequence(|reader| Ok::<_, x509_cert::der::Error>((UintRef::decode(reader)?, UintRef::decode(reader)?)))
        .ok()?;
    let first = modulus.as_bytes().first()?;
    Some(modulus.as_bytes().len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}
