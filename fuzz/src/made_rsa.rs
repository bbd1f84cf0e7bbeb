//! The RSA key of one of the users of the target `signed`, and what it signs: slowly, so that it is done once.

use base64ct::{Base64, Encoding};
use der::{Decode, Encode};
use lockop::UserKey;
use num_bigint::BigUint;
use pkcs1::RsaPrivateKeyRef;
use std::sync::LazyLock;

use crate::made_leaf::tlv;
use crate::rsa;

/// Made with OpenSSL for the vectors; its file is made for a build, so that no fuzzer waits for a key.
static PRIVATE_KEY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text: String = include_str!("../../vectors/keys/user2048.pkcs1.b64").split_whitespace().collect();
    Base64::decode_vec(&text).expect("base64")
});

/// rsaEncryption with NULL parameters.
const IDENTIFIER: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Its SubjectPublicKeyInfo.
pub static INFO: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let public = private().public_key().to_der().expect("DER");
    tlv(0x30, &[IDENTIFIER, &tlv(0x03, &[&[0], &public])])
});

fn private() -> RsaPrivateKeyRef<'static> {
    RsaPrivateKeyRef::from_der(&PRIVATE_KEY).expect("a key")
}

/// What the ACL keeps of it.
///
/// # Panics
///
/// No.
#[must_use]
pub fn key() -> UserKey {
    crate::key::user_key(&INFO).expect("a key of §5")
}

/// RSASSA-PKCS1-v1_5 with SHA-256.
#[must_use]
pub fn sign(message: &[u8]) -> Vec<u8> {
    let key = private();
    let [n, d] = [key.modulus, key.private_exponent].map(|number| BigUint::from_bytes_be(number.as_bytes()));
    let len = key.modulus.as_bytes().len();
    let encoded = BigUint::from_bytes_be(&rsa::encoded(len, message).expect("room"));
    let signature = encoded.modpow(&d, &n).to_bytes_be();
    [vec![0; len - signature.len()], signature].concat()
}
