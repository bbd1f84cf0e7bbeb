//! `cargo xtask capi`: the C ABI, tested from C.

mod program;
mod vectors;
mod zephyr;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::command::{capture, cargo, program as command, repository, run};
use crate::debian;
use program::Program;

/// Where everything ends up, from the root of the repository.
const FOLDER: &str = "target/capi";

/// An operation that anybody may look at, and that the contract's test applies.
const OPERATION: &str = "examples/operation.jws";

/// A C project that uses the library.
const EXAMPLE: &str = "capi/example";

/// Of every so many vectors, one goes through valgrind, which takes some thirty times as long.
const UNDER_VALGRIND: usize = 16;

pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    if !arguments.is_empty() {
        bail!("usage: cargo xtask capi");
    }
    check()?;
    Ok(ExitCode::SUCCESS)
}

/// The step of CI.
pub(crate) fn check() -> Result<()> {
    debian::ensure_packages(
        "testing the C ABI",
        &["gcc", "g++", "libc6-dev", "cmake", "make", "valgrind", "libc6-dbg", "gcc-arm-none-eabi"],
    )?;
    let folder = repository()?.join(FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    header_alone()?;
    let library = static_library()?;
    let all = folder.join("vectors.txt");
    let some = folder.join("some-vectors.txt");
    std::fs::write(&all, vectors::text(1)?)?;
    std::fs::write(&some, vectors::text(UNDER_VALGRIND)?)?;

    let plain = Program::build(&folder, "plain", &library, &["-O2"])?;
    plain.contract(OPERATION)?;
    plain.vectors(&all)?;
    plain.contract_under_valgrind(OPERATION)?;
    plain.vectors_under_valgrind(&some)?;

    let flags = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let sanitized = Program::build(&folder, "sanitized", &library, &flags)?;
    sanitized.contract(OPERATION)?;
    sanitized.vectors(&all)?;

    through_cmake()?;
    cmake_knows_targets(&folder)?;
    zephyr::check(&folder)
}

/// The header stands alone, in every language that it is for.
fn header_alone() -> Result<()> {
    for (compiler, language, standard) in [
        ("gcc", "c", "c99"),
        ("gcc", "c", "c11"),
        ("gcc", "c", "c2x"),
        ("g++", "c++", "c++11"),
        ("g++", "c++", "c++20"),
    ] {
        run(command(compiler)?
            .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"])
            .arg(format!("-std={standard}"))
            .args(["-x", language, crate::header::HEADER]))?;
    }
    Ok(())
}

/// The static library for this machine, with the checks of a debug build.
fn static_library() -> Result<PathBuf> {
    run(cargo()?.args(["rustc", "--package", "lockop-capi", "--lib", "--crate-type", "staticlib"]))?;
    Ok(repository()?.join("target/debug/liblockop_capi.a"))
}

/// How README.md and capi/README.md build the example, and how they run it.
const BUILD: &str = "cmake -S capi/example -B target/example && cmake --build target/example";
const RUN: &str = "target/example/example examples/operation.jws";

/// The example, as a C project would have it: word for word what the two READMEs say, and what they say comes out.
fn through_cmake() -> Result<()> {
    let _ = std::fs::remove_dir_all(repository()?.join("target/example"));
    run(command("sh")?.args(["-ec", BUILD]))?;
    let said = capture(command("sh")?.args(["-ec", RUN]))?;
    print!("{said}");
    for readme in ["README.md", "capi/README.md"] {
        let text = std::fs::read_to_string(repository()?.join(readme)).context(readme)?;
        ensure!(
            text.contains(&format!("$ {BUILD}\n$ {RUN}\n{said}```")),
            "{readme} does not show this:\n{BUILD}\n{RUN}\n{said}"
        );
    }
    Ok(())
}

/// CMake finds the target of Rust by the flags of the C compiler. Only configured: the step `firmware` links for a chip, with make.
fn cmake_knows_targets(folder: &Path) -> Result<()> {
    for (flags, triple) in [
        ("-mcpu=cortex-m0plus -mthumb", "thumbv6m-none-eabi"),
        ("-mcpu=cortex-m3 -mthumb", "thumbv7m-none-eabi"),
        ("-mcpu=cortex-m4 -mthumb", "thumbv7em-none-eabi"),
        ("-mcpu=cortex-m4 -mthumb -mfloat-abi=hard", "thumbv7em-none-eabihf"),
        ("-mcpu=cortex-m33 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16", "thumbv8m.main-none-eabihf"),
    ] {
        let said = capture(
            command("cmake")?
                .args(["-S", EXAMPLE, "-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_C_COMPILER=arm-none-eabi-gcc"])
                // There is no C library to link a trial with.
                .arg("-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY")
                .arg(format!("-DCMAKE_C_FLAGS={flags}"))
                .arg("-B")
                .arg(folder.join("cmake-for").join(triple)),
        )?;
        ensure!(said.lines().any(|line| line == format!("-- lockop for {triple}")), "{flags}: not {triple}:\n{said}");
        println!("cmake: {flags}: {triple}");
    }
    Ok(())
}
