//! The contracts of `lockop keygen` and `lockop sign`.

mod common;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use common::{Desk, LOCK, NOW, OWNER, user};
use ed25519_compact::SecretKey;
use serde_json::{Value, json};

const SIGN: [&str; 9] = ["sign", "--key", "owner.pem", "--iss", OWNER, "--sub", LOCK, "--users", "users.json"];

fn signed(desk: &Desk, more: &[&str]) -> String {
    let output = desk.run(&[&SIGN[..], more].concat(), "").exits(0);
    assert_eq!(output.stderr, "");
    output.stdout
}

/// Header and payload in JSON.
fn texts<E: Encoding>(jws: &str) -> [String; 2] {
    let segments: Vec<_> = jws.trim_end().split('.').collect();
    assert_eq!(segments.len(), 3);
    assert_eq!(E::decode_vec(segments[2]).unwrap().len(), 64);
    [segments[0], segments[1]].map(|segment| String::from_utf8(E::decode_vec(segment).unwrap()).unwrap())
}

#[test]
fn a_new_key_in_all_its_forms() {
    let desk = Desk::new();
    let json = desk.run(&["keygen", "--json"], "").exits(0).json();
    let key = SecretKey::from_pem(json["private_key"].as_str().unwrap()).unwrap().public_key();
    assert_eq!(json["public_key"]["raw"], Base64::encode_string(key.as_ref()));
    assert_eq!(json["public_key"]["spki"], Base64::encode_string(&key.to_der()));
    assert_eq!(json["public_key"]["pem"], key.to_pem());
    // What is printed for people holds the same things, the private key first.
    let text = desk.run(&["keygen"], "").exits(0).stdout;
    let end = text.find("\n\n").unwrap();
    let other = SecretKey::from_pem(&text[..end]).unwrap().public_key();
    assert!(text.ends_with(&other.to_pem()) && text.contains(&Base64::encode_string(other.as_ref())), "{text}");
    assert_ne!(other, key, "every key is another");
}

#[test]
fn a_key_file_is_private_and_never_overwritten() {
    let desk = Desk::new();
    let output = desk.run(&["keygen", "--out", "new.pem", "--json"], "").exits(0);
    assert!(!output.stdout.contains("PRIVATE"), "{output:?}");
    assert_eq!(output.json()["file"], "new.pem");
    let pem = desk.read("new.pem");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(desk.path("new.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = desk.run(&["keygen", "--out", "new.pem"], "").exits(2);
    assert!(again.stdout.is_empty() && again.stderr.contains("new.pem"), "{again:?}");
    assert_eq!(desk.read("new.pem"), pem);
    assert!(SecretKey::from_pem(&pem).is_ok());
}

#[test]
fn the_recipes_spelling() {
    let desk = Desk::new();
    desk.write("users.json", &json!([user(1)]).to_string());
    let jws = signed(&desk, &["--nbf", "1700000000", "--exp", "1700000060"]);
    let [header, payload] = texts::<Base64UrlUnpadded>(&jws);
    assert_eq!(header, r#"{"alg":"EdDSA","typ":"JWT"}"#);
    let payload: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(payload, common::claims(&json!([user(1)])), "no jti");
    desk.apply_at(NOW, &jws, &[]).exits(0);
}

#[test]
fn the_sdks_spelling() {
    let desk = Desk::new();
    desk.write("users.json", &json!([user(1)]).to_string());
    let jws = signed(&desk, &["--nbf", "1700000000", "--encoding", "base64"]);
    let [header, payload] = texts::<Base64>(&jws);
    assert_eq!(header, r#"{"alg":"EdDSA","x5c":null,"typ":"JWT"}"#);
    let user = user(1);
    let (id, key) = (&user["user"], &user["publicKey"]);
    assert_eq!(
        payload,
        format!(
            r#"{{"iss":"{OWNER}","sub":"{LOCK}","nbf":1700000000,"iat":1700000000,"exp":1700000060,"jti":null,"operation":{{"type":"BATCH_ADD_USER","users":[{{"user":{id},"publicKey":{key},"role":null,"start":null,"end":null}}]}}}}"#
        )
    );
    desk.apply_at(NOW, &jws, &[]).exits(0);
    let jws = signed(&desk, &["--nbf", "1700000000", "--encoding", "base64", "--jti", "j"]);
    assert!(texts::<Base64>(&jws)[1].contains(r#""jti":"j""#));
}

#[test]
fn times_are_now_and_a_minute_later() {
    let desk = Desk::new();
    desk.write("users.json", &json!([user(1)]).to_string());
    let json = desk.run(&[&SIGN[..], &["--jti", "j", "--json"]].concat(), "").exits(0).json();
    let claims = &json["claims"];
    let nbf = claims["nbf"].as_u64().unwrap();
    assert!(nbf > NOW);
    assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(nbf), Some(nbf + 60)));
    assert_eq!((&claims["jti"], &claims["iss"]), (&json!("j"), &json!(OWNER)));
    // The lock's clock is this computer's, too.
    let jws = json["jws"].as_str().unwrap();
    desk.run(&["apply", "--acl", "acl.json", "--lock", LOCK], jws).exits(0);
}

#[test]
fn nonsense_can_be_signed_but_not_without_a_warning() {
    let desk = Desk::new();
    desk.write("users.json", r#"[{"user": 5, "user": 1e400}]"#);
    let output = desk.run(&SIGN, "").exits(0);
    assert!(output.stderr.contains("malformed"), "{output:?}");
    assert!(texts::<Base64UrlUnpadded>(&output.stdout)[1].contains(r#"[{"user": 5, "user": 1e400}]"#));
    desk.write("users.json", "[]");
    let output = desk.run(&SIGN, "").exits(0);
    assert!(output.stderr.contains("invalid-operation"), "{output:?}");
}

#[test]
fn certificates_go_into_the_header() {
    let desk = Desk::new();
    desk.write("users.json", &json!([user(1)]).to_string());
    desk.write("chain.pem", "-----BEGIN CERTIFICATE-----\nMAAw\nAA==\n-----END CERTIFICATE-----\n");
    let jws = signed(&desk, &["--x5c", "chain.pem"]);
    assert_eq!(texts::<Base64UrlUnpadded>(&jws)[0], r#"{"alg":"EdDSA","x5c":["MAAwAA=="],"typ":"JWT"}"#);
    desk.write("empty.pem", "");
    desk.run(&[&SIGN[..], &["--x5c", "empty.pem"]].concat(), "").exits(2);
}

#[test]
fn users_may_come_from_standard_input() {
    let desk = Desk::new();
    let mut arguments = SIGN;
    arguments[8] = "-";
    desk.run(&arguments, json!([user(1)]).to_string()).exits(0);
}

#[test]
fn bad_usage_and_unreadable_files() {
    let desk = Desk::new();
    desk.write("users.json", "[]");
    desk.write("object.json", "{}");
    desk.write("broken.json", "[");
    desk.write("public.pem", &desk.owner.pk.to_pem());
    desk.run(&["sign"], "").exits(2);
    for (place, value) in [(2, "missing.pem"), (2, "public.pem"), (2, "users.json"), (4, "me"), (8, "missing.json")]
        .into_iter()
        .chain([(8, "object.json"), (8, "broken.json")])
    {
        let mut arguments = SIGN;
        arguments[place] = value;
        let output = desk.run(&arguments, "").exits(2);
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{output:?}");
    }
    desk.run(&[&SIGN[..], &["--encoding", "base32"]].concat(), "").exits(2);
}
