//! The project's own vectors (docs/vectors.md), every one, through the public API and the store in RAM.
//!
//! The tool's runner has a store of its own; this one has the library's, and reads keys without the library.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::{panic, thread};

use base64ct::{Base64Unpadded, Encoding};
use common::uuid;
use lockop::{AclEntry, Device, Policy, RamAcl, Role, UserKey, Window};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[test]
fn every_vector_holds() {
    let files: Vec<_> = files().iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    // A difference has been shown, and is enough: the other files go no further. (What is tried for every mutant must not
    // take longer than it must.)
    let differs = AtomicBool::new(false);
    let run = |line: &str| {
        let held = panic::catch_unwind(|| run(line));
        differs.fetch_or(held.is_err(), Relaxed);
    };
    let run_file = |file: &str| file.lines().take_while(|_| !differs.load(Relaxed)).map(run).count();
    let vectors: usize = thread::scope(|scope| {
        let runs: Vec<_> = files.iter().map(|file| scope.spawn(|| run_file(file))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    assert!(!differs.into_inner());
    assert!(vectors >= 2500, "{vectors}");
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "jsonl")).collect()
}

fn run(line: &str) {
    let vector: Value = serde_json::from_str(line).unwrap();
    // The room of the store is part of its type.
    match vector["capacity"].as_u64().unwrap_or(256) {
        1 => run_with::<1>(&vector),
        2 => run_with::<2>(&vector),
        3 => run_with::<3>(&vector),
        4 => run_with::<4>(&vector),
        5 => run_with::<5>(&vector),
        25 => run_with::<25>(&vector),
        26 => run_with::<26>(&vector),
        256 => run_with::<256>(&vector),
        other => panic!("{}: no vector had room for {other} users before: add a line here", vector["id"]),
    }
}

fn run_with<const USERS: usize>(vector: &Value) {
    let id = &vector["id"];
    let mut acl = RamAcl::<USERS, 32>::new();
    for entry in entries(&vector["acl"]) {
        acl.provision(entry).unwrap();
    }
    let mut device = Device::new(uuid(text(&vector["lock"]))).with_policy(policy(&vector["policy"]));
    for (number, step) in (1..).zip(vector["steps"].as_array().unwrap()) {
        let now = step["now"].as_u64().unwrap_or_else(|| vector["now"].as_u64().unwrap());
        let before = acl.clone();
        let got = match device.apply(&jws(step), now, &mut acl) {
            Ok(_) => "applied".to_owned(),
            Err(error) => format!("rejected:{}", error.code()),
        };
        let expected = text(&step["expect"]);
        let any_code = expected == "rejected" && got.starts_with("rejected:");
        assert!(any_code || got == expected, "{id}: step {number}: expected {expected}, got {got}");
        // §10: a refusal changes nothing.
        let unchanged = acl.entries() == before.entries() && acl.replays() == before.replays();
        assert!(got == "applied" || unchanged, "{id}: step {number}: {got}, but the store is another");
    }
    if !vector["acl_after"].is_null() {
        let by_user = |mut entries: Vec<AclEntry>| {
            entries.sort_by_key(|entry| entry.user);
            entries
        };
        assert_eq!(by_user(acl.entries().to_vec()), by_user(entries(&vector["acl_after"])), "{id}: acl_after");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn jws(step: &Value) -> Vec<u8> {
    match &step["jws_hex"] {
        Value::String(hex) => hex
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect(),
        _ => text(&step["jws"]).as_bytes().to_vec(),
    }
}

fn policy(json: &Value) -> Policy {
    let mut policy = Policy::DEFAULT;
    for (member, value) in json.as_object().into_iter().flatten() {
        match member.as_str() {
            "leeway" => policy.leeway = value.as_u64().unwrap(),
            "rfc7515_only" => policy.rfc7515_only = value.as_bool().unwrap(),
            "require_jti" => policy.require_jti = value.as_bool().unwrap(),
            "max_len" => policy.max_len = value.as_u64().unwrap().try_into().unwrap(),
            _ => panic!("policy: {member}"),
        }
    }
    policy
}

fn entries(acl: &Value) -> Vec<AclEntry> {
    acl.as_array().unwrap().iter().map(entry).collect()
}

fn entry(json: &Value) -> AclEntry {
    AclEntry {
        user: uuid(text(&json["user"])),
        key: key(text(&json["publicKey"])),
        role: match json["role"].as_str() {
            None | Some("USER") => Role::User,
            Some("ADMIN") => Role::Admin,
            Some(other) => panic!("role: {other}"),
        },
        window: Window::new(json["start"].as_u64(), json["end"].as_u64()).unwrap(),
    }
}

/// What an ACL keeps of a key (§5), in any spelling.
fn key(text: &str) -> UserKey {
    let standard = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let key = Base64Unpadded::decode_vec(&standard).unwrap();
    match key.len() {
        32 | 44 => UserKey::Ed25519(key[key.len() - 32..].try_into().unwrap()),
        _ => UserKey::RsaFingerprint(Sha256::digest(&key).into()),
    }
}
