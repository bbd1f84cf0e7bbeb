//! `cargo xtask target`: what the library costs on the target, in exact numbers.

mod budget;
mod flash;
mod images;
mod numbers;
mod panics;
mod readings;
mod table;
mod variant;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::command::repository;
use crate::emulator::Emulator;
pub(crate) use images::MANIFEST;
use numbers::Numbers;
use readings::Readings;

/// Where the numbers are left, from the root of the repository.
const NUMBERS: &str = "target/measurements.json";

/// Measures, prints, and leaves the numbers in a file.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    ensure!(arguments.is_empty(), "usage: cargo xtask target");
    measure()?;
    Ok(ExitCode::SUCCESS)
}

/// The step of CI: measures, and holds the numbers against the budgets.
pub(crate) fn check() -> Result<()> {
    let numbers = measure()?;
    budget::check(&numbers)
}

fn measure() -> Result<Numbers> {
    let toolchain = images::toolchain()?;
    let emulator = Emulator::ready()?;
    let mut numbers = Numbers::new(&toolchain)?;
    for variant in variant::VARIANTS {
        let images = images::build(&toolchain, variant).with_context(|| variant.name.to_owned())?;
        let readings = Readings::of(&emulator, &images).with_context(|| variant.name.to_owned())?;
        numbers.add(variant, &readings, &images)?;
    }
    print!("\n{}", table::of(&numbers));
    println!("every image ran twice, with identical numbers");
    let file = file()?;
    std::fs::write(&file, numbers.to_json()?).with_context(|| file.display().to_string())?;
    println!("the same as JSON: {NUMBERS}");
    Ok(numbers)
}

fn file() -> Result<PathBuf> {
    Ok(repository()?.join(NUMBERS))
}
