//! Looks for the inputs on which lockop spends most instructions: what `cargo xtask cost` runs.
//!
//! `search SEED TRIES LENGTH FOLDER` counts regions of code, for which it is built with `-C instrument-coverage --cfg
//! counted`, and leaves the dearest inputs in a folder. `keep FOLDER` leaves those that are known there, and `run FILE` is
//! for callgrind.

#[cfg(counted)]
mod counters;
mod der;
#[cfg_attr(not(counted), allow(dead_code, reason = "the search makes more of it"))]
mod filler;
mod recipe;
#[cfg(counted)]
mod search;
#[cfg(counted)]
mod seeds;
mod world;
mod worst;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["keep", folder] => keep(Path::new(folder)),
        ["run", file] => {
            let jws = std::fs::read_to_string(file).expect("an input");
            println!("{}", counted_call(&mut world::job(&jws)));
        }
        #[cfg(counted)]
        ["search", seed, tries, longest, folder] => {
            let number = |text: &str| text.parse().expect("a number");
            search(seed.parse().expect("a number"), number(tries), number(longest), Path::new(folder));
        }
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}

/// A file for each input that is known.
fn keep(folder: &Path) {
    for worst::Known { name, longest, recipe } in worst::all() {
        leave(folder, longest, name, &recipe.make(longest));
    }
}

/// Writes an input, and prints its name, its length, and what a device says to it.
fn leave(folder: &Path, longest: usize, name: &str, jws: &str) {
    let file = format!("{longest}-{name}.jws");
    std::fs::write(folder.join(&file), jws).expect("a folder");
    println!("{longest}\t{name}\t{file}\t{}\t{}", jws.len(), world::job(jws).run());
}

/// Whose instructions are counted: callgrind finds it by its name.
#[inline(never)]
fn counted_call(job: &mut world::Job<'_>) -> &'static str {
    std::hint::black_box(std::hint::black_box(job).run())
}

/// Leaves the dearest input of each kind, and tells how it is made on the other stream.
#[cfg(counted)]
fn search(seed: u64, tries: usize, longest: usize, folder: &Path) {
    let valid = search::cost(worst::valid(longest), longest).cost;
    leave(folder, longest, "valid", &worst::valid(longest).make(longest));
    for (number, kind) in search::Kind::ALL.into_iter().enumerate() {
        if let Some(found) = search::search(kind, seed, tries, longest).first() {
            eprintln!("{} regions, a valid operation {valid}: {:?}", found.cost, found.recipe);
            leave(folder, longest, &format!("found-{number}"), &found.recipe.make(longest));
        }
    }
}
