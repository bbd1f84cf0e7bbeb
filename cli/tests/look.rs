//! The contracts of `lockop inspect`, `lockop demo` and the help.

mod common;

use std::process::{Command, Stdio};

use base64ct::{Base64, Encoding};
use common::{Desk, GUEST, HEADER, LOCK, NOW, OWNER, claims, entry, public, sign, user};
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

fn openssl(desk: &Desk, arguments: &str) {
    let status = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(desk.folder.path())
        .stderr(Stdio::null())
        .status()
        .expect("these tests need openssl");
    assert!(status.success(), "openssl {arguments}");
}

#[test]
fn certificates_are_shown() {
    let desk = Desk::new();
    openssl(&desk, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out user.key");
    openssl(&desk, &format!("req -x509 -new -key user.key -subj /UID={OWNER} -days 90 -out user.pem"));
    openssl(&desk, "req -new -key owner.pem -subj /x500UniqueIdentifier=leaf -out leaf.csr");
    desk.write("leaf.ext", "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n");
    openssl(
        &desk,
        "x509 -req -in leaf.csr -CA user.pem -CAkey user.key -set_serial 7 -days 7 -extfile leaf.ext -out leaf.pem",
    );
    desk.write("chain.pem", &(desk.read("leaf.pem") + &desk.read("user.pem")));
    desk.write("users.json", &json!([user(1)]).to_string());
    let sign =
        ["sign", "--key", "owner.pem", "--iss", OWNER, "--sub", LOCK, "--users", "users.json", "--x5c", "chain.pem"];
    let jws = desk.run(&sign, "").exits(0).stdout;
    let json = desk.run(&["inspect", "--json"], &jws).exits(0).json();
    let chain = &json["x5c"]["certificates"];
    assert_eq!(json["x5c"]["leaf_bound_to_issuer"], Value::Null);
    assert_eq!(chain.as_array().unwrap().len(), 2);
    assert_eq!(chain[0]["issuer_uid"], OWNER);
    assert_eq!(chain[0]["subject_uid"], Value::Null);
    assert_eq!(chain[0]["signature_algorithm"], "sha256WithRSAEncryption");
    assert!(chain[0]["key"].as_str().unwrap().starts_with("Ed25519 "));
    assert_eq!(chain[0]["issuer_is_next_subject"], true);
    assert_eq!(chain[1]["subject_uid"], OWNER);
    assert!(chain[1]["key"].as_str().unwrap().starts_with("RSA 2048 bits, SHA-256 "));
    assert_eq!(chain[1]["issuer_is_next_subject"], Value::Null);
    let life = chain[0]["not_after"].as_u64().unwrap() - chain[0]["not_before"].as_u64().unwrap();
    assert_eq!(life, 7 * 86_400);
    let text = desk.run(&["inspect"], &jws).exits(0).stdout;
    for shown in ["x5c[0], the leaf", &format!("UID={OWNER}"), "its issuer is the subject of x5c[1]", "RSA 2048 bits"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    // With the ACL, it can be said whether the leaf is bound to the issuer; and then a device takes it.
    let bound = |acl: &Value| {
        desk.write_acl(acl);
        let json = desk.run(&["inspect", "--acl", "acl.json", "--json"], &jws).exits(0).json();
        let text = desk.run(&["inspect", "--acl", "acl.json"], &jws).exits(0).stdout;
        let bound = json["x5c"]["leaf_bound_to_issuer"].as_bool().unwrap();
        assert_eq!(text.contains("The leaf is bound"), bound);
        assert_eq!(text.contains("The leaf is NOT bound"), !bound);
        let status = if bound { 0 } else { 1 };
        desk.run(&["apply", "--acl", "acl.json", "--lock", LOCK], &jws).exits(status);
        bound
    };
    assert!(!bound(&json!([])));
    assert!(!bound(&json!([entry(OWNER, &public(&desk.guest), "ADMIN")])));
    openssl(&desk, "pkey -in user.key -pubout -outform DER -out user.spki");
    let rsa = Base64::encode_string(&std::fs::read(desk.path("user.spki")).unwrap());
    assert!(bound(&json!([entry(OWNER, &rsa, "ADMIN")])));
    // Bytes that are no certificate are told as such.
    let header = r#"{"alg":"EdDSA","x5c":["MAA=","!",5]}"#;
    let broken = common::sign(&desk.owner, header, &claims(&json!([user(1)])).to_string());
    let output = desk.run(&["inspect"], broken).exits(1).stdout;
    assert!(output.contains("x5c[0], the leaf: no certificate in DER"), "{output}");
    assert!(output.contains("x5c[1]: not base64 at character 0"), "{output}");
}

#[test]
fn a_leaf_that_is_not_bound_is_explained() {
    let desk = Desk::new();
    openssl(&desk, "genpkey -algorithm ed25519 -out stranger.pem");
    openssl(&desk, "req -x509 -new -key stranger.pem -subj /CN=stranger -days 7 -out leaf.pem");
    desk.write("users.json", &json!([user(1)]).to_string());
    for (key, hint) in [
        ("stranger.pem", "that certificate is not bound to"),
        ("owner.pem", "does not match the key of the leaf certificate"),
    ] {
        let sign = ["sign", "--key", key, "--iss", OWNER, "--sub", LOCK, "--users", "users.json", "--x5c", "leaf.pem"];
        let jws = desk.run(&sign, "").exits(0).stdout;
        let json = desk.run(&["apply", "--acl", "acl.json", "--lock", LOCK, "--json"], jws).exits(1).json();
        assert_eq!(json["verdict"], "unauthenticated");
        assert!(json["explanation"].as_str().unwrap().contains(hint), "{json}");
    }
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
    assert!(acts.len() >= 10 && acts.iter().all(|act| act["verdict"] == act["expected"]), "{json}");
    assert_eq!(json["acl_before"].as_array().unwrap().len(), 2);
    assert_eq!(json["acl_after"].as_array().unwrap().len(), 28);
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
