//! X.509 certificates of which every field can be anything.

use crate::der::{algorithm, bits, join, oid, seq, tlv};
use crate::keys::{Key, spki};
use crate::oid;
use crate::rsa_key::RsaKey;

/// Tags of strings and times.
pub(crate) const UTF8: u8 = 0x0c;
pub(crate) const PRINTABLE: u8 = 0x13;
pub(crate) const IA5: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;

/// The encodings of the fields of a certificate.
#[derive(Clone)]
pub(crate) struct Cert {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    /// AlgorithmIdentifier inside the TBSCertificate.
    pub(crate) inner: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) validity: [Vec<u8>; 2],
    pub(crate) subject: Vec<u8>,
    pub(crate) key: Vec<u8>,
    /// Extension elements; the field is left out if there is none.
    pub(crate) extensions: Vec<Vec<u8>>,
    /// AlgorithmIdentifier beside the signature.
    pub(crate) outer: Vec<u8>,
}

/// Who signs a certificate.
pub(crate) enum Signer<'a> {
    Edwards(&'a Key),
    Rsa(&'a RsaKey),
}

impl Cert {
    /// With both AlgorithmIdentifiers the same.
    pub(crate) fn algorithm(mut self, algorithm: &[u8]) -> Self {
        (self.inner, self.outer) = (algorithm.to_vec(), algorithm.to_vec());
        self
    }

    /// With one more extension.
    pub(crate) fn extended(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    /// With the public key of somebody else.
    pub(crate) fn of(mut self, public: &[u8; 32]) -> Self {
        self.key = spki(public);
        self
    }

    /// The fields of the TBSCertificate one after the other.
    pub(crate) fn fields(&self) -> Vec<u8> {
        let mut out = join(&[
            self.version.clone(),
            self.serial.clone(),
            self.inner.clone(),
            self.issuer.clone(),
            seq(&self.validity),
            self.subject.clone(),
            self.key.clone(),
        ]);
        if !self.extensions.is_empty() {
            out.extend(tlv(0xa3, &seq(&self.extensions)));
        }
        out
    }

    /// The TBSCertificate.
    pub(crate) fn tbs(&self) -> Vec<u8> {
        tlv(0x30, &self.fields())
    }

    /// The certificate with any signature.
    pub(crate) fn with(&self, signature: &[u8]) -> Vec<u8> {
        self.around(&self.tbs(), signature)
    }

    /// The certificate with any TBSCertificate and any signature.
    pub(crate) fn around(&self, tbs: &[u8], signature: &[u8]) -> Vec<u8> {
        seq(&[tbs.to_vec(), self.outer.clone(), bits(signature)])
    }

    /// The certificate, signed over whatever it says.
    pub(crate) fn by(&self, signer: &Signer) -> Vec<u8> {
        self.around_by(&self.tbs(), signer)
    }

    /// The certificate with any TBSCertificate, rightly signed.
    pub(crate) fn around_by(&self, tbs: &[u8], signer: &Signer) -> Vec<u8> {
        let signature = match signer {
            Signer::Edwards(key) => key.sign(tbs).to_vec(),
            Signer::Rsa(key) => key.sign(tbs),
        };
        self.around(tbs, &signature)
    }
}

/// The version field.
pub(crate) fn version(number: u8) -> Vec<u8> {
    tlv(0xa0, &tlv(0x02, &[number]))
}

/// The AlgorithmIdentifier of Ed25519.
pub(crate) fn ed25519() -> Vec<u8> {
    algorithm(&oid::ED25519, &[])
}

/// The AlgorithmIdentifier of sha256WithRSAEncryption without parameters, as real chains have it.
pub(crate) fn sha256_with_rsa() -> Vec<u8> {
    algorithm(&oid::SHA256_WITH_RSA, &[])
}

/// An AttributeTypeAndValue.
pub(crate) fn attribute(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    seq(&[oid(kind), tlv(tag, value)])
}

/// An attribute as UTF8String.
pub(crate) fn utf8(kind: &[u8], value: &str) -> Vec<u8> {
    attribute(kind, UTF8, value.as_bytes())
}

/// A Name with one attribute in each RDN.
pub(crate) fn name(attributes: &[Vec<u8>]) -> Vec<u8> {
    seq(&attributes.iter().map(|a| rdn(std::slice::from_ref(a))).collect::<Vec<_>>())
}

/// An RDN of attributes in the order given, which DER wants ascending.
pub(crate) fn rdn(attributes: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x31, &join(attributes))
}

/// An Extension; `critical` is the BOOLEAN or nothing.
pub(crate) fn extension(kind: &[u8], critical: &[u8], value: &[u8]) -> Vec<u8> {
    seq(&[oid(kind), critical.to_vec(), tlv(0x04, value)])
}

/// The BOOLEAN of a critical extension.
pub(crate) const CRITICAL: [u8; 3] = [1, 1, 0xff];

/// basicConstraints, critical.
pub(crate) fn constraints(value: &[u8]) -> Vec<u8> {
    extension(&oid::BASIC_CONSTRAINTS, &CRITICAL, value)
}

/// keyUsage, critical.
pub(crate) fn usage(value: &[u8]) -> Vec<u8> {
    extension(&oid::KEY_USAGE, &CRITICAL, value)
}

/// keyUsage with digitalSignature alone.
pub(crate) const DIGITAL_SIGNATURE: [u8; 4] = [3, 2, 7, 0x80];

/// `YYYYMMDDHHMMSSZ` of a time since 1970.
pub(crate) fn digits(unix: i64) -> String {
    let (day, second) = (unix.div_euclid(86400), unix.rem_euclid(86400));
    let (mut year, mut left) = (1970_i64, day);
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let length = |y: i64| if leap(y) { 366 } else { 365 };
    while left < 0 {
        year -= 1;
        left += length(year);
    }
    while left >= length(year) {
        left -= length(year);
        year += 1;
    }
    let february = if leap(year) { 29 } else { 28 };
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < days {
            break;
        }
        left -= days;
        month += 1;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}{month:02}{:02}{hour:02}{minute:02}{:02}Z", left + 1, second % 60)
}

/// A UTCTime.
pub(crate) fn utc(unix: i64) -> Vec<u8> {
    tlv(UTC_TIME, &digits(unix).as_bytes()[2..])
}

/// A GeneralizedTime.
pub(crate) fn generalized(unix: i64) -> Vec<u8> {
    tlv(GENERALIZED_TIME, digits(unix).as_bytes())
}
