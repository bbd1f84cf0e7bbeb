//! What is printed.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::campaign::Tally;

/// One line as soon as it is known, with the instructions that are to blame.
pub(super) fn line(tally: &Tally) -> String {
    let mut text = row(tally);
    for (hole, times) in &tally.holes {
        let _ = write!(text, "\n    {hole} ({times} x)");
    }
    text
}

/// Every forgery, and the sums of the classes.
pub(super) fn of(variant: &str, tallies: &[Tally]) -> String {
    let mut text = format!("\n{variant}: one instruction skipped in each run\n");
    let _ = writeln!(
        text,
        "{:<24} {:<8} {:>7} {:>7} {:>7} {:>7} {:>7}",
        "what", "class", "skips", "applied", "said so", "crash", "hang"
    );
    for tally in tallies {
        let _ = writeln!(text, "{}", row(tally));
    }
    for class in ["forged", "arithmetic", "refused"] {
        let of_class = || tallies.iter().filter(|tally| tally.forgery.class == class);
        let skips: u32 = of_class().map(|tally| tally.skips).sum();
        let applied: u32 = of_class().map(|tally| tally.applied).sum();
        let _ = writeln!(text, "{class}: {skips} skips, {applied} applied");
    }
    text
}

/// Where the skipped instructions are.
pub(super) fn functions(tallies: &[Tally]) -> String {
    let mut sums = BTreeMap::<&str, u32>::new();
    for (function, skips) in tallies.iter().flat_map(|tally| &tally.functions) {
        *sums.entry(function).or_default() += skips;
    }
    let mut sums: Vec<(&str, u32)> = sums.into_iter().collect();
    sums.sort_by_key(|(_, skips)| Reverse(*skips));
    sums.iter()
        .fold("\nskips by function\n".to_owned(), |text, (function, skips)| text + &format!("{skips:>8} {function}\n"))
}

fn row(tally: &Tally) -> String {
    let Tally { forgery, skips, applied, only_said_so, crashed, hung, .. } = tally;
    format!(
        "{:<24} {:<8} {skips:>7} {applied:>7} {only_said_so:>7} {crashed:>7} {hung:>7}",
        forgery.name, forgery.class
    )
}
