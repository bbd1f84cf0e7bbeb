//! What must hold of the counts: on the same work, lockop is ahead of what one would write oneself.

use anyhow::{Result, bail};

use super::numbers::Numbers;
use super::table::{CASES, SAME_WORK, WHOLE_JOB};

/// Of whom it must be ahead.
const BEHIND: [&str; 2] = ["serde_json", "serde-json-core"];

/// Of whom it should be, some day.
const AIM: &str = "jsonwebtoken";

/// Fails if lockop is not ahead, and names every case.
pub(super) fn check(numbers: &Numbers) -> Result<()> {
    let mut failures = Vec::new();
    for (case, _) in CASES {
        let ours = numbers.get(WHOLE_JOB, case, SAME_WORK)?;
        for peer in BEHIND {
            let theirs = numbers.get(WHOLE_JOB, case, peer)?;
            if ours >= theirs {
                failures.push(format!("{case}: {ours} instructions are not fewer than {peer}'s {theirs}"));
            }
        }
        let aim = numbers.get(WHOLE_JOB, case, AIM)?;
        let verdict = if ours < aim { "ahead of" } else { "not ahead of" };
        println!("{case}: lockop, {ours}, is {verdict} {AIM}, {aim}, which is an aim and no limit");
    }
    if failures.is_empty() {
        println!("on the same work, lockop is ahead of {}", BEHIND.join(" and "));
        return Ok(());
    }
    bail!("{}", failures.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::numbers::sample;

    #[test]
    fn lockop_must_be_ahead_in_every_case() {
        let counts = |ours| {
            let rows = [(SAME_WORK, ours), ("serde_json", 100), ("serde-json-core", 90), (AIM, 10)];
            let counts = CASES.map(|(case, _)| rows.map(|(row, count)| (WHOLE_JOB, case, row, count)));
            sample(counts.as_flattened())
        };
        assert!(check(&counts(89)).is_ok());
        assert!(check(&counts(90)).is_err());
        assert!(check(&sample(&[])).is_err());
    }
}
