//! Mutants that no test can notice, and why: `xtask/exceptions/mutants.toml`.

use anyhow::{Context, Result};
use serde::Deserialize;

use super::results::Survivor;
use crate::command::repository;

/// From the root of the repository.
pub(super) const FILE: &str = "xtask/exceptions/mutants.toml";

/// Every exception.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exceptions {
    #[serde(default)]
    survivor: Vec<Exception>,
}

/// Mutants of one line, for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    file: String,
    /// The line as it is in the file, without the white space around it: its number would not hold for long.
    line: String,
    /// What is changed, as cargo-mutants says it behind the place; as often as it survives, where a line has several such
    /// places.
    changes: Vec<String>,
    because: String,
}

impl Exceptions {
    pub(super) fn read() -> Result<Self> {
        let text = std::fs::read_to_string(repository()?.join(FILE)).context(FILE)?;
        toml::from_str(&text).context(FILE)
    }

    /// Why this survives, if that is known.
    pub(super) fn reason(&self, survivor: &Survivor) -> Option<&str> {
        let same = |one: &&Exception| {
            one.file == survivor.file && one.line == survivor.text && one.changes.contains(&survivor.change)
        };
        self.survivor.iter().find(same).map(|one| one.because.as_str())
    }

    /// The exceptions that are none, or are not as many as survive, in files that were looked at.
    pub(super) fn stale(&self, survivors: &[Survivor], looked_at: impl Fn(&str) -> bool) -> Vec<String> {
        let changes = self.survivor.iter().flat_map(|one| one.changes.iter().map(move |change| (one, change)));
        let is_stale = |(one, change): &(&Exception, &String)| {
            let survives = |s: &&Survivor| s.file == one.file && s.text == one.line && s.change == **change;
            let listed = one.changes.iter().filter(|other| other == change).count();
            looked_at(&one.file) && survivors.iter().filter(survives).count() != listed
        };
        changes.filter(is_stale).map(|(one, change)| format!("{}: {}: {change}", one.file, one.line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_that_is_none_is_found_out() {
        let text = "[[survivor]]\nfile = 'a.rs'\nline = 'x | y'\nchanges = ['replace | with ^ in f', 'replace | with & in f']\n\
                    because = 'no bit is in both'\n";
        let exceptions: Exceptions = toml::from_str(text).unwrap();
        let survivor =
            Survivor { file: "a.rs".into(), line: 3, text: "x | y".into(), change: "replace | with ^ in f".into() };
        assert_eq!(exceptions.reason(&survivor), Some("no bit is in both"));
        assert_eq!(exceptions.stale(&[survivor], |_| true), ["a.rs: x | y: replace | with & in f"]);
        let survivor =
            |change: &str| Survivor { file: "a.rs".into(), line: 3, text: "x | y".into(), change: change.into() };
        let [one, other] = ["replace | with ^ in f", "replace | with & in f"].map(survivor);
        assert_eq!(exceptions.stale(&[one, other], |_| true), [""; 0]);
        let twice = ["replace | with ^ in f", "replace | with ^ in f", "replace | with & in f"].map(survivor);
        assert_eq!(
            exceptions.stale(&twice, |_| true),
            ["a.rs: x | y: replace | with ^ in f"],
            "another one of the same line"
        );
        assert!(exceptions.stale(&[], |_| false).is_empty());
    }
}
