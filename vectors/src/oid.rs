//! Object identifiers, as the content of their encoding.

/// id-Ed25519, 1.3.101.112.
pub(crate) const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];
/// id-X25519.
pub(crate) const X25519: [u8; 3] = [0x2b, 0x65, 0x6e];

const fn pkcs1(last: u8) -> [u8; 9] {
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last]
}

/// rsaEncryption, 1.2.840.113549.1.1.1.
pub(crate) const RSA: [u8; 9] = pkcs1(1);
/// sha1WithRSAEncryption.
pub(crate) const SHA1_WITH_RSA: [u8; 9] = pkcs1(5);
/// id-mgf1.
pub(crate) const MGF1: [u8; 9] = pkcs1(8);
/// id-RSASSA-PSS.
pub(crate) const RSA_PSS: [u8; 9] = pkcs1(10);
/// sha256WithRSAEncryption.
pub(crate) const SHA256_WITH_RSA: [u8; 9] = pkcs1(11);
/// sha384WithRSAEncryption.
pub(crate) const SHA384_WITH_RSA: [u8; 9] = pkcs1(12);
/// ecdsa-with-SHA256.
pub(crate) const ECDSA_WITH_SHA256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

const fn nist_hash(last: u8) -> [u8; 9] {
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last]
}

/// id-sha256.
pub(crate) const SHA256: [u8; 9] = nist_hash(1);
/// id-sha384.
pub(crate) const SHA384: [u8; 9] = nist_hash(2);
/// id-sha512.
pub(crate) const SHA512: [u8; 9] = nist_hash(3);
/// id-sha512-256.
pub(crate) const SHA512_256: [u8; 9] = nist_hash(6);
/// id-sha1.
pub(crate) const SHA1: [u8; 5] = [0x2b, 0x0e, 0x03, 0x02, 0x1a];

/// userId (UID), 0.9.2342.19200300.100.1.1.
pub(crate) const UID: [u8; 10] = [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01];
/// commonName.
pub(crate) const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
/// organizationName.
pub(crate) const ORGANIZATION: [u8; 3] = [0x55, 0x04, 0x0a];
/// x500UniqueIdentifier.
pub(crate) const X500_UNIQUE_ID: [u8; 3] = [0x55, 0x04, 0x2d];

/// subjectKeyIdentifier.
pub(crate) const SUBJECT_KEY_ID: [u8; 3] = [0x55, 0x1d, 0x0e];
/// keyUsage.
pub(crate) const KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x0f];
/// basicConstraints.
pub(crate) const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];
/// authorityKeyIdentifier.
pub(crate) const AUTHORITY_KEY_ID: [u8; 3] = [0x55, 0x1d, 0x23];
/// extKeyUsage.
pub(crate) const EXTENDED_KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x25];
/// An extension that nobody knows, 1.3.6.1.4.1.32473.n (RFC 5612).
pub(crate) const fn unknown(n: u8) -> [u8; 9] {
    assert!(n < 0x80, "one octet");
    [0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, n]
}
