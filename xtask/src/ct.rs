//! `cargo xtask ct`: that verification runs in constant time, shown on the target and on the host
//! (`docs/constant-time.md`).

mod callgrind;
mod disassembly;
mod group;
mod host;
mod memcheck;
mod plugin;
mod target;
mod trace;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::command::repository;

/// Where everything goes, from the root of the repository.
const FOLDER: &str = "target/ct";

/// Checks on the target, on the host, or on both.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [] => check()?,
        [place] if place == "target" => target::check()?,
        [place] if place == "host" => host::check()?,
        _ => bail!("usage: cargo xtask ct [target|host]"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The step of CI.
pub(crate) fn check() -> Result<()> {
    target::check()?;
    host::check()
}

/// An empty folder of this name in [`FOLDER`].
fn empty_folder(name: &str) -> Result<PathBuf> {
    let folder = Path::new(FOLDER).join(name);
    let absolute = repository()?.join(&folder);
    if absolute.exists() {
        fs::remove_dir_all(&absolute).with_context(|| absolute.display().to_string())?;
    }
    fs::create_dir_all(&absolute).with_context(|| absolute.display().to_string())?;
    Ok(folder)
}
