//! The emulator's plugin, `xtask/plugin/trace.c`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::FOLDER;
use crate::command::{program, repository, run};
use crate::debian;

const SOURCE: &str = "xtask/plugin/trace.c";

/// Compiles it; the path is from the root of the repository.
pub(super) fn build() -> Result<PathBuf> {
    if !debian::on_path("gcc") {
        // The C library's headers are only recommended by gcc.
        debian::ensure_packages("compiling the emulator's plugin", &["gcc", "libc6-dev"])?;
    }
    std::fs::create_dir_all(repository()?.join(FOLDER))?;
    let plugin = Path::new(FOLDER).join("trace.so");
    run(program("gcc")?
        .args(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", SOURCE, "-o"])
        .arg(&plugin))?;
    Ok(plugin)
}
