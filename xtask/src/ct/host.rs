//! On the host: `lockop-ct` under valgrind's callgrind and memcheck.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use super::callgrind::Profile;
use super::group::{Case, Group, Kind, by_group};
use super::{FOLDER, empty_folder, memcheck};
use crate::command::{capture, cargo, program, repository, run};
use crate::debian;
use crate::grouped::grouped;

/// One way to build the library for this processor.
struct Build {
    name: &'static str,
    features: &'static str,
    /// Flags for the compiler.
    flags: &'static str,
    about: &'static str,
}

/// Without this processor's own instructions for vectors: as on processors that have none.
const PORTABLE: &str = r#"--cfg curve25519_dalek_backend="serial" --cfg sha2_backend="soft""#;

/// What is checked. A new one is one line here.
#[rustfmt::skip] // A table reads better in rows.
const BUILDS: &[Build] = &[
    Build { name: "host", features: "", flags: "", about: "as shipped, with the arithmetic that this processor is given" },
    Build { name: "host-tables", features: "tables", flags: "", about: "the same with the feature `tables`" },
    Build { name: "host-portable", features: "", flags: PORTABLE, about: "with portable arithmetic" },
    Build { name: "host-portable-tables", features: "tables", flags: PORTABLE, about: "the same with the feature `tables`" },
];

/// Checks every build.
pub(super) fn check() -> Result<()> {
    if !cfg!(target_arch = "x86_64") {
        bail!("the check on the host knows valgrind's client requests of x86-64 only");
    }
    if !debian::on_path("valgrind") {
        // Memcheck looks for symbols that Debian keeps apart from the C library.
        debian::ensure_packages("watching branches and addresses", &["valgrind", "libc6-dbg"])?;
    }
    for build in BUILDS {
        let begun = Instant::now();
        build.check().with_context(|| format!("the build {} does not run in constant time", build.name))?;
        println!("  {:.1} s", begun.elapsed().as_secs_f32());
    }
    Ok(())
}

impl Build {
    fn check(&self) -> Result<()> {
        let folder = empty_folder(self.name)?;
        let program = self.build()?;
        let profiles = by_group(callgrind(&program, self.name)?)?;
        let (output, log) = memcheck(&program, &folder)?;
        let errors = by_group(memcheck::read(&output)?)?;
        println!("\nconstant time on the host, {}: {}", self.name, self.about);
        let mut leaks = Vec::new();
        for ((group, profiles), (_, errors)) in profiles.iter().zip(&errors) {
            // Both are asked, because they find the same leak in different words.
            let [counted, marked] = [compare(group, profiles), memcheck::check(group, errors)].map(|found| {
                found.unwrap_or_else(|error| {
                    leaks.push(format!("{}: {error:#}", group.name));
                    "FAILED".to_owned()
                })
            });
            println!("  {:18} {:3} cases; callgrind: {counted}; memcheck: {marked}", group.name, profiles.len());
        }
        let log_shown = || format!("memcheck's first words, all in {}:\n{}", log.display(), beginning(&log));
        ensure!(leaks.is_empty(), "{}\n{}", leaks.join("\n"), log_shown());
        Ok(())
    }

    /// Builds as shipped, with names of source lines on top, which change no code.
    fn build(&self) -> Result<PathBuf> {
        let folder = Path::new(FOLDER).join("build");
        run(cargo()?
            .args(["build", "--quiet", "--locked", "--package", "lockop-ct", "--release"])
            .args(["--features", self.features, "--target-dir"])
            .arg(&folder)
            .env("RUSTFLAGS", self.flags)
            .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only"))?;
        Ok(folder.join("release").join("lockop-ct"))
    }
}

/// How often each instruction is executed in each case.
fn callgrind(binary: &Path, build: &str) -> Result<Vec<(String, String, Profile)>> {
    /// A client request's profile has a number after it.
    const NAME: &str = "profile";
    let folder = empty_folder(&format!("{build}/profiles"))?;
    capture(
        program("valgrind")?
            .args(["--quiet", "--tool=callgrind", "--collect-atstart=no"])
            // Plain addresses and names, and no lines.
            .args(["--dump-instr=yes", "--dump-line=no", "--compress-pos=no", "--compress-strings=no"])
            .arg(format!("--callgrind-out-file={}", folder.join(NAME).display()))
            .arg(binary)
            .arg("callgrind"),
    )?;
    let by_reason = |(reason, profile): (String, Profile)| {
        let (group, case) = reason.split_once('\t').with_context(|| format!("no case: {reason:?}"))?;
        Ok((group.to_owned(), case.to_owned(), profile))
    };
    let folder = repository()?.join(folder);
    let profiles = Profile::all(&folder, NAME)?;
    // Up to 90 MB, of which everything is in memory now.
    std::fs::remove_dir_all(folder)?;
    profiles.into_iter().map(by_reason).collect()
}

/// What the program printed under memcheck, and the file with memcheck's own words.
fn memcheck(binary: &Path, folder: &Path) -> Result<(String, PathBuf)> {
    let log = folder.join("memcheck.log");
    let output = capture(
        program("valgrind")?
            .args(["--quiet", "--tool=memcheck", "--error-limit=no"])
            .arg(format!("--log-file={}", log.display()))
            .arg(binary)
            .arg("memcheck"),
    )?;
    Ok((output, log))
}

/// An error if a case executes another instruction more or less often; for a twin, if none does.
fn compare(group: &Group, cases: &[Case<Profile>]) -> Result<String> {
    let [first, others @ ..] = cases else { bail!("no case") };
    let found = others.iter().find_map(|other| Some((other, first.seen.difference(&other.seen)?)));
    let instructions = grouped(first.seen.instructions());
    match (group.kind, found) {
        (Kind::Same | Kind::Verdict | Kind::Whole, None) => Ok(format!("{instructions} instructions, equal")),
        (Kind::Same | Kind::Verdict | Kind::Whole, Some((other, difference))) => {
            bail!("{:?} differs from {:?}: {difference}", other.name, first.name)
        }
        (Kind::OtherInstructions, difference) => {
            ensure!(difference.is_some(), "the leak was not seen: the check is worth nothing");
            Ok(format!("{instructions} instructions, caught"))
        }
        // How often instructions are executed tells nothing about addresses.
        (Kind::OtherAddresses, _) => Ok(format!("{instructions} instructions")),
    }
}

/// The first errors.
fn beginning(log: &Path) -> String {
    let text = repository().and_then(|root| Ok(std::fs::read_to_string(root.join(log))?)).unwrap_or_default();
    text.lines().take(20).collect::<Vec<_>>().join("\n")
}
