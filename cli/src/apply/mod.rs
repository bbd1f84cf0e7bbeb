//! `lockop apply`: what the device would do, done to an ACL file or to an image of its flash.

mod image;
mod report;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use lockop::{AclEntry, Applied, Claims, Device, Error, Part, Policy, UserKey, Uuid};
use serde::Deserialize;
use serde_json::{Value, json};

use self::report::Report;
use crate::acl_file::AclFile;
use crate::acl_json::EntryJson;
use crate::args::{ApplyArguments, StoreArguments};
use crate::explain::Scene;
use crate::flash::lock::Lock;
use crate::outcome::Outcome;
use crate::{input, jws, text};

pub(crate) const APPLIED: &str = "applied";

/// An operation, and the device that it comes upon.
struct Attempt<'a> {
    jws: &'a [u8],
    lock: Uuid,
    now: u64,
    policy: Policy,
}

pub(crate) fn run(arguments: &ApplyArguments) -> Result<Outcome> {
    let jws = input::captured(arguments.captured.file.as_deref())?;
    let now = match arguments.now {
        Some(now) => now,
        None => text::clock()?,
    };
    let attempt = Attempt { jws: &jws, lock: arguments.lock, now, policy: arguments.policy.policy() };
    let capacity = arguments.capacity;
    let report = match (&arguments.store, &arguments.geometry) {
        (StoreArguments { acl: Some(acl), .. }, _) => apply_to_file(&attempt, acl, capacity)?,
        (StoreArguments { flash: Some(image), .. }, Some(geometry)) => {
            image::apply(&attempt, Lock::new(image, geometry, capacity)?)?
        }
        _ => bail!("--acl ACL.json, or --flash IMAGE with its --geometry, is needed"),
    };
    Ok(report.outcome(arguments.lock, now))
}

fn apply_to_file(attempt: &Attempt<'_>, path: &Path, capacity: usize) -> Result<Report> {
    let Attempt { jws, lock, now, policy } = *attempt;
    let file = AclFile::open(path)?;
    let before = file.store(capacity)?;
    let mut store = before.clone();
    let scene = Scene { jws, lock, now, policy, store: &before };
    Ok(match &Device::new(lock).with_policy(policy).apply(jws, now, &mut store) {
        Err(error) => Report::refused(&scene, error),
        Ok(applied) => {
            let changes = changes(before.entries(), store.entries(), jws)?;
            let entries = merge(file.entries(), &changes);
            match file.commit(entries, store.replays()) {
                Ok(Ok(())) => Report::applied(applied, changes, Vec::new()),
                Ok(Err(error)) => {
                    let warning = format!(
                        "the operation is committed, but {} could not be rewritten ({error}); the next run does it",
                        path.display(),
                    );
                    Report::applied(applied, changes, vec![warning])
                }
                Err(error) => Report::refused(&scene, &Error::Storage(error)),
            }
        }
    })
}

/// A user who was put on the ACL, or replaced there.
#[derive(Debug)]
struct Change {
    entry: AclEntry,
    json: EntryJson,
    /// The place in the ACL file, and the entry that was there.
    before: Option<(usize, AclEntry)>,
}

/// As much of the payload as tells how the keys were written. The library has found it to be in order.
#[derive(Deserialize)]
struct Payload {
    operation: Operation,
}

#[derive(Deserialize)]
struct Operation {
    users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    user: String,
    public_key: String,
}

/// The texts of the keys in an applied operation: an RSA key itself is nowhere else, the ACL keeps its fingerprint.
fn key_texts(jws: &[u8]) -> Result<BTreeMap<Uuid, String>> {
    let payload = jws::part(jws, Part::Payload).context("an applied operation has a payload")?;
    let payload: Payload = serde_json::from_slice(&payload.bytes).context("an applied operation is JSON")?;
    payload.operation.users.into_iter().map(|user| Ok((user.user.parse()?, user.public_key))).collect()
}

fn changes(before: &[AclEntry], after: &[AclEntry], jws: &[u8]) -> Result<Vec<Change>> {
    let mut texts = key_texts(jws)?;
    let mut changes = Vec::new();
    for entry in after {
        // Who is in the operation was written, even if nothing is different.
        let Some(text) = texts.remove(&entry.user) else { continue };
        ensure!(
            UserKey::from_base64(text.as_bytes()) == Some(entry.key),
            "the key of {} reads differently in the operation and on the ACL",
            entry.user,
        );
        let place = before.iter().position(|old| old.user == entry.user);
        let before = place.and_then(|place| Some((place, *before.get(place)?)));
        changes.push(Change { entry: *entry, json: EntryJson::of(entry, text), before });
    }
    Ok(changes)
}

/// The ACL file with the changes: replaced entries stay in their places, and who was not concerned is written as before.
fn merge(file: &[EntryJson], changes: &[Change]) -> Vec<EntryJson> {
    let mut entries = file.to_vec();
    for change in changes {
        match change.before.and_then(|(place, _)| entries.get_mut(place)) {
            Some(place) => *place = change.json.clone(),
            None => entries.push(change.json.clone()),
        }
    }
    entries
}

/// An entry as a device has it: of an RSA key, the fingerprint.
pub(crate) fn kept_json(entry: &AclEntry) -> Value {
    let (kind, name) = match &entry.key {
        UserKey::Ed25519(_) => ("Ed25519", "key"),
        UserKey::RsaFingerprint(_) => ("RSA", "sha256"),
    };
    json!({
        "user": entry.user.to_string(),
        "key": { "type": kind, name: text::hex(entry.key.as_bytes()) },
        "role": entry.role.as_str(),
        "start": entry.window.start(),
        "end": entry.window.end(),
    })
}

pub(crate) fn claims_json(claims: &Claims) -> Value {
    json!({
        "iss": claims.iss.to_string(),
        "sub": claims.sub.to_string(),
        "nbf": claims.nbf,
        "iat": claims.iat,
        "exp": claims.exp,
        "jti": claims.jti.as_ref().map(|jti| String::from_utf8_lossy(jti.as_bytes())),
    })
}

/// What the library's verdict is called.
pub(crate) fn verdict(result: &Result<Applied, Error<Infallible>>) -> &'static str {
    match result {
        Ok(_) => APPLIED,
        Err(error) => error.code().as_str(),
    }
}
