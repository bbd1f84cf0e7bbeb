//! `cargo xtask coverage`: which lines, regions and branches of the library the vectors, the seeds of the fuzz targets and
//! the tests reach, and which nothing does.

mod exceptions;
mod export;
mod reached;
mod runs;
mod source;
mod table;

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};

use self::exceptions::Exceptions;
use self::reached::Reached;
use self::source::Sources;

/// Code that parses or decides, from the root of the repository: all of it must be reached.
const DECIDING: [&str; 21] = [
    "src/acl/entry.rs",
    "src/acl/flash/",
    "src/acl/mod.rs",
    "src/acl/ram.rs",
    "src/acl/stored.rs",
    "src/claims.rs",
    "src/der.rs",
    "src/json/",
    "src/jws/",
    "src/keys.rs",
    "src/operation/",
    "src/policy.rs",
    "src/replay.rs",
    "src/signature.rs",
    "src/signature/",
    "src/spki.rs",
    "src/uuid.rs",
    "src/verdict.rs",
    "src/verify.rs",
    "src/x5c.rs",
    "src/x5c/",
];

/// Measures, and fails if something of [`DECIDING`] is reached by nothing and not explained.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [] => check().map(|()| ExitCode::SUCCESS),
        _ => bail!("usage: cargo xtask coverage"),
    }
}

/// The step of CI.
pub(crate) fn check() -> Result<()> {
    let measured = runs::measure()?;
    let sources = Sources::of_library()?;
    let without_tests = Reached::of(&measured.vectors_and_seeds, &sources);
    let with_tests = Reached::of(&measured.with_tests, &sources);
    let exceptions = Exceptions::read()?;

    print!("\n{}", table::of(&without_tests, &with_tests));
    let (mut unexplained, mut explained) = (Vec::new(), Vec::new());
    let mut elsewhere = 0;
    println!("\nreached by nothing:");
    for place in with_tests.unreached(&sources) {
        let reason = exceptions.reason(&place);
        println!("{place}{}", reason.map(|reason| format!("\n    because {reason}")).unwrap_or_default());
        match reason {
            Some(_) => explained.push(place),
            None if DECIDING.iter().any(|code| place.file.starts_with(code)) => unexplained.push(place),
            None => elsewhere += 1,
        }
    }
    println!(
        "\n{} places explained, {elsewhere} outside of parsing and deciding, {} unexplained",
        explained.len(),
        unexplained.len()
    );
    let stale = exceptions.without(&explained);
    ensure!(stale.is_empty(), "{}: reached by now, or not there:\n{}", exceptions::FILE, stale.join("\n"));
    let unexplained: Vec<String> = unexplained.iter().map(ToString::to_string).collect();
    ensure!(
        unexplained.is_empty(),
        "nothing reaches this; test it, remove it, or explain it in {}:\n{}",
        exceptions::FILE,
        unexplained.join("\n")
    );
    Ok(())
}
