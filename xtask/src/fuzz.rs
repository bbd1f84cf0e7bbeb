//! `cargo xtask fuzz`: the fuzz targets in `fuzz`, each for some time.
//!
//! They are built with nightly's address sanitizer, by cargo alone: what cargo-fuzz does is a handful of flags.

mod minimise;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};

use crate::command::{capture, cargo, output, program, repository, run, shown};
use crate::debian;

/// The fuzz targets' own workspace, from the root of the repository.
pub(crate) const MANIFEST: &str = "fuzz/Cargo.toml";

/// Where everything goes, from the root of the repository.
const FOLDER: &str = "target/fuzz";

/// As cargo-fuzz has them: code that counts, for each edge, how often it is taken, shows the fuzzer what is compared, and
/// minds every access to memory.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
    -Zsanitizer=address -Ccodegen-units=1 --cfg=fuzzing";

/// One program in `fuzz/fuzz_targets`.
struct Target {
    name: &'static str,
    /// In `fuzz/dictionaries`.
    dictionary: &'static str,
    /// Longest input in bytes.
    max_len: usize,
}

/// Every target.
#[rustfmt::skip] // A table reads better in rows.
const TARGETS: [Target; 9] = [
    Target { name: "base64", dictionary: "base64.dict", max_len: 600 },
    Target { name: "certificate", dictionary: "der.dict", max_len: 4300 },
    Target { name: "user_key", dictionary: "der.dict", max_len: 800 },
    Target { name: "json", dictionary: "json.dict", max_len: 4096 },
    Target { name: "operation", dictionary: "json.dict", max_len: 33_000 },
    Target { name: "signature", dictionary: "signature.dict", max_len: 400 },
    Target { name: "signed", dictionary: "json.dict", max_len: 8192 },
    Target { name: "stored", dictionary: "stored.dict", max_len: 120 },
    Target { name: "flash", dictionary: "flash.dict", max_len: 600 },
];

/// How long each target runs, in seconds.
const BY_HAND: u32 = 60;
const IN_CI: u32 = 10;

/// Fuzzes one target, or all of them, beginning with what earlier runs have found; or makes small what they have found.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    let usage = "usage: cargo xtask fuzz [TARGET|all] [SECONDS] | --minimise [TARGET|all]";
    let minimise = arguments.iter().any(|word| word == "--minimise");
    let words = arguments.iter().filter(|word| *word != "--minimise");
    let (named, seconds): (Vec<_>, Vec<_>) = words.partition(|word| word.parse::<u32>().is_err());
    let targets: Vec<&Target> = match named.as_slice() {
        [] => TARGETS.iter().collect(),
        [all] if *all == "all" => TARGETS.iter().collect(),
        [name] => vec![find(name)?],
        _ => bail!(usage),
    };
    let seconds = match seconds.as_slice() {
        [] => BY_HAND,
        [seconds] if !minimise => seconds.parse()?,
        _ => bail!(usage),
    };
    let fuzzer = Fuzzer::ready()?;
    if minimise {
        for target in targets {
            fuzzer.minimise(target).with_context(|| format!("target {}", target.name))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    fuzz(&targets, |target| fuzzer.run(target, seconds, &fuzzer.folder.join("corpus"), &[]))?;
    Ok(ExitCode::SUCCESS)
}

/// The step of CI: lints, the models' own tests, and every target for a short time on what is in the repository alone, so
/// that what a machine has found before makes no difference.
pub(crate) fn check() -> Result<()> {
    run(cargo()?
        .args(["clippy", "--locked", "--all-targets", "--manifest-path", MANIFEST])
        // Without libFuzzer, which would have to be compiled only for this.
        .args(["--no-default-features", "--target-dir", &format!("{FOLDER}/lints"), "--", "-D", "warnings"])
        .env("RUSTFLAGS", "--cfg=fuzzing"))?;
    let fuzzer = Fuzzer::ready()?;
    // With the same flags, so that nothing else has to be compiled again.
    run(build("test")?.arg("--lib"))?;
    let corpus = fuzzer.folder.join("corpus-of-ci");
    if corpus.exists() {
        fs::remove_dir_all(&corpus)?;
    }
    // The same numbers from the same seed: whoever breaks nothing should not be stopped by what was there before.
    fuzz(&TARGETS.iter().collect::<Vec<_>>(), |target| fuzzer.run(target, IN_CI, &corpus, &["-seed=1"]))
}

/// The names of all targets, which are those of their programs and of their folders of inputs.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().map(|target| target.name)
}

fn find(name: &str) -> Result<&'static Target> {
    TARGETS
        .iter()
        .find(|target| target.name == name)
        .with_context(|| format!("no such target: {name} (of {})", names().collect::<Vec<_>>().join(", ")))
}

fn fuzz(targets: &[&Target], run: impl Fn(&Target) -> Result<(Counters, Duration)>) -> Result<()> {
    let mut table = format!(
        "{:12} {:>12} {:>8} {:>8} {:>8} {:>12}\n",
        "target", "executions", "edges", "features", "inputs", "processor/s"
    );
    for target in targets {
        let counters = run(target).with_context(|| format!("target {}", target.name))?;
        let (Counters { executions, edges, features, inputs }, time) = counters;
        let time = time.as_secs_f32();
        table += &format!("{:12} {executions:>12} {edges:>8} {features:>8} {inputs:>8} {time:>12.1}\n", target.name);
    }
    print!("\n{table}");
    Ok(())
}

/// What libFuzzer has counted at its end.
#[derive(Debug, PartialEq)]
struct Counters {
    executions: u64,
    edges: u64,
    features: u64,
    inputs: u64,
}

impl Counters {
    /// From a line like `#300 DONE cov: 20 ft: 30 corp: 4/50b lim: 60 exec/s: 70 rss: 80Mb`.
    fn read(log: &str) -> Option<Self> {
        let line = log.lines().rfind(|line| line.starts_with('#') && line.contains("DONE"))?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let behind = |name: &str| {
            let place = words.iter().position(|word| *word == name)?;
            words.get(place + 1)?.split('/').next()?.parse().ok()
        };
        let executions = words.first()?.strip_prefix('#')?.parse().ok()?;
        Some(Self { executions, edges: behind("cov:")?, features: behind("ft:")?, inputs: behind("corp:")? })
    }
}

/// The built targets and their seeds.
struct Fuzzer {
    programs: PathBuf,
    folder: PathBuf,
}

impl Fuzzer {
    /// Installs what is missing, builds, and makes the seeds.
    fn ready() -> Result<Self> {
        if !debian::on_path("c++") {
            debian::ensure_packages("libFuzzer", &["g++"])?;
        }
        run(&mut build("build")?)?;
        let folder = repository()?.join(FOLDER);
        let fuzzer = Self { programs: folder.join(nightly_host()?).join("release"), folder };
        run(fuzzer.program("seeds")?.args([".", &format!("{FOLDER}/seeds")]))?;
        Ok(fuzzer)
    }

    fn program(&self, name: &str) -> Result<Command> {
        let mut program = program(self.programs.join(name))?;
        // Leaks are nothing that a library without a heap could have, and looking for them needs rights that containers
        // may lack.
        program.env("ASAN_OPTIONS", "detect_leaks=0");
        Ok(program)
    }

    /// Runs a target; an error if anything makes it crash, hang or take too much memory. What libFuzzer has counted, and
    /// the processor's time that it took.
    fn run(&self, target: &Target, seconds: u32, corpus: &Path, flags: &[&str]) -> Result<(Counters, Duration)> {
        let corpus = made(corpus.join(target.name))?;
        let crashes = made(self.folder.join("crashes").join(target.name))?;
        let mut fuzzer = self.program(target.name)?;
        fuzzer
            .arg(&corpus)
            .args(self.given(target)?)
            .arg(format!("-dict=fuzz/dictionaries/{}", target.dictionary))
            .arg(format!("-max_len={}", target.max_len))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", crashes.display()))
            .args(["-timeout=10", "-rss_limit_mb=2048"])
            .args(flags);
        println!("$ {}", shown(&fuzzer));
        let before = processor_time()?;
        let output = output(&mut fuzzer)?;
        let time = processor_time()?.saturating_sub(before);
        let log = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("{}: {}", output.status, self.crash(target, &log));
        }
        let counters = Counters::read(&log).with_context(|| format!("libFuzzer says nothing of its end:\n{log}"))?;
        println!(
            "{}: {} executions, {} edges, {:.1} s of the processor",
            target.name,
            counters.executions,
            counters.edges,
            time.as_secs_f32()
        );
        ensure!(counters.executions > 0, "nothing was executed");
        Ok((counters, time))
    }

    /// The folders of inputs that every run begins with: the seeds, what has been found worth keeping, and what has once
    /// been mended, which is tried for ever.
    fn given(&self, target: &Target) -> Result<Vec<PathBuf>> {
        let kept = ["corpus", "regressions"].map(|kind| Path::new("fuzz").join(kind).join(target.name));
        let there = repository()?;
        let kept = kept.into_iter().filter(|folder| there.join(folder).is_dir());
        Ok(std::iter::once(self.folder.join("seeds").join(target.name)).chain(kept).collect())
    }

    /// What has been seen of a crash, where the input is, and how to run it again.
    fn crash(&self, target: &Target, log: &str) -> String {
        let written = log.lines().find_map(|line| line.split_once("Test unit written to "));
        let Some((_, file)) = written else { return format!("it did not run to its end\n{log}") };
        // Stack traces are long, and their first lines say where it was.
        let is_cause = |line: &&str| line.contains("panicked at") || line.contains("ERROR: ");
        let cause = log.lines().skip_while(|line| !is_cause(line)).take(30).map(|line| format!("{line}\n"));
        let cause: String = cause.collect();
        let program = self.programs.join(target.name);
        let minimise = "-minimize_crash=1 -max_total_time=60";
        format!(
            "a crash\n{cause}\ninput:     {file}\nreproduce: {0} {file}\nminimise:  {0} {minimise} {file}\nkeep:      \
             mkdir -p fuzz/regressions/{1} && cp {file} fuzz/regressions/{1}/",
            program.display(),
            target.name
        )
    }
}

/// Cargo of the nightly toolchain, on the targets, with the flags of a fuzzer.
fn build(command: &str) -> Result<Command> {
    let mut cargo = nightly("cargo")?;
    cargo.args([command, "--locked", "--release", "--manifest-path", MANIFEST, "--target-dir", FOLDER]);
    // With a target, the flags are not for build scripts.
    cargo.args(["--target", &nightly_host()?]).env("RUSTFLAGS", FLAGS).env("ASAN_OPTIONS", "detect_leaks=0");
    Ok(cargo)
}

/// What all programs together have taken of the processor that this has started and that have ended: a fuzzer's own time is
/// the difference.
fn processor_time() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = |time: nix::sys::time::TimeVal| u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec());
    Ok(Duration::from_micros(micros(usage.user_time())? + micros(usage.system_time())?))
}

fn made(folder: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// A program of the nightly toolchain: only that has the sanitizer.
pub(crate) fn nightly(name: &str) -> Result<Command> {
    let mut rustup = program("rustup")?;
    rustup.args(["run", "nightly", name]);
    Ok(rustup)
}

/// The triple of this machine. Installs the nightly toolchain if it is missing.
pub(crate) fn nightly_host() -> Result<String> {
    ensure!(debian::on_path("rustup"), "fuzzing needs a nightly toolchain of rustup, and rustup is missing");
    if !output(nightly("rustc")?.arg("--version"))?.status.success() {
        let install = ["toolchain", "install", "nightly", "--profile", "minimal", "--no-self-update"];
        run(program("rustup")?.args(install)).context("fuzzing needs a nightly toolchain")?;
    }
    let version = capture(nightly("rustc")?.arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts() {
        let log = "INFO: Seed: 1\n#2\tINITED cov: 2 ft: 3 corp: 1/1b\n#300\tDONE   cov: 20 ft: 30 corp: 4/50b lim: 60 \
                   exec/s: 70 rss: 80Mb\nDone 300 runs in 1 second(s)\n";
        let expected = Counters { executions: 300, edges: 20, features: 30, inputs: 4 };
        assert_eq!(Counters::read(log), Some(expected));
        assert_eq!(Counters::read("INFO: Seed: 1\n"), None);
    }

    #[test]
    fn every_target_is_there() {
        let folder = repository().unwrap().join("fuzz");
        let count = fs::read_dir(folder.join("fuzz_targets")).unwrap().count();
        assert_eq!(count, TARGETS.len());
        for target in TARGETS {
            assert!(folder.join("fuzz_targets").join(target.name).with_extension("rs").is_file(), "{}", target.name);
            assert!(folder.join("dictionaries").join(target.dictionary).is_file(), "{}", target.name);
        }
        assert!(find("no-such-target").is_err());
    }
}
