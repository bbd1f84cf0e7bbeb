//! Building the images of `benches/target`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::variant::Variant;
use crate::bare_metal::BareMetal;
use crate::command::{repository, run};

/// The core that the emulator models.
const TRIPLE: &str = "thumbv7em-none-eabihf";

/// The images' own workspace, from the root of the repository.
pub(crate) const MANIFEST: &str = "benches/target/Cargo.toml";

/// Where the images are left, from the root of the repository.
const FOLDER: &str = "target/measured-images";

/// The images of one variant.
pub(crate) struct Images {
    /// Measures instructions and stack.
    pub measure: PathBuf,
    /// The least that applies an operation.
    pub footprint: PathBuf,
    /// The same without the feature x5c, if it has that.
    pub without_x5c: Option<PathBuf>,
    /// The same without the library.
    pub without_lockop: PathBuf,
    /// Measures the store in flash, if the variant is not there for comparison alone.
    pub flash: Option<PathBuf>,
    /// Measures the dearest inputs that are known, which need certificates, where the store in flash is measured too.
    pub cost: Option<PathBuf>,
}

/// The toolchain for the images.
pub(crate) fn toolchain() -> Result<BareMetal> {
    BareMetal::for_triple(TRIPLE)
}

/// Builds the images of a variant.
pub(crate) fn build(toolchain: &BareMetal, variant: &Variant) -> Result<Images> {
    let build = |what: &str, features: &str| build_to(toolchain, variant, what, features, &[]);
    let all = build("all", variant.features)?;
    let without_lockop = build("without-lockop", &format!("{},without-lockop", variant.features))?;
    let without_x5c = variant.features_without_x5c().map(|features| build("without-x5c", features)).transpose()?;
    let footprint = |folder: &Path| toolchain.built(folder, variant.profile, "footprint");
    Ok(Images {
        measure: toolchain.built(&all, variant.profile, "measure"),
        footprint: footprint(&all),
        without_x5c: without_x5c.as_deref().map(footprint),
        without_lockop: footprint(&without_lockop),
        flash: (!variant.compared).then(|| build_image(toolchain, variant, "flash")).transpose()?,
        cost: variant.has_worst().then(|| build_image(toolchain, variant, "cost")).transpose()?,
    })
}

/// Builds the one image that has a feature of its own, of the same name.
pub(crate) fn build_image(toolchain: &BareMetal, variant: &Variant, name: &str) -> Result<PathBuf> {
    let features = format!("{},{name}", variant.features);
    let folder = build_to(toolchain, variant, name, &features, &["--bin", name])?;
    Ok(toolchain.built(&folder, variant.profile, name))
}

/// Builds the image that `cargo xtask skip` attacks.
pub(super) fn build_skip(toolchain: &BareMetal, variant: &Variant) -> Result<PathBuf> {
    let folder = build_to(toolchain, variant, "all", variant.features, &["--bin", "skip"])?;
    Ok(toolchain.built(&folder, variant.profile, "skip"))
}

/// Builds with these features to a folder of their own, because cargo calls images of all features the same.
fn build_to(toolchain: &BareMetal, variant: &Variant, what: &str, features: &str, which: &[&str]) -> Result<PathBuf> {
    let folder = repository()?.join(FOLDER).join(variant.name).join(what);
    let cargo = &mut toolchain.cargo_to(&folder, "build")?;
    run(cargo
        .args(["--quiet", "--manifest-path", MANIFEST, "--profile", variant.profile])
        .args(["--no-default-features", "--features", features])
        .args(which)
        .env("RUSTFLAGS", variant.flags))?;
    Ok(folder)
}
