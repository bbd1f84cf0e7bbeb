//! `cargo xtask mutants`: the library with one fault at a time, each of which its tests must notice.
//!
//! cargo-mutants makes the faults. Here is what makes it fast enough to be used: first the vectors alone, which notice most;
//! the slower tests are built and run only for what survives. It still takes hours, so it is no step of CI.

mod exceptions;
mod results;
mod stages;

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};

use self::exceptions::Exceptions;
use self::results::Results;
use crate::command::{cargo, output, repository, run};

/// What survives may differ from one version to the next.
const VERSION: &str = "27.1.0";

/// What stands before the name of a stage.
const FROM: &str = "--survivors-from=";

/// Mutates all of the library, or the named files of it; with `--survivors`, tries only those again that survived the last
/// time or are new, and only by the tests from a stage on if one is named; with `--report`, only prints what was found last.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    let (flags, files): (Vec<_>, Vec<_>) = arguments.iter().cloned().partition(|word| word.starts_with("--"));
    let mut results = Results::read()?;
    let found = match flags.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Some(Results::default()),
        ["--survivors"] => Some(results.clone()),
        [from] if from.starts_with(FROM) => Some(results.clone()),
        ["--report"] if files.is_empty() => None,
        _ => bail!("usage: cargo xtask mutants [--survivors | {FROM}STAGE] [FILE...] | --report"),
    };
    if let Some(mut found) = found {
        for file in &files {
            ensure!(repository()?.join(file).is_file(), "no such file of the library: {file}");
        }
        install()?;
        let names = stages::list(&[])?;
        found.keep(&names);
        results.keep(&names);
        let from = flags.first().and_then(|flag| flag.strip_prefix(FROM));
        for stage in stages::from(from)? {
            stage.run(&files, &mut found)?;
            // A run takes hours: what is known is kept if it is stopped.
            results.replace(found.clone());
            results.write()?;
        }
    }
    let exceptions = Exceptions::read()?;
    let survivors = results.survivors()?;
    print!("{}", results.table());
    let unexplained: Vec<_> = survivors.iter().filter(|survivor| exceptions.reason(survivor).is_none()).collect();
    for survivor in &survivors {
        let reason = exceptions.reason(survivor).map(|reason| format!("\n    because {reason}"));
        println!("{survivor}{}", reason.unwrap_or_default());
    }
    println!("\n{} survive, of which {} are explained", survivors.len(), survivors.len() - unexplained.len());
    let stale = exceptions.stale(&survivors, |file| results.has(file));
    ensure!(stale.is_empty(), "{}: noticed by now, or not there:\n{}", exceptions::FILE, stale.join("\n"));
    ensure!(unexplained.is_empty(), "test them, or explain them in {}", exceptions::FILE);
    Ok(ExitCode::SUCCESS)
}

/// Installs cargo-mutants unless it is there.
fn install() -> Result<()> {
    let found = output(cargo()?.args(["mutants", "--version"]))?;
    if String::from_utf8_lossy(&found.stdout).trim() != format!("cargo-mutants {VERSION}") {
        run(cargo()?.args(["install", "cargo-mutants", "--locked", "--version", VERSION]))?;
    }
    Ok(())
}
