//! What a device does with operations: applied or refused, for the right reason, all or nothing.

mod common;

use common::*;
use lockop::{
    AclEntry, AclStore, Code, CommitError, Device, Error, Fault, OperationFault, Part, Policy, ReplayRecord, Role,
    Transaction, UserKey, Uuid, Window,
};
use serde_json::{Value, json};

#[track_caller]
fn refused(acl: &mut Acl, jws: &str, now: u64, code: Code) {
    assert_eq!(verdict(acl, jws, now).map_err(|error| error.code()), Err(code));
}

fn with(member: &str, value: Value) -> Value {
    let mut claims = claims(batch(1));
    claims[member] = value;
    claims
}

#[test]
fn a_batch_is_applied_as_it_says() {
    let mut acl = acl();
    let operation = json!({"type": "BATCH_ADD_USER", "users": [
        {"user": guest(0), "publicKey": guest_key(0), "role": "ADMIN", "start": NOW, "end": NOW + 100},
        {"user": guest(1), "publicKey": guest_key(1), "role": null, "start": null, "end": null},
    ]});
    let applied = device().apply(sign(&claims(operation)).as_bytes(), NOW, &mut acl).unwrap();
    assert_eq!((applied.operation, applied.users), ("BATCH_ADD_USER", 2));
    assert_eq!(applied.claims.iss, uuid(OWNER));
    assert_eq!(applied.claims.jti.unwrap().as_bytes(), b"first");
    assert_eq!(
        acl.entries(),
        [
            owner(),
            AclEntry {
                user: uuid(&guest(0)),
                key: UserKey::Ed25519(*key_pair(100).pk),
                role: Role::Admin,
                window: Window::new(Some(NOW), Some(NOW + 100)).unwrap(),
            },
            AclEntry {
                user: uuid(&guest(1)),
                key: UserKey::Ed25519(*key_pair(101).pk),
                role: Role::User,
                window: Window::ALWAYS,
            },
        ]
    );
}

#[test]
fn twenty_five_users_are_applied_and_twenty_six_are_not() {
    assert_eq!(verdict(&mut acl(), &sign(&claims(batch(25))), NOW), Ok(25));
    let error = verdict(&mut acl(), &sign(&claims(batch(26))), NOW).unwrap_err();
    let Error::InvalidOperation(detail) = error else { panic!("{error:?}") };
    assert_eq!((detail.user, detail.fault), (None, OperationFault::UserCount));
}

#[test]
fn a_new_admin_can_sign_at_once() {
    let mut acl = acl();
    let operation = json!({"type": "BATCH_ADD_USER", "users": [
        {"user": guest(5), "publicKey": guest_key(5), "role": "ADMIN"},
    ]});
    assert_eq!(verdict(&mut acl, &sign(&claims(operation)), NOW), Ok(1));
    let mut second = claims(batch(2));
    second["iss"] = guest(5).into();
    let jws = sign_text(r#"{"alg":"Ed25519"}"#, &second.to_string(), &key_pair(105));
    assert_eq!(verdict(&mut acl, &jws, NOW), Ok(2));
}

#[test]
fn each_reason_has_its_code() {
    let acl = &mut acl();
    refused(acl, "", NOW, Code::Malformed);
    refused(
        acl,
        &sign_text(r#"{"alg":"none"}"#, &claims(batch(1)).to_string(), &key_pair(1)),
        NOW,
        Code::UnsupportedAlgorithm,
    );
    refused(
        acl,
        &sign_text(r#"{"alg":"EdDSA"}"#, &claims(batch(1)).to_string(), &key_pair(2)),
        NOW,
        Code::Unauthenticated,
    );
    refused(acl, &sign(&with("iss", guest(9).into())), NOW, Code::Unauthenticated);
    refused(acl, &sign(&with("sub", guest(9).into())), NOW, Code::WrongDevice);
    refused(acl, &sign(&with("nbf", json!(NOW + 1))), NOW - 60, Code::NotYetValid);
    refused(acl, &sign(&with("iat", json!(NOW + 61))), NOW, Code::NotYetValid);
    refused(acl, &sign(&claims(batch(1))), NOW + 120, Code::Expired);
    refused(acl, &sign(&with("operation", json!({"type": "REMOVE_USER", "user": 1}))), NOW, Code::UnsupportedOperation);
    refused(acl, &sign(&with("operation", json!({"type": "BATCH_ADD_USER"}))), NOW, Code::InvalidOperation);
    assert_eq!(verdict(acl, &sign(&claims(batch(1))), NOW + 119), Ok(1));
    refused(acl, &sign(&claims(batch(1))), NOW, Code::Replayed);
}

#[test]
fn only_an_active_admin_may_sign() {
    let jws = sign(&claims(batch(1)));
    for (role, start, end, allowed) in [
        (Role::User, None, None, false),
        (Role::Admin, Some(NOW), Some(NOW + 1), true),
        (Role::Admin, Some(NOW + 1), None, false),
        (Role::Admin, None, Some(NOW), false),
    ] {
        let mut acl = Acl::new();
        acl.provision(AclEntry { role, window: Window::new(start, end).unwrap(), ..owner() }).unwrap();
        let expected = if allowed { Ok(1) } else { Err(Error::Forbidden) };
        assert_eq!(verdict(&mut acl, &jws, NOW), expected);
    }
}

#[test]
fn an_issuer_whose_key_is_rsa_needs_certificates() {
    let mut acl = Acl::new();
    acl.provision(AclEntry { key: UserKey::RsaFingerprint(*key_pair(1).pk), ..owner() }).unwrap();
    refused(&mut acl, &sign(&claims(batch(1))), NOW, Code::Unauthenticated);
}

/// Whatever is wrong behind it, a wrong signature is all that is told.
#[test]
fn who_cannot_sign_learns_nothing() {
    let faults = [
        with("sub", guest(9).into()),
        with("nbf", json!(NOW + 59)),
        with("exp", json!(NOW + 1)),
        with("operation", json!({"type": "REMOVE_USER"})),
        with("operation", json!({"type": 5})),
        with("operation", batch(26)),
        claims(batch(1)),
    ];
    for claims in faults {
        for now in [NOW - 10_000, NOW, NOW + 10_000] {
            let jws = sign_text(r#"{"alg":"EdDSA"}"#, &claims.to_string(), &key_pair(2));
            refused(&mut acl(), &jws, now, Code::Unauthenticated);
        }
    }
}

#[test]
fn refusals_say_where() {
    let text = |error: Error<_>| error.to_string();
    let refuse = |jws: &str| text(verdict(&mut acl(), jws, NOW).unwrap_err());
    assert_eq!(refuse("a.b"), "input, byte 3: a compact JWS has exactly two dots");
    let unsigned = |header, payload| refuse(&sign_text(header, payload, &key_pair(1)));
    assert_eq!(unsigned("{}", "{}"), "header, byte 2: `alg` is missing");
    assert_eq!(
        unsigned(r#"{"alg":"EdDSA"}"#, r#"{"iss":1}"#),
        "payload, byte 7: `iss` has the wrong type or is out of range"
    );
    assert_eq!(unsigned(r#"{"alg":"EdDSA","alg":1}"#, ""), "header, byte 20: a member name is repeated in one object");
    let mut two = batch(2);
    two["users"][1]["role"] = "OWNER".into();
    assert_eq!(refuse(&sign(&claims(two))), "users[1]: `role` has the wrong type or form");

    let error = device().apply(b"AAA*.AAAA.AAAA", NOW, &mut acl()).unwrap_err();
    let Error::Malformed(detail) = error else { panic!("{error:?}") };
    assert_eq!((detail.part, detail.fault), (Part::Header, Fault::Base64Alphabet));
}

#[test]
fn policy_is_the_devices_own() {
    let jws = sign(&with("jti", Value::Null));
    let apply = |policy, jws: &str, now| {
        let mut device = device().with_policy(policy);
        device.apply(jws.as_bytes(), now, &mut acl()).map(|_| ()).map_err(|error| error.code())
    };
    let policy = Policy::default();
    assert_eq!(apply(policy, &jws, NOW), Ok(()));
    assert_eq!(apply(Policy { require_jti: true, ..policy }, &jws, NOW), Err(Code::Malformed));
    assert_eq!(apply(Policy { max_len: jws.len(), ..policy }, &jws, NOW), Ok(()));
    assert_eq!(apply(Policy { max_len: jws.len() - 1, ..policy }, &jws, NOW), Err(Code::Malformed));
    assert_eq!(apply(Policy { leeway: 0, ..policy }, &jws, NOW + 60), Err(Code::Expired));
    assert_eq!(apply(Policy { leeway: 0, ..policy }, &jws, NOW + 59), Ok(()));
    assert_eq!(apply(Policy { leeway: u64::MAX, ..policy }, &jws, u64::MAX - 1), Ok(()));
    let padded = format!("{jws}==");
    assert_eq!(apply(policy, &padded, NOW), Ok(()));
    assert_eq!(apply(Policy { rfc7515_only: true, ..policy }, &padded, NOW), Err(Code::Malformed));
    assert_eq!(apply(Policy { rfc7515_only: true, ..policy }, &jws, NOW), Ok(()));
}

#[test]
fn a_batch_that_does_not_fit_changes_nothing() {
    let mut acl = acl();
    for number in 0..40 {
        acl.provision(AclEntry { user: Uuid::from_bytes([number; 16]), ..owner() }).unwrap();
    }
    refused(&mut acl, &sign(&claims(batch(25))), NOW, Code::AclFull);
    assert!(acl.remove(&Uuid::from_bytes([0; 16])));
    assert!(acl.remove(&Uuid::from_bytes([1; 16])));
    assert_eq!(verdict(&mut acl, &sign(&claims(batch(25))), NOW), Ok(25), "what was refused can be sent again");
    assert_eq!(acl.entries().len(), 64);
}

/// A store whose medium fails at the chosen call.
struct Failing {
    good: Acl,
    at: &'static str,
}

impl Failing {
    fn fail(&self, call: &'static str) -> Result<(), &'static str> {
        if self.at == call { Err(call) } else { Ok(()) }
    }
}

impl AclStore for Failing {
    type Error = &'static str;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Self::Error> {
        self.fail("get")?;
        Ok(self.good.get(user).unwrap())
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Self::Error> {
        self.fail("is_replay")?;
        Ok(self.good.is_replay(record, passed).unwrap())
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Self::Error>> {
        self.fail("commit").map_err(CommitError::Store)?;
        self.good.commit(transaction).map_err(|_| CommitError::Full)
    }
}

#[test]
fn a_failing_store_is_told_to_those_who_can_sign() {
    let jws = sign(&claims(batch(1)));
    let apply = |at| device().apply(jws.as_bytes(), NOW, &mut Failing { good: acl(), at }).map(|applied| applied.users);
    assert_eq!(apply("never"), Ok(1));
    assert_eq!(apply("get"), Err(Error::Lookup("get")));
    assert_eq!(Error::Lookup("get").code(), Code::Unauthenticated);
    assert_eq!(apply("is_replay"), Err(Error::Storage("is_replay")));
    assert_eq!(apply("commit"), Err(Error::Storage("commit")));
}

/// The record of an operation counts until it has expired; then its `jti` is free again (§8).
#[test]
fn a_jti_is_free_again_when_its_operation_has_expired() {
    let mut acl = acl();
    assert_eq!(verdict(&mut acl, &sign(&claims(batch(1))), NOW), Ok(1));
    let later = sign(&with("exp", json!(NOW + 1000)));
    refused(&mut acl, &later, NOW + 119, Code::Replayed);
    assert_eq!(verdict(&mut acl, &later, NOW + 120), Ok(1));
    refused(&mut acl, &later, NOW + 120, Code::Replayed);
    refused(&mut acl, &later, NOW, Code::Replayed);
}

#[test]
fn the_steps_can_be_taken_one_by_one() {
    let jws = sign(&claims(batch(3)));
    let mut acl = acl();
    let mut device = device();
    let unverified = device.parse(jws.as_bytes()).unwrap();
    assert_eq!(unverified.claims().exp, NOW + 60);
    let lockop::Operation::BatchAddUser(shown) = unverified.operation(&mut lockop::ConstantTime).unwrap() else {
        panic!("another operation");
    };
    assert_eq!(shown.grants().len(), 3);
    let authentic = device.authenticate(unverified, NOW, &mut acl).unwrap();
    assert_eq!(authentic.issuer(), &owner());
    let authorized = device.authorize(authentic, NOW).unwrap();
    assert_eq!(authorized.operation().name(), "BATCH_ADD_USER");
    drop(authorized);
    assert_eq!(acl.entries().len(), 1, "nothing is applied before the last step");

    let unverified = device.parse(jws.as_bytes()).unwrap();
    let authentic = device.authenticate(unverified, NOW, &mut acl).unwrap();
    device.authorize(authentic, NOW).unwrap().commit().unwrap();
    assert_eq!(acl.entries().len(), 4);
}

#[test]
fn codes_are_stable() {
    let names = Code::ALL.map(Code::as_str);
    assert_eq!(
        names,
        [
            "malformed",
            "unsupported-algorithm",
            "unauthenticated",
            "wrong-device",
            "not-yet-valid",
            "expired",
            "forbidden",
            "replayed",
            "unsupported-operation",
            "invalid-operation",
            "acl-full",
            "storage",
        ]
    );
    assert_eq!(Code::ALL.map(|code| code as u8), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}

#[test]
fn another_backend_can_be_plugged_in() {
    struct Nobody;
    impl lockop::Ed25519 for Nobody {
        fn verify(&mut self, _: &[u8; 32], _: &[u8], _: &[u8; 64]) -> lockop::Choice {
            lockop::Choice::from(0)
        }
        fn is_valid_key(&mut self, _: &[u8; 32]) -> bool {
            true
        }
    }
    let refused = Device::with_backend(uuid(LOCK), Nobody).apply(sign(&claims(batch(1))).as_bytes(), NOW, &mut acl());
    assert_eq!(refused.unwrap_err(), Error::Unauthenticated);
}
