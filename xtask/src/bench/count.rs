//! Instructions of one call each, under callgrind.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::numbers::{Count, Numbers};
use super::{FOLDER, on};
use crate::command::{capture, program, repository, run};
use crate::debian;

/// What a line of `count` says.
#[derive(Deserialize)]
struct Call {
    table: String,
    case: String,
    input: u64,
    row: String,
}

/// Builds, checks every answer, and counts all.
pub(super) fn all() -> Result<Numbers> {
    if !debian::on_path("valgrind") {
        debian::ensure_packages("counting instructions on the host", &["valgrind"])?;
    }
    run(on("build")?.args(["--release", "--bin", "count"]))?;
    let count = repository()?.join(FOLDER).join("release/count");
    let list = capture(&mut program(&count)?)?;
    let mut numbers = Numbers::new()?;
    for (number, line) in list.lines().enumerate() {
        let Call { table, case, input, row } = serde_json::from_str(line).with_context(|| line.to_owned())?;
        let instructions = instructions(&count, number).with_context(|| format!("{table}, {case}: {row}"))?;
        numbers.counts.push(Count { table, case, input, row, instructions });
    }
    Ok(numbers)
}

/// Of one call: nothing else of the program counts.
fn instructions(count: &Path, number: usize) -> Result<u64> {
    let out = repository()?.join(FOLDER).join("callgrind.out");
    capture(
        program("valgrind")?
            .args(["--tool=callgrind", "--toggle-collect=*counted_call*"])
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(count)
            .arg(number.to_string()),
    )?;
    let text = std::fs::read_to_string(&out).with_context(|| out.display().to_string())?;
    total(&text).context("callgrind has counted nothing")
}

/// What callgrind has counted; never zero, which would be a function that it has not found.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals:"))?;
    line.trim().parse().ok().filter(|total| *total > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read() {
        assert_eq!(total("version: 1\nevents: Ir\nfn=(0)\n0 12\ntotals: 12\n"), Some(12));
        assert_eq!(total("totals: 0\n"), None);
        assert_eq!(total("events: Ir\n"), None);
    }
}
