//! Users' keys (§5), by spki and pkcs1.

use der::Decode;
use der::oid::ObjectIdentifier;
use ed25519_dalek::{Signature, VerifyingKey};
use lockop::UserKey;
use pkcs1::RsaPublicKeyRef;
use sha2::{Digest, Sha256};
use spki::SubjectPublicKeyInfoRef;

/// id-Ed25519 (RFC 8410 §3).
pub const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// rsaEncryption (RFC 8017 A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// What `UserKey::from_bytes` should say.
#[must_use]
pub fn user_key(bytes: &[u8]) -> Option<UserKey> {
    if let Ok(raw) = bytes.try_into() {
        return Some(UserKey::Ed25519(raw));
    }
    let info = SubjectPublicKeyInfoRef::from_der(bytes).ok()?;
    if info.algorithm.oid == ED25519 {
        let raw = info.subject_public_key.as_bytes()?.try_into().ok()?;
        return info.algorithm.parameters.is_none().then_some(UserKey::Ed25519(raw));
    }
    rsa_modulus(bytes)?;
    Some(UserKey::RsaFingerprint(Sha256::digest(bytes).into()))
}

/// The modulus of an RSA SubjectPublicKeyInfo within the limits of §5 and §11.
#[must_use]
pub fn rsa_modulus(bytes: &[u8]) -> Option<&[u8]> {
    let info = SubjectPublicKeyInfoRef::from_der(bytes).ok()?;
    let key = RsaPublicKeyRef::from_der(info.subject_public_key.as_bytes()?).ok()?;
    let modulus = key.modulus.as_bytes();
    let bits = modulus.len() * 8 - modulus.first()?.leading_zeros() as usize;
    let good = info.algorithm.oid == RSA
        && info.algorithm.parameters.is_some_and(|parameters| parameters.is_null())
        && (2048..=4096).contains(&bits)
        && modulus.last()? % 2 == 1
        && key.public_exponent.as_bytes() == [1, 0, 1];
    good.then_some(modulus)
}

/// Whether an Ed25519 key is one (§5): canonical, on the curve, not of small order.
#[must_use]
pub fn is_good_ed25519(bytes: &[u8; 32]) -> bool {
    VerifyingKey::from_bytes(bytes).is_ok_and(|key| !key.is_weak() && key.to_edwards().compress().as_bytes() == bytes)
}

/// Whether an Ed25519 signature is right (§6); one that is not 64 bytes long is wrong.
#[must_use]
pub fn verifies(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    is_good_ed25519(key)
        && VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// What stands in an RSA SubjectPublicKeyInfo behind four bytes of tag and length: its AlgorithmIdentifier.
const RSA_IDENTIFIER: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Everything in a certificate that looks like an RSA SubjectPublicKeyInfo, wherever it is: nothing else of `x5c[1]` is
/// used (§6), so that nothing else of it need be well-formed.
pub fn places_of_rsa_key(certificate: &[u8]) -> impl Iterator<Item = &[u8]> {
    let windows = certificate.windows(RSA_IDENTIFIER.len()).enumerate();
    windows.filter(|(_, window)| *window == RSA_IDENTIFIER).filter_map(|(place, _)| {
        let info = certificate.get(place.checked_sub(4)?..)?;
        let len = u16::from_be_bytes([info[2], info[3]]);
        info.get(..usize::from(len) + 4)
    })
}
