//! Whether the leaf certificate of an operation is bound to its issuer, and if not, why.
//!
//! The library decides (operation.md §6), and tells no more than that. The reason is found by looking for it here, with
//! another reader of certificates: what it says is probable, not proven.

use lockop::{ConstantTime, Policy, Unverified, UserKey, Uuid};
use x509_cert::der::oid::{AssociatedOid, ObjectIdentifier};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::{Certificate, Version};

use crate::inspect::certificates;
use crate::{jws, text};

/// 1.2.840.113549.1.1.11 (RFC 4055 §5).
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

#[derive(Debug)]
pub(crate) enum Binding {
    Bound,
    /// Why not: what follows "the leaf is not bound to the issuer:". Escaped.
    NotBound(String),
}

/// An operation, what its issuer's key on the ACL is, and when it is looked at.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) jws: &'a [u8],
    /// The same, read by the library.
    pub(crate) unverified: &'a Unverified<'a>,
    /// `None`: the issuer is not on the ACL.
    pub(crate) anchor: Option<&'a UserKey>,
    pub(crate) now: u64,
    pub(crate) policy: &'a Policy,
}

impl Subject<'_> {
    /// `None` if there are no certificates.
    pub(crate) fn binding(&self) -> Option<Binding> {
        Some(if self.bound_to(self.anchor)? { Binding::Bound } else { Binding::NotBound(self.reason()) })
    }

    fn bound_to(&self, anchor: Option<&UserKey>) -> Option<bool> {
        self.unverified.leaf_is_bound(anchor, self.now, self.policy, &mut ConstantTime)
    }

    fn reason(&self) -> String {
        let Some(anchor) = self.anchor else {
            return format!("the issuer {} is not on the ACL", self.unverified.claims().iss);
        };
        let chain = jws::header(self.jws).map(|header| certificates::texts(&header)).unwrap_or_default();
        let Some(leaf) = chain.first().and_then(|text| certificates::parse(text).ok()) else {
            return "x5c[0] cannot be read as a certificate".to_owned();
        };
        let Some(key) = certificates::ed25519_key(&leaf) else {
            return "its key is not an Ed25519 key".to_owned();
        };
        // To an issuer with the leaf's own key, every leaf is bound that passes the checks.
        if self.bound_to(Some(&UserKey::Ed25519(key))) == Some(true) {
            issued_by_another(&leaf, chain.get(1), anchor)
        } else {
            self.failed_check(&leaf).unwrap_or_else(|| "it fails one of the checks on a leaf".to_owned())
        }
    }

    /// The first of the checks on a leaf that it fails.
    fn failed_check(&self, leaf: &Certificate) -> Option<String> {
        let tbs = leaf.tbs_certificate();
        self.bad_time(leaf).or_else(|| self.bad_issuer(leaf)).or_else(|| {
            Some(if tbs.version() != Version::V3 {
                "it is not an X.509 certificate of version 3".to_owned()
            } else if tbs.signature() != leaf.signature_algorithm() {
                "it names two different signature algorithms".to_owned()
            } else {
                bad_extension(leaf)?
            })
        })
    }

    fn bad_time(&self, leaf: &Certificate) -> Option<String> {
        let (now, leeway) = (self.now, self.policy.leeway);
        let (from, to) = certificates::validity(leaf);
        let (earliest, latest) = (from.saturating_sub(leeway), to.saturating_add(leeway));
        if now < earliest {
            Some(format!(
                "it is not yet valid, but in {}: valid from {}, and now is {} with a leeway of {leeway} s",
                text::span(earliest - now),
                text::time(from),
                text::time(now),
            ))
        } else if now > latest {
            Some(format!(
                "it expired {} ago: valid to {} + leeway {leeway} s, and now is {}",
                text::span(now - latest),
                text::time(to),
                text::time(now),
            ))
        } else {
            None
        }
    }

    fn bad_issuer(&self, leaf: &Certificate) -> Option<String> {
        let iss = self.unverified.claims().iss;
        let other = certificates::uids(leaf.tbs_certificate().issuer())
            .find(|uid| Uuid::from_text(uid.as_bytes()) != Some(iss))?;
        let other = text::shorten(&text::escape(&other), 80);
        Some(format!("the UID of its issuer is {other}, and iss is {iss}"))
    }
}

fn bad_extension(leaf: &Certificate) -> Option<String> {
    let tbs = leaf.tbs_certificate();
    if let Ok(Some((_, BasicConstraints { ca: true, .. }))) = tbs.get_extension() {
        return Some("it is the certificate of an authority (CA:TRUE), not of a leaf".to_owned());
    }
    if let Ok(Some((_, usage))) = tbs.get_extension::<KeyUsage>()
        && !usage.digital_signature()
    {
        return Some("its keyUsage does not include digitalSignature".to_owned());
    }
    let understood = [BasicConstraints::OID, KeyUsage::OID];
    let critical =
        tbs.extensions()?.iter().find(|extension| extension.critical && !understood.contains(&extension.extn_id))?;
    Some(format!("its extension {} is critical, and is not understood", certificates::algorithm(critical.extn_id)))
}

/// Why a leaf that passes the checks is not bound to an issuer with this key.
fn issued_by_another(leaf: &Certificate, next: Option<&String>, anchor: &UserKey) -> String {
    let kept = text::key(anchor);
    let UserKey::RsaFingerprint(_) = anchor else {
        return format!("it neither holds the issuer's key on the ACL ({kept}) nor is signed with it");
    };
    let algorithm = leaf.signature_algorithm().oid;
    if algorithm != SHA256_WITH_RSA {
        let algorithm = certificates::algorithm(algorithm);
        return format!(
            "it is signed by {algorithm}, and the issuer's key on the ACL ({kept}) signs by RSA with SHA-256"
        );
    }
    let Some(next) = next else {
        return "x5c[1] is missing, which must carry the issuer's RSA key".to_owned();
    };
    let Ok(next) = certificates::parse(next) else {
        return "x5c[1], which must carry the issuer's RSA key, cannot be read as a certificate".to_owned();
    };
    match certificates::user_key(&next) {
        Some(key) if key == *anchor => {
            "x5c[1] carries the issuer's RSA key, but another key has signed x5c[0], or it was changed after that"
                .to_owned()
        }
        Some(key @ UserKey::RsaFingerprint(_)) => {
            format!("the key of x5c[1] ({}) is not the issuer's on the ACL ({kept})", text::key(&key))
        }
        _ => format!("the key of x5c[1] is not RSA of 2048 to 4096 bits, as the issuer's on the ACL ({kept}) is"),
    }
}
