//! `cargo xtask size`: what the library takes of an image's flash, by features and by modules, and that it takes no RAM.

mod symbols;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::bare_metal::BareMetal;
use crate::command::{repository, run};
use crate::flash_size::FlashSize;
use crate::target::{self, budget};
use symbols::{Symbol, symbols};

const TRIPLE: &str = "thumbv7em-none-eabihf";

/// Where images are left, from the root of the repository.
const FOLDER: &str = "target/sized-images";

/// sha2 then loops over its rounds: 32 KB less flash (benches/target/README.md).
const COMPACT_SHA2: &str = r#"--cfg sha2_backend_soft="compact""#;

/// The image without the library.
const NOTHING: &str = "constant-time,without-lockop";

/// One way to build the library.
struct Row {
    /// What a project writes into its `Cargo.toml`.
    features: &'static str,
    /// The same for the image that is measured.
    image: &'static str,
    /// The row that it adds to.
    base: Option<usize>,
    /// What `budgets.toml` limits: the whole, or what is added.
    budget: Option<&'static str>,
}

/// What is measured. The last one is taken apart by modules.
#[rustfmt::skip] // A table reads better in rows.
const ROWS: &[Row] = &[
    Row { features: "constant-time", image: "constant-time", base: None, budget: Some("/small-ed25519/flash/library") },
    Row { features: "constant-time, x5c", image: "constant-time,x5c", base: Some(0), budget: Some("/small/flash/x5c") },
    Row { features: "constant-time, flash", image: "constant-time,flash", base: Some(0), budget: None },
    Row { features: "constant-time, tables", image: "tables", base: Some(0), budget: None },
    Row { features: "constant-time, x5c, flash", image: "constant-time,x5c,flash", base: Some(1), budget: None },
];

/// Features that no row has: an image that does not call what they add holds nothing of it.
const FREE: &str = "postcard, conformance: nothing, unless the project calls what they add";

/// Prints the tables; fails above a budget, or where the library has variables.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    ensure!(arguments.is_empty(), "usage: cargo xtask size");
    check()?;
    Ok(ExitCode::SUCCESS)
}

/// The step of CI.
pub(crate) fn check() -> Result<()> {
    let toolchain = BareMetal::for_triple(TRIPLE)?;
    let nothing = FlashSize::of(&build(&toolchain, NOTHING)?)?.flash;
    let (mut sizes, mut last, mut failures) = (Vec::new(), None, Vec::new());
    println!("\nflash of the library in bytes: opt-level s, sha2's compact backend, {}", toolchain.compiler()?);
    println!("{:28} {:>8} {:>8}  budget", "features", "library", "adds");
    for row in ROWS {
        let image = build(&toolchain, row.image).with_context(|| row.features.to_owned())?;
        let size = FlashSize::of(&image)?.flash.saturating_sub(nothing);
        let adds = row.base.map(|base| size.saturating_sub(sizes[base]));
        let text = adds.map(|adds| adds.to_string()).unwrap_or_default();
        let limit = row.budget.map(budget::must).transpose()?;
        let shown = limit.map(|limit| format!("{limit}")).unwrap_or_default();
        println!("{:28} {size:>8} {text:>8}  {shown}", row.features);
        if let Some(limit) = limit.filter(|limit| as_f64(adds.unwrap_or(size)) > *limit) {
            failures.push(format!("{}: above the budget of {limit} bytes", row.features));
        }
        let symbols = symbols(&image)?;
        failures
            .extend(variables(&symbols).map(|name| format!("{}: the library has a variable: {name}", row.features)));
        sizes.push(size);
        last = Some((row, symbols));
    }
    println!("{FREE}");
    if let Some((row, symbols)) = last {
        println!("\nflash by module in bytes, with {}; what was inlined counts where it went", row.features);
        for (module, size) in symbols::by_module(&symbols) {
            println!("{module:36} {size:>8}");
        }
    }
    if failures.is_empty() {
        println!(
            "\nno variable of the library or of what it uses in any of these images: its RAM is the stack, and the store"
        );
        return Ok(());
    }
    bail!("{}", failures.join("\n"))
}

/// Variables of anybody but the image itself and its start-up code.
fn variables(symbols: &[Symbol]) -> impl Iterator<Item = &str> {
    const OWN: [&str; 4] = ["footprint", "cortex_m", "cortex_m_rt", "lockop_target"];
    let variables = symbols.iter().filter(|symbol| symbol.is_variable && !OWN.contains(&symbol.package()));
    variables.map(|symbol| symbol.name.as_str())
}

fn build(toolchain: &BareMetal, features: &str) -> Result<PathBuf> {
    const PROFILE: &str = "small";
    // Cargo calls images of all features the same, so each has a folder of its own.
    let folder = repository()?.join(FOLDER).join(Path::new(features));
    run(toolchain
        .cargo_to(&folder, "build")?
        .args(["--quiet", "--manifest-path", target::MANIFEST, "--profile", PROFILE, "--bin", "footprint"])
        .args(["--no-default-features", "--features", features])
        .env("RUSTFLAGS", COMPACT_SHA2))?;
    Ok(toolchain.built(&folder, PROFILE, "footprint"))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
const fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}
