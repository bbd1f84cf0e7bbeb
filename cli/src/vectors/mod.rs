//! `lockop vectors`: runs vector files against the library.

mod model;
mod runner;

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use self::model::Vector;
use self::runner::Difference;
use crate::args::VectorsArguments;
use crate::outcome::Outcome;
use crate::{input, text};

pub(crate) fn run(arguments: &VectorsArguments) -> Result<Outcome> {
    let mut tally = Tally::default();
    for path in &arguments.files {
        tally.run_file(path, &input::read(path)?);
    }
    Ok(tally.outcome())
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failures: Vec<Failure>,
}

struct Failure {
    file: String,
    line: usize,
    what: What,
}

enum What {
    /// The line is no vector.
    Unreadable(String),
    /// The library did something else.
    Differs { id: String, difference: Difference },
}

impl Tally {
    fn run_file(&mut self, path: &Path, contents: &[u8]) {
        for (line, text) in (1..).zip(contents.split(|byte| *byte == b'\n')) {
            if text.trim_ascii().is_empty() {
                continue;
            }
            let what = match Vector::parse(text) {
                Err(error) => What::Unreadable(format!("{error:#}")),
                Ok(vector) => match runner::run(&vector) {
                    None => {
                        self.passed += 1;
                        continue;
                    }
                    Some(difference) => What::Differs { id: vector.id, difference },
                },
            };
            self.failures.push(Failure { file: path.display().to_string(), line, what });
        }
    }

    fn outcome(self) -> Outcome {
        let mut text: String = self.failures.iter().map(|failure| failure.line() + "\n").collect();
        text.push_str(&format!("{} passed, {} failed\n", self.passed, self.failures.len()));
        let json = json!({
            "passed": self.passed,
            "failed": self.failures.len(),
            "failures": self.failures.iter().map(Failure::json).collect::<Vec<_>>(),
        });
        let warnings = if self.passed == 0 && self.failures.is_empty() {
            vec!["no vector was run".to_owned()]
        } else {
            Vec::new()
        };
        Outcome { text, json, warnings, accepted: self.failures.is_empty() && self.passed > 0 }
    }
}

impl Failure {
    fn line(&self) -> String {
        let place = format!("{}:{}", text::escape(&self.file), self.line);
        match &self.what {
            What::Unreadable(error) => format!("{place}: not a vector: {}", text::escape(error)),
            What::Differs { id, difference } => format!(
                "{place}: {}: {}: expected {}, got {}",
                text::escape(id),
                difference.place(),
                text::escape(&difference.expected),
                text::escape(&difference.got),
            ),
        }
    }

    fn json(&self) -> Value {
        match &self.what {
            What::Unreadable(error) => json!({ "file": self.file, "line": self.line, "id": null, "error": error }),
            What::Differs { id, difference } => json!({
                "file": self.file,
                "line": self.line,
                "id": id,
                "step": difference.step,
                "expected": difference.expected,
                "got": difference.got,
                "reason": difference.reason,
            }),
        }
    }
}
