//! The steps one by one: what each of them refuses, so that no later one has to, and what can be asked of it.

mod common;

use common::*;
use lockop::{
    AclEntry, AclStore, Choice, Code, CommitError, Device, Ed25519, Error, Policy, RamAcl, ReplayLog, ReplayRecord,
    Role, Transaction, UserKey, Uuid, Window,
};
use std::convert::Infallible;

/// Row 3 of §7 is decided by the step that verifies, and not left to those behind it.
#[test]
fn what_is_forged_is_never_authentic() {
    let claims = claims(batch(1));
    let forged = sign_text(r#"{"alg":"EdDSA"}"#, &claims.to_string(), &key_pair(2));
    let mut stranger = claims.clone();
    stranger["iss"] = guest(7).into();
    let (mut device, mut acl) = (device(), acl());
    for jws in [forged, sign(&stranger)] {
        let unverified = device.parse(jws.as_bytes()).unwrap();
        let refused = device.authenticate(unverified, NOW, &mut acl).map(|_| ());
        assert_eq!(refused, Err(Error::Unauthenticated));
    }
}

/// A signature that is too short or too long is a wrong one (§11), whatever its first 64 bytes are.
#[test]
fn a_signature_with_more_behind_it_is_wrong() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let jws = sign(&claims(batch(1)));
    let (signing_input, signature) = jws.rsplit_once('.').unwrap();
    let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
    for other in [&signature[..63], &[&signature[..], &[0]].concat(), &signature.repeat(2)] {
        let jws = format!("{signing_input}.{}", Base64UrlUnpadded::encode_string(other));
        assert_eq!(verdict(&mut acl(), &jws, NOW), Err(Error::Unauthenticated));
    }
}

#[test]
fn every_step_tells_what_the_issuer_claims() {
    let jws = sign(&claims(batch(2)));
    let (mut device, mut acl) = (device(), acl());
    let unverified = device.parse(jws.as_bytes()).unwrap();
    let claimed = *unverified.claims();
    assert_eq!((claimed.iss, claimed.sub), (uuid(OWNER), uuid(LOCK)));
    assert_eq!((claimed.nbf, claimed.iat, claimed.exp), (NOW, NOW, NOW + 60));
    let jti = claimed.jti.unwrap();
    assert_eq!((jti.as_str(), format!("{jti:?}").as_str()), ("first", "\"first\""));

    let authentic = device.authenticate(unverified, NOW, &mut acl).unwrap();
    assert_eq!(authentic.claims(), &claimed);
    let authorized = device.authorize(authentic, NOW).unwrap();
    assert_eq!(authorized.claims(), &claimed);
    let applied = authorized.commit().unwrap();
    assert_eq!((applied.claims, applied.operation, applied.users), (claimed, "BATCH_ADD_USER", 2));
}

#[test]
fn a_device_tells_its_id_and_policy() {
    let policy = Policy { leeway: 5, ..Policy::DEFAULT };
    let device = device();
    assert_eq!((device.id(), device.policy()), (&uuid(LOCK), &Policy::DEFAULT));
    assert_eq!(device.with_policy(policy).policy(), &policy);
}

#[test]
fn an_entry_tells_what_it_is() {
    assert_eq!((Role::User.as_str(), Role::Admin.as_str()), ("USER", "ADMIN"));
    assert_eq!(
        (UserKey::Ed25519([1; 32]).as_bytes(), UserKey::RsaFingerprint([2; 32]).as_bytes()),
        (&[1; 32], &[2; 32])
    );
    assert_eq!(UserKey::from_base64(guest_key(3).as_bytes()), Some(UserKey::Ed25519(*key_pair(103).pk)));
    assert_eq!(UserKey::from_base64(&[b'A'; 1000]), None);
    assert_eq!(format!("{:?}", uuid(OWNER)), OWNER);
}

#[test]
fn what_is_new_is_empty() {
    assert_eq!(ReplayLog::<3>::default(), ReplayLog::new());
    let mut acl = RamAcl::<3, 3>::default();
    assert!(acl.entries().is_empty() && acl.replays().records().is_empty());
    assert_eq!(acl.get(&uuid(OWNER)), Ok(None));

    // §8: who makes the ACL anew after a restart brings the records along.
    let mut log = ReplayLog::new();
    log.insert(ReplayRecord::from_parts([1; 32], 50));
    let mut acl = RamAcl::<3, 3>::with_replays(log);
    assert_eq!(acl.is_replay(&ReplayRecord::from_parts([1; 32], 50), 0), Ok(true));
}

/// A device can be given its store and its arithmetic for a while: what is done through a reference is done.
#[test]
fn borrowed_stores_and_backends_are_the_same() {
    let mut acl = acl();
    let mut backend = lockop::ConstantTime;
    let jws = sign(&claims(batch(1)));
    let mut borrowed = &mut acl;
    let mut device = Device::with_backend(uuid(LOCK), &mut backend);
    let forged = sign_text(r#"{"alg":"EdDSA"}"#, &claims(batch(1)).to_string(), &key_pair(2));
    assert_eq!(device.apply(forged.as_bytes(), NOW, &mut borrowed).unwrap_err(), Error::Unauthenticated);
    assert_eq!(device.apply(jws.as_bytes(), NOW, &mut borrowed).unwrap().users, 1);
    assert_eq!(device.apply(jws.as_bytes(), NOW, &mut borrowed).unwrap_err(), Error::Replayed);
    assert_eq!(acl.entries().len(), 2);

    let mut borrowed = &mut backend;
    let (key, signature) = (key_pair(1), key_pair(1).sk.sign(b"message", None));
    assert!(bool::from(Ed25519::verify(&mut borrowed, &key.pk, b"message", &signature)));
    assert!(!bool::from(Ed25519::verify(&mut borrowed, &key.pk, b"other", &signature)));
    assert!(Ed25519::is_valid_key(&mut borrowed, &key.pk) && !Ed25519::is_valid_key(&mut borrowed, &[0; 32]));
}

/// Users whose UUIDs differ in one bit, or in the same bit of two words, are two (§9: a lookup folds all words into one).
#[test]
fn similar_users_are_told_apart() {
    let similar = |places: &[usize]| {
        let mut user = [0x5a; 16];
        places.iter().for_each(|place| user[place / 8] ^= 1 << (place % 8));
        Uuid::from_bytes(user)
    };
    let (mut acl, one) = (Acl::new(), similar(&[]));
    acl.provision(AclEntry { user: one, ..owner() }).unwrap();
    for first in 0..128 {
        for second in [first, (first + 32) % 128, (first + 64) % 128] {
            let other = if first == second { similar(&[first]) } else { similar(&[first, second]) };
            assert_eq!(acl.get(&other), Ok(None), "{first} {second}");
            acl.provision(AclEntry { user: other, role: Role::User, ..owner() }).unwrap();
            assert_eq!(acl.get(&one).unwrap().map(|entry| entry.role), Some(Role::Admin));
            assert_eq!(acl.get(&other).unwrap().map(|entry| entry.user), Some(other));
            assert!(acl.remove(&other) && !acl.remove(&other));
        }
    }
    assert_eq!(acl.entries().len(), 1);
}

/// A store that answers the second question for a replay in its own way.
struct Fickle {
    good: Acl,
    asked: usize,
    second: Result<bool, &'static str>,
}

impl AclStore for Fickle {
    type Error = &'static str;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Self::Error> {
        Ok(self.good.get(user).unwrap())
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Self::Error> {
        self.asked += 1;
        if self.asked == 2 { self.second } else { Ok(self.good.is_replay(record, passed).unwrap()) }
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Self::Error>> {
        self.good.commit(transaction).map_err(|_| CommitError::Full)
    }
}

/// docs/fault-injection.md: the store is asked twice, and both answers must let the operation through.
#[test]
fn the_second_answer_of_the_store_counts_too() {
    let jws = sign(&claims(batch(1)));
    for (second, expected) in
        [(Ok(false), Ok(1)), (Ok(true), Err(Error::Unauthenticated)), (Err("broken"), Err(Error::Storage("broken")))]
    {
        let mut store = Fickle { good: acl(), asked: 0, second };
        let applied = device().apply(jws.as_bytes(), NOW, &mut store).map(|applied| applied.users);
        assert_eq!(applied, expected);
        assert_eq!(store.good.entries().len(), if expected.is_ok() { 2 } else { 1 });
    }
}

/// A store that finds somebody else has found nobody (§6: the issuer's own entry is the anchor).
#[test]
fn another_users_entry_is_none() {
    struct Wrong;
    impl AclStore for Wrong {
        type Error = Infallible;
        fn get(&mut self, _: &Uuid) -> Result<Option<AclEntry>, Infallible> {
            Ok(Some(AclEntry { user: uuid(&guest(3)), window: Window::ALWAYS, ..owner() }))
        }
        fn is_replay(&mut self, _: &ReplayRecord, _: u64) -> Result<bool, Infallible> {
            Ok(false)
        }
        fn commit(&mut self, _: &Transaction<'_>) -> Result<(), CommitError<Infallible>> {
            Ok(())
        }
    }
    let refused = device().apply(sign(&claims(batch(1))).as_bytes(), NOW, &mut Wrong).unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

/// The answers of a backend without a second way are taken as they are.
#[test]
fn a_backend_of_ones_own_decides() {
    struct Everybody;
    impl Ed25519 for Everybody {
        fn verify(&mut self, _: &[u8; 32], _: &[u8], _: &[u8; 64]) -> Choice {
            Choice::from(1)
        }
        fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
            *key != *key_pair(100).pk
        }
    }
    let mut device = Device::with_backend(uuid(LOCK), Everybody);
    let mut acl = acl();
    let forged = |operation| sign_text(r#"{"alg":"EdDSA"}"#, &claims(operation).to_string(), &key_pair(2));
    let weak = device.apply(forged(batch(1)).as_bytes(), NOW, &mut acl).unwrap_err();
    assert_eq!(weak.code(), Code::InvalidOperation);
    let mut operation = batch(2);
    operation["users"].as_array_mut().unwrap().remove(0);
    assert_eq!(device.apply(forged(operation).as_bytes(), NOW, &mut acl).unwrap().users, 1);
}
