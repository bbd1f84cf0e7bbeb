//! What a command hands back, and how it is printed.
//!
//! Commands print nothing themselves: so a closed pipe cannot stop them half-way, and what they found out reaches
//! people and programs from one place, where what could steer a terminal is taken out of it.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::Value;

use crate::text;

/// The result of a command that could do its work.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// For people. What comes from outside has been [escaped](text::escape) in it.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
    /// Notes for standard error.
    pub(crate) warnings: Vec<String>,
    /// Applied or valid; if not, the exit status is 1.
    pub(crate) accepted: bool,
}

const REJECTED: u8 = 1;
const TROUBLE: u8 = 2;

/// Prints a result, and says with which status to exit.
pub(crate) fn report(result: anyhow::Result<Outcome>, json: bool) -> ExitCode {
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => return trouble(&format!("{error:#}")),
    };
    for warning in &outcome.warnings {
        complain(&format!("warning: {warning}"));
    }
    let mut out = if json { text::json(&outcome.json) } else { outcome.text };
    if !out.ends_with('\n') {
        out.push('\n');
    }
    let mut stdout = io::stdout().lock();
    match stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush()) {
        // Whoever reads has seen enough (`lockop demo | head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => return trouble(&format!("cannot write to standard output: {error}")),
        Ok(()) => {}
    }
    if outcome.accepted { ExitCode::SUCCESS } else { ExitCode::from(REJECTED) }
}

fn trouble(message: &str) -> ExitCode {
    complain(message);
    ExitCode::from(TROUBLE)
}

/// Standard error may be closed; there is nobody left to tell then.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "lockop: {}", text::escape(message));
}
