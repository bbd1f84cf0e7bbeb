//! `lockop sign`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use ed25519_compact::SecretKey;
use lockop::{ConstantTime, Policy, Unverified};
use serde_json::json;
use serde_json::value::RawValue;

use crate::args::{Encoding, SignArguments};
use crate::outcome::Outcome;
use crate::sign::Draft;
use crate::{base64, input, inspect, text};

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
    let key = std::str::from_utf8(&pem).ok().and_then(|pem| SecretKey::from_pem(pem).ok());
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

/// The certificates of a PEM file in base64, in its order. What else is in the file is passed over.
fn read_chain(path: &Path) -> Result<Vec<String>> {
    let pem = input::read(path)?;
    let chain = certificates(&String::from_utf8_lossy(&pem))
        .with_context(|| format!("{} is no chain of certificates in PEM", path.display()))?;
    ensure!(!chain.is_empty(), "there is no certificate in {}", path.display());
    Ok(chain)
}

fn certificates(pem: &str) -> Result<Vec<String>> {
    pem.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .enumerate()
        .map(|(place, rest)| {
            let (body, _) = rest
                .split_once("-----END CERTIFICATE-----")
                .with_context(|| format!("certificate {} has no end", place + 1))?;
            let body: String = body.split_ascii_whitespace().collect();
            let decoded = base64::decode_forgiving(body.as_bytes());
            let certificate = base64::encode(&decoded.bytes, Encoding::Base64);
            ensure!(certificate == body, "certificate {} is no base64", place + 1);
            Ok(certificate)
        })
        .collect()
}

/// Why a device with the default policy would refuse it, whoever has signed it.
fn refusal(jws: &[u8]) -> Option<String> {
    let reason = match Unverified::parse(jws, &Policy::DEFAULT) {
        Err(error) => format!("{}: {error}", error.code()),
        Ok(unverified) => {
            let error = unverified.operation(&mut ConstantTime).err()?;
            format!("{}: {error}", inspect::operation_code(&error))
        }
    };
    Some(format!("a device will refuse this, whoever has signed it: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_keep_their_order() {
        let one = "text\n-----BEGIN CERTIFICATE-----\nMAAw\nAA==\n-----END CERTIFICATE-----\n";
        let two = "-----BEGIN CERTIFICATE-----\r\nMAEB\r\n-----END CERTIFICATE-----";
        assert_eq!(certificates(&format!("{one}{two}")).unwrap(), ["MAAwAA==", "MAEB"]);
        assert_eq!(certificates("").unwrap(), [""; 0]);
        for bad in ["-----BEGIN CERTIFICATE-----\nMAEB\n", "-----BEGIN CERTIFICATE-----M-EB-----END CERTIFICATE-----"] {
            assert!(certificates(bad).is_err());
        }
    }
}
