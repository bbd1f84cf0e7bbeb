//! RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2), by num-bigint.

use num_bigint::BigUint;
use sha2::{Digest, Sha256};

/// DigestInfo up to the digest (RFC 8017 §9.2, note 1).
const SHA256_INFO: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// What is signed: the message's EMSA-PKCS1-v1_5 in so many bytes, if they are enough (RFC 8017 §9.2).
#[must_use]
pub fn encoded(len: usize, message: &[u8]) -> Option<Vec<u8>> {
    let end = [&[0], SHA256_INFO, Sha256::digest(message).as_slice()].concat();
    let ones = len.checked_sub(end.len() + 2)?;
    Some([&[0, 1], vec![0xff; ones].as_slice(), &end].concat())
}

/// Whether `signature` is the signature of `message` with the key of this modulus and the exponent 65537.
#[must_use]
pub fn is_signature(modulus: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Some(expected) = encoded(modulus.len(), message) else { return false };
    let (n, s) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(signature));
    signature.len() == modulus.len()
        && s < n
        && s.modpow(&BigUint::from(65_537_u32), &n) == BigUint::from_bytes_be(&expected)
}
