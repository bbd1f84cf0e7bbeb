//! The contract of `lockop vectors` (docs/vectors.md).

mod common;

use std::path::Path;

use base64ct::{Base64, Encoding};
use common::{Desk, GUEST, LOCK, NOW, OWNER, claims, entry, public, user};
use serde_json::{Value, json};

/// A vector of two steps that holds.
fn vector(desk: &Desk) -> Value {
    let jws = desk.batch(&json!([user(1)]));
    json!({
        "id": "good-1", "note": "applied once", "lock": LOCK, "now": NOW,
        "acl": [entry(OWNER, &public(&desk.owner), "ADMIN")],
        "steps": [
            { "jws": jws, "expect": "applied" },
            { "jws": jws, "now": NOW + 1, "expect": "rejected:replayed" },
            { "jws_hex": "ff2e", "expect": "rejected" },
        ],
        "acl_after": [
            entry(user(1)["user"].as_str().unwrap(), user(1)["publicKey"].as_str().unwrap(), "USER"),
            entry(OWNER, &public(&desk.owner), "ADMIN"),
        ],
    })
}

/// Runs vectors, and hands back all lines but the last, which must be the tally.
#[track_caller]
fn run(desk: &Desk, vectors: &[Value], tally: &str, status: i32) -> Vec<String> {
    let file: String = vectors.iter().map(|vector| format!("{vector}\n")).collect();
    let output = desk.run(&["vectors", "-"], file).exits(status);
    let mut lines: Vec<_> = output.stdout.lines().map(str::to_owned).collect();
    assert_eq!(lines.pop().as_deref(), Some(tally), "{output:?}");
    lines
}

#[test]
fn good_vectors_pass() {
    let desk = Desk::new();
    let good = vector(&desk);
    let mut short = good.clone();
    short.as_object_mut().unwrap().remove("acl_after");
    let mut strict = good.clone();
    strict["policy"] = json!({ "leeway": 0, "rfc7515_only": true, "require_jti": false, "max_len": 32768 });
    strict["capacity"] = json!(2);
    assert_eq!(run(&desk, &[good, short, strict], "3 passed, 0 failed", 0), [""; 0]);
}

#[test]
fn files_and_blank_lines() {
    let desk = Desk::new();
    desk.write("a.jsonl", &format!("{}\n\n", vector(&desk)));
    desk.write("b.jsonl", &vector(&desk).to_string());
    let output = desk.run(&["vectors", "a.jsonl", "b.jsonl"], "").exits(0);
    assert_eq!(output.stdout, "2 passed, 0 failed\n");
    desk.run(&["vectors", "a.jsonl", "missing.jsonl"], "").exits(2);
    desk.run(&["vectors"], "").exits(2);
}

#[test]
fn none_run_is_a_failure() {
    let desk = Desk::new();
    assert_eq!(run(&desk, &[], "0 passed, 0 failed", 1), [""; 0]);
}

#[test]
fn every_difference_has_a_line() {
    let desk = Desk::new();
    let good = vector(&desk);
    let with = |id: &str, place: &str, value: Value| {
        let mut vector = good.clone();
        vector["id"] = json!(id);
        *vector.pointer_mut(place).unwrap() = value;
        vector
    };
    let mut roomless = good.clone();
    roomless["capacity"] = json!(1);
    let mut leftover = good.clone();
    leftover["acl_after"].as_array_mut().unwrap().pop();
    let mut missing = good.clone();
    missing["acl_after"].as_array_mut().unwrap().push(entry(GUEST, &public(&desk.guest), "USER"));
    let lines = run(
        &desk,
        &[
            with("step", "/steps/1/expect", json!("applied")),
            with("code", "/steps/1/expect", json!("rejected:expired")),
            with("nasty \u{1b}[2J", "/steps/0/expect", json!("rejected")),
            with("role", "/acl_after/0/role", json!("ADMIN")),
            with("time", "/acl_after/0/end", json!(5)),
            with("key", "/acl_after/0/publicKey", json!(public(&desk.guest))),
            roomless,
            leftover,
            missing,
            good.clone(),
        ],
        "1 passed, 9 failed",
        1,
    );
    let parts = [
        "step: step 2: expected applied, got rejected:replayed",
        "code: step 2: expected rejected:expired, got rejected:replayed",
        "nasty \\u{1b}[2J: step 1: expected rejected, got applied",
        "role: acl_after: expected ",
        "time: acl_after: expected ",
        "key: acl_after: expected ",
        "good-1: step 1: expected applied, got rejected:acl-full",
        "good-1: acl_after: expected no 00000000",
        "good-1: acl_after: expected 00000000",
    ];
    assert_eq!(lines.len(), parts.len(), "{lines:#?}");
    for (line, part) in lines.iter().zip(parts) {
        assert!(line.contains(part), "{line} / {part}");
    }
}

#[test]
fn any_spelling_of_a_key_is_equal() {
    let desk = Desk::new();
    let mut vector = vector(&desk);
    let spki = Base64::encode_string(&common::key(1).pk.to_der());
    vector["acl_after"][0]["publicKey"] = json!(spki.trim_end_matches('='));
    vector["acl_after"][0]["user"] = json!(user(1)["user"].as_str().unwrap().to_uppercase());
    run(&desk, &[vector], "1 passed, 0 failed", 0);
}

#[test]
fn what_is_no_vector_fails_with_its_line() {
    let desk = Desk::new();
    let good = vector(&desk);
    let mut unknown = good.clone();
    unknown["stepz"] = json!([]);
    let mut policy = good.clone();
    policy["policy"] = json!({ "leway": 5 });
    let mut nonsense = good.clone();
    nonsense["steps"][2]["expect"] = json!("rejected:nonsense");
    let lines = run(&desk, &[unknown, good, policy, json!(5), nonsense], "1 passed, 4 failed", 1);
    for (line, place) in lines.iter().zip(["-:1: not a vector", "-:3: not a vector", "-:4: not a vector", "-:5: not"]) {
        assert!(line.starts_with(place), "{line}");
    }
    let output = desk.run(&["vectors", "-"], b"\xff\n").exits(1);
    assert!(output.stdout.ends_with("\n0 passed, 1 failed\n"), "{output:?}");
}

#[test]
fn strings_are_exact() {
    let desk = Desk::new();
    let mut vector = vector(&desk);
    let jws = vector["steps"][0]["jws"].as_str().unwrap().to_owned();
    vector["steps"] = json!([{ "jws": jws + "\n", "expect": "rejected:malformed" }]);
    vector["acl_after"] = vector["acl"].clone();
    run(&desk, &[vector], "1 passed, 0 failed", 0);
}

#[test]
fn json_output() {
    let desk = Desk::new();
    let good = vector(&desk);
    let mut bad = good.clone();
    bad["steps"][0]["expect"] = json!("rejected:expired");
    desk.write("v.jsonl", &format!("{good}\n{bad}\nx\n"));
    let json = desk.run(&["vectors", "--json", "v.jsonl"], "").exits(1).json();
    assert_eq!((&json["passed"], &json["failed"]), (&json!(1), &json!(2)));
    let failure = &json["failures"][0];
    assert_eq!((&failure["file"], &failure["line"], &failure["id"]), (&json!("v.jsonl"), &json!(2), &json!("good-1")));
    assert_eq!(
        (&failure["step"], &failure["expected"], &failure["got"]),
        (&json!(1), &json!("rejected:expired"), &json!("applied"))
    );
    assert_eq!(json["failures"][1]["id"], Value::Null);
    assert!(json["failures"][1]["error"].is_string());
    let mut late = claims(&json!([user(1)]));
    late["exp"] = json!(0);
    let mut reason = good.clone();
    reason["steps"] = json!([{ "jws": desk.signed(&late), "expect": "applied" }]);
    let json = desk.run(&["vectors", "--json", "-"], reason.to_string()).exits(1).json();
    assert!(json["failures"][0]["reason"].as_str().unwrap().contains("exp"), "{json}");
}

#[test]
fn the_repositorys_vectors_hold() {
    let desk = Desk::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect();
    let files = files.iter().map(|path| path.to_str().unwrap());
    let arguments: Vec<_> = ["vectors", "--json"].into_iter().chain(files).collect();
    let json = desk.run(&arguments, "").exits(0).json();
    assert_eq!(json["failed"], 0);
    assert!(json["passed"].as_u64().unwrap() >= 250, "too few vectors: {json}");
}
