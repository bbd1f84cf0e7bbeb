//! Which tests are run for which mutants, the fastest first.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::results::{Outcome, Results, file_of};
use crate::command::{capture, cargo, program, repository, shown};
use crate::features::LIBRARY;

/// Where everything goes, from the root of the repository.
pub(super) const FOLDER: &str = "target/mutants";

/// Laws are tried with fewer cases than in CI: each of them many times over.
const CASES: &str = "16";

/// Seconds of the processor after which a program is taken to run for ever. Not of the clock: what else the machine does
/// must make no difference.
const FOREVER: u32 = 30;

/// Seconds of the clock, if even that fails.
const TIMEOUT: u32 = 1200;

/// A way to test the mutants that are left of some files.
pub(super) struct Stage {
    name: &'static str,
    files: fn(&str) -> bool,
    /// Whose tests are run.
    packages: &'static [&'static str],
    /// What cargo builds and runs.
    arguments: &'static [&'static str],
    /// Tests that cannot notice anything in these files.
    skip: &'static [&'static str],
}

/// The stages from one on, or all.
pub(super) fn from(name: Option<&str>) -> Result<&'static [Stage]> {
    let Some(name) = name else { return Ok(&STAGES) };
    let first = STAGES.iter().position(|stage| stage.name == name);
    first.and_then(|first| STAGES.get(first..)).with_context(|| format!("no such stage: {name}"))
}

/// In their order.
static STAGES: [Stage; 6] = [
    Stage {
        name: "vectors",
        files: |file| !is_store(file) && file != "src/signature/variable_time.rs",
        packages: &[LIBRARY],
        arguments: &["--test=vectors"],
        skip: &[],
    },
    Stage {
        name: "unit",
        // Those of the store in flash are few: the stages of its own have them.
        files: |file| !is_arithmetic(file) && !file.starts_with("src/acl/flash/"),
        packages: &[LIBRARY],
        arguments: &["--all-features", "--lib"],
        // The slow ones, and those of the arithmetic: the next stages have them.
        skip: &["signature::", "of_a_crowded_text", "every_length_around", "utf8_is_what"],
    },
    Stage {
        name: "tests",
        files: |file| !is_store(file) && !is_arithmetic(file),
        packages: &[LIBRARY],
        arguments: &["--all-features", "--lib", "--test=[cdems]*"],
        skip: &["signature::"],
    },
    Stage {
        name: "arithmetic",
        files: is_arithmetic,
        packages: &[LIBRARY],
        arguments: &["--all-features", "--lib", "--test=published", "--test=steps"],
        skip: &["json::", "jws::"],
    },
    Stage {
        name: "store",
        files: is_store,
        packages: &[LIBRARY],
        arguments: &["--all-features", "--lib", "--test=flash*", "--test=errors"],
        skip: &["signature::", "json::", "jws::", "x5c::", "der::"],
    },
    Stage {
        name: "simulation",
        files: is_store,
        packages: &["lockop-sim"],
        arguments: &["--all-features", "--tests"],
        skip: &[],
    },
];

/// The store in flash, and the form in which things are in it.
fn is_store(file: &str) -> bool {
    file.starts_with("src/acl/flash/") || file == "src/acl/stored.rs"
}

fn is_arithmetic(file: &str) -> bool {
    file.starts_with("src/signature")
}

impl Stage {
    /// Tests what is left of `files`, or of all files if there are none.
    pub(super) fn run(&self, files: &[String], found: &mut Results) -> Result<()> {
        let names = list(files)?;
        let left = names.iter().filter(|name| (self.files)(file_of(name)) && !found.is_decided(name));
        let left: Vec<&String> = left.collect();
        println!("\n{}: {} mutants", self.name, left.len());
        if left.is_empty() {
            return Ok(());
        }
        let folder = repository()?.join(FOLDER).join(self.name);
        std::fs::create_dir_all(&folder)?;
        // Whatever else runs there goes first.
        let mut mutants = program("nice")?;
        mutants.args(["cargo", "mutants", "--package", LIBRARY, "--profile", "mutants", "--no-shuffle", "--jobs=2"]);
        mutants.arg("--output").arg(&folder).args(["--timeout", &TIMEOUT.to_string()]).args(of_files(files));
        for package in self.packages {
            mutants.args(["--test-package", package]);
        }
        for argument in self.arguments {
            mutants.arg(format!("--cargo-arg={argument}"));
        }
        println!("$ {} ...", shown(&mutants));
        for name in &left {
            mutants.arg(format!("--re=^{}$", escaped(name)));
        }
        mutants.args(["--", "--"]).args(self.skip.iter().map(|test| format!("--skip={test}")));
        mutants.env("PROPTEST_CASES", CASES).env(runner()?, format!("prlimit --cpu={FOREVER}:{}", FOREVER + 1));
        let status = mutants.status().context("cargo mutants")?;
        // 2 and 3 mean that something survives or runs for ever, which is told below.
        ensure!(matches!(status.code(), Some(0 | 2 | 3)), "cargo mutants: {status}");
        self.read(&folder, found)
    }

    fn read(&self, folder: &Path, found: &mut Results) -> Result<()> {
        let path = folder.join("mutants.out/outcomes.json");
        let json = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let before = found.len();
        found.add(&json, |log| {
            let log = std::fs::read_to_string(folder.join("mutants.out").join(log)).unwrap_or_default();
            if ran_for_ever(&log) { Outcome::Forever } else { Outcome::Caught }
        })?;
        ensure!(found.len() >= before, "{}: nothing was tested", self.name);
        Ok(())
    }
}

/// The names of all mutants of some files, or of all files if there are none.
pub(super) fn list(files: &[String]) -> Result<Vec<String>> {
    let names = capture(cargo()?.args(["mutants", "--list", "--package", LIBRARY]).args(of_files(files)))?;
    Ok(names.lines().map(str::to_owned).collect())
}

fn of_files(files: &[String]) -> impl Iterator<Item = String> {
    files.iter().map(|file| format!("--file={file}"))
}

/// The variable by which cargo starts every test through another program.
fn runner() -> Result<String> {
    let version = capture(program("rustc")?.arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace('-', "_")))
}

/// Whether a test program was stopped because it took too long: SIGXCPU.
fn ran_for_ever(log: &str) -> bool {
    log.contains("(signal: 24")
}

/// A text as a regular expression.
fn escaped(text: &str) -> String {
    // Not more than these: `\<` is the beginning of a word.
    let special = |c: char| r"\.+*?()|[]{}^$".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_stage() {
        for file in
            ["src/verify.rs", "src/acl/ram.rs", "src/acl/flash/mod.rs", "src/acl/stored.rs", "src/signature/rsa.rs"]
        {
            assert!(STAGES.iter().any(|stage| (stage.files)(file)), "{file}");
        }
    }

    /// As cargo says it: the limits are those of the stages, only lower. prlimit is Linux's.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_runs_for_ever_is_told_apart() {
        use std::os::unix::process::ExitStatusExt;
        let mut busy = program("prlimit").unwrap();
        busy.args(["--cpu=1:2", "sh", "-c", "while :; do :; done"]);
        assert_eq!(busy.status().unwrap().signal(), Some(24));
        assert!(ran_for_ever("process didn't exit successfully: `prlimit --cpu=30:31 a` (signal: 24)"));
        assert!(!ran_for_ever("process didn't exit successfully: `prlimit --cpu=30:31 a` (exit status: 101)"));
    }

    #[test]
    fn a_name_stands_for_itself() {
        assert_eq!(escaped("a.rs:1:2: replace < with =="), r"a\.rs:1:2: replace < with ==");
    }
}
