//! What the tests share: a device with its owner, and a signer that knows nothing of the library's parser.
#![allow(dead_code, reason = "every test file uses a part of it")]

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use ed25519_compact::{KeyPair, Seed};
use lockop::{AclEntry, Device, Error, RamAcl, Role, UserKey, Uuid, Window};
use serde_json::{Value, json};
use std::convert::Infallible;

/// The time of the device in all tests, Unix seconds.
pub(crate) const NOW: u64 = 1_700_000_000;
/// The lock.
pub(crate) const LOCK: &str = "00000000-0000-4000-8000-00000000000a";
/// The user who signs.
pub(crate) const OWNER: &str = "11111111-1111-4111-8111-111111111111";

/// The store of the tests.
pub(crate) type Acl = RamAcl<64, 16>;

/// A key pair that is the same in every run.
pub(crate) fn key_pair(number: u8) -> KeyPair {
    KeyPair::from_seed(Seed::new([number; 32]))
}

pub(crate) fn uuid(text: &str) -> Uuid {
    text.parse().unwrap()
}

/// The UUID of an invited user.
pub(crate) fn guest(number: usize) -> String {
    format!("22222222-2222-4222-8222-{number:012x}")
}

/// The key of an invited user, as `publicKey` carries it.
pub(crate) fn guest_key(number: usize) -> String {
    Base64::encode_string(&*key_pair(100 + u8::try_from(number).unwrap()).pk)
}

/// The owner's entry.
pub(crate) fn owner() -> AclEntry {
    AclEntry { user: uuid(OWNER), key: UserKey::Ed25519(*key_pair(1).pk), role: Role::Admin, window: Window::ALWAYS }
}

/// An ACL with the owner on it.
pub(crate) fn acl() -> Acl {
    let mut acl = Acl::new();
    acl.provision(owner()).unwrap();
    acl
}

pub(crate) fn device() -> Device<lockop::ConstantTime> {
    Device::new(uuid(LOCK))
}

/// `BATCH_ADD_USER` with so many users.
pub(crate) fn batch(users: usize) -> Value {
    let users: Vec<Value> =
        (0..users).map(|number| json!({"user": guest(number), "publicKey": guest_key(number)})).collect();
    json!({"type": "BATCH_ADD_USER", "users": users})
}

/// The owner's claims, all in order.
#[expect(clippy::needless_pass_by_value, reason = "reads better where it is called")]
pub(crate) fn claims(operation: Value) -> Value {
    json!({"iss": OWNER, "sub": LOCK, "nbf": NOW, "iat": NOW, "exp": NOW + 60, "jti": "first", "operation": operation})
}

/// Signs the owner's claims as the documented shell recipe does.
pub(crate) fn sign(claims: &Value) -> String {
    sign_text(r#"{"alg":"EdDSA","typ":"JWT"}"#, &claims.to_string(), &key_pair(1))
}

/// Signs two JSON texts, whatever they are, in base64url without padding.
pub(crate) fn sign_text(header: &str, payload: &str, key: &KeyPair) -> String {
    sign_segments(
        &Base64UrlUnpadded::encode_string(header.as_bytes()),
        &Base64UrlUnpadded::encode_string(payload.as_bytes()),
        key,
    )
}

/// Signs two encoded segments.
pub(crate) fn sign_segments(header: &str, payload: &str, key: &KeyPair) -> String {
    let signing_input = format!("{header}.{payload}");
    let signature = key.sk.sign(&signing_input, None);
    format!("{signing_input}.{}", Base64UrlUnpadded::encode_string(&*signature))
}

/// What the device says, and that it changed nothing if it refused.
#[track_caller]
pub(crate) fn verdict(acl: &mut Acl, jws: &str, now: u64) -> Result<usize, Error<Infallible>> {
    let before = (acl.entries().to_vec(), acl.replays().clone());
    let verdict = device().apply(jws.as_bytes(), now, acl).map(|applied| applied.users);
    if verdict.is_err() {
        assert_eq!((acl.entries().to_vec(), acl.replays().clone()), before, "a refusal changed the store");
    }
    verdict
}
