//! What `apply` tells.

use lockop::{Applied, Claims, Error, Uuid};
use serde_json::{Value, json};

use super::{APPLIED, Change, claims_json, kept_json};
use crate::explain::Scene;
use crate::outcome::Outcome;
use crate::{table, text};

pub(super) struct Report {
    verdict: &'static str,
    pub(super) explanation: String,
    claims: Option<Claims>,
    changes: Vec<Change>,
    pub(super) warnings: Vec<String>,
}

impl Report {
    pub(super) fn applied(applied: &Applied, changes: Vec<Change>, warnings: Vec<String>) -> Self {
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

    pub(super) fn refused<E: std::fmt::Debug>(scene: &Scene<'_>, error: &Error<E>) -> Self {
        Self {
            verdict: error.code().as_str(),
            explanation: scene.explain(error),
            claims: scene.claims(),
            changes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn outcome(self, lock: Uuid, now: u64) -> Outcome {
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
