//! `cargo xtask target`: what the library costs on the target, in exact numbers.

pub(crate) mod budget;
mod calls;
mod derived;
mod flash;
mod growth;
mod images;
mod numbers;
pub(crate) mod panics;
mod readings;
mod readme;
mod table;
mod variant;
mod worst;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::command::repository;
use crate::emulator::Emulator;
pub(crate) use images::{MANIFEST, build_image, toolchain};
use numbers::Numbers;
use readings::Readings;
pub(crate) use variant::{VARIANTS, Variant};
pub(crate) use worst::multiple;

/// Where the numbers are left, from the root of the repository.
const NUMBERS: &str = "target/measurements.json";

/// Measures, prints, and leaves the numbers in a file; or prints what belongs in the README, from that file.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [] => _ = measured()?,
        [flag] if flag == "--readme" => print!("{}", readme::of(&last_measured()?)?),
        _ => bail!("usage: cargo xtask target [--readme]"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The step of CI: measures, and holds the numbers against the budgets, and their growth.
pub(crate) fn check() -> Result<()> {
    let numbers = measured()?;
    growth::check(numbers)?;
    budget::check(numbers)
}

/// The step of CI: the README's numbers are those that are measured.
pub(crate) fn check_readme() -> Result<()> {
    readme::check(measured()?)
}

/// The image that `cargo xtask skip` attacks, built as a variant is.
pub(crate) fn skip_image(variant: &str) -> Result<PathBuf> {
    let named = VARIANTS.iter().find(|known| known.name == variant);
    images::build_skip(&toolchain()?, named.with_context(|| format!("no variant {variant}"))?)
}

/// Measures, unless this process has already done so.
fn measured() -> Result<&'static Numbers> {
    static MEASURED: OnceLock<Numbers> = OnceLock::new();
    match MEASURED.get() {
        Some(numbers) => Ok(numbers),
        None => measure().map(|numbers| MEASURED.get_or_init(|| numbers)),
    }
}

fn measure() -> Result<Numbers> {
    let toolchain = toolchain()?;
    let emulator = Emulator::ready()?;
    let mut numbers = Numbers::new(&toolchain, &emulator)?;
    for variant in VARIANTS {
        let images = images::build(&toolchain, variant).with_context(|| variant.name.to_owned())?;
        let readings = Readings::of(&emulator, &images).with_context(|| variant.name.to_owned())?;
        numbers.add(variant, &readings, &images)?;
    }
    print!("\n{}{}{}", table::of(&numbers), growth::of(&numbers), worst::of(&numbers));
    println!("every image ran twice, with identical numbers");
    let file = file()?;
    std::fs::write(&file, numbers.to_json()?).with_context(|| file.display().to_string())?;
    println!("the same as JSON: {NUMBERS}");
    Ok(numbers)
}

fn last_measured() -> Result<Numbers> {
    let file = file()?;
    let text = std::fs::read_to_string(&file);
    Numbers::from_json(&text.with_context(|| format!("{NUMBERS}: run `cargo xtask target` first"))?)
}

fn file() -> Result<PathBuf> {
    Ok(repository()?.join(NUMBERS))
}
