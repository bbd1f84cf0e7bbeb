//! The contracts of `lockop inspect`, `lockop demo` and the help.

mod common;

use std::process::{Command, Stdio};

use common::{Desk, GUEST, HEADER, LOCK, NOW, OWNER, RSA_USER, claims, public, sign, user};
use serde_json::{Value, json};

#[track_caller]
fn inspect(desk: &Desk, jws: &str, status: i32) -> (String, Value) {
    let text = desk.run(&["inspect", "--now", "1700000000"], jws).exits(status);
    let json = desk.run(&["inspect", "--now", "1700000000", "--json"], jws).exits(status).json();
    assert!(text.stdout.starts_with("UNVERIFIED"), "{text:?}");
    assert_eq!(json["verified"], false);
    assert_eq!(json["well_formed"], status == 0);
    assert_eq!(json["fault"].is_null(), status == 0);
    for output in [&text.stdout, &json.to_string()] {
        assert!(!output.contains(|character: char| character != '\n' && character.is_control()), "{output}");
    }
    (text.stdout, json)
}

#[test]
fn a_good_operation_is_shown() {
    let desk = Desk::new();
    let mut claims =
        claims(&json!([user(1), { "user": GUEST, "publicKey": public(&desk.guest), "role": "ADMIN", "end": 1.8e9 }]));
    claims["jti"] = json!("j");
    claims["x\u{202e}"] = json!("\u{1b}[31m");
    let (text, json) = inspect(&desk, &desk.signed(&claims), 0);
    for shown in
        ["\"EdDSA\"", OWNER, LOCK, "2023-11-14T22:13:20Z, now", "in 1 min", GUEST, "x\\u{202e}", "ADMIN", "Well-formed"]
    {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert_eq!(json["header"], json!({ "alg": "EdDSA", "typ": "JWT" }));
    assert_eq!(json["claims"]["iss"], OWNER);
    assert_eq!(json["claims"]["x\u{202e}"], "\u{1b}[31m");
    assert_eq!(json["times"]["exp"], json!({ "unix": NOW + 60, "utc": "2023-11-14T22:14:20Z", "in_seconds": 60 }));
    assert_eq!(json["operation"]["users"].as_array().unwrap().len(), 2);
    assert_eq!(json["grants"][1]["role"], "ADMIN");
    assert_eq!(json["grants"][1]["end"], 1_800_000_000);
    assert_eq!(json["signature_bytes"], 64);
    assert_eq!(json["segments"][2]["alphabet"], "base64url");
    assert_eq!(json["x5c"], Value::Null);
    assert!(json.get("issuer_on_acl").is_none());
}

#[test]
fn the_issuers_entry_is_shown() {
    let desk = Desk::new();
    let jws = desk.batch(&json!([user(1)]));
    let run = |more: &[&str]| desk.run(&[&["inspect", "--acl", "acl.json"], more].concat(), &jws);
    assert!(run(&[]).exits(0).stdout.contains("Issuer on the ACL"));
    assert_eq!(run(&["--json"]).exits(0).json()["issuer_on_acl"]["role"], "ADMIN");
    desk.write("acl.json", "[]");
    assert!(run(&[]).exits(0).stdout.contains("The issuer is not on the ACL."));
    assert_eq!(run(&["--json"]).exits(0).json()["issuer_on_acl"], Value::Null);
    desk.write("acl.json", "{}");
    run(&[]).exits(2);
}

#[test]
fn broken_input_is_shown_as_far_as_it_goes() {
    let desk = Desk::new();
    let jws = desk.batch(&json!([user(1)]));
    // Cut off in the middle of the payload.
    let (text, json) = inspect(&desk, &jws[..200], 1);
    assert!(text.contains("no JSON object: {") && text.contains("malformed"), "{text}");
    assert_eq!(json["fault"]["code"], "malformed");
    assert_eq!(json["fault"]["part"], "input");
    assert!(json["fault"]["offset"].is_u64());
    assert!(json["payload_text"].as_str().unwrap().contains(OWNER));
    assert_eq!(json["header"]["alg"], "EdDSA");
    assert_eq!(json["claims"], Value::Null);
    // A character that is no base64.
    let (text, json) = inspect(&desk, &jws.replacen('.', ".e30*", 1), 1);
    assert!(text.contains("then no base64 at character 3"), "{text}");
    assert_eq!(json["segments"][1]["not_base64_at"], 3);
    assert_eq!(json["fault"]["part"], "payload");
    // A repeated member: both are shown.
    let payload = claims(&json!([user(1)])).to_string().replacen('{', "{\"iss\":\"\u{9b}2J\",", 1);
    let (text, json) = inspect(&desk, &sign(&desk.owner, HEADER, &payload), 1);
    assert!(text.contains("\"\\u{9b}2J\"") && text.contains(OWNER), "{text}");
    assert_eq!(json["fault"]["part"], "payload");
    for garbage in ["", ".", "..", "...", "\u{1b}]0;\u{7}", "e30.e30.", "bnVsbA.W10.AA", "a.b.c.d.e.f.g.h.i.j.k"] {
        inspect(&desk, garbage, 1);
    }
}

#[test]
fn what_no_device_takes_is_told_without_keys() {
    let desk = Desk::new();
    let (_, json) = inspect(&desk, &sign(&desk.owner, r#"{"alg":"HS256"}"#, &claims(&json!([user(1)])).to_string()), 1);
    assert_eq!(json["fault"]["code"], "unsupported-algorithm");
    let (text, json) = inspect(&desk, &desk.batch(&json!([user(1), 5, user(1)])), 1);
    assert_eq!((&json["fault"]["code"], &json["fault"]["user"]), (&json!("invalid-operation"), &json!(1)));
    assert_eq!(json["grants"], Value::Null);
    assert!(text.contains(user(1)["user"].as_str().unwrap()), "{text}");
    let mut other = claims(&json!([user(1)]));
    other["operation"]["type"] = json!("OTHER");
    assert_eq!(inspect(&desk, &desk.signed(&other), 1).1["fault"]["code"], "unsupported-operation");
    // A wrong signature and an old time are no faults of the form.
    inspect(&desk, &format!("{}AAAA", desk.batch(&json!([user(1)]))), 0);
}

#[test]
fn the_demo_tells_its_story() {
    let desk = Desk::new();
    let text = desk.run(&["demo"], "").exits(0);
    for code in ["applied", "replayed", "unauthenticated", "expired", "wrong-device", "forbidden", "acl-full"] {
        assert!(text.stdout.contains(&format!("=> {code}\n")), "{code}: {text:?}");
    }
    let json = desk.run(&["demo", "--json"], "").exits(0).json();
    let acts = json["acts"].as_array().unwrap();
    assert!(acts.len() == 13 && acts.iter().all(|act| act["verdict"] == act["expected"]), "{json}");
    assert_eq!(json["acl_before"].as_array().unwrap().len(), 2);
    assert_eq!(json["acl_after"].as_array().unwrap().len(), 30);
    // The user with the RSA key: put on the ACL by its fingerprint, believed, and not to be forged.
    let entry = &json["acl_after"][28];
    assert_eq!((&entry["user"], &entry["key"]["type"]), (&json!(RSA_USER), &json!("RSA")));
    let verdicts: Vec<_> = acts[10..].iter().map(|act| &act["verdict"]).collect();
    assert_eq!(verdicts, ["applied", "applied", "unauthenticated"]);
    assert!(acts[12]["explanation"].as_str().unwrap().contains("another key has signed x5c[0]"), "{}", acts[12]);
    for act in &acts[11..] {
        let jws = act["jws"].as_str().unwrap();
        let header = desk.run(&["inspect", "--json"], jws).exits(0).json();
        let chain = header["x5c"]["certificates"].as_array().unwrap().clone();
        assert_eq!((chain.len(), &chain[0]["issuer_uid"]), (2, &json!(RSA_USER)));
    }
    assert_eq!(std::fs::read_dir(desk.folder.path()).unwrap().count(), 2, "it writes no files");
}

#[test]
fn whoever_closes_the_pipe_is_no_trouble() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lockop"))
        .arg("demo")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn help_says_what_must_be_known() {
    let desk = Desk::new();
    let help = |arguments: &[&str]| desk.run(arguments, "").exits(0).stdout;
    assert!(help(&["--help"]).contains("Exit status"));
    let apply = help(&["apply", "--help"]);
    assert!(apply.contains("ACL.json.replay") && apply.contains("White space at its end"), "{apply}");
    assert!(help(&["--version"]).starts_with("lockop "));
    for wrong in [&[][..], &["open"], &["demo", "--fast"], &["inspect", "a", "b"], &["inspect", "missing.jws"]] {
        let output = desk.run(wrong, "").exits(2);
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{output:?}");
    }
}
