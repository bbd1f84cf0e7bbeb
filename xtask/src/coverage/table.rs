//! The numbers, for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::reached::{Reached, Share, Shares};

/// Both columns beside each other, file by file, and their sums.
pub(super) fn of(without_tests: &Reached<'_>, with_tests: &Reached<'_>) -> String {
    let first: BTreeMap<&str, Shares> = without_tests.files().collect();
    let mut text = format!("{:34} | {:^38} | {:^38}\n", "", "vectors and seeds", "tests too");
    let heads = format!("{:>12} {:>12} {:>12}", "lines", "regions", "branches");
    text += &format!("{:34} | {heads} | {heads}\n{}\n", "reached of all", "-".repeat(34 + 2 * 41));
    let mut sums = [Shares::default(); 2];
    for (file, second) in with_tests.files() {
        // What only tests instantiate is not there without them, and not reached.
        let first = first.get(file).copied().unwrap_or(second.map(|share| Share { reached: 0, ..share }));
        line(&mut text, file, &[first, second]);
        for (sum, shares) in sums.iter_mut().zip([first, second]) {
            for (sum, share) in sum.iter_mut().zip(shares) {
                *sum = sum.plus(share);
            }
        }
    }
    line(&mut text, "all", &sums);
    text
}

fn line(text: &mut String, name: &str, columns: &[Shares]) {
    _ = write!(text, "{name:34}");
    for shares in columns {
        let [lines, regions, branches] = shares.map(|Share { reached, all }| format!("{reached}/{all}"));
        _ = write!(text, " | {lines:>12} {regions:>12} {branches:>12}");
    }
    text.push('\n');
}
