//! Instructions of one call each, under callgrind.

use anyhow::{Context, Result};
use serde::Deserialize;

use super::numbers::{Count, Numbers};
use super::{FOLDER, on};
use crate::command::{capture, program, repository, run};
use crate::instructions;

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
    instructions::ready()?;
    run(on("build")?.args(["--release", "--bin", "count"]))?;
    let count = repository()?.join(FOLDER).join("release/count");
    let out = repository()?.join(FOLDER).join("callgrind.out");
    let list = capture(&mut program(&count)?)?;
    let mut numbers = Numbers::new()?;
    for (number, line) in list.lines().enumerate() {
        let Call { table, case, input, row } = serde_json::from_str(line).with_context(|| line.to_owned())?;
        let instructions = instructions::of_counted_call(&count, &[number.to_string()], &out);
        let instructions = instructions.with_context(|| format!("{table}, {case}: {row}"))?;
        numbers.counts.push(Count { table, case, input, row, instructions });
    }
    Ok(numbers)
}
