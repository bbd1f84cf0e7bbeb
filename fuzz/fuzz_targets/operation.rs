//! Anything as an operation: no panic, refused unless signed, and nothing changed by a refusal (§10).

#![no_main]

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use lockop::{AclEntry, Unverified, UserKey, Uuid};
use lockop_fuzz::leaf::{Circumstances, bound_key};
use lockop_fuzz::world::{self, LEEWAY, NOW, OWNER_KEYS};
use lockop_fuzz::{base64, changed_segment, json};
use serde_json::Value;

fuzz_target!(|jws: &[u8]| {
    for key in OWNER_KEYS {
        let mut acl = world::acl(&[world::owner(key)]);
        let before = acl.clone();
        match world::device().apply(jws, NOW, &mut acl) {
            Ok(applied) => {
                assert!(is_signed(jws, applied.claims.iss, key), "applied, but not signed");
                let same = |entry: &&AclEntry| before.entries().contains(entry);
                assert!(acl.entries().len() - acl.entries().iter().filter(same).count() <= applied.users);
            }
            Err(error) => {
                // For a log on the device: it must not panic either.
                _ = (error.to_string(), error.code().as_str());
                assert_eq!(acl.entries(), before.entries(), "{error}");
                assert_eq!(acl.replays(), before.replays(), "{error}");
            }
        }
    }
    look(jws);
});

// Three changes of four are made inside a segment.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let which = usize::try_from(seed % 4).unwrap_or(0);
    let inside = |data: &mut [u8], size| {
        let room = data.len();
        fuzzer_mutate(data, size, room)
    };
    changed_segment::change_segment(data, size, max_size, which, inside)
        .unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

/// What tools do with an operation that nobody has verified.
fn look(jws: &[u8]) {
    let policy = lockop::Policy { rfc7515_only: true, require_jti: true, ..Default::default() };
    for policy in [policy, lockop::Policy::DEFAULT] {
        match Unverified::parse(jws, &policy) {
            Ok(unverified) => _ = unverified.operation(&mut lockop::ConstantTime).map_err(|error| error.to_string()),
            Err(error) => _ = error.to_string(),
        }
    }
}

/// Whether the operation is signed by the owner, whose key on the ACL this is (§6). It is believed where x509-cert cannot
/// say.
fn is_signed(jws: &[u8], iss: Uuid, anchor: UserKey) -> bool {
    let is_signed_with = |key| verifies(jws, &key).unwrap_or(false);
    match (chain(jws), anchor) {
        (None, UserKey::Ed25519(key)) => is_signed_with(key),
        (None, UserKey::RsaFingerprint(_)) => false,
        (Some(chain), _) => {
            let next = chain.get(1).map(Vec::as_slice);
            let circumstances = Circumstances { now: NOW, leeway: LEEWAY, iss, anchor: Some(anchor), next };
            match bound_key(&chain[0], &circumstances) {
                Ok(key) => key.is_none_or(is_signed_with),
                Err(why_not) => panic!("applied, but: {why_not}"),
            }
        }
    }
}

/// The certificates in the header of an operation that has been applied.
fn chain(jws: &[u8]) -> Option<Vec<Vec<u8>>> {
    let header = jws.split(|byte| *byte == b'.').next()?;
    let header = json::read(&base64::decode(header)?).expect("JSON");
    match header.get("x5c")? {
        Value::Null => None,
        chain => {
            let certificates = chain.as_array().expect("an array");
            let der = |text: &Value| Base64::decode_vec(text.as_str().expect("a string")).expect("base64");
            Some(certificates.iter().map(der).collect())
        }
    }
}

fn verifies(jws: &[u8], key: &[u8; 32]) -> Option<bool> {
    let dot = jws.iter().rposition(|byte| *byte == b'.')?;
    let (signed, signature) = jws.split_at(dot);
    let signature = Signature::from_slice(&base64::decode(&signature[1..])?).ok()?;
    Some(VerifyingKey::from_bytes(key).ok()?.verify_strict(signed, &signature).is_ok())
}
