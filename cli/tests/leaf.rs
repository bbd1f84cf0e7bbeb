//! Operations that are signed with a leaf key: what `lockop apply` and `lockop inspect` say of good and of bad chains.
//!
//! The chain is that of `lockop demo`, so it is good around `NOW`.

mod common;

use base64ct::{Base64, Encoding};
use common::{
    Desk, LOCK, NOW, OWNER, RSA_USER, claims, demo_certificate, demo_file, entry, key, public, rsa_user_key, sign, user,
};
use ed25519_compact::{KeyPair, SecretKey};
use serde_json::{Value, json};

/// The last second of the leaf: 2023-11-19T00:00:00Z.
const LEAF_END: u64 = 1_700_352_000;
/// Its first: 2023-11-12T00:00:00Z.
const LEAF_START: u64 = 1_699_747_200;

/// The key of a leaf.
fn leaf_key(file: &str) -> KeyPair {
    let pem = demo_file(file);
    let sk = SecretKey::from_pem(&pem[pem.find("-----BEGIN").unwrap()..]).unwrap();
    KeyPair { pk: sk.public_key(), sk }
}

fn signed_by(leaf_key: &KeyPair, x5c: &[Vec<u8>], iss: &str) -> String {
    let x5c: Vec<_> = x5c.iter().map(|der| Base64::encode_string(der)).collect();
    let header = json!({ "alg": "EdDSA", "x5c": x5c, "typ": "JWT" }).to_string();
    let mut claims = claims(&json!([user(1)]));
    claims["iss"] = json!(iss);
    sign(leaf_key, &header, &claims.to_string())
}

/// The operation of the RSA user, signed with the leaf's key, whatever the certificates are.
fn with_chain(x5c: &[Vec<u8>]) -> String {
    signed_by(&leaf_key("leaf-key.pem"), x5c, RSA_USER)
}

fn chain() -> [Vec<u8>; 2] {
    ["leaf.pem", "user.pem"].map(demo_certificate)
}

fn rsa_acl() -> Value {
    json!([entry(RSA_USER, &rsa_user_key(), "ADMIN")])
}

/// What `inspect` says of the binding, for programs and for people.
#[track_caller]
fn inspect(desk: &Desk, now: u64, jws: &str) -> (bool, Option<String>) {
    let now = now.to_string();
    let arguments = ["inspect", "--acl", "acl.json", "--now", &now];
    let json = desk.run(&[&arguments[..], &["--json"]].concat(), jws).exits(0).json();
    let text = desk.run(&arguments, jws).exits(0).stdout;
    let bound = json["x5c"]["leaf_bound_to_issuer"].as_bool().unwrap();
    let reason = json["x5c"]["leaf_not_bound_because"].as_str().map(str::to_owned);
    let shown = match &reason {
        None => "The leaf is bound to the issuer's key on the ACL.\n".to_owned(),
        Some(reason) => format!("The leaf is NOT bound to the issuer's key on the ACL: {reason}.\n"),
    };
    assert_eq!(reason.is_none(), bound);
    assert!(text.contains(&shown), "{shown}: {text}");
    (bound, reason)
}

/// Refused, and both commands say why: in the words that are given, and no others.
#[track_caller]
fn not_bound(desk: &Desk, now: u64, jws: &str, why: &str) {
    let json = desk.apply_at(now, jws, &["--json"]).exits(1).json();
    assert_eq!(json["verdict"], "unauthenticated");
    let iss = json["claims"]["iss"].as_str().unwrap();
    assert_eq!(json["explanation"], format!("The leaf certificate (x5c[0]) is not bound to the issuer {iss}: {why}."));
    assert_eq!(inspect(desk, now, jws), (false, Some(why.to_owned())));
}

/// A certificate in which these bytes are replaced, wherever they stand; the signature on it no longer fits.
#[track_caller]
fn patched(certificate: &[u8], old: &[u8], new: &[u8], times: usize) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut certificate = certificate.to_vec();
    let places: Vec<_> =
        (0..certificate.len() - old.len()).filter(|place| certificate[*place..].starts_with(old)).take(times).collect();
    assert_eq!(places.len(), times);
    for place in places {
        certificate[place..place + new.len()].copy_from_slice(new);
    }
    certificate
}

#[test]
fn a_leaf_that_the_rsa_user_has_signed_is_bound() {
    let desk = Desk::new();
    desk.write_acl(&rsa_acl());
    let jws = with_chain(&chain());
    assert_eq!(inspect(&desk, NOW, &jws), (true, None));
    desk.apply_at(NOW, &jws, &[]).exits(0);
    // Both of its ends belong to its validity, and so does the leeway.
    for (now, bound) in
        [(LEAF_START - 61, false), (LEAF_START - 60, true), (LEAF_END + 60, true), (LEAF_END + 61, false)]
    {
        assert_eq!(inspect(&desk, now, &jws).0, bound, "{now}");
    }
    // The leaf's own key on the ACL is as good.
    desk.write_acl(&json!([entry(RSA_USER, &public(&leaf_key("leaf-key.pem")), "ADMIN")]));
    assert_eq!(inspect(&desk, NOW, &jws), (true, None));
}

#[test]
fn without_an_acl_nothing_is_said_about_the_binding() {
    let desk = Desk::new();
    let jws = with_chain(&chain());
    let json = desk.run(&["inspect", "--json"], &jws).exits(0).json();
    let [bound, because] = ["leaf_bound_to_issuer", "leaf_not_bound_because"].map(|name| &json["x5c"][name]);
    assert_eq!((bound, because), (&Value::Null, &Value::Null));
    assert!(!desk.run(&["inspect"], &jws).exits(0).stdout.contains("bound"));
}

#[test]
fn the_certificates_are_shown() {
    let desk = Desk::new();
    let jws = with_chain(&chain());
    let json = desk.run(&["inspect", "--json"], &jws).exits(0).json();
    let [leaf, issuer] = [0, 1].map(|place| &json["x5c"]["certificates"][place]);
    assert_eq!((&leaf["issuer_uid"], &leaf["subject_uid"]), (&json!(RSA_USER), &Value::Null));
    assert_eq!((&leaf["not_before"], &leaf["not_after"]), (&json!(LEAF_START), &json!(LEAF_END)));
    assert_eq!(leaf["signature_algorithm"], "sha256WithRSAEncryption");
    assert!(leaf["key"].as_str().unwrap().starts_with("Ed25519 "));
    assert_eq!((&leaf["issuer_is_next_subject"], &issuer["issuer_is_next_subject"]), (&json!(true), &Value::Null));
    assert_eq!(issuer["subject_uid"], RSA_USER);
    assert!(issuer["key"].as_str().unwrap().starts_with("RSA 2048 bits, SHA-256 "));
    let text = desk.run(&["inspect"], &jws).exits(0).stdout;
    for shown in ["x5c[0], the leaf", RSA_USER, "its issuer is the subject of x5c[1]", "RSA 2048 bits"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    // Bytes that are no certificate are told as such.
    let header = r#"{"alg":"EdDSA","x5c":["MAA=","!",5]}"#;
    let broken = sign(&desk.owner, header, &claims(&json!([user(1)])).to_string());
    let output = desk.run(&["inspect"], broken).exits(1).stdout;
    assert!(output.contains("x5c[0], the leaf: no certificate in DER"), "{output}");
    assert!(output.contains("x5c[1]: not base64 at character 0"), "{output}");
}

#[test]
fn the_issuer_must_be_on_the_acl() {
    let desk = Desk::new();
    let jws = with_chain(&chain());
    let json = desk.apply_at(NOW, &jws, &["--json"]).exits(1).json();
    assert_eq!(json["explanation"], format!("The issuer {RSA_USER} is not on the ACL."));
    assert_eq!(inspect(&desk, NOW, &jws), (false, Some(format!("the issuer {RSA_USER} is not on the ACL"))));
}

#[test]
fn the_leaf_must_be_valid_now() {
    let desk = Desk::new();
    desk.write_acl(&rsa_acl());
    let jws = with_chain(&chain());
    not_bound(
        &desk,
        LEAF_END + 3_660,
        &jws,
        "it expired 1 h ago: valid to 1700352000 (2023-11-19T00:00:00Z) + leeway 60 s, and now is 1700355660 \
         (2023-11-19T01:01:00Z)",
    );
    not_bound(
        &desk,
        LEAF_START - 70,
        &jws,
        "it is not yet valid, but in 10 s: valid from 1699747200 (2023-11-12T00:00:00Z), and now is 1699747130 \
         (2023-11-11T23:58:50Z) with a leeway of 60 s",
    );
}

#[test]
fn the_leaf_must_be_the_issuers() {
    let desk = Desk::new();
    // The same key, but another user.
    desk.write_acl(&json!([entry(OWNER, &rsa_user_key(), "ADMIN")]));
    let jws = signed_by(&leaf_key("leaf-key.pem"), &chain(), OWNER);
    not_bound(&desk, NOW, &jws, &format!("the UID of its issuer is {RSA_USER}, and iss is {OWNER}"));
    // What steers a terminal does not reach it.
    desk.write_acl(&rsa_acl());
    let [leaf, issuer] = chain();
    let nasty = format!("\u{1b}[2J{}", &RSA_USER[4..]);
    let leaf = patched(&leaf, RSA_USER.as_bytes(), nasty.as_bytes(), 1);
    let why = format!("the UID of its issuer is \\u{{1b}}[2J{}, and iss is {RSA_USER}", &RSA_USER[4..]);
    not_bound(&desk, NOW, &with_chain(&[leaf, issuer]), &why);
}

#[test]
fn the_leaf_must_be_signed_with_the_key_on_the_acl() {
    let desk = Desk::new();
    desk.write_acl(&rsa_acl());
    let [leaf, issuer] = chain();
    let changed =
        "x5c[1] carries the issuer's RSA key, but another key has signed x5c[0], or it was changed after that";
    let forged =
        signed_by(&leaf_key("forged-leaf-key.pem"), &[demo_certificate("forged-leaf.pem"), issuer.clone()], RSA_USER);
    not_bound(&desk, NOW, &forged, changed);
    let renamed = patched(&leaf, b"demo-leaf", b"DEMO-leaf", 1);
    not_bound(&desk, NOW, &with_chain(&[renamed, issuer.clone()]), changed);

    not_bound(&desk, NOW, &with_chain(&chain()[..1]), "x5c[1] is missing, which must carry the issuer's RSA key");
    not_bound(
        &desk,
        NOW,
        &with_chain(&[leaf.clone(), b"0\0".to_vec()]),
        "x5c[1], which must carry the issuer's RSA key, cannot be read as a certificate",
    );
    let kept = kept_key(&desk, &with_chain(&chain()));
    not_bound(
        &desk,
        NOW,
        &with_chain(&[leaf.clone(), leaf.clone()]),
        &format!("the key of x5c[1] is not RSA of 2048 to 4096 bits, as the issuer's on the ACL ({kept}) is"),
    );
    // sha256WithRSAEncryption becomes sha384WithRSAEncryption.
    let sha384 = patched(&leaf, b"\x86\xf7\x0d\x01\x01\x0b", b"\x86\xf7\x0d\x01\x01\x0c", 2);
    not_bound(
        &desk,
        NOW,
        &with_chain(&[sha384, issuer]),
        &format!(
            "it is signed by sha384WithRSAEncryption, and the issuer's key on the ACL ({kept}) signs by RSA with SHA-256"
        ),
    );

    // Another RSA key on the ACL, and an Ed25519 key.
    let mut other = Base64::decode_vec(&rsa_user_key()).unwrap();
    other[100] ^= 1;
    desk.write_acl(&json!([entry(RSA_USER, &Base64::encode_string(&other), "ADMIN")]));
    let jws = with_chain(&chain());
    let other = kept_key(&desk, &jws);
    assert_ne!(other, kept);
    not_bound(&desk, NOW, &jws, &format!("the key of x5c[1] ({kept}) is not the issuer's on the ACL ({other})"));
    desk.write_acl(&json!([entry(RSA_USER, &public(&key(1)), "ADMIN")]));
    let kept = kept_key(&desk, &jws);
    not_bound(
        &desk,
        NOW,
        &jws,
        &format!("it neither holds the issuer's key on the ACL ({kept}) nor is signed with it"),
    );
}

/// The issuer's key on the ACL, as it is shown.
fn kept_key(desk: &Desk, jws: &str) -> String {
    let json = desk.run(&["inspect", "--acl", "acl.json", "--json"], jws).exits(0).json();
    let key = &json["issuer_on_acl"]["key"];
    match key["type"].as_str().unwrap() {
        "RSA" => format!("RSA, SHA-256 {}…", &key["sha256"].as_str().unwrap()[..12]),
        other => format!("{other} {}…", &key["key"].as_str().unwrap()[..12]),
    }
}

#[test]
fn the_leaf_must_pass_the_checks() {
    let desk = Desk::new();
    desk.write_acl(&rsa_acl());
    let [leaf, issuer] = chain();
    let judge = |leaf: &[u8], why: &str| not_bound(&desk, NOW, &with_chain(&[leaf.to_vec(), issuer.clone()]), why);
    judge(b"0\0", "x5c[0] cannot be read as a certificate");
    judge(&leaf[..leaf.len() - 1], "x5c[0] cannot be read as a certificate");
    judge(&issuer, "its key is not an Ed25519 key");
    // digitalSignature becomes nonRepudiation.
    judge(&patched(&leaf, &[3, 2, 7, 0x80], &[3, 2, 6, 0x40], 1), "its keyUsage does not include digitalSignature");
    // keyUsage, which is critical, becomes policyConstraints.
    judge(
        &patched(&leaf, &[0x55, 0x1d, 0x0f], &[0x55, 0x1d, 0x24], 1),
        "its extension id-ce-policyConstraints is critical, and is not understood",
    );
    judge(
        &patched(&leaf, b"\x86\xf7\x0d\x01\x01\x0b", b"\x86\xf7\x0d\x01\x01\x0c", 1),
        "it names two different signature algorithms",
    );
    // subjectKeyIdentifier becomes a second authorityKeyIdentifier: of that, the tool has no words.
    judge(&patched(&leaf, &[0x55, 0x1d, 0x0e], &[0x55, 0x1d, 0x23], 1), "it fails one of the checks on a leaf");
}

#[test]
fn the_signature_must_be_the_leafs() {
    let desk = Desk::new();
    desk.write_acl(&rsa_acl());
    let jws = with_chain(&chain());
    let (signed, _) = jws.rsplit_once('.').unwrap();
    let (_, other) = desk.batch(&json!([user(1)])).rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let explanation = |jws: &str| {
        let json = desk.apply_at(NOW, jws, &["--json"]).exits(1).json();
        assert_eq!(json["verdict"], "unauthenticated");
        json["explanation"].as_str().unwrap().to_owned()
    };
    let forged = format!("{signed}.{other}");
    assert_eq!(
        explanation(&forged),
        "The signature does not match the key of the leaf certificate (x5c[0]), which is bound to the issuer: the text \
         was changed after signing, or signed with another key.",
    );
    // That is a matter of the signature: the binding is as it was.
    assert_eq!(inspect(&desk, NOW, &forged), (true, None));
    // Whoever changes the leaf on the way has changed what was signed.
    let [leaf, issuer] = chain();
    let changed = with_chain(&[patched(&leaf, b"demo-leaf", b"DEMO-leaf", 1), issuer]);
    let (changed, _) = changed.rsplit_once('.').unwrap();
    let (_, signature) = jws.rsplit_once('.').unwrap();
    assert!(explanation(&format!("{changed}.{signature}")).starts_with(
        "The signature does not match the key of the leaf certificate (x5c[0]): the text was changed after signing"
    ));
    assert!(explanation(signed_short(&jws)).contains("not 64 bytes"));
}

/// The same with a signature that is too short.
fn signed_short(jws: &str) -> &str {
    &jws[..jws.len() - 2]
}

#[test]
fn the_tool_signs_with_a_leaf() {
    let desk = Desk::new();
    desk.write_acl(&rsa_acl());
    desk.write("leaf-key.pem", &demo_file("leaf-key.pem"));
    desk.write("chain.pem", &(demo_file("leaf.pem") + &demo_file("user.pem")));
    desk.write("users.json", &json!([user(1)]).to_string());
    for encoding in ["base64url", "base64"] {
        let sign = ["sign", "--key", "leaf-key.pem", "--iss", RSA_USER, "--sub", LOCK, "--users", "users.json"];
        let more = ["--x5c", "chain.pem", "--nbf", "1700000000", "--encoding", encoding, "--jti", encoding];
        let output = desk.run(&[&sign[..], &more].concat(), "").exits(0);
        assert_eq!(output.stderr, "");
        desk.apply_at(NOW, &output.stdout, &[]).exits(0);
    }
}
