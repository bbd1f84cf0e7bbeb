//! `cargo xtask cost`: what the dearest inputs cost, and a search for dearer ones (docs/cost.md).

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::command::{capture, cargo, program, repository, run};
use crate::grouped::grouped;
use crate::instructions;
use crate::target::multiple;

/// No input costs more than this, in instructions on the host, of what a valid operation of its length costs. What a
/// Cortex-M takes is held by `budgets.toml`.
const MOST: f64 = 3.8;

/// Where everything is built and left, from the root of the repository.
const FOLDER: &str = "target/cost";

/// The lengths at which is searched.
const LENGTHS: [usize; 2] = [8_192, 32_768];

/// How many inputs of each kind and length are tried, if nobody says. In CI, fewer.
const TRIES: &str = "400";
const FEW_TRIES: &str = "60";

/// Where the search begins: with the same seed, it finds the same.
const SEED: &str = "1";

/// An input whose cost is counted.
struct Input {
    longest: usize,
    name: String,
    len: u64,
    verdict: String,
    instructions: u64,
}

/// Counts what is known, searches, and counts what is found.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [] => all(TRIES, SEED)?,
        [tries] => all(tries, SEED)?,
        [tries, seed] => all(tries, seed)?,
        _ => bail!("usage: cargo xtask cost [TRIES [SEED]]"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The step of CI: the same with a short search.
pub(crate) fn check() -> Result<()> {
    all(FEW_TRIES, SEED)
}

fn all(tries: &str, seed: &str) -> Result<()> {
    instructions::ready()?;
    let folder = repository()?.join(FOLDER).join("inputs");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let (counted, plain) = (build_counted()?, build()?);
    let mut lines = capture(program(&plain)?.arg("keep").arg(&folder))?;
    for longest in LENGTHS {
        println!("searching at {longest} bytes: {tries} tries for each kind, seed {seed}");
        let mut search = program(&counted)?;
        search.env("LLVM_PROFILE_FILE", "/dev/null").args(["search", seed, tries, &longest.to_string()]);
        lines += &capture(search.arg(&folder).stderr(std::process::Stdio::inherit()))?;
    }
    let inputs: Vec<Input> = lines.lines().map(|line| count(&plain, &folder, line)).collect::<Result<_>>()?;
    held(&inputs)
}

/// With every region of code counted, in the process.
fn build_counted() -> Result<PathBuf> {
    let mut cargo = cargo()?;
    cargo.env("RUSTFLAGS", "-C instrument-coverage --cfg counted").env("LLVM_PROFILE_FILE", "/dev/null");
    build_with(cargo.args(["build", "--profile", "sim"]))?;
    Ok(repository()?.join(FOLDER).join("sim/lockop-cost"))
}

/// As the library is, for callgrind.
fn build() -> Result<PathBuf> {
    build_with(cargo()?.args(["build", "--release"]))?;
    Ok(repository()?.join(FOLDER).join("release/lockop-cost"))
}

fn build_with(cargo: &mut std::process::Command) -> Result<()> {
    run(cargo.args(["--quiet", "--package", "lockop-cost", "--target-dir", FOLDER]))
}

/// The input that is on a line of the program.
fn count(plain: &Path, folder: &Path, line: &str) -> Result<Input> {
    let [longest, name, file, len, verdict] = line.split('\t').collect::<Vec<_>>()[..] else { bail!("{line}") };
    let file = folder.join(file);
    let out = folder.join("callgrind.out");
    let instructions = instructions::of_counted_call(plain, &["run".as_ref(), file.as_os_str()], &out);
    Ok(Input {
        longest: longest.parse()?,
        name: name.to_owned(),
        len: len.parse()?,
        verdict: verdict.to_owned(),
        instructions: instructions.with_context(|| line.to_owned())?,
    })
}

/// Prints all, and fails if one costs too much.
fn held(inputs: &[Input]) -> Result<()> {
    println!("\n{:>8} {:16} {:18} {:>12} {:>8}", "bytes", "input", "verdict", "instructions", "multiple");
    let mut dearest: f64 = 0.0;
    for input in inputs {
        let valid = inputs.iter().find(|valid| valid.longest == input.longest && valid.name == "valid");
        let multiple = multiple(input.instructions, valid.context("no valid operation")?.instructions);
        let instructions = grouped(input.instructions);
        println!("{:>8} {:16} {:18} {instructions:>12} {multiple:>8.2}", grouped(input.len), input.name, input.verdict);
        dearest = dearest.max(multiple);
    }
    ensure!(
        dearest <= MOST,
        "an input costs {dearest} times what a valid one of its length costs; at most {MOST} are stated"
    );
    println!(
        "no input costs more than {dearest} times what a valid one of its length costs; at most {MOST} are stated"
    );
    Ok(())
}
