//! What has become of the mutants, file by file: kept over runs, since a run of all takes hours.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::stages::FOLDER;
use crate::command::{capture, program, repository};

/// What has become of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// A test failed.
    Caught,
    /// A test ran for ever.
    Forever,
    /// It does not compile.
    Unviable,
    Survived,
}

/// Of each file: the commit that was looked at, and the mutants by their names.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Results(BTreeMap<String, File>);

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
struct File {
    commit: String,
    mutants: BTreeMap<String, Outcome>,
}

/// A mutant that no test notices.
#[derive(Debug, PartialEq)]
pub(super) struct Survivor {
    pub(super) file: String,
    pub(super) line: usize,
    /// The line before the change.
    pub(super) text: String,
    pub(super) change: String,
}

impl fmt::Display for Survivor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    {}", self.file, self.line, self.change, self.text)
    }
}

#[derive(Deserialize)]
struct Outcomes {
    outcomes: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    scenario: Scenario,
    summary: String,
    log_path: String,
}

#[derive(Deserialize)]
enum Scenario {
    Baseline,
    Mutant { name: String, file: String },
}

impl Results {
    pub(super) fn read() -> Result<Self> {
        let path = repository()?.join(FOLDER).join("results.json");
        if !path.is_file() {
            return Ok(Self::default());
        }
        serde_json::from_str(&std::fs::read_to_string(&path)?).with_context(|| path.display().to_string())
    }

    pub(super) fn write(&self) -> Result<()> {
        Ok(std::fs::write(repository()?.join(FOLDER).join("results.json"), serde_json::to_string_pretty(self)?)?)
    }

    /// Takes what one run of cargo-mutants says. How a mutant was caught is in its log.
    pub(super) fn add(&mut self, json: &str, caught: impl Fn(&str) -> Outcome) -> Result<()> {
        let commit = capture(program("git")?.args(["describe", "--always", "--dirty"]))?.trim().to_owned();
        let outcomes: Outcomes = serde_json::from_str(json).context("outcomes.json")?;
        for one in outcomes.outcomes {
            let Scenario::Mutant { name, file } = one.scenario else { continue };
            let outcome = match one.summary.as_str() {
                "CaughtMutant" => caught(&one.log_path),
                "Timeout" => Outcome::Forever,
                "Unviable" => Outcome::Unviable,
                "MissedMutant" => Outcome::Survived,
                // Neither the one nor the other: it is tried again by the next stage.
                _ => continue,
            };
            // cargo-mutants always tries those that leave out a field, whatever it is asked for: what one stage has noticed,
            // a later one need not.
            if outcome == Outcome::Survived && self.is_decided(&name) {
                continue;
            }
            let file = self.0.entry(file).or_default();
            file.commit.clone_from(&commit);
            file.mutants.insert(name, outcome);
        }
        Ok(())
    }

    /// Whether nothing more is to be found out of a mutant.
    pub(super) fn is_decided(&self, name: &str) -> bool {
        let outcome = self.0.get(file_of(name)).and_then(|file| file.mutants.get(name));
        outcome.is_some_and(|outcome| *outcome != Outcome::Survived)
    }

    /// Forgets what is no mutant any more.
    pub(super) fn keep(&mut self, names: &[String]) {
        let names: BTreeSet<&String> = names.iter().collect();
        for file in self.0.values_mut() {
            file.mutants.retain(|name, _| names.contains(name));
        }
        self.0.retain(|_, file| !file.mutants.is_empty());
    }

    pub(super) fn has(&self, file: &str) -> bool {
        self.0.contains_key(file)
    }

    pub(super) fn len(&self) -> usize {
        self.0.values().map(|file| file.mutants.len()).sum()
    }

    /// Puts newer results of files in the place of those that there are.
    pub(super) fn replace(&mut self, newer: Self) {
        self.0.extend(newer.0);
    }

    pub(super) fn survivors(&self) -> Result<Vec<Survivor>> {
        let mut survivors = Vec::new();
        for (name, file) in &self.0 {
            let text = std::fs::read_to_string(repository()?.join(name)).with_context(|| name.clone())?;
            let lines: Vec<&str> = text.lines().collect();
            let survived = file.mutants.iter().filter(|(_, outcome)| **outcome == Outcome::Survived);
            survivors.extend(survived.filter_map(|(mutant, _)| Survivor::of(mutant, &lines)));
        }
        survivors.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Ok(survivors)
    }

    /// The numbers, in Markdown.
    pub(super) fn table(&self) -> String {
        let mut text = String::from(
            "| file | mutants | noticed | of these, by running for ever | survive | do not compile | commit |\n\
             |---|---:|---:|---:|---:|---:|---|\n",
        );
        let mut sum = [0; 5];
        for (name, file) in &self.0 {
            let numbers = file.numbers();
            sum.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
            text += &row(&format!("`{name}`"), numbers, &file.commit);
        }
        let commits: BTreeSet<&str> = self.0.values().map(|file| file.commit.as_str()).collect();
        text += &row("all", sum, &format!("{} commits", commits.len()));
        let [_, noticed, _, survive, _] = sum;
        let viable = (noticed + survive).max(1);
        text + &format!(
            "\nscore: {noticed} of {viable} that compile, {:.1} %\n\n",
            noticed as f64 * 100.0 / viable as f64
        )
    }
}

impl File {
    /// All, noticed, of these by running for ever, survived, unviable.
    fn numbers(&self) -> [usize; 5] {
        let count = |wanted| self.mutants.values().filter(|outcome| **outcome == wanted).count();
        let [caught, forever] = [Outcome::Caught, Outcome::Forever].map(count);
        [self.mutants.len(), caught + forever, forever, count(Outcome::Survived), count(Outcome::Unviable)]
    }
}

/// The file of a mutant, by its name.
pub(super) fn file_of(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

fn row(name: &str, numbers: [usize; 5], commit: &str) -> String {
    let numbers = numbers.map(|number| format!(" {number} |")).concat();
    format!("| {name} |{numbers} {commit} |\n")
}

impl Survivor {
    /// From a name like `src/a.rs:7:9: replace + with - in f`.
    fn of(name: &str, lines: &[&str]) -> Option<Self> {
        let mut fields = name.splitn(4, ':');
        let file = fields.next()?.to_owned();
        let line: usize = fields.next()?.parse().ok()?;
        fields.next()?;
        let change = fields.next()?.trim().to_owned();
        let text = lines.get(line.wrapping_sub(1)).map_or("", |line| line.trim()).to_owned();
        Some(Self { file, line, text, change })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survivor_is_read_from_its_name() {
        let survivor = Survivor::of("src/a.rs:2:9: replace <impl A for B>::f -> u8 with 0", &["a", "  b"]).unwrap();
        let change = "replace <impl A for B>::f -> u8 with 0".to_owned();
        assert_eq!(survivor, Survivor { file: "src/a.rs".to_owned(), line: 2, text: "b".to_owned(), change });
    }

    #[test]
    fn what_is_decided_is_not_tried_again() {
        let json = r#"{"outcomes": [
            {"scenario": "Baseline", "summary": "Success", "log_path": "log/baseline.log"},
            {"scenario": {"Mutant": {"name": "a.rs:1:1: x", "file": "a.rs"}}, "summary": "CaughtMutant", "log_path": "log/x"},
            {"scenario": {"Mutant": {"name": "a.rs:1:2: y", "file": "a.rs"}}, "summary": "MissedMutant", "log_path": "log/y"}]}"#;
        let mut results = Results::default();
        results.add(json, |_| Outcome::Caught).unwrap();
        assert!(
            results.is_decided("a.rs:1:1: x")
                && !results.is_decided("a.rs:1:2: y")
                && !results.is_decided("a.rs:2:1: z")
        );
        assert_eq!(results.0["a.rs"].numbers(), [2, 1, 0, 1, 0]);
        results.add(&json.replace("CaughtMutant", "MissedMutant"), |_| Outcome::Caught).unwrap();
        assert_eq!(results.0["a.rs"].numbers(), [2, 1, 0, 1, 0], "noticed once is noticed");
        results.keep(&["a.rs:1:2: y".to_owned(), "a.rs:3:1: z".to_owned()]);
        assert_eq!(results.0["a.rs"].numbers(), [1, 0, 0, 1, 0]);
    }
}
