//! `lockop apply`: what the device would do, done to an ACL file.

use std::collections::BTreeMap;
use std::convert::Infallible;

use anyhow::{Context, Result, ensure};
use lockop::{AclEntry, Applied, Claims, Device, Error, Part, UserKey, Uuid};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::acl_file::AclFile;
use crate::acl_json::EntryJson;
use crate::args::ApplyArguments;
use crate::explain::Scene;
use crate::outcome::Outcome;
use crate::{input, jws, table, text};

pub(crate) const APPLIED: &str = "applied";

pub(crate) fn run(arguments: &ApplyArguments) -> Result<Outcome> {
    let jws = input::captured(arguments.captured.file.as_deref())?;
    let now = match arguments.now {
        Some(now) => now,
        None => text::clock()?,
    };
    let file = AclFile::open(&arguments.acl)?;
    let before = file.store(arguments.capacity)?;
    let mut store = before.clone();
    let policy = arguments.policy.policy();
    let scene = Scene { jws: &jws, lock: arguments.lock, now, policy, store: &before };
    let result = Device::new(arguments.lock).with_policy(policy).apply(&jws, now, &mut store);
    let report = match &result {
        Err(error) => Report::refused(&scene, error),
        Ok(applied) => {
            let changes = changes(before.entries(), store.entries(), &jws)?;
            let entries = merge(file.entries(), &changes);
            match file.commit(entries, store.replays()) {
                Ok(Ok(())) => Report::applied(applied, changes, Vec::new()),
                Ok(Err(error)) => {
                    let warning = format!(
                        "the operation is committed, but {} could not be rewritten ({error}); the next run does it",
                        arguments.acl.display(),
                    );
                    Report::applied(applied, changes, vec![warning])
                }
                Err(error) => Report::refused(&scene, &Error::Storage(error)),
            }
        }
    };
    Ok(report.outcome(arguments.lock, now))
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

struct Report {
    verdict: &'static str,
    explanation: String,
    claims: Option<Claims>,
    changes: Vec<Change>,
    warnings: Vec<String>,
}

impl Report {
    fn applied(applied: &Applied, changes: Vec<Change>, warnings: Vec<String>) -> Self {
        let added = changes.iter().filter(|change| change.before.is_none()).count();
        let explanation = format!(
            "{} {}: {} added, {} replaced, signed by {}.",
            applied.operation,
            text::count(applied.users, "user"),
            added,
            changes.len() - added,
            applied.claims.iss,
        );
        Self { verdict: APPLIED, explanation, claims: Some(applied.claims), changes, warnings }
    }

    fn refused<E: std::fmt::Debug>(scene: &Scene<'_>, error: &Error<E>) -> Self {
        Self {
            verdict: error.code().as_str(),
            explanation: scene.explain(error),
            claims: scene.claims(),
            changes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn outcome(self, lock: Uuid, now: u64) -> Outcome {
        let mut text = format!("{}\n{}\n", self.verdict, self.explanation);
        if !self.changes.is_empty() {
            text.push_str(&table::table(["", "user", "role", "active", "key"], self.changes.iter().map(row)));
            text.push('\n');
        }
        let changes: Vec<_> = self.changes.iter().map(change_json).collect();
        let json = json!({
            "verdict": self.verdict,
            "explanation": self.explanation,
            "lock": lock.to_string(),
            "now": now,
            "claims": self.claims.as_ref().map(claims_json),
            "changes": changes,
        });
        Outcome { text, json, warnings: self.warnings, accepted: self.verdict == APPLIED }
    }
}

/// One row; where something is different from before, with what it was.
fn row(change: &Change) -> [String; 5] {
    let [user, role, active, key] = table::entry(&change.entry);
    let Some((_, old)) = &change.before else {
        return ["added".to_owned(), user, role, active, key];
    };
    let [_, old_role, old_active, old_key] = table::entry(old);
    let both = |new: String, old: String| if new == old { new } else { format!("{new}\n(was {old})") };
    ["replaced".to_owned(), user, both(role, old_role), both(active, old_active), both(key, old_key)]
}

fn change_json(change: &Change) -> Value {
    let mut json = json!({ "change": if change.before.is_some() { "replaced" } else { "added" } });
    json["entry"] = json!(change.json);
    json["before"] = json!(change.before.map(|(_, old)| kept_json(&old)));
    json
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
