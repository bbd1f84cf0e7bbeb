//! `lockop sign`.

use std::convert::Infallible;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use ed25519_compact::SecretKey;
use lockop::{ConstantTime, Error, Operation, Policy, Unverified};
use serde_json::json;
use serde_json::value::RawValue;

use crate::args::SignArguments;
use crate::outcome::Outcome;
use crate::sign::Draft;
use crate::{input, pem, text};

/// How long an operation holds if nothing else is said.
const LIFE: u64 = 60;

pub(crate) fn run(arguments: &SignArguments) -> Result<Outcome> {
    let key = read_key(&arguments.key)?;
    let users = read_users(&arguments.users)?;
    let nbf = match arguments.nbf {
        Some(nbf) => nbf,
        None => text::clock()?,
    };
    let draft = Draft {
        iss: arguments.iss,
        sub: arguments.sub,
        nbf,
        iat: nbf,
        exp: arguments.exp.unwrap_or(nbf.saturating_add(LIFE)),
        jti: arguments.jti.as_deref(),
        users: &users,
        x5c: arguments.x5c.as_deref().map(read_chain).transpose()?,
        encoding: arguments.encoding,
    };
    let signed = draft.sign(&key)?;
    let claims: Box<RawValue> = serde_json::from_str(&signed.claims)?;
    Ok(Outcome {
        json: json!({ "jws": signed.jws, "claims": serde_json::to_value(claims)? }),
        warnings: refusal(signed.jws.as_bytes()).into_iter().collect(),
        text: signed.jws,
        accepted: true,
    })
}

fn read_key(path: &Path) -> Result<SecretKey> {
    let pem = input::read(path)?;
    let key = std::str::from_utf8(&pem).ok().and_then(pem::secret_key);
    key.with_context(|| {
        format!("{} is no Ed25519 private key in PKCS#8 PEM (openssl genpkey -algorithm ed25519)", path.display())
    })
}

fn read_users(path: &Path) -> Result<Box<RawValue>> {
    let users: Box<RawValue> =
        serde_json::from_slice(&input::read(path)?).with_context(|| format!("{} is no JSON", path.display()))?;
    ensure!(users.get().starts_with('['), "{} is no JSON array of users", path.display());
    Ok(users)
}

/// The certificates of a PEM file in base64, in its order.
fn read_chain(path: &Path) -> Result<Vec<String>> {
    let pem = input::read(path)?;
    let chain = pem::certificates(&String::from_utf8_lossy(&pem))
        .with_context(|| format!("{} is no chain of certificates in PEM", path.display()))?;
    ensure!(!chain.is_empty(), "there is no certificate in {}", path.display());
    Ok(chain)
}

/// Why a device with the default policy would refuse it, whoever has signed it.
fn refusal(jws: &[u8]) -> Option<String> {
    let error = read(jws).err()?;
    Some(format!("a device will refuse this, whoever has signed it: {}: {error}", error.code()))
}

fn read(jws: &[u8]) -> Result<Operation, Error<Infallible>> {
    Ok(Unverified::parse(jws, &Policy::DEFAULT)?.operation(&mut ConstantTime)?)
}
