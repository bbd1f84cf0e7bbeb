//! Whoever makes operations: `lockop sign`, and openssl by the documented recipe.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};

use super::lock::{Key, LOCK};
use crate::command::{capture, cargo, program, repository, shown};

/// The lock's clock, unless something else is said. The certificates of `cli/demo-keys` are valid then.
pub(super) const NOW: u64 = 1_700_000_000;

/// The first ADMIN.
pub(super) const OWNER: &str = "00000000-0000-4000-8000-00000000a001";
/// The user of the certificates in `cli/demo-keys`, whose key is RSA.
pub(super) const RSA_USER: &str = "00000000-0000-4000-8000-00000000a002";

/// Where keys are left, from the root of the repository.
const FOLDER: &str = "target/firmware-images/desk";
const DEMO_KEYS: &str = "cli/demo-keys";

/// How many different keys users have.
const KEYS: usize = 25;

/// Keys, and the programs that sign with them.
pub(super) struct Desk {
    /// The tool.
    lockop: PathBuf,
    folder: PathBuf,
    /// The users' public keys.
    keys: Vec<[u8; 32]>,
    /// The RSA user's SubjectPublicKeyInfo.
    rsa_key: Vec<u8>,
}

/// Who makes an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Lockop,
    Openssl,
}

/// How segments are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Base64url,
    Base64,
}

/// What is to be signed; `Operation::new` is one that the lock applies.
#[derive(Clone)]
pub(super) struct Operation<'a> {
    pub(super) maker: Maker,
    pub(super) spelling: Spelling,
    /// A file in the desk's folder, or in that of the demo.
    pub(super) key: &'a str,
    pub(super) iss: &'a str,
    pub(super) sub: &'a str,
    pub(super) jti: &'a str,
    pub(super) nbf: u64,
    pub(super) exp: u64,
    pub(super) users: Value,
    /// A file with certificates; only `lockop sign` takes one.
    pub(super) x5c: Option<&'a str>,
    /// Only the recipe takes another one.
    pub(super) alg: &'a str,
    /// Only the recipe takes another one.
    pub(super) kind: &'a str,
}

impl<'a> Operation<'a> {
    /// Signed by the owner with `lockop sign`.
    pub(super) fn new(jti: &'a str, users: Value) -> Self {
        Self {
            maker: Maker::Lockop,
            spelling: Spelling::Base64url,
            key: "owner.pem",
            iss: OWNER,
            sub: LOCK,
            jti,
            nbf: NOW,
            exp: NOW + 60,
            users,
            x5c: None,
            alg: "EdDSA",
            kind: "BATCH_ADD_USER",
        }
    }

    /// Made by this one.
    pub(super) fn by(self, maker: Maker) -> Self {
        Self { maker, ..self }
    }
}

impl Desk {
    /// Builds the tool, and makes keys: the owner's by openssl, the users' by the tool.
    pub(super) fn new() -> Result<Self> {
        let folder = repository()?.join(FOLDER);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let mut desk = Self { lockop: tool()?, folder, keys: Vec::new(), rsa_key: Vec::new() };
        for name in ["owner.pem", "stranger.pem"] {
            capture(
                program("openssl")?.args(["genpkey", "-algorithm", "ed25519", "-out"]).arg(desk.folder.join(name)),
            )?;
        }
        for number in 0..KEYS {
            let name = format!("user-{number}.pem");
            capture(program(&desk.lockop)?.args(["keygen", "--out"]).arg(desk.folder.join(&name)))?;
            let key = desk.public_key(&name)?;
            desk.keys.push(key);
        }
        let demo = repository()?.join(DEMO_KEYS);
        let [leaf, forged_leaf, user] =
            ["leaf.pem", "forged-leaf.pem", "user.pem"].map(|name| std::fs::read_to_string(demo.join(name)));
        let user = user?;
        std::fs::write(desk.folder.join("chain.pem"), leaf? + &user)?;
        std::fs::write(desk.folder.join("forged-chain.pem"), forged_leaf? + &user)?;
        let public =
            capture(program("openssl")?.args(["x509", "-noout", "-pubkey", "-in"]).arg(demo.join("user.pem")))?;
        let text: String = public.lines().filter(|line| !line.starts_with('-')).collect();
        desk.rsa_key = Base64::decode_vec(&text).ok().context("a key in PEM")?;
        Ok(desk)
    }

    /// The public key of a file in the desk's folder.
    pub(super) fn public_key(&self, name: &str) -> Result<[u8; 32]> {
        let mut openssl = program("openssl")?;
        let der = openssl.args(["pkey", "-pubout", "-outform", "DER", "-in"]).arg(self.folder.join(name)).output()?;
        der.stdout.last_chunk().copied().filter(|_| der.status.success()).with_context(|| format!("{name}: no key"))
    }

    /// How the ACL keeps the nth user's key.
    pub(super) fn key(&self, number: usize) -> Key {
        Key::Ed25519(self.keys[number % KEYS])
    }

    /// How an operation gives the nth user's key.
    pub(super) fn key_text(&self, number: usize) -> String {
        Base64::encode_string(&self.keys[number % KEYS])
    }

    /// How an operation gives the RSA user's key; any other number: another key that looks like it.
    pub(super) fn rsa_key_text(&self, number: u8) -> String {
        let mut key = self.rsa_key.clone();
        // A bit in the middle of the modulus: still odd and as long as before, which is all that a device looks at.
        key[100] ^= number;
        Base64::encode_string(&key)
    }

    /// How the ACL keeps the RSA user's key.
    pub(super) fn rsa_key(&self) -> Result<Key> {
        let mut command = program("openssl")?;
        command.args(["dgst", "-sha256", "-binary"]);
        let digest = filter(&mut command, &self.rsa_key)?;
        Ok(Key::Rsa(digest.as_slice().try_into().context("no SHA-256")?))
    }

    /// The operation, signed.
    pub(super) fn sign(&self, operation: &Operation<'_>) -> Result<String> {
        let signed = match operation.maker {
            Maker::Lockop => self.by_lockop(operation),
            Maker::Openssl => self.by_openssl(operation),
        };
        Ok(signed?.trim_end().to_owned())
    }

    fn by_lockop(&self, operation: &Operation<'_>) -> Result<String> {
        ensure!(operation.alg == "EdDSA" && operation.kind == "BATCH_ADD_USER", "the tool signs nothing else");
        let mut command = program(&self.lockop)?;
        command.arg("sign").arg("--key").arg(self.file(operation.key)?);
        command.args(["--iss", operation.iss, "--sub", operation.sub, "--jti", operation.jti, "--users", "-"]);
        command.args(["--nbf", &operation.nbf.to_string(), "--exp", &operation.exp.to_string()]);
        command.args(["--encoding", operation.spelling.name()]);
        if let Some(chain) = operation.x5c {
            command.arg("--x5c").arg(self.file(chain)?);
        }
        let signed = filter(&mut command, operation.users.to_string().as_bytes())?;
        Ok(String::from_utf8(signed)?)
    }

    fn by_openssl(&self, operation: &Operation<'_>) -> Result<String> {
        ensure!(operation.x5c.is_none(), "the recipe has no certificates");
        let mut command = program("bash")?;
        command.arg("xtask/src/firmware/recipe.sh").env("KEY", self.file(operation.key)?);
        command.envs([("ISS", operation.iss), ("SUB", operation.sub), ("JTI", operation.jti)]);
        command.envs([("ALG", operation.alg), ("TYPE", operation.kind), ("SPELLING", operation.spelling.name())]);
        command.env("NOW", operation.nbf.to_string()).env("EXP", operation.exp.to_string());
        command.env("USERS", operation.users.to_string());
        capture(&mut command)
    }

    fn file(&self, name: &str) -> Result<PathBuf> {
        let demo = repository()?.join(DEMO_KEYS);
        let found = [&self.folder, &demo].map(|folder| folder.join(name)).into_iter().find(|file| file.is_file());
        found.with_context(|| format!("no such file: {name}"))
    }
}

impl Spelling {
    const fn name(self) -> &'static str {
        match self {
            Self::Base64url => "base64url",
            Self::Base64 => "base64",
        }
    }
}

/// The nth user's ID.
pub(super) fn user_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-00000001{number:04}")
}

/// The nth user, as an operation gives it.
pub(super) fn user(desk: &Desk, number: usize) -> Value {
    json!({ "user": user_id(number), "publicKey": desk.key_text(number) })
}

/// Changes the payload behind the signer's back; both texts have the same length.
pub(super) fn tampered_payload(jws: &str, from: &str, to: &str) -> Result<String> {
    let [header, payload, signature] = segments(jws)?;
    let text = String::from_utf8(Base64UrlUnpadded::decode_vec(payload).ok().context("base64url")?)?;
    let changed = text.replacen(from, to, 1);
    ensure!(changed != text, "{from} is not in {text}");
    Ok([header, &Base64UrlUnpadded::encode_string(changed.as_bytes()), signature].join("."))
}

/// Flips one bit of the signature.
pub(super) fn tampered_signature(jws: &str, bit: usize) -> Result<String> {
    let [header, payload, signature] = segments(jws)?;
    let mut bytes = Base64UrlUnpadded::decode_vec(signature).ok().context("base64url")?;
    bytes[bit / 8] ^= 1 << (bit % 8);
    Ok([header, payload, &Base64UrlUnpadded::encode_string(&bytes)].join("."))
}

fn segments(jws: &str) -> Result<[&str; 3]> {
    let segments: Vec<&str> = jws.split('.').collect();
    segments.try_into().ok().context("no three segments")
}

/// Builds the tool, as README.md does.
fn tool() -> Result<PathBuf> {
    let messages = capture(
        cargo()?.args(["build", "--quiet", "--package", "lockop-cli", "--bin", "lockop"]).arg("--message-format=json"),
    )?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut executables = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    executables.next().filter(|path| Path::is_file(path)).context("cargo has built no tool")
}

/// Runs a program on some input; its output.
fn filter(command: &mut std::process::Command, input: &[u8]) -> Result<Vec<u8>> {
    let line = shown(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| line.clone())?;
    // Small inputs: it may end without reading, and then says why.
    let _ = child.stdin.take().context("no input")?.write_all(input);
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    bail!("{}: {line}\n{}", output.status, String::from_utf8_lossy(&output.stderr))
}
