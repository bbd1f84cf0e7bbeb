//! The tests of `capi/tests`, built in one way.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{program, run};

/// What Rust's standard library needs of the system; only a host has it.
const SYSTEM: [&str; 4] = ["-lgcc_s", "-lpthread", "-ldl", "-lm"];

/// Both tests.
pub(super) struct Program {
    contract: PathBuf,
    vectors: PathBuf,
}

impl Program {
    pub(super) fn build(folder: &Path, name: &str, library: &Path, flags: &[&str]) -> Result<Self> {
        let build = |test: &str| {
            let to = folder.join(format!("{test}-{name}"));
            run(program("gcc")?
                .args(["-std=c11", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Icapi/include"])
                .args(flags)
                .args([format!("capi/tests/{test}.c"), "capi/tests/stores.c".to_owned()])
                .arg(library)
                .args(SYSTEM)
                .arg("-o")
                .arg(&to))?;
            Ok::<_, anyhow::Error>(to)
        };
        Ok(Self { contract: build("contract")?, vectors: build("vectors")? })
    }

    pub(super) fn contract(&self, operation: &str) -> Result<()> {
        run(program(&self.contract)?.arg(operation))
    }

    pub(super) fn vectors(&self, text: &Path) -> Result<()> {
        run(reading(&mut program(&self.vectors)?, text)?)
    }

    pub(super) fn contract_under_valgrind(&self, operation: &str) -> Result<()> {
        run(valgrind()?.arg(&self.contract).arg(operation))
    }

    pub(super) fn vectors_under_valgrind(&self, text: &Path) -> Result<()> {
        // A part of them need not show every verdict.
        run(reading(valgrind()?.arg(&self.vectors), text)?.env("LOCKOP_SOME_VECTORS", "1"))
    }
}

fn reading<'a>(command: &'a mut Command, text: &Path) -> Result<&'a mut Command> {
    Ok(command.stdin(File::open(text).with_context(|| text.display().to_string())?))
}

fn valgrind() -> Result<Command> {
    let mut command = program("valgrind")?;
    command.args(["--quiet", "--error-exitcode=99", "--leak-check=full"]);
    Ok(command)
}
