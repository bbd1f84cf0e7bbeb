//! Operations that are signed with a leaf key whose certificate the user's RSA key has signed (§6).

mod common;

use base64ct::{Base64, Encoding};
use common::*;
use lockop::{AclEntry, ConstantTime, Error, Policy, Unverified, UserKey};
use serde_json::{Value, json};

const LEAF: &[u8] = include_bytes!("../benches/target/certificates/leaf.der");
const USER: &[u8] = include_bytes!("../benches/target/certificates/user.der");
const USER_KEY: &[u8] = include_bytes!("../benches/target/certificates/user.spki");
const INTERMEDIATE: &[u8] = include_bytes!("../benches/target/certificates/intermediate.der");
/// The user whom the leaf names as its issuer.
const ISSUER: &str = "a0a0a0a0-a0a0-40a0-80a0-a0a0a0a0a000";

/// An operation of the user with a chain, signed with the key that the leaf is of.
fn operation(chain: &[&[u8]]) -> String {
    let chain: Vec<String> = chain.iter().map(|der| Base64::encode_string(der)).collect();
    let mut claims = claims(batch(1));
    claims["iss"] = ISSUER.into();
    sign_text(&json!({"alg": "EdDSA", "x5c": chain}).to_string(), &claims.to_string(), &key_pair(0xfe))
}

fn apply(chain: &[&[u8]]) -> Result<usize, Error<std::convert::Infallible>> {
    let mut acl = Acl::new();
    let key = UserKey::from_bytes(USER_KEY).unwrap();
    acl.provision(AclEntry { user: uuid(ISSUER), key, ..owner() }).unwrap();
    verdict(&mut acl, &operation(chain), NOW)
}

/// Whether the leaf is bound, whoever has signed the operation.
fn is_bound(chain: &[&[u8]]) -> bool {
    let jws = operation(chain);
    let key = UserKey::from_bytes(USER_KEY).unwrap();
    let unverified = Unverified::parse(jws.as_bytes(), &Policy::DEFAULT).unwrap();
    unverified.leaf_is_bound(Some(&key), NOW, &Policy::DEFAULT, &mut ConstantTime).unwrap()
}

#[test]
fn the_users_rsa_key_binds_the_leaf() {
    assert_eq!(apply(&[LEAF, USER]), Ok(1));
    assert_eq!(apply(&[LEAF, USER, INTERMEDIATE]), Ok(1), "the rest of a chain is nobody's business");
    assert!(is_bound(&[LEAF, USER]));
}

#[test]
fn any_other_chain_is_unauthenticated() {
    for chain in [&[LEAF][..], &[LEAF, INTERMEDIATE], &[LEAF, LEAF], &[USER, LEAF], &[USER, USER], &[LEAF, &LEAF[1..]]]
    {
        assert_eq!(apply(chain), Err(Error::Unauthenticated));
        assert!(!is_bound(chain));
    }
}

#[test]
fn one_changed_bit_unbinds_the_leaf() {
    for place in (0..LEAF.len()).step_by(3) {
        let mut leaf = LEAF.to_vec();
        leaf[place] ^= 1 << (place % 8);
        assert!(!is_bound(&[&leaf, USER]), "{place}");
    }
}

/// A signature is as long as the modulus (RFC 8017 §8.2.2), which has 512 bytes at most (§5).
#[test]
fn a_signature_of_another_length_binds_nothing() {
    // SEQUENCE with a length of two bytes, what was signed, and at the end the BIT STRING of 256 bytes.
    let (signed, signature) = LEAF[4..].split_at(LEAF.len() - 4 - 256);
    let signed = signed.strip_suffix(&[0x03, 0x82, 0x01, 0x01, 0]).unwrap();
    let with = |signature: &[u8]| {
        let bits =
            [&[0x03, 0x82][..], &u16::try_from(signature.len() + 1).unwrap().to_be_bytes(), &[0], signature].concat();
        let len = u16::try_from(signed.len() + bits.len()).unwrap().to_be_bytes();
        [&[0x30, 0x82], &len[..], signed, &bits].concat()
    };
    assert_eq!(with(signature), LEAF);
    for other in [&signature[..255], &[&[0], signature].concat(), &[signature, signature].concat(), &[0x5a; 513]] {
        assert!(!is_bound(&[&with(other), USER]), "{}", other.len());
    }
}

/// Of the certificates that are read, none has more than 2,048 bytes (§11).
#[test]
fn only_the_first_two_certificates_are_short() {
    let [longest, too_long] = [vec![0; 2048], vec![0; 2049]];
    let code = |chain: &[&[u8]]| apply(chain).map_err(|error| error.code().as_str());
    assert_eq!(code(&[LEAF, USER, &too_long]), Ok(1));
    assert_eq!(code(&[LEAF, &too_long]), Err("malformed"));
    assert_eq!(code(&[&too_long, USER]), Err("malformed"));
    assert_eq!(code(&[LEAF, &longest]), Err("unauthenticated"));
    assert_eq!(code(&[&longest, USER]), Err("unauthenticated"));
}

/// `x5c` is judged by the first two of its certificates, and all have to be base64 (§3).
#[test]
fn no_more_than_six_certificates() {
    let chain = |len: usize| [&[LEAF, USER][..], &[INTERMEDIATE; 5]].concat()[..len].to_vec();
    assert_eq!(apply(&chain(6)), Ok(1));
    let refused = apply(&chain(7)).map_err(|error| error.code().as_str());
    assert_eq!(refused, Err("malformed"));
    let none = sign_text(r#"{"alg":"EdDSA","x5c":[]}"#, &claims(Value::Null).to_string(), &key_pair(1));
    assert_eq!(verdict(&mut acl(), &none, NOW).map_err(|error| error.code().as_str()), Err("malformed"));
}
