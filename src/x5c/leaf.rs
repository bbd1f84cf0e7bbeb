//! The checks on the leaf certificate (§6).

use super::Clock;
use super::certificate::Certificate;
use super::name;
use super::time;
use crate::der::{Der, tag};
use crate::spki;
use crate::uuid::Uuid;
use subtle::Choice;

/// `version` of X.509 v3: the INTEGER 2.
const V3: [u8; 3] = [tag::INTEGER, 1, 2];

/// 1.3.101.112 (RFC 8410 §3).
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];
/// 1.2.840.113549.1.1.11 (RFC 4055 §5).
const SHA256_WITH_RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// 2.5.29.15
const KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x0f];
/// 2.5.29.19
const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];

/// A leaf certificate that passes all checks but that of its signature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf<'c> {
    /// The Ed25519 key.
    pub(super) key: [u8; 32],
    /// Whether it is valid now. All else is in the certificate itself, but this would tell the device's time by the
    /// time that the answer takes (§7), so that the work goes on without it.
    pub(super) in_time: Choice,
    /// What was signed.
    pub(super) tbs: &'c [u8],
    pub(super) signed_with: SignedWith,
    pub(super) signature: &'c [u8],
}

/// The algorithm of a certificate's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignedWith {
    Ed25519,
    RsaSha256,
    /// None that binds a leaf; its key may still be the issuer's own.
    Other,
}

impl<'c> Leaf<'c> {
    pub(super) fn read(der: &'c [u8], iss: &Uuid, clock: Clock) -> Option<Self> {
        let certificate = Certificate::read(der)?;
        let good = certificate.version == Some(&V3)
            && certificate.inner_algorithm == certificate.outer_algorithm
            && name::may_be(certificate.issuer, iss)?
            && name::is_name(certificate.subject)
            && certificate.extensions.is_none_or(|extensions| extensions_allow(extensions).is_some());
        good.then_some(Self {
            key: spki::ed25519(certificate.subject_public_key_info)?,
            in_time: Choice::from(u8::from(time::holds(certificate.validity, clock)?)),
            tbs: certificate.tbs,
            signed_with: SignedWith::read(certificate.outer_algorithm)?,
            signature: certificate.signature,
        })
    }
}

impl SignedWith {
    /// Reads an AlgorithmIdentifier (RFC 5280 §4.1.1.2).
    fn read(der: &[u8]) -> Option<Self> {
        let mut fields = Der::new(der).inside(tag::SEQUENCE)?;
        let algorithm = fields.oid()?;
        let parameters = if fields.is_empty() { None } else { Some(fields.any()?) };
        fields.end()?;
        Some(match (algorithm, parameters) {
            (algorithm, None) if algorithm == ED25519 => Self::Ed25519,
            // RFC 4055 wants NULL parameters; the vendor's certificates omit them. Both are accepted (§6).
            (algorithm, None | Some((0x05, []))) if algorithm == SHA256_WITH_RSA => Self::RsaSha256,
            _ => Self::Other,
        })
    }
}

/// Whether the extensions let this be a leaf that signs operations; `None` if not.
fn extensions_allow(explicit: &[u8]) -> Option<()> {
    let mut outside = Der::new(explicit);
    let mut extensions = outside.inside(tag::SEQUENCE)?;
    outside.end()?;
    // At least one (RFC 5280 §4.1.2.9).
    loop {
        let mut extension = extensions.inside(tag::SEQUENCE)?;
        let id = extension.oid()?;
        let critical = extension.optional_true()?;
        let value = extension.take(tag::OCTET_STRING)?;
        extension.end()?;
        if id == KEY_USAGE {
            has_digital_signature(value)?;
        } else if id == BASIC_CONSTRAINTS {
            // CA:FALSE is the default, so that it is written as nothing; a path length is for a CA (RFC 5280 §4.2.1.9).
            (value == [tag::SEQUENCE, 0]).then_some(())?;
        } else if critical {
            return None;
        }
        comes_once(id, extensions)?;
        if extensions.is_empty() {
            return Some(());
        }
    }
}

/// No extension twice (RFC 5280 §4.2): `id` is in none of the extensions that follow it.
fn comes_once(id: &[u8], mut following: Der<'_>) -> Option<()> {
    while !following.is_empty() {
        // As bytes: whether they are in the right form is seen when it is their turn, not each time.
        (following.inside(tag::SEQUENCE)?.take(tag::OID)? != id).then_some(())?;
    }
    Some(())
}

/// `keyUsage` with its first bit set (RFC 5280 §4.2.1.3), as a list of named bits: without zeros at its end
/// (X.690 §11.2.2).
fn has_digital_signature(value: &[u8]) -> Option<()> {
    let mut outside = Der::new(value);
    let bits = outside.take(tag::BIT_STRING)?;
    outside.end()?;
    let (&unused, bytes) = bits.split_first()?;
    let (first, last) = (bytes.first()?, bytes.last()?);
    let minimal = *last != 0 && u32::from(unused) == last.trailing_zeros();
    (first & 0x80 != 0 && minimal).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_usage_is_a_list_of_named_bits() {
        for good in [&[3, 2, 7, 0x80][..], &[3, 2, 5, 0xa0], &[3, 2, 0, 0xff], &[3, 3, 7, 0x80, 0x80]] {
            assert!(has_digital_signature(good).is_some(), "{good:x?}");
        }
        let bad: [&[u8]; 12] = [
            &[3, 2, 6, 0x40],
            &[3, 2, 6, 0x80],
            &[3, 2, 0, 0x80],
            &[3, 2, 7, 0x81],
            &[3, 3, 0, 0x80, 0],
            &[3, 3, 8, 0x80, 0],
            &[3, 1, 0],
            &[3, 0],
            &[3, 1, 7],
            &[4, 2, 7, 0x80],
            &[3, 2, 7, 0x80, 0],
            &[3, 3, 7, 0, 0x80],
        ];
        for bad in bad {
            assert!(has_digital_signature(bad).is_none(), "{bad:x?}");
        }
    }

    #[test]
    fn extensions_are_a_list_that_is_not_empty() {
        let unknown = [0x30, 7, 6, 2, 0x2a, 3, 4, 1, 0xaa];
        let list = |content: &[u8]| {
            let len = u8::try_from(content.len()).unwrap();
            let mut der = [0; 32];
            der[..2].copy_from_slice(&[0x30, len]);
            der[2..content.len() + 2].copy_from_slice(content);
            extensions_allow(&der[..content.len() + 2])
        };
        assert_eq!(list(&unknown), Some(()));
        assert_eq!(list(&[]), None);
        assert_eq!(list(&[0x31, 0]), None);
        assert_eq!(list(&unknown[..8]), None, "cut off");
        let mut critical = [0; 12];
        critical[..6].copy_from_slice(&[0x30, 10, 6, 2, 0x2a, 3]);
        critical[6..].copy_from_slice(&[1, 1, 0xff, 4, 1, 0xaa]);
        assert_eq!(list(&critical), None, "critical and not known");
    }

    #[test]
    fn algorithm_identifiers() {
        let read = |der: &'static [u8]| SignedWith::read(der);
        assert_eq!(read(&[0x30, 5, 6, 3, 0x2b, 0x65, 0x70]), Some(SignedWith::Ed25519));
        assert_eq!(read(&[0x30, 7, 6, 3, 0x2b, 0x65, 0x70, 5, 0]), Some(SignedWith::Other));
        let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
        let identifier = |parameters: &[u8]| {
            let mut der = [0; 20];
            let len = 11 + parameters.len();
            der[..4].copy_from_slice(&[0x30, u8::try_from(len).unwrap(), 6, 9]);
            der[4..13].copy_from_slice(&rsa);
            der[13..len + 2].copy_from_slice(parameters);
            SignedWith::read(&der[..len + 2])
        };
        assert_eq!(identifier(&[]), Some(SignedWith::RsaSha256));
        assert_eq!(identifier(&[5, 0]), Some(SignedWith::RsaSha256));
        assert_eq!(identifier(&[0x30, 0]), Some(SignedWith::Other));
        assert_eq!(read(&[0x31, 5, 6, 3, 0x2b, 0x65, 0x70]), None);
        assert_eq!(identifier(&[5, 0, 5, 0]), None);
        assert_eq!(identifier(&[5, 1]), None);
    }
}
