//! A folder, a lock with its owner, and the program itself.
#![allow(dead_code, reason = "no test uses all of it")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use ed25519_compact::{KeyPair, Seed};
use serde_json::{Value, json};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

pub(crate) const LOCK: &str = "00000000-0000-4000-8000-00000000d001";
pub(crate) const OWNER: &str = "00000000-0000-4000-8000-00000000a001";
pub(crate) const GUEST: &str = "00000000-0000-4000-8000-00000000b001";
pub(crate) const NOW: u64 = 1_700_000_000;

/// The user of the certificates in `demo-keys`, whose key is RSA.
pub(crate) const RSA_USER: &str = "00000000-0000-4000-8000-00000000a002";

/// What the program said.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }
}

/// Runs the program in a folder.
pub(crate) fn lockop(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lockop"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may end without reading.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    Output {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A lock whose ACL has an owner and a guest.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) owner: KeyPair,
    pub(crate) guest: KeyPair,
}

/// A key that depends on a number only.
pub(crate) fn key(number: u8) -> KeyPair {
    KeyPair::from_seed(Seed::new([number; 32]))
}

pub(crate) fn public(pair: &KeyPair) -> String {
    Base64::encode_string(pair.pk.as_ref())
}

pub(crate) fn entry(user: &str, key: &str, role: &str) -> Value {
    json!({ "user": user, "publicKey": key, "role": role, "start": null, "end": null })
}

/// A file of `demo-keys`.
pub(crate) fn demo_file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("demo-keys").join(name)).unwrap()
}

/// A certificate of `demo-keys`, in DER.
pub(crate) fn demo_certificate(name: &str) -> Vec<u8> {
    // What stands before the certificate says what it is.
    let file = demo_file(name);
    let body: String = file.lines().skip(1).filter(|line| !line.starts_with("-----")).collect();
    Base64::decode_vec(&body).unwrap()
}

/// The `publicKey` of the user whose key is RSA.
pub(crate) fn rsa_user_key() -> String {
    let certificate = Certificate::from_der(&demo_certificate("user.pem")).unwrap();
    let spki = certificate.tbs_certificate().subject_public_key_info().to_der().unwrap();
    assert_eq!(spki.len(), 294);
    Base64::encode_string(&spki)
}

/// The nth new user, with a key.
pub(crate) fn user(number: u8) -> Value {
    json!({ "user": format!("00000000-0000-4000-8000-00000000c0{number:02x}"), "publicKey": public(&key(number)) })
}

/// Claims that the lock accepts at `NOW`.
pub(crate) fn claims(users: &Value) -> Value {
    json!({
        "iss": OWNER, "sub": LOCK, "nbf": NOW, "iat": NOW, "exp": NOW + 60,
        "operation": { "type": "BATCH_ADD_USER", "users": users },
    })
}

/// Signs any header and payload.
pub(crate) fn sign(key: &KeyPair, header: &str, payload: &str) -> String {
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let input = format!("{}.{}", encode(header), encode(payload));
    let signature = Base64UrlUnpadded::encode_string(key.sk.sign(&input, None).as_ref());
    format!("{input}.{signature}")
}

pub(crate) const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT"}"#;

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), owner: key(0xa1), guest: key(0xb1) };
        desk.write("owner.pem", &desk.owner.sk.to_pem());
        desk.write_acl(&json!([
            entry(OWNER, &public(&desk.owner), "ADMIN"),
            entry(GUEST, &public(&desk.guest), "USER"),
        ]));
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: &str) {
        fs::write(self.path(name), contents).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write_acl(&self, acl: &Value) {
        self.write("acl.json", &acl.to_string());
    }

    pub(crate) fn acl(&self) -> Value {
        serde_json::from_str(&self.read("acl.json")).unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str], stdin: impl AsRef<[u8]>) -> Output {
        lockop(self.folder.path(), arguments, stdin.as_ref())
    }

    /// Applies an operation at a time, with more arguments.
    pub(crate) fn apply_at(&self, now: u64, jws: impl AsRef<[u8]>, more: &[&str]) -> Output {
        let now = now.to_string();
        let fixed = ["apply", "--acl", "acl.json", "--lock", LOCK, "--now", &now];
        self.run(&[&fixed[..], more].concat(), jws)
    }

    /// The owner's signature of these claims.
    pub(crate) fn signed(&self, claims: &Value) -> String {
        sign(&self.owner, HEADER, &claims.to_string())
    }

    /// A good operation with these users.
    pub(crate) fn batch(&self, users: &Value) -> String {
        self.signed(&claims(users))
    }
}
