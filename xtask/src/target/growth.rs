//! How the cost grows with the number of users and the size of the ACL.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde_json::Value;

use super::numbers::Numbers;
use super::variant::VARIANTS;

/// Cases that differ in the number of users alone.
const FAMILIES: [&str; 4] = ["ed25519-rfc7515", "ed25519-sdk", "rsa2048-rfc7515", "rsa2048-sdk"];

/// How many users there are.
const USERS: [u64; 3] = [1, 5, 25];

/// What grows with them. What a commit costs is the store's: each grant is looked up among all entries.
const STAGES: [&str; 6] = ["split+header", "parse", "hash", "authorize-without-curve", "commit", "apply"];

/// What must not grow faster than linearly in the bytes of the input. Not the hash alone: it takes whole blocks, so that
/// a few bytes cost nothing or a block.
const LINEAR: [&str; 3] = ["parse", "authorize-without-curve", "apply"];

/// How much more a further byte may cost in a long input than in a short one: every user is compared with those before.
const MARGIN: f64 = 1.05;

/// Sizes of the ACL.
const ENTRIES: [u64; 3] = [10, 100, 1000];

/// What one stage of one family takes more.
struct Growth {
    family: &'static str,
    stage: &'static str,
    /// With each user: from 1 to 5, and from 5 to 25.
    per_user: [f64; 2],
    /// With each byte of the input.
    per_byte: [f64; 2],
}

/// Every stage of every family that one variant has.
fn all(cases: &Value) -> Vec<Growth> {
    let families = FAMILIES.iter().flat_map(|family| STAGES.iter().map(move |stage| (*family, *stage)));
    families.filter_map(|(family, stage)| Growth::of(cases, family, stage)).collect()
}

impl Growth {
    fn of(cases: &Value, family: &'static str, stage: &'static str) -> Option<Self> {
        let cost = |users: u64| {
            let cost = &cases[format!("{users}-{family}")][stage];
            Some((cost["instructions"].as_f64()?, cost["input"].as_f64()?))
        };
        let [one, five, many] = USERS.map(cost);
        let steps = [(one?, five?, 4.0), (five?, many?, 20.0)];
        let per_user = steps.map(|(less, more, users)| (more.0 - less.0) / users);
        // A stage whose input does not grow takes nothing for it.
        let per_byte = steps.map(|(less, more, _)| (more.0 - less.0) / (more.1 - less.1).max(1.0));
        Some(Self { family, stage, per_user, per_byte })
    }

    fn is_linear(&self) -> bool {
        self.per_byte[1] <= self.per_byte[0] * MARGIN
    }
}

/// The tables of every variant that is not there for comparison alone.
pub(crate) fn of(numbers: &Numbers) -> String {
    let mut text = String::new();
    for variant in VARIANTS.iter().filter(|variant| !variant.compared) {
        let cases = &numbers.variant(variant.name)["cases"];
        _ = writeln!(text, "\n{}: instructions for each further user and byte", variant.name);
        _ = writeln!(
            text,
            "{:16} {:24} | {:>10} {:>10} | {:>10} {:>10}",
            "", "users:", "1 to 5", "5 to 25", "1 to 5", "5 to 25"
        );
        for Growth { family, stage, per_user, per_byte } in all(cases) {
            let ([user, more_users], [byte, more_bytes]) = (per_user, per_byte);
            _ = writeln!(
                text,
                "{family:16} {stage:24} | {user:>10.0} {more_users:>10.0} | {byte:>10.2} {more_bytes:>10.2}"
            );
        }
        _ = writeln!(
            text,
            "{:16} {:24} | {:>10} {:>10} {:>10}",
            "lookup", "entries:", ENTRIES[0], ENTRIES[1], ENTRIES[2]
        );
        for stage in ["first", "last", "absent"] {
            let cost = |entries| cases[format!("acl-{entries}")][stage]["instructions"].as_u64().unwrap_or_default();
            let [few, some, many] = ENTRIES.map(cost);
            _ = writeln!(text, "{:16} {stage:24} | {few:>10} {some:>10} {many:>10}", "");
        }
    }
    text
}

/// Fails if something grows faster than linearly in the input.
pub(crate) fn check(numbers: &Numbers) -> Result<()> {
    for variant in VARIANTS.iter().filter(|variant| !variant.compared) {
        let growths = all(&numbers.variant(variant.name)["cases"]);
        let mut steeper = growths.iter().filter(|growth| LINEAR.contains(&growth.stage) && !growth.is_linear());
        if let Some(Growth { family, stage, per_byte: [before, after], .. }) = steeper.next() {
            bail!("{}: {family}: {stage}: {before:.2} instructions for a byte become {after:.2}", variant.name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cases(instructions: [u64; 3]) -> Value {
        let mut cases = json!({});
        for (users, instructions) in USERS.into_iter().zip(instructions) {
            cases[format!("{users}-ed25519-sdk")]["parse"] = json!({"input": users * 10, "instructions": instructions});
        }
        cases
    }

    #[test]
    fn linear_is_what_grows_no_faster() {
        let growth = |instructions| Growth::of(&cases(instructions), "ed25519-sdk", "parse").unwrap();
        let linear = growth([107, 507, 2_507]);
        assert_eq!((linear.per_user, linear.per_byte), ([100.0; 2], [10.0; 2]));
        assert!(linear.is_linear());
        assert!(!growth([1, 25, 625]).is_linear());
        assert!(Growth::of(&cases([1, 2, 3]), "ed25519-sdk", "apply").is_none());
    }

    #[test]
    fn the_variant_is_named() {
        let name = VARIANTS[0].name;
        let numbers = Numbers::from_value(json!({"variants": {name: {"cases": cases([1, 25, 625])}}}));
        assert!(check(&numbers).unwrap_err().to_string().starts_with(name));
        let numbers = Numbers::from_value(json!({"variants": {name: {"cases": cases([1, 2, 3])}}}));
        assert!(check(&numbers).is_ok());
    }
}
