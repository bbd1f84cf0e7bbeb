//! Building the images of `benches/target`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::variant::Variant;
use crate::bare_metal::BareMetal;
use crate::command::{repository, run};

/// The core that the emulator models.
const TRIPLE: &str = "thumbv7em-none-eabihf";

/// The images' own workspace, from the root of the repository.
pub(crate) const MANIFEST: &str = "benches/target/Cargo.toml";

/// The images of one variant.
pub(crate) struct Images {
    /// Measures instructions and stack.
    pub measure: PathBuf,
    /// The least that applies an operation.
    pub footprint: PathBuf,
    /// The same without the library.
    pub without_lockop: PathBuf,
}

/// The toolchain for the images.
pub(crate) fn toolchain() -> Result<BareMetal> {
    BareMetal::for_triple(TRIPLE)
}

/// Builds the images of a variant.
pub(crate) fn build(toolchain: &BareMetal, variant: &Variant) -> Result<Images> {
    // Copies, because the next variant with the same profile overwrites what cargo built.
    let folder = repository()?.join("target").join("measured-images").join(variant.name);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let keep = |built: &str, name: &str| {
        let (from, to) = (toolchain.built(variant.profile, built), folder.join(name));
        copy(&from, &to).map(|()| to)
    };
    cargo_build(toolchain, variant, "")?;
    let (measure, footprint) = (keep("measure", "measure")?, keep("footprint", "footprint")?);
    cargo_build(toolchain, variant, ",without-lockop")?;
    let without_lockop = keep("footprint", "footprint-without-lockop")?;
    Ok(Images { measure, footprint, without_lockop })
}

fn cargo_build(toolchain: &BareMetal, variant: &Variant, more_features: &str) -> Result<()> {
    let features = format!("{}{more_features}", variant.features);
    run(toolchain
        .cargo("build")?
        .args(["--quiet", "--manifest-path", MANIFEST, "--profile", variant.profile])
        .args(["--no-default-features", "--features", &features])
        .env("RUSTFLAGS", variant.flags))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("{} to {}", from.display(), to.display()))?;
    Ok(())
}
