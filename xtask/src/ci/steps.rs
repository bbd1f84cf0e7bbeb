//! The steps that are calls of cargo.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::bare_metal::TRIPLES;
use crate::build_target;
use crate::command::{cargo, repository, run};
use crate::features::{Features, LIBRARY};
use crate::{bench, firmware, fuzz, target};

/// Where the vector files are, from the root of the repository.
const VECTORS: &str = "tests/vectors";

/// Formatting.
pub(super) fn fmt() -> Result<()> {
    run(cargo()?.args(["fmt", "--all", "--check"]))?;
    for own_workspace in [target::MANIFEST, fuzz::MANIFEST, bench::MANIFEST, firmware::MANIFEST] {
        run(cargo()?.args(["fmt", "--check", "--manifest-path", own_workspace]))?;
    }
    Ok(())
}

/// Lints of the whole workspace, tests and examples included.
pub(super) fn clippy() -> Result<()> {
    run(cargo()?.args(["clippy", "--workspace", "--all-targets", "--all-features"]).args(["--", "-D", "warnings"]))
}

/// Lints of the library with each set of features: code that a feature leaves unused shows only so.
pub(super) fn clippy_features() -> Result<()> {
    for features in Features::of_library()?.none_and_each() {
        let mut cargo = cargo()?;
        cargo.args(["clippy", "--package", LIBRARY, "--lib"]);
        run(features.apply(&mut cargo).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Documentation.
pub(super) fn doc() -> Result<()> {
    run(cargo()?.args(["doc", "--no-deps", "--workspace", "--all-features"]).env("RUSTDOCFLAGS", "-Dwarnings"))
}

/// Tests of the library with each set of features.
pub(super) fn test_features() -> Result<()> {
    for features in Features::of_library()?.none_and_each() {
        let mut cargo = cargo()?;
        run(features.apply(cargo.args(["test", "--package", LIBRARY])))?;
    }
    Ok(())
}

/// Tests of the library as it ships, without the checks that a debug build adds.
pub(super) fn test_release() -> Result<()> {
    run(cargo()?.args(["test", "--package", LIBRARY, "--release", "--all-features"]))
}

/// The README's first command, as it is printed there.
pub(super) fn demo() -> Result<()> {
    let readme = std::fs::read_to_string(repository()?.join("README.md"))?;
    let command = readme.lines().find_map(|line| line.strip_prefix("cargo run ")).context("README.md runs nothing")?;
    run(cargo()?.arg("run").args(command.split_whitespace()))
}

/// Tests that run other programs, which a newcomer need not have.
pub(super) fn real_programs() -> Result<()> {
    run(cargo()?.args(["test", "--package", "lockop-cli", "--features", "real-programs"]))
}

/// The generator makes the vector files that are in the repository.
pub(super) fn vectors_fresh() -> Result<()> {
    run(cargo()?.args(["run", "--quiet", "--package", "lockop-vectors"]).args(["--", "--check", VECTORS]))
}

/// The tool runs every vector file.
pub(super) fn vectors_run() -> Result<()> {
    let files = vector_files()?;
    run(cargo()?
        .args(["run", "--quiet", "--package", "lockop-cli"])
        .args(["--bin", "lockop", "--", "vectors"])
        .args(files))
}

fn vector_files() -> Result<Vec<PathBuf>> {
    let folder = repository()?.join(VECTORS);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let name = PathBuf::from(entry?.file_name());
        if name.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(PathBuf::from(VECTORS).join(name));
        }
    }
    ensure!(!files.is_empty(), "no vector file in {VECTORS}");
    files.sort();
    Ok(files)
}

/// The library builds for bare metal.
pub(super) fn bare_metal() -> Result<()> {
    build_target::build(&TRIPLES)
}
