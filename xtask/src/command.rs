//! Running other programs: every command is shown before it runs, and none waits for a person.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};

/// The root of the repository.
///
/// Asked of cargo at run time, because a path fixed at compile time would be wrong in a copy that brought its `target` along.
pub(crate) fn repository() -> Result<PathBuf> {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
        .context("CARGO_MANIFEST_DIR is unset: start this program with `cargo xtask`")?;
    let root = Path::new(&xtask).parent();
    Ok(root.context("xtask has no parent folder")?.to_path_buf())
}

/// A program that will run in the root of the repository, with nothing on its standard input.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Result<Command> {
    let mut command = Command::new(name);
    command.current_dir(repository()?).stdin(Stdio::null());
    Ok(command)
}

/// The cargo that started this program, for builds on and for the host.
pub(crate) fn cargo() -> Result<Command> {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs `command` with its output shown; an error unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("$ {line}");
    let status = command.status().with_context(|| format!("cannot start: {line}"))?;
    ensure!(status.success(), "{status}: {line}");
    Ok(())
}

/// Runs `command` and returns what it printed, whatever its exit status.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| format!("cannot start: {}", shown(command)))
}

/// Runs `command` and returns its standard output; an error unless it succeeds.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    ensure!(
        output.status.success(),
        "{}: {}\n{}",
        output.status,
        shown(command),
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// The command line, as one would type it; without `PATH`, which is long and says little.
pub(crate) fn shown(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        let value = value.filter(|_| name != "PATH")?;
        Some(format!("{}={}", name.display(), quoted(value)))
    });
    // The whole path of the toolchain's cargo would drown the rest.
    let program = Path::new(command.get_program());
    let program = match program.file_name() {
        Some(name) if name == "cargo" && !program.starts_with("/usr/bin") => name,
        _ => program.as_os_str(),
    };
    let words = std::iter::once(program).chain(command.get_args());
    variables.chain(words.map(quoted)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/some/where/cargo");
        command
            .args(["test", "--features", "", "a b"])
            .env("RUSTDOCFLAGS", "-Dwarnings")
            .env("PATH", "/usr/bin")
            .env_remove("RUSTFLAGS");
        assert_eq!(shown(&command), "RUSTDOCFLAGS=-Dwarnings cargo test --features '' 'a b'");
    }

    #[test]
    fn the_repository_holds_the_workspace() {
        assert!(repository().unwrap().join(".cargo/config.toml").is_file());
    }
}
