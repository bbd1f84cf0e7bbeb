//! Operations of a user whose key is RSA, signed with a leaf key: chains made by OpenSSL (§6), before the library.
//!
//! The library's own tests run no other programs, so these are here.

#[path = "../../tests/common/mod.rs"]
mod common;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use common::*;
use lockop::{AclEntry, Code, UserKey};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// What `chain.sh` has made.
struct Chain {
    folder: PathBuf,
    /// DER, leaf first.
    certificates: [Vec<u8>; 4],
    /// The RSA user's SubjectPublicKeyInfo.
    user_key: Vec<u8>,
    /// OpenSSL's certificates are valid from the moment they are made.
    now: u64,
}

static CHAIN: LazyLock<Chain> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chain-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chain.sh");
    let made = Command::new("bash").arg(script).arg(&folder).arg(OWNER).output().expect("this test needs bash");
    assert!(made.status.success(), "this test needs openssl: {}", String::from_utf8_lossy(&made.stderr));
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    Chain {
        certificates: ["leaf.der", "user.der", "intermediate.der", "root.der"].map(read),
        user_key: read("user.spki"),
        now: SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs(),
        folder,
    }
});

/// A header with these certificates.
fn header(certificates: &[Vec<u8>]) -> String {
    let x5c: Vec<String> = certificates.iter().map(|der| Base64::encode_string(der)).collect();
    json!({"alg": "EdDSA", "x5c": x5c, "typ": "JWT"}).to_string()
}

fn payload(users: usize) -> String {
    let key = Base64::encode_string(&CHAIN.user_key);
    let users: Vec<_> = (0..users)
        .map(|number| json!({"user": guest(number), "publicKey": key, "role": "USER", "start": null, "end": null}))
        .collect();
    let now = CHAIN.now;
    json!({"iss": OWNER, "sub": LOCK, "nbf": now, "iat": now, "exp": now + 60, "jti": "chain",
        "operation": {"type": "BATCH_ADD_USER", "users": users}})
    .to_string()
}

/// Signs with the key in that file, which OpenSSL has made.
fn sign_with(key: &str, header: &str, payload: &str) -> String {
    let signing_input = format!(
        "{}.{}",
        Base64UrlUnpadded::encode_string(header.as_bytes()),
        Base64UrlUnpadded::encode_string(payload.as_bytes())
    );
    let pem = std::fs::read_to_string(CHAIN.folder.join(key)).unwrap();
    let der: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    // PKCS#8 of an Ed25519 key ends with its 32 bytes.
    let der = Base64::decode_vec(&der).unwrap();
    let seed = ed25519_compact::Seed::from_slice(&der[der.len() - 32..]).unwrap();
    let signature = ed25519_compact::KeyPair::from_seed(seed).sk.sign(&signing_input, None);
    format!("{signing_input}.{}", Base64UrlUnpadded::encode_string(&*signature))
}

fn rsa_acl() -> Acl {
    let mut acl = Acl::new();
    let key = UserKey::from_bytes(&CHAIN.user_key).unwrap();
    assert!(matches!(key, UserKey::RsaFingerprint(_)));
    acl.provision(AclEntry { key, ..owner() }).unwrap();
    acl
}

fn apply(jws: &str, acl: &mut Acl) -> Result<usize, Code> {
    verdict(acl, jws, CHAIN.now).map_err(|error| error.code())
}

#[test]
fn twenty_five_rsa_users_with_a_full_chain_are_applied() {
    let jws = sign_with("leaf.key", &header(&CHAIN.certificates), &payload(25));
    // The size of what real clients send.
    assert!((20_000..32_768).contains(&jws.len()), "{}", jws.len());
    let mut acl = rsa_acl();
    assert_eq!(apply(&jws, &mut acl), Ok(25));
    assert!(acl.entries().iter().all(|entry| entry.key == UserKey::from_bytes(&CHAIN.user_key).unwrap()));
    assert_eq!(apply(&jws, &mut acl), Err(Code::Replayed));
}

#[test]
fn the_first_two_certificates_are_all_that_is_needed() {
    for count in 2..=4 {
        let jws = sign_with("leaf.key", &header(&CHAIN.certificates[..count]), &payload(1));
        assert_eq!(apply(&jws, &mut rsa_acl()), Ok(1), "{count}");
    }
    let jws = sign_with("leaf.key", &header(&CHAIN.certificates[..1]), &payload(1));
    assert_eq!(apply(&jws, &mut rsa_acl()), Err(Code::Unauthenticated));
    let [leaf, user, intermediate, _] = CHAIN.certificates.clone();
    for wrong in [[user.clone(), leaf.clone()], [leaf.clone(), intermediate], [leaf.clone(), leaf]] {
        let jws = sign_with("leaf.key", &header(&wrong), &payload(1));
        assert_eq!(apply(&jws, &mut rsa_acl()), Err(Code::Unauthenticated));
    }
}

#[test]
fn the_anchor_is_the_issuers_entry() {
    let jws = sign_with("leaf.key", &header(&CHAIN.certificates), &payload(1));
    assert_eq!(apply(&jws, &mut Acl::new()), Err(Code::Unauthenticated), "nobody is on the ACL");
    assert_eq!(apply(&jws, &mut acl()), Err(Code::Unauthenticated), "the issuer has another key");

    let mut other = Acl::new();
    other.provision(AclEntry { user: uuid(&guest(0)), ..rsa_acl().entries()[0] }).unwrap();
    assert_eq!(apply(&jws, &mut other), Err(Code::Unauthenticated), "another user has this key");

    let mut same_key = Acl::new();
    let leaf_key: [u8; 32] = leaf_key();
    same_key.provision(AclEntry { key: UserKey::Ed25519(leaf_key), ..owner() }).unwrap();
    assert_eq!(apply(&jws, &mut same_key), Ok(1), "the leaf's key is the issuer's own");

    let mut fingerprint = Acl::new();
    fingerprint.provision(AclEntry { key: UserKey::RsaFingerprint(leaf_key), ..owner() }).unwrap();
    assert_eq!(apply(&jws, &mut fingerprint), Err(Code::Unauthenticated));
}

/// The 32 bytes behind the leaf's SubjectPublicKeyInfo prefix.
fn leaf_key() -> [u8; 32] {
    let leaf = &CHAIN.certificates[0];
    let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let at = leaf.windows(12).position(|window| window == prefix).unwrap();
    leaf[at + 12..at + 44].try_into().unwrap()
}

#[test]
fn the_leaf_holds_from_its_first_to_its_last_second() {
    let jws = |nbf: u64| {
        let now = CHAIN.now;
        let payload = payload(1).replace(&format!("\"nbf\":{now},"), &format!("\"nbf\":{nbf},"));
        let payload = payload.replace(&format!("\"iat\":{now},"), &format!("\"iat\":{nbf},"));
        let payload = payload.replace(&format!("\"exp\":{},", now + 60), "\"exp\":9000000000000,");
        sign_with("leaf.key", &header(&CHAIN.certificates), &payload)
    };
    let day = 86_400;
    for (now, expected) in [
        (CHAIN.now - day, Err(Code::Unauthenticated)),
        (CHAIN.now - 30, Ok(1)),
        (CHAIN.now + 7 * day - 60, Ok(1)),
        (CHAIN.now + 7 * day + 120, Err(Code::Unauthenticated)),
    ] {
        let verdict = verdict(&mut rsa_acl(), &jws(1), now).map_err(|error| error.code());
        assert_eq!(verdict, expected, "{now}");
    }
}

#[test]
fn only_the_leafs_key_may_have_signed() {
    let mut forged = sign_with("leaf.key", &header(&CHAIN.certificates), &payload(1)).into_bytes();
    let last = forged.len() - 10;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    assert_eq!(apply(core::str::from_utf8(&forged).unwrap(), &mut rsa_acl()), Err(Code::Unauthenticated));
    let other = sign_text(&header(&CHAIN.certificates), &payload(1), &key_pair(1));
    assert_eq!(apply(&other, &mut rsa_acl()), Err(Code::Unauthenticated));
}

#[test]
fn tools_can_ask_whether_the_leaf_is_bound() {
    let jws = sign_with("leaf.key", &header(&CHAIN.certificates), &payload(1));
    let policy = lockop::Policy::DEFAULT;
    let unverified = lockop::Unverified::parse(jws.as_bytes(), &policy).unwrap();
    let bound =
        |key: Option<UserKey>| unverified.leaf_is_bound(key.as_ref(), CHAIN.now, &policy, &mut lockop::ConstantTime);
    assert_eq!(bound(Some(rsa_acl().entries()[0].key)), Some(true));
    assert_eq!(bound(Some(owner().key)), Some(false));
    assert_eq!(bound(None), Some(false));
    let plain = sign(&claims(batch(1)));
    let unverified = lockop::Unverified::parse(plain.as_bytes(), &policy).unwrap();
    assert_eq!(unverified.leaf_is_bound(Some(&owner().key), NOW, &policy, &mut lockop::ConstantTime), None);
}

/// Where the user certificate's SubjectPublicKeyInfo is.
fn user_key_range() -> core::ops::Range<usize> {
    let user = &CHAIN.certificates[1];
    let at = user.windows(CHAIN.user_key.len()).position(|window| window == CHAIN.user_key).unwrap();
    at..at + CHAIN.user_key.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// The operation is signed again, so that nothing but the chain is wrong.
    #[test]
    fn no_byte_of_the_leaf_can_be_changed(place: Index, flip in 1..=255_u8) {
        let mut chain = CHAIN.certificates[..2].to_vec();
        let place = place.index(chain[0].len());
        chain[0][place] ^= flip;
        let jws = sign_with("leaf.key", &header(&chain), &payload(1));
        prop_assert_eq!(apply(&jws, &mut rsa_acl()), Err(Code::Unauthenticated));
    }

    #[test]
    fn no_byte_of_the_users_key_can_be_changed(place: Index, flip in 1..=255_u8) {
        let mut chain = CHAIN.certificates[..2].to_vec();
        let place = user_key_range().start + place.index(CHAIN.user_key.len());
        chain[1][place] ^= flip;
        let jws = sign_with("leaf.key", &header(&chain), &payload(1));
        prop_assert_eq!(apply(&jws, &mut rsa_acl()), Err(Code::Unauthenticated));
    }

    /// As an attacker has it, who cannot sign: the header is part of what was signed.
    #[test]
    fn no_byte_of_the_chain_can_be_changed_by_others(which in 0..4_usize, place: Index, flip in 1..=255_u8) {
        let jws = sign_with("leaf.key", &header(&CHAIN.certificates), &payload(1));
        let mut chain = CHAIN.certificates.to_vec();
        let place = place.index(chain[which].len());
        chain[which][place] ^= flip;
        let (_, rest) = jws.split_once('.').unwrap();
        let changed = format!("{}.{rest}", Base64UrlUnpadded::encode_string(header(&chain).as_bytes()));
        prop_assert_eq!(apply(&changed, &mut rsa_acl()), Err(Code::Unauthenticated));
    }

    #[test]
    fn no_certificate_can_be_cut_or_extended(which in 0..2_usize, place: Index, more: bool) {
        let mut chain = CHAIN.certificates[..2].to_vec();
        if more {
            chain[which].push(0);
        } else {
            let len = place.index(chain[which].len() - 1) + 1;
            chain[which].truncate(len);
        }
        let jws = sign_with("leaf.key", &header(&chain), &payload(1));
        prop_assert_eq!(apply(&jws, &mut rsa_acl()), Err(Code::Unauthenticated));
    }
}
