//! `cargo xtask skip`: whether skipping one instruction makes a device apply a forged operation.

mod campaign;
mod gdb;
mod machine;
mod path;
mod symbols;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};

use crate::emulator::Emulator;
use crate::target;
use campaign::{Forgery, Tally};
use machine::Machine;
use symbols::Symbols;

/// The variants whose images are attacked: all that verify in constant time.
const VARIANTS: [&str; 2] = ["small", "fast"];

/// Emulators at a time: one for each processor of a small machine.
const WORKERS: usize = 2;

/// Attacks the images of the named variants, or of all, or an image that was built before; with `--only NAME`, by one forgery or class alone; with `--late`, only what
/// comes after the curve arithmetic.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    let (arguments, late) = match arguments {
        [arguments @ .., flag] if flag == "--late" => (arguments, true),
        arguments => (arguments, false),
    };
    let (variants, only) = match arguments {
        [variants @ .., flag, name] if flag == "--only" => (variants, Some(name.as_str())),
        variants => (variants, None),
    };
    let variants = match variants {
        [] => VARIANTS.map(str::to_owned).to_vec(),
        some => some.to_vec(),
    };
    for variant in &variants {
        let image =
            if VARIANTS.contains(&variant.as_str()) { target::skip_image(variant)? } else { PathBuf::from(variant) };
        ensure!(image.is_file(), "no such variant, nor image: {variant}");
        let is_chosen = |forgery: &Forgery| only.is_none_or(|name| forgery.name == name || forgery.class == name);
        let tallies = attack(&image, &is_chosen, late)?;
        print!("{}{}", table::functions(&tallies), table::of(variant, &tallies));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the step of CI leaves out, so that it takes five minutes: two verifications, signatures that a search would find, and
/// what is nearly the same as another.
const NOT_IN_CI: [&str; 11] = [
    "own-leaf",
    "own-leaf-rsa",
    "k-first-word",
    "k-last-word",
    "hash-first-word",
    "hash-first-8-bytes",
    "hash-of-a-word-of-r",
    "base-point-for-key",
    "ladder-2-rounds",
    "wrong-device-first",
    "admin-not-yet",
];

/// The step of CI: in the arithmetic of the small image and behind it, where all verdicts are formed, no skip opens the door.
/// All of the path, in all images, takes too long for each change: that is `cargo xtask skip`.
pub(crate) fn check() -> Result<()> {
    let variant = VARIANTS[0];
    let tallies = attack(&target::skip_image(variant)?, &|forgery| !NOT_IN_CI.contains(&forgery.name.as_str()), true)?;
    print!("{}", table::of(variant, &tallies));
    for tally in &tallies {
        if tally.forgery.is_control() {
            ensure!(tally.applied > 0, "the control was not got around: this test finds nothing");
        } else {
            ensure!(tally.applied == 0, "{}: applied after {} skips", tally.forgery.name, tally.applied);
        }
    }
    Ok(())
}

/// Attacks one image by the forgeries that are chosen.
fn attack(image: &Path, is_chosen: &dyn Fn(&Forgery) -> bool, late: bool) -> Result<Vec<Tally>> {
    let emulator = Emulator::ready()?;
    let symbols = Symbols::of(image)?;
    path::print_excluded();
    let forgeries = Machine::start(&emulator, image, &symbols)?.forgeries;
    let mut forgeries: Vec<Forgery> = forgeries.iter().map(|line| Forgery::read(line)).collect::<Result<_>>()?;
    for forgery in &mut forgeries {
        forgery.late |= late;
    }
    let chosen: Vec<&Forgery> = forgeries.iter().filter(|forgery| !forgery.is_helper() && is_chosen(forgery)).collect();
    ensure!(!chosen.is_empty(), "no such forgery");
    let tallies = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..WORKERS).map(|_| scope.spawn(|| work(&emulator, image, &symbols, &chosen, &next, &tallies))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?)
    })?;
    let mut tallies = tallies.into_inner().ok().context("a worker panicked")?;
    tallies.sort_by_key(|tally: &Tally| tally.forgery.number);
    Ok(tallies)
}

/// Takes one forgery after another.
fn work(
    emulator: &Emulator,
    image: &Path,
    symbols: &Symbols,
    forgeries: &[&Forgery],
    next: &AtomicUsize,
    tallies: &Mutex<Vec<Tally>>,
) -> Result<()> {
    let mut machine = Machine::start(emulator, image, symbols)?;
    while let Some(forgery) = forgeries.get(next.fetch_add(1, Ordering::Relaxed)) {
        let tally = campaign::run(&mut machine, symbols, forgery).with_context(|| forgery.name.clone())?;
        println!("{}", table::line(&tally));
        tallies.lock().ok().context("a worker panicked")?.push(tally);
    }
    Ok(())
}
