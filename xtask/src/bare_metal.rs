//! How to run cargo for a bare-metal target.
//!
//! A rustup toolchain that has the target is used as it is. Elsewhere Debian's own Rust builds `core` from source: its packages
//! come without the compiled `core` of such targets, and rustup may have no way to fetch one.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{capture, cargo, output, program, repository};
use crate::debian;

/// The targets that CI builds for: Cortex-M4F, Cortex-M0+ as the smallest core (no 32-bit atomics to swap with),
/// Cortex-M33, and RISC-V as of an ESP32-C6.
pub(crate) const TRIPLES: [&str; 4] =
    ["thumbv7em-none-eabihf", "thumbv6m-none-eabi", "thumbv8m.main-none-eabi", "riscv32imac-unknown-none-elf"];

/// Debian's Rust, the sources of `core`, and the linker's name, `rust-lld` (in `rust-web-llvm`).
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];

/// Where those packages put their programs; rustup's proxies elsewhere on `PATH` must not be found first.
const DEBIAN_PROGRAMS: &str = "/usr/bin";

/// Debian's compiler.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A toolchain that can build for one target.
pub(crate) struct BareMetal {
    triple: String,
    toolchain: Toolchain,
    build_directory: PathBuf,
}

enum Toolchain {
    /// The active rustup toolchain has the target.
    Rustup,
    /// Debian's packages, with `core` built from source.
    Debian,
}

impl BareMetal {
    /// Finds a toolchain for `triple`, or installs one.
    pub(crate) fn for_triple(triple: &str) -> Result<Self> {
        let toolchain = if rustup_has(triple)? {
            println!("{triple}: the active rustup toolchain has it");
            Toolchain::Rustup
        } else {
            debian::ensure_packages("building for bare metal", &PACKAGES)?;
            ensure_linker()?;
            let version = capture(program(DEBIAN_RUSTC)?.arg("--version"))?;
            println!("{triple}: Debian's {}, core from source", version.trim());
            Toolchain::Debian
        };
        Ok(Self {
            triple: triple.to_owned(),
            toolchain,
            // Its own, so that two compilers do not take turns invalidating one another's work.
            build_directory: repository()?.join("target").join("bare-metal"),
        })
    }

    /// The compiler's version.
    pub(crate) fn compiler(&self) -> Result<String> {
        let rustc = match self.toolchain {
            Toolchain::Rustup => "rustc",
            Toolchain::Debian => DEBIAN_RUSTC,
        };
        Ok(capture(program(rustc)?.arg("--version"))?.trim().to_owned())
    }

    /// Where [`cargo_to`](Self::cargo_to) `folder` puts what it builds with `profile`.
    pub(crate) fn built(&self, folder: &Path, profile: &str, name: &str) -> PathBuf {
        folder.join(&self.triple).join(profile).join(name)
    }

    /// `cargo SUBCOMMAND` for the target: `build`, `rustc`, `rustdoc`, `tree`...
    pub(crate) fn cargo(&self, subcommand: &str) -> Result<Command> {
        self.cargo_to(&self.build_directory, subcommand)
    }

    /// The same, but what is built ends up in `folder`. What it is built from is shared all the same (by a cargo that
    /// is at least 1.91; an older one builds everything once for each folder).
    pub(crate) fn cargo_to(&self, folder: &Path, subcommand: &str) -> Result<Command> {
        let mut command = match self.toolchain {
            Toolchain::Rustup => cargo()?,
            Toolchain::Debian => debian_cargo()?,
        };
        command.arg(subcommand);
        if let Toolchain::Debian = self.toolchain {
            command.arg("-Zbuild-std=core");
        }
        command.args(["--locked", "--target", &self.triple, "--target-dir"]).arg(folder);
        command.env("CARGO_BUILD_BUILD_DIR", &self.build_directory);
        Ok(command)
    }
}

fn rustup_has(triple: &str) -> Result<bool> {
    if !debian::on_path("rustup") {
        return Ok(false);
    }
    let installed = output(program("rustup")?.args(["target", "list", "--installed"]))?;
    let installed = String::from_utf8_lossy(&installed.stdout);
    Ok(installed.lines().any(|line| line == triple))
}

/// `rust-lld` is only a link to the `lld-N` of one version of LLVM, and no package of Rust depends on the one of the same name.
fn ensure_linker() -> Result<()> {
    let linker = Path::new(DEBIAN_PROGRAMS).join("rust-lld");
    let target = std::fs::read_link(&linker).with_context(|| linker.display().to_string())?;
    let package = target.file_name().and_then(OsStr::to_str);
    let package = package.with_context(|| format!("no package in {}", target.display()))?;
    debian::ensure_packages("linking for bare metal", &[package])
}

fn debian_cargo() -> Result<Command> {
    let programs = Path::new(DEBIAN_PROGRAMS);
    let mut command = program(programs.join("cargo"))?;
    for (name, _) in std::env::vars_os() {
        if leaks(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: OsString =
        std::env::join_paths(std::iter::once(programs.to_path_buf()).chain(std::env::split_paths(&path)))?;
    command
        .env("PATH", path)
        .env("RUSTC", programs.join("rustc"))
        // `-Zbuild-std` is unstable, and these packages are of a stable release.
        .env("RUSTC_BOOTSTRAP", "1");
    Ok(command)
}

/// Whether a variable that the outer cargo or its user set for the host would mislead a cargo of another version.
fn leaks(variable: &str) -> bool {
    /// How to reach the registry, and where downloads are kept, holds for every cargo.
    const SHARED: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
    ];
    let of_rust = variable.starts_with("CARGO") || variable.starts_with("RUST");
    let shared = SHARED.iter().any(|prefix| variable.starts_with(prefix));
    // Rustup puts the libraries of its own compiler there.
    variable == "LD_LIBRARY_PATH" || (of_rust && !shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_outer_cargo_sets_does_not_leak() {
        for variable in [
            "CARGO",
            "CARGO_MANIFEST_DIR",
            "CARGO_TARGET_DIR",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
            "LD_LIBRARY_PATH",
        ] {
            assert!(leaks(variable), "{variable}");
        }
        for variable in ["PATH", "HOME", "CARGO_HOME", "CARGO_HTTP_CAINFO", "CARGO_NET_OFFLINE"] {
            assert!(!leaks(variable), "{variable}");
        }
    }
}
