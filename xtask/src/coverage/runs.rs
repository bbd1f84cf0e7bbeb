//! The programs whose coverage is measured: the library's tests, the vectors' among them, and the fuzz targets.
//!
//! They are built by cargo alone with nightly, which counts branches; what cargo-llvm-cov does beside is a handful of flags.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::export::Counts;
use crate::command::{capture, output, program, repository, run, shown};
use crate::features::LIBRARY;
use crate::{debian, fuzz};

/// Where everything goes, from the root of the repository.
const FOLDER: &str = "target/coverage";

/// The packages that the library's generic code is instantiated in; only they are counted, so that arithmetic stays fast.
const COUNTED: [&str; 3] = [LIBRARY, "lockop-sim", "lockop-fuzz"];

/// Laws find more with more cases, but reach nothing more.
const CASES: &str = "32";

/// Inputs of a fuzz target that are given to one process.
const AT_ONCE: usize = 1000;

pub(super) struct Measured {
    pub(super) vectors_and_seeds: Counts,
    pub(super) with_tests: Counts,
}

/// Builds and runs everything.
pub(super) fn measure() -> Result<Measured> {
    let tools = Tools::ready()?;
    let folder = repository()?.join(FOLDER);
    let profiles = folder.join("profiles");
    _ = fs::remove_dir_all(&profiles);

    let tests = test_programs()?;
    let (vectors, others): (Vec<_>, Vec<_>) = tests.iter().cloned().partition(|test| test.name == "vectors");
    ensure!(!vectors.is_empty(), "no test of the vectors");
    for test in &vectors {
        test.run(&profiles.join("vectors"))?;
    }
    for test in &others {
        test.run(&profiles.join("tests"))?;
    }
    let targets = fuzz_programs()?;
    run(counting(&targets.join("seeds"), &profiles.join("seeds"))?.args([".", &format!("{FOLDER}/seeds")]))?;
    for target in fuzz::names() {
        feed(&targets.join(target), target, &profiles.join("fuzz"))?;
    }

    let tests: Vec<PathBuf> = tests.into_iter().map(|test| test.program).collect();
    let targets: Vec<PathBuf> = fuzz::names().map(|target| targets.join(target)).collect();
    let export = |programs: &[PathBuf], groups: &[&str]| {
        let groups: Vec<PathBuf> = groups.iter().map(|group| profiles.join(group)).collect();
        tools.export(programs, &groups, &profiles.join("merged"))
    };
    // Apart, because the two builds have functions of the same name and of another form.
    let (vectors, with_tests) = (export(&tests, &["vectors"])?, export(&tests, &["vectors", "tests"])?);
    let seeds = export(&targets, &["fuzz"])?;
    let counts = |exports: [&str; 2]| {
        let root = repository()?.display().to_string();
        let mut counts = Counts::default();
        exports.iter().try_for_each(|json| counts.add(json, &root))?;
        Ok::<_, anyhow::Error>(counts)
    };
    Ok(Measured { vectors_and_seeds: counts([&vectors, &seeds])?, with_tests: counts([&with_tests, &seeds])? })
}

/// LLVM's own programs of the version that the compiler has.
struct Tools {
    version: String,
}

impl Tools {
    fn ready() -> Result<Self> {
        if !debian::on_path("c++") {
            debian::ensure_packages("libFuzzer", &["g++"])?;
        }
        fuzz::nightly_host()?;
        let version = capture(fuzz::nightly("rustc")?.arg("-vV"))?;
        let version = version.lines().find_map(|line| line.strip_prefix("LLVM version: ")?.split('.').next());
        let version = version.context("rustc names no version of LLVM")?.to_owned();
        if !debian::on_path(&format!("llvm-cov-{version}")) {
            debian::ensure_packages("coverage", &[&format!("llvm-{version}")])?;
        }
        Ok(Self { version })
    }

    fn program(&self, name: &str) -> Result<Command> {
        program(format!("{name}-{}", self.version))
    }

    /// What programs have counted in the runs whose profiles are in `groups`.
    fn export(&self, programs: &[PathBuf], groups: &[PathBuf], merged: &Path) -> Result<String> {
        run(self.program("llvm-profdata")?.args(["merge", "--sparse", "--output"]).arg(merged).args(groups))?;
        let mut llvm_cov = self.program("llvm-cov")?;
        llvm_cov.arg("export").arg("--instr-profile").arg(merged).args(["--sources", "src"]);
        for program in programs {
            llvm_cov.arg("--object").arg(program);
        }
        capture(&mut llvm_cov)
    }
}

/// Nightly's cargo, which makes code of the [`COUNTED`] packages that counts.
fn cargo(command: &str, profile: &str, more: &str) -> Result<Command> {
    let mut cargo = fuzz::nightly("cargo")?;
    cargo.args([command, "--locked", "-Zprofile-rustflags"]);
    for package in COUNTED {
        let flags = format!(r#"["-Cinstrument-coverage", "-Zcoverage-options=branch"{more}]"#);
        cargo.args(["--config", &format!("profile.{profile}.package.{package}.rustflags = {flags}")]);
    }
    Ok(cargo)
}

#[derive(Clone)]
struct Test {
    name: String,
    program: PathBuf,
    /// The package's own, as cargo would start it there.
    folder: PathBuf,
}

impl Test {
    fn run(&self, profiles: &Path) -> Result<()> {
        // The same cases each time: what is reached by chance would be missed by chance.
        let cases = [("PROPTEST_CASES", CASES), ("PROPTEST_RNG_SEED", "1")];
        run(counting(&self.program, profiles)?.current_dir(&self.folder).arg("--quiet").envs(cases))
    }
}

/// Builds the tests of the library, and of its store in flash.
fn test_programs() -> Result<Vec<Test>> {
    let mut cargo = cargo("test", "dev", "")?;
    cargo.args(["--no-run", "--message-format=json", "--all-features", "--lib", "--tests"]);
    cargo.args(["--package", LIBRARY, "--package", "lockop-sim"]).args(["--target-dir", &format!("{FOLDER}/tests")]);
    println!("$ {}", shown(&cargo));
    let mut tests = Vec::new();
    for line in capture(&mut cargo)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        // Not the programs that a package has beside its tests.
        let is_test = message["profile"]["test"] == true;
        let Some(program) = message["executable"].as_str().filter(|_| is_test) else { continue };
        let name = message["target"]["name"].as_str().context("cargo names no target")?;
        let manifest = PathBuf::from(message["manifest_path"].as_str().context("cargo names no manifest")?);
        let folder = manifest.parent().context("a manifest in no folder")?.to_owned();
        tests.push(Test { name: name.to_owned(), program: program.into(), folder });
    }
    Ok(tests)
}

/// Builds the fuzz targets; the folder that they are in.
fn fuzz_programs() -> Result<PathBuf> {
    let target_dir = format!("{FOLDER}/fuzz");
    let mut cargo = cargo("build", "release", r#", "--cfg=fuzzing""#)?;
    run(cargo.args(["--release", "--manifest-path", fuzz::MANIFEST, "--target-dir", &target_dir]))?;
    Ok(repository()?.join(target_dir).join("release"))
}

/// A program that writes what it counts to a folder.
fn counting(program: &Path, profiles: &Path) -> Result<Command> {
    let mut command = crate::command::program(program)?;
    command.env("LLVM_PROFILE_FILE", profiles.join("%m-%p.profraw"));
    Ok(command)
}

/// Gives a fuzz target its seeds, and what is kept of inputs for it in the repository.
fn feed(program: &Path, target: &str, profiles: &Path) -> Result<()> {
    let root = repository()?;
    let mut inputs = Vec::new();
    for folder in [format!("{FOLDER}/seeds"), "fuzz/corpus".to_owned(), "fuzz/regressions".to_owned()] {
        let folder = root.join(folder).join(target);
        if folder.is_dir() {
            for input in fs::read_dir(&folder)? {
                inputs.push(input?.path());
            }
        }
    }
    ensure!(!inputs.is_empty(), "no input for {target}");
    inputs.sort();
    for inputs in inputs.chunks(AT_ONCE) {
        let output = output(counting(program, profiles)?.args(inputs))?;
        let log = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{target}: {}\n{log}", output.status);
    }
    println!("{target}: {} inputs", inputs.len());
    Ok(())
}
