//! `cargo xtask ci`: the steps that decide whether a change may land.

mod steps;
mod tree;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::{bench, capi, cost, coverage, ct, firmware, fuzz, header, power_fail, size, skip, target};

/// One step of CI.
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<()>,
}

const fn step(name: &'static str, about: &'static str, run: fn() -> Result<()>) -> Step {
    Step { name, about, run }
}

/// Every step, in order: what fails fast comes first. A new step is one line here.
#[rustfmt::skip] // A table reads better in rows.
const STEPS: &[Step] = &[
    step("tree", "no path of a machine, no unsafe code, lib.rs forbids it", tree::check),
    step("fmt", "formatting", steps::fmt),
    step("clippy", "lints, everything with all features", steps::clippy),
    step("clippy-features", "lints, the library with no feature and with each alone", steps::clippy_features),
    step("doc", "documentation without warnings", steps::doc),
    step("test-features", "tests, the library with no feature and with each alone", steps::test_features),
    step("test-release", "tests, the library optimised, with all features", steps::test_release),
    step("demo", "the README's first command", steps::demo),
    step("vectors-fresh", "the vector files are what the generator makes", steps::vectors_fresh),
    step("vectors-run", "the tool agrees with every vector", steps::vectors_run),
    step("real-programs", "the tool beside openssl, jq and base64; the README's recipe", steps::real_programs),
    step("power-fail", "the store in flash survives a million power failures", power_fail::check),
    step("power-fail-broken", "stores broken on purpose do not", power_fail::check_broken),
    step("coverage", "what parses and decides is reached by vectors, seeds or tests, or explained", coverage::check),
    step("header", "the C header is what the C ABI's sources make", header::check),
    step("capi", "the C ABI from C: plain, under valgrind, with sanitizers, through CMake", capi::check),
    step("bare-metal", "the library and its C ABI build for every target", steps::bare_metal),
    step("target", "instructions, stack and flash are within budgets.toml", target::check),
    step("readme", "the table in README.md shows what is measured, within 1 %", target::check_readme),
    step("cost", "no input is found that costs more than a stated multiple of a valid one", cost::check),
    step("constant-time", "verification runs in constant time, on the target and on the host", ct::check),
    step("benches", "every benchmark once; lockop is ahead of the peers that it must be ahead of", bench::check),
    step("size", "flash by features within budgets.toml; no variable of the library", size::check),
    step("firmware", "both example locks, in the emulator: what they take, refuse and remember", firmware::check),
    step("skip", "no skipped instruction has a forged operation applied", skip::check),
    step("fuzz", "lints of the fuzz targets, and each of them for 10 s", fuzz::check),
];

/// Runs the named steps in the order given, or every step.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    if arguments == ["--list"] {
        for step in STEPS {
            println!("{:18} {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen: Vec<&Step> = if arguments.is_empty() {
        STEPS.iter().collect()
    } else {
        // All are looked up before the first one runs.
        arguments.iter().map(|name| find(name)).collect::<Result<_>>()?
    };
    Ok(run(&chosen))
}

fn find(name: &str) -> Result<&'static Step> {
    STEPS
        .iter()
        .find(|step| step.name == name)
        .with_context(|| format!("no such step: {name} (cargo xtask ci --list lists them)"))
}

fn run(steps: &[&Step]) -> ExitCode {
    let start = Instant::now();
    for (passed, step) in steps.iter().enumerate() {
        println!("\n=== {}: {}", step.name, step.about);
        let begun = Instant::now();
        let result = (step.run)();
        let seconds = begun.elapsed().as_secs_f32();
        if let Err(error) = result {
            eprintln!("error: {error:#}");
            println!("=== {}: FAILED after {seconds:.1} s", step.name);
            println!("steps: {passed} passed, 1 failed");
            return ExitCode::FAILURE;
        }
        println!("=== {}: passed in {seconds:.1} s", step.name);
    }
    println!("\nall steps took {:.1} s", start.elapsed().as_secs_f32());
    println!("steps: {} passed, 0 failed", steps.len());
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for step in STEPS {
            let same = STEPS.iter().filter(|other| other.name == step.name);
            assert_eq!(same.count(), 1, "{}", step.name);
        }
    }

    #[test]
    fn an_unknown_step_is_an_error() {
        assert!(find("fmt").is_ok());
        assert!(find("no-such-step").is_err());
    }
}
