//! Cuts the power of lockop's store, a million times and more.

use std::process::ExitCode;
use std::time::Instant;

use lockop_sim::case::Case;
use lockop_sim::explore::Failure;
use lockop_sim::geometry::{self, GEOMETRIES, Geometry};
use lockop_sim::run::{Options, Outcome, run};

const USAGE: &str = "\
usage: cargo xtask power-fail [OPTION...]

  --cuts N         power failures, at least (1000000)
  --seed N         of all that is random (1)
  --geometry NAME  on this one only; may be given more than once
  --lenient        units that were torn but read as erased may be programmed
  --first          stop at the first violation
  --replay LINE    one case again, as a failure printed it, with a trace of the flash
  --wear           only count the erases
";

fn main() -> ExitCode {
    // What a store's panic says comes with its case.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match parse(&arguments) {
        Ok(Command::Run(options)) => simulate(&options),
        Ok(Command::Replay(case, geometry)) => replay(&case, geometry),
        Ok(Command::Wear(geometries)) => wear(&geometries),
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

enum Command {
    Run(Options),
    Replay(Case, &'static Geometry),
    Wear(Vec<&'static Geometry>),
}

fn parse(arguments: &[String]) -> Result<Command, String> {
    let mut options = Options { cuts: 1_000_000, seed: 1, geometries: Vec::new(), lenient: false, first: false };
    let mut only_wear = false;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        let number = |text: &String| text.parse().map_err(|error| format!("{word}: {error}"));
        match word.as_str() {
            "--cuts" => options.cuts = number(value()?)?,
            "--seed" => options.seed = number(value()?)?,
            "--geometry" => options.geometries.push(geometry::find(value()?)?),
            "--lenient" => options.lenient = true,
            "--first" => options.first = true,
            "--wear" => only_wear = true,
            "--replay" => {
                // As one word, or as the shell has split it.
                let line: Vec<&str> = words.by_ref().map(String::as_str).collect();
                let case: Case = line.join(" ").parse()?;
                let geometry = geometry::find(&case.geometry)?;
                return Ok(Command::Replay(case, geometry));
            }
            other => return Err(format!("no such option: {other}")),
        }
    }
    if options.geometries.is_empty() {
        options.geometries = GEOMETRIES.iter().collect();
    }
    Ok(if only_wear { Command::Wear(options.geometries) } else { Command::Run(options) })
}

fn replay(case: &Case, geometry: &Geometry) -> ExitCode {
    println!("{case}");
    match (geometry.replay)(case, true) {
        Ok(_) => {
            println!("nothing is wrong");
            ExitCode::SUCCESS
        }
        Err(breach) => {
            println!("WRONG: {}", breach.0);
            ExitCode::FAILURE
        }
    }
}

fn simulate(options: &Options) -> ExitCode {
    let begun = Instant::now();
    let outcome = run(options, |what| println!("[{:6.1} s] {what}", begun.elapsed().as_secs_f32()));
    print_tallies(options, &outcome);
    if outcome.failures.is_empty() && wear(&options.geometries) == ExitCode::FAILURE {
        return ExitCode::FAILURE;
    }
    let damages: u64 = outcome.tallies.values().map(|tally| tally.damage.damages).sum();
    let failing: u64 = outcome.tallies.values().map(|tally| tally.report.failures).sum();
    let seconds = begun.elapsed().as_secs_f32();
    if outcome.failures.is_empty() {
        println!(
            "\nsurvived {} power failures, {failing} failing calls and {damages} damages in {seconds:.1} s: 0 violations",
            outcome.cuts(),
        );
        ExitCode::SUCCESS
    } else {
        print_failures(&outcome.failures);
        println!("\n{} violations among {} power failures in {seconds:.1} s", outcome.failures.len(), outcome.cuts());
        ExitCode::FAILURE
    }
}

fn print_tallies(options: &Options, outcome: &Outcome) {
    println!(
        "\n{:8} {:>5} {:>6} {:>5} {:>7} {:>8} {:>8} {:>7} {:>7} {:>8} {:>6} {:>6} {:>6} {:>7}",
        "unit/",
        "users",
        "least",
        "ops",
        "steps",
        "power",
        "of these",
        "failing",
        "damages",
        "of these",
        "older",
        "worst",
        "worst",
        "recovery"
    );
    println!(
        "{:8} {:>5} {:>6} {:>5} {:>7} {:>8} {:>8} {:>7} {:>7} {:>8} {:>6} {:>6} {:>6} {:>7}",
        "page", "", "bytes", "", "cut", "failures", "deep", "calls", "", "refused", "state", "change", "steps", "bytes"
    );
    for geometry in &options.geometries {
        let Some(tally) = outcome.tallies.get(geometry.name) else { continue };
        let (report, damage) = (&tally.report, &tally.damage);
        println!(
            "{:8} {:>5} {:>6} {:>5} {:>7} {:>8} {:>8} {:>7} {:>7} {:>8} {:>6} {:>6} {:>6} {:>7}",
            geometry.name,
            geometry.users,
            geometry.min_len,
            report.ops,
            report.points,
            report.cuts,
            report.deep,
            report.failures,
            damage.damages,
            damage.refused,
            damage.older,
            report.worst_op,
            report.worst_mount.steps,
            report.worst_mount.read_bytes,
        );
    }
}

/// A few of each kind.
fn print_failures(failures: &[Failure]) {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for failure in failures {
        // Numbers apart, the same text is the same kind.
        let kind = failure.breach.0.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
        let count = seen.entry(kind).or_default();
        *count += 1;
        if *count <= 2 {
            println!("\nWRONG: {}\n  {}", failure.breach.0, failure.case);
        }
    }
}

fn wear(geometries: &[&'static Geometry]) -> ExitCode {
    println!("\n1,000 batches, on the least flash and with 16 KiB more");
    println!(
        "{:8} {:>5} {:>7} {:>6} {:>20} {:>9} {:>9} {:>9}",
        "", "batch", "bytes", "pages", "erases of a page", "erases", "words", "worst"
    );
    println!(
        "{:8} {:>5} {:>7} {:>6} {:>20} {:>9} {:>9} {:>9} {:>9}",
        "", "", "", "", "least / mean / most", "", "", "batch", "restart"
    );
    for geometry in geometries.iter().filter(|geometry| geometry.users >= 25) {
        for batch in [1, 25] {
            for spare in [0, 16_384 / geometry.sizes.2] {
                match (geometry.wear)(batch, spare) {
                    Ok(wear) => println!(
                        "{:8} {batch:>5} {:>7} {:>6} {:>6} / {:>4.1} / {:>4} {:>9} {:>9} {:>9} {:>9}",
                        geometry.name,
                        wear.pages as usize * geometry.sizes.2,
                        wear.pages,
                        wear.least,
                        f64::from(wear.total) / f64::from(wear.pages),
                        wear.most,
                        wear.total,
                        wear.programs,
                        wear.worst,
                        wear.mount_bytes,
                    ),
                    Err(breach) => {
                        println!("WRONG: wear on {}, {batch} users a batch: {}", geometry.name, breach.0);
                        return ExitCode::FAILURE;
                    }
                }
            }
        }
    }
    ExitCode::SUCCESS
}
