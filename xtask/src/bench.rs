//! `cargo xtask bench` and `cargo xtask bench-count`: lockop beside its peers on the host, in `benches/host`.

mod count;
mod must;
mod numbers;
mod table;

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::command::{cargo, repository, run};
use numbers::Numbers;

/// A workspace of its own, from the root of the repository.
pub(crate) const MANIFEST: &str = "benches/host/Cargo.toml";

/// Where it is built, from the root of the repository.
const FOLDER: &str = "target/bench";

/// Where criterion leaves its report, from the root of the repository.
const REPORT: &str = "target/criterion";

/// Runs the benchmarks; the arguments are criterion's.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    run(bench()?.arg("--").args(arguments))?;
    if repository()?.join(REPORT).join("report/index.html").is_file() {
        println!("\nto look at: {REPORT}/report/index.html");
    }
    Ok(ExitCode::SUCCESS)
}

/// Counts and prints; or prints what belongs in the README, of what was counted last.
pub(crate) fn main_count(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [] => _ = counted()?,
        [flag] if flag == "--readme" => print!("{}", table::readme(&Numbers::last()?)?),
        _ => bail!("usage: cargo xtask bench-count [--readme]"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The step of CI: lints, every benchmark once, and the contract of the counts.
pub(crate) fn check() -> Result<()> {
    run(on("clippy")?.args(["--release", "--all-targets", "--", "-D", "warnings"]))?;
    // By the command that everybody knows, which is this program's again.
    run(cargo()?.args(["bench", "--", "--test"]))?;
    must::check(&counted()?)
}

fn counted() -> Result<Numbers> {
    let numbers = count::all()?;
    numbers.save()?;
    print!("\n{}", table::of(&numbers));
    println!("the same as JSON: {}", numbers::FILE);
    Ok(numbers)
}

/// One of cargo's commands on the benchmarks' workspace.
fn on(command: &str) -> Result<Command> {
    let mut cargo = cargo()?;
    cargo.args([command, "--locked", "--manifest-path", MANIFEST, "--target-dir", FOLDER]);
    Ok(cargo)
}

fn bench() -> Result<Command> {
    let mut cargo = on("bench")?;
    // Benchmarks run elsewhere than in the root.
    cargo.env("CRITERION_HOME", repository()?.join(REPORT));
    Ok(cargo)
}
