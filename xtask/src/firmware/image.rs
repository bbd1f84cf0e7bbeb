//! The images that are tested, and what can be said of one without running it.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};

use crate::bare_metal::BareMetal;
use crate::build_target;
use crate::command::{program, repository, run};
use crate::flash_size::FlashSize;
use crate::target::panics;

/// The Rust image's own workspace, from the root of the repository.
pub(crate) const MANIFEST: &str = "firmware/rust/Cargo.toml";

/// Where images are left, from the root of the repository.
const FOLDER: &str = "target/firmware-images";

/// sha2 then loops over its rounds: 32 KB less flash (benches/target/README.md).
const COMPACT_SHA2: &str = r#"--cfg sha2_backend_soft="compact""#;

/// So many bytes of the stack must have stayed free.
const STACK_MARGIN: u64 = 256;

/// How to come by an image.
pub(crate) struct Recipe {
    pub name: &'static str,
    pub about: &'static str,
    /// The emulator's machine.
    pub machine: &'static str,
    /// All of the machine's RAM that is for variables and the stack, in bytes.
    pub ram: u64,
    /// Whether it has room for everything: certificates, long operations, many users.
    pub whole: bool,
    build: fn() -> Result<PathBuf>,
}

/// Every image. A new one is one line here.
#[rustfmt::skip] // A table reads better in rows.
pub(crate) const IMAGES: &[Recipe] = &[
    Recipe { name: "rust", about: "firmware/rust on a Cortex-M4F", machine: "netduinoplus2", ram: 96 << 10, whole: true, build: rust },
    Recipe { name: "c", about: "firmware/c on a Cortex-M4F", machine: "netduinoplus2", ram: 96 << 10, whole: true, build: c },
    Recipe { name: "m0", about: "firmware/rust on a Cortex-M0 with 16 KiB of RAM", machine: "microbit", ram: 16 << 10, whole: false, build: m0 },
];

/// An image that somebody else has built, for the machine with room for everything.
const READY_MADE: &Recipe = &Recipe {
    name: "image",
    about: "",
    machine: "netduinoplus2",
    ram: 96 << 10,
    whole: true,
    build: || bail!("it is built already"),
};

/// An image that has been built.
pub(crate) struct Image {
    pub recipe: &'static Recipe,
    pub path: PathBuf,
    pub size: FlashSize,
}

impl Recipe {
    /// Builds it.
    pub(crate) fn build(&'static self) -> Result<Image> {
        Image::of(self, (self.build)()?)
    }
}

impl Image {
    /// The image in a file.
    pub(crate) fn ready_made(path: PathBuf) -> Result<Self> {
        Self::of(READY_MADE, std::path::absolute(path)?)
    }

    fn of(recipe: &'static Recipe, path: PathBuf) -> Result<Self> {
        ensure!(path.is_file(), "no image: {}", path.display());
        let size = FlashSize::of(&path)?;
        Ok(Self { recipe, path, size })
    }

    /// The stack did not come near the variables below it: what is deeper would be overwritten without a sign.
    pub(crate) fn check_stack(&self, deepest: u32) -> Result<()> {
        let room = self.recipe.ram.saturating_sub(self.size.ram);
        ensure!(u64::from(deepest) + STACK_MARGIN <= room, "the stack was used to {deepest} bytes of {room}");
        Ok(())
    }

    /// No call in it can panic.
    pub(crate) fn check(&self) -> Result<()> {
        let sites = panics::sites(&self.path)?;
        ensure!(sites.is_empty(), "these calls can panic:\n  {}", sites.join("\n  "));
        println!("{}, no call that can panic", self.size);
        Ok(())
    }
}

fn rust() -> Result<PathBuf> {
    cargo_build("thumbv7em-none-eabihf", "stm32f405")
}

fn c() -> Result<PathBuf> {
    let library = build_target::c_abi(&BareMetal::for_triple("thumbv7em-none-eabihf")?, COMPACT_SHA2)?;
    let folder = repository()?.join(FOLDER).join("c");
    run(program("make")?
        .args(["--directory", "firmware/c"])
        .arg(format!("OUT={}", folder.display()))
        .arg(format!("LIB={}", library.display())))?;
    Ok(folder.join("firmware.elf"))
}

fn m0() -> Result<PathBuf> {
    cargo_build("thumbv6m-none-eabi", "nrf51")
}

fn cargo_build(triple: &str, features: &str) -> Result<PathBuf> {
    let toolchain = BareMetal::for_triple(triple)?;
    let folder = repository()?.join(FOLDER).join(triple);
    run(toolchain
        .cargo_to(&folder, "build")?
        .args(["--quiet", "--manifest-path", MANIFEST, "--release"])
        .args(["--no-default-features", "--features", features])
        .env("RUSTFLAGS", COMPACT_SHA2))?;
    Ok(toolchain.built(&folder, "release", "lockop-firmware"))
}
