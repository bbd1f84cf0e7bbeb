//! `lockop` beside OpenSSL: each reads what the other has made.

mod common;

use std::process::Command;

use base64ct::{Base64, Encoding};
use common::{Desk, LOCK, NOW, OWNER, claims, entry, public, user};
use serde_json::{Value, json};

/// Runs OpenSSL in the desk's folder.
#[track_caller]
fn openssl(desk: &Desk, arguments: &str) -> Vec<u8> {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(desk.folder.path())
        .output()
        .expect("these tests need openssl");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn openssl_reads_a_new_key() {
    let desk = Desk::new();
    let json = desk.run(&["keygen", "--json"], "").exits(0).json();
    desk.write("new.pem", json["private_key"].as_str().unwrap());
    let public = openssl(&desk, "pkey -in new.pem -pubout");
    assert_eq!(json["public_key"]["pem"], String::from_utf8(public).unwrap());
    let der = openssl(&desk, "pkey -in new.pem -pubout -outform DER");
    assert_eq!(json["public_key"]["spki"], Base64::encode_string(&der));
    assert_eq!(json["public_key"]["raw"], Base64::encode_string(&der[12..]));
    // What is printed for people holds the same things, the private key first.
    let text = desk.run(&["keygen"], "").exits(0);
    desk.write("text.pem", &text.stdout);
    let public = String::from_utf8(openssl(&desk, "pkey -in text.pem -pubout")).unwrap();
    assert!(text.stdout.starts_with("-----BEGIN PRIVATE KEY-----\n") && text.stdout.ends_with(&public), "{text:?}");
    assert_ne!(json["public_key"]["pem"], public, "every key is another");
}

#[test]
fn openssl_reads_a_new_key_file() {
    let desk = Desk::new();
    desk.run(&["keygen", "--out", "new.pem"], "").exits(0);
    assert!(String::from_utf8(openssl(&desk, "pkey -in new.pem -noout -text")).unwrap().contains("ED25519"));
}

#[test]
fn an_rsa_key_of_openssl_is_kept_whole() {
    let desk = Desk::new();
    openssl(&desk, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out rsa.key");
    let rsa = Base64::encode_string(&openssl(&desk, "pkey -in rsa.key -pubout -outform DER"));
    let invited = json!({ "user": user(7)["user"], "publicKey": rsa });
    desk.apply_at(NOW, desk.batch(&json!([invited])), &[]).exits(0);
    assert_eq!(desk.acl()[2]["publicKey"], json!(rsa));
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
    desk.write("users.json", &json!([user(1)]).to_string());
    openssl(&desk, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key");
    let rsa = Base64::encode_string(&openssl(&desk, "pkey -in rsa.key -pubout -outform DER"));
    openssl(&desk, "genpkey -algorithm ed25519 -out stranger.pem");
    desk.write("leaf.ext", "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n");
    // An authority, as OpenSSL makes them if nothing else is said, and a leaf.
    openssl(&desk, "req -x509 -new -key stranger.pem -subj /CN=stranger -days 7 -out authority.pem");
    openssl(&desk, "req -new -key stranger.pem -subj /CN=stranger -out stranger.csr");
    openssl(&desk, "x509 -req -in stranger.csr -signkey stranger.pem -days 7 -extfile leaf.ext -out leaf.pem");
    let rsa_acl = json!([entry(OWNER, &rsa, "ADMIN")]);
    for (acl, key, chain, hint) in [
        (
            desk.acl(),
            "stranger.pem",
            "authority.pem",
            "it is the certificate of an authority (CA:TRUE), not of a leaf.",
        ),
        (desk.acl(), "stranger.pem", "leaf.pem", "it neither holds the issuer's key on the ACL (Ed25519 "),
        (rsa_acl, "stranger.pem", "leaf.pem", "it is signed by id-Ed25519, and the issuer's key on the ACL (RSA, "),
        (desk.acl(), "owner.pem", "leaf.pem", "does not match the key of the leaf certificate (x5c[0]): "),
    ] {
        desk.write_acl(&acl);
        let sign = ["sign", "--key", key, "--iss", OWNER, "--sub", LOCK, "--users", "users.json", "--x5c", chain];
        let jws = desk.run(&sign, "").exits(0).stdout;
        let json = desk.run(&["apply", "--acl", "acl.json", "--lock", LOCK, "--json"], jws).exits(1).json();
        assert_eq!(json["verdict"], "unauthenticated");
        assert!(json["explanation"].as_str().unwrap().contains(hint), "{hint}: {json}");
    }
}
