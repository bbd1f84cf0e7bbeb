//! Debian packages, installed when missing.

use anyhow::{Context, Result};

use crate::command::{self, program};

/// Installs those of `packages` that are missing; `purpose` tells the reader why.
pub(crate) fn ensure_packages(purpose: &str, packages: &[&str]) -> Result<()> {
    let mut missing = Vec::new();
    for package in packages {
        if !is_installed(package)? {
            missing.push(*package);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    println!("{purpose}: installing {}", missing.join(" "));
    install(&missing).with_context(|| format!("{purpose} needs {}", missing.join(" ")))
}

/// Whether `name` is a program in one of the folders of `PATH`.
pub(crate) fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

fn is_installed(package: &str) -> Result<bool> {
    let query = command::output(program("dpkg-query")?.args(["--show", "--showformat=${db:Status-Status}", package]))
        .with_context(|| format!("only Debian and its kin have the package {package}"))?;
    Ok(query.status.success() && query.stdout == b"installed")
}

fn install(packages: &[&str]) -> Result<()> {
    // An index that is missing or old makes apt-get ask for versions that are gone.
    command::run(program("apt-get")?.args(["--quiet", "update"]))?;
    command::run(
        program("apt-get")?
            .args(["--quiet", "install", "--yes", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(on_path("sh"));
        assert!(!on_path("no-such-program-of-lockop"));
    }
}
