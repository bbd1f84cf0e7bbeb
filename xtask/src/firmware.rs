//! `cargo xtask firmware`: the example locks (firmware/PROTOCOL.md), each put through the same test in the emulator.

mod desk;
mod image;
mod link;
mod lock;
mod machine;
mod scenarios;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::debian;
use crate::emulator::Emulator;
use desk::Desk;
pub(crate) use image::MANIFEST;
use image::{IMAGES, Image, Recipe};
use lock::Lock;
use scenarios::SCENARIOS;

/// Tests the named images, or every one.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    let named = |name: &String| IMAGES.iter().find(|recipe| recipe.name == name).with_context(|| usage(name));
    let recipes: Vec<&'static Recipe> = match arguments {
        [flag, file] if flag == "--image" => {
            let (emulator, desk) = ready()?;
            run(&emulator, &desk, &Image::ready_made(file.into())?)?;
            return Ok(ExitCode::SUCCESS);
        }
        [] => IMAGES.iter().collect(),
        [all] if all == "all" => IMAGES.iter().collect(),
        names => names.iter().map(named).collect::<Result<_>>()?,
    };
    test(&recipes)?;
    Ok(ExitCode::SUCCESS)
}

/// The step of CI.
pub(crate) fn check() -> Result<()> {
    test(&IMAGES.iter().collect::<Vec<_>>())
}

fn usage(name: &str) -> String {
    let names: Vec<&str> = IMAGES.iter().map(|recipe| recipe.name).collect();
    format!("no such image: {name}\nusage: cargo xtask firmware [all | {} | --image FILE]", names.join(" | "))
}

fn ready() -> Result<(Emulator, Desk)> {
    debian::ensure_packages("testing firmware", &["gcc-arm-none-eabi", "jq", "make", "openssl"])?;
    Ok((Emulator::ready()?, Desk::new()?))
}

fn test(recipes: &[&'static Recipe]) -> Result<()> {
    let (emulator, desk) = ready()?;
    for recipe in recipes {
        println!("\n{}: {}", recipe.name, recipe.about);
        let image = recipe.build().with_context(|| recipe.name.to_owned())?;
        run(&emulator, &desk, &image)?;
    }
    Ok(())
}

/// Every scenario that the image has room for, each on a factory-new lock.
fn run(emulator: &Emulator, desk: &Desk, image: &Image) -> Result<()> {
    image.check().with_context(|| image.recipe.name.to_owned())?;
    let (mut passed, mut stack, begun) = (0, 0, Instant::now());
    for scenario in SCENARIOS.iter().filter(|scenario| image.recipe.whole || !scenario.needs_room) {
        let begun = Instant::now();
        let mut lock = Lock::new(emulator, image)?;
        let result = (scenario.run)(&mut lock, desk).and_then(|()| Ok(lock.status()?.stack));
        let result = result.and_then(|deepest| image.check_stack(deepest).map(|()| deepest));
        let deepest = result.or_else(|error| {
            let (name, transcript) = (image.recipe.name, lock.transcript());
            bail!("{name}: {}:\n{transcript}\n{name}: {}: {error:#}", scenario.name, scenario.name)
        })?;
        passed += 1;
        stack = stack.max(deepest);
        let (requests, seconds) = (lock.requests(), begun.elapsed().as_secs_f32());
        println!("  ok {}: {requests} requests, stack {deepest} bytes, {seconds:.1} s", scenario.name);
    }
    let (name, seconds) = (image.recipe.name, begun.elapsed().as_secs_f32());
    println!("{name}: {passed} scenarios passed in {seconds:.1} s; deepest stack: {stack} bytes");
    Ok(())
}
