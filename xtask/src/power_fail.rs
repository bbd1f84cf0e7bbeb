//! `cargo xtask power-fail`: the simulation in `sim`, and the stores that it must find broken.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::command::{cargo, output, program, repository, run, shown};

/// Power failures of the step of CI: as many as fit into two minutes of two cores.
const IN_CI: &str = "1000000";

/// What is simulated of a broken store, and of the good one beside them: until the first violation, on the stores with the
/// fewest steps.
const SHORT: [&str; 7] = ["--cuts", "0", "--first", "--geometry", "32/128", "--geometry", "4/256s"];

/// Where broken copies of the library are made, from the root of the repository.
const FOLDER: &str = "target/broken-store";

/// One line of the store changed, so that it must be found out.
struct Fault {
    name: &'static str,
    file: &'static str,
    /// Occurs once.
    find: &'static str,
    replace: &'static str,
}

/// Every fault.
const FAULTS: &[Fault] = &[
    Fault {
        name: "witness-before-data",
        file: "src/acl/flash/record.rs",
        find: "        let mut writer = Writer::begin(self, log, &record)?;
        items(self, &mut |medium, item| writer.push(medium, item))?;
        writer.finish(self)?;
        if !self.read_record(log, &record, &mut |_, _| {})? {
            return Err(FlashError::Worn);
        }
        self.mark(log.bank, record.witness::<F>())?;
",
        replace: "        self.mark(log.bank, record.witness::<F>())?;
        let mut writer = Writer::begin(self, log, &record)?;
        items(self, &mut |medium, item| writer.push(medium, item))?;
        writer.finish(self)?;
",
    },
    Fault {
        name: "checksum-not-compared",
        file: "src/acl/flash/record.rs",
        find: "Ok(place == end && crc == checksum.finalize().to_le_bytes())",
        replace: "Ok(place == end && crc.len() == checksum.finalize().to_le_bytes().len())",
    },
    Fault {
        name: "takes-over-before-copies",
        file: "src/acl/flash/rewrite.rs",
        find: "        self.erase(new.bank)?;
        if let Some(replays) = kept {
            self.copy_replays(&mut new, log.users, replays)?;
            self.copy_entries(&mut new, log)?;
        }
        self.complete(new.bank, new.generation)?;
",
        replace: "        self.erase(new.bank)?;
        self.complete(new.bank, new.generation)?;
        self.take_over(new.bank)?;
        if let Some(replays) = kept {
            self.copy_replays(&mut new, log.users, replays)?;
            self.copy_entries(&mut new, log)?;
        }
",
    },
    Fault {
        name: "doubt-not-settled",
        file: "src/acl/flash/mod.rs",
        find: "        if !settled {
            return self.rewrite(true);
        }
",
        replace: "        let _ = settled;
",
    },
    Fault {
        name: "older-bank-wins",
        file: "src/acl/flash/recovery.rs",
        find: "(Some(one), Some(two)) if one > two =>",
        replace: "(Some(one), Some(two)) if one < two =>",
    },
    Fault {
        name: "record-without-replay",
        file: "src/acl/flash/change.rs",
        find: "self.replay.map_or(Ok(()), |replay| take(medium, &item::replay(&replay)))",
        replace: "self.replay.map_or(Ok(()), |replay| take(medium, &item::replay(&replay)[..0]))",
    },
    Fault {
        name: "removals-not-written",
        file: "src/acl/flash/change.rs",
        find: "            take(medium, &item::removal(user))?;",
        replace: "            take(medium, &item::removal(user)[..0])?;",
    },
];

/// Runs the simulation with these options, or with `--broken` the proof that it finds faults.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [flag, names @ ..] if flag == "--broken" => broken(names)?,
        options => {
            let simulation = ["run", "--profile", "sim", "--package", "lockop-sim", "--"];
            let status = cargo()?.args(simulation).args(options).status()?;
            return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The step of CI: the store survives everything.
pub(crate) fn check() -> Result<()> {
    run(cargo()?.args(["run", "--profile", "sim", "--package", "lockop-sim", "--", "--cuts", IN_CI]))
}

/// The step of CI: no broken store does.
pub(crate) fn check_broken() -> Result<()> {
    broken(&[])
}

/// Breaks the store in each way, or in the named ones, and demands that the simulation finds it out.
fn broken(names: &[String]) -> Result<()> {
    for name in names {
        ensure!(FAULTS.iter().any(|fault| fault.name == name), "no such fault: {name}");
    }
    ensure!(!FAULTS.is_empty(), "no faults");
    copy_sources()?;
    build_copy()?;
    // Without faults, it must pass: otherwise what is found says nothing about them.
    let good = simulate_copy()?;
    ensure!(good.is_none(), "the store is broken already: {}", good.unwrap_or_default());
    let chosen = FAULTS.iter().filter(|fault| names.is_empty() || names.iter().any(|name| name == fault.name));
    let mut found_out = 0;
    for fault in chosen {
        let violation = fault.simulate().with_context(|| format!("fault {}", fault.name))?;
        println!("{:28} is found out: {violation}", fault.name);
        found_out += 1;
    }
    println!("{found_out} broken stores, all found out");
    Ok(())
}

impl Fault {
    /// What the simulation says about a store with this fault.
    fn simulate(&self) -> Result<String> {
        let whole = fs::read_to_string(repository()?.join(self.file)).context(self.file)?;
        let places = whole.matches(self.find).count();
        ensure!(places == 1, "{:?} is in {} {places} times, not once", self.find, self.file);
        let copy = repository()?.join(FOLDER).join(self.file);
        fs::write(&copy, whole.replacen(self.find, self.replace, 1))?;
        let found = build_copy().and_then(|()| simulate_copy());
        fs::write(&copy, whole)?;
        found?.context("it was not found out")
    }
}

fn build_copy() -> Result<()> {
    let manifest = format!("{FOLDER}/Cargo.toml");
    let mut command = cargo()?;
    command.args(["build", "--quiet", "--profile", "sim", "--package", "lockop-sim", "--manifest-path", &manifest]);
    // Into a folder of its own, so that nothing is mistaken for the good store.
    let built = output(command.args(["--target-dir", &format!("{FOLDER}-build")]))?;
    let errors = String::from_utf8_lossy(&built.stderr);
    ensure!(built.status.success(), "it cannot be built: {}\n{}", shown(&command), errors.trim_end());
    Ok(())
}

/// Simulates the copy for a short time; what is wrong with it, if anything is.
fn simulate_copy() -> Result<Option<String>> {
    let mut program = program(repository()?.join(format!("{FOLDER}-build/sim/lockop-sim")))?;
    let simulated = output(program.args(SHORT))?;
    let said = String::from_utf8_lossy(&simulated.stdout);
    let violation = said.lines().find_map(|line| line.strip_prefix("WRONG: "));
    match (simulated.status.code(), violation) {
        (Some(0), None) => Ok(None),
        (Some(1), Some(violation)) => Ok(Some(violation.to_owned())),
        _ => bail!("{}: {}\n{said}", shown(&program), simulated.status),
    }
}

/// Copies what the simulation is built of, as a workspace of its own.
fn copy_sources() -> Result<()> {
    let (from, to) = (repository()?, repository()?.join(FOLDER));
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    for folder in ["src", "sim/src"] {
        copy_folder(&from.join(folder), &to.join(folder))?;
    }
    for file in ["Cargo.lock", "sim/Cargo.toml"] {
        fs::copy(from.join(file), to.join(file)).context(file)?;
    }
    let manifest = fs::read_to_string(from.join("Cargo.toml"))?;
    fs::write(to.join("Cargo.toml"), workspace(&manifest)?)?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// The manifest without the other members, and without examples and tests.
fn workspace(manifest: &str) -> Result<String> {
    let (mut out, mut skipped) = (String::new(), false);
    for line in manifest.lines() {
        if line.starts_with('[') {
            skipped = line == "[[example]]" || line == "[[test]]" || line == "[dev-dependencies]";
        }
        if line.starts_with("members = ") {
            out += "members = [\"sim\"]\n";
        } else if !skipped && !line.starts_with("default-members = ") {
            out += line;
            out.push('\n');
        }
    }
    ensure!(out.contains("members = [\"sim\"]"), "Cargo.toml has no line `members = `");
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_fault_changes_something() {
        for fault in FAULTS {
            assert_eq!(FAULTS.iter().filter(|other| other.name == fault.name).count(), 1, "{}", fault.name);
            assert_ne!(fault.find, fault.replace, "{}", fault.name);
        }
    }

    /// So that a change of the store that leaves a fault without its place shows before the simulation is run.
    #[test]
    fn every_fault_has_its_place() {
        for fault in FAULTS {
            let text = fs::read_to_string(repository().unwrap().join(fault.file)).unwrap();
            assert_eq!(text.matches(fault.find).count(), 1, "{}", fault.name);
        }
    }
}
