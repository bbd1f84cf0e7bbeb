//! The counts, for people, as Markdown.

use std::fmt::Write as _;

use anyhow::Result;

use super::numbers::Numbers;
use crate::grouped::grouped;

/// The tables of the program `count`, and the rows of them that are looked at here.
pub(super) const WHOLE_JOB: &str = "whole job";
const WITHOUT_SIGNATURE: &str = "without the signature";
const SIGNATURE: &str = "signature";
const USERS_KEYS: &str = "users' keys";
const WHOLE: &str = "lockop";
pub(super) const SAME_WORK: &str = "lockop, only what the peers do";
const JWT_SIMPLE: &str = "jwt-simple";
const JWT_SIMPLE_SIGNATURE: &str = "ed25519-compact, key checked as jwt-simple does";
const OUR_SIGNATURE: &str = "lockop, in constant time";
const GOOD_KEYS: &str = "good points or not, which only lockop looks at";

/// The cases of the README, and the words for them.
pub(super) const CASES: [(&str, &str); 2] =
    [("25-ed25519-rfc7515", "25 users with Ed25519 keys"), ("25-rsa2048-chain-rfc7515", "25 users with RSA keys")];

/// The peers of the README, and the words for them.
const PEERS: [(&str, &str); 5] = [
    ("jsonwebtoken", "jsonwebtoken (ed25519-dalek)"),
    ("serde_json", "serde_json + base64ct + ed25519-compact"),
    ("serde-json-core", "serde-json-core + heapless + base64ct + ed25519-compact"),
    ("jwt-compact", "jwt-compact (ed25519-compact)"),
    ("jwt-simple", "jwt-simple (ed25519-compact)"),
];

/// All counts: a table for each table.
pub(super) fn of(numbers: &Numbers) -> String {
    let mut text = String::new();
    for table in [WHOLE_JOB, WITHOUT_SIGNATURE, SIGNATURE, USERS_KEYS] {
        let counts = || numbers.counts.iter().filter(|count| count.table == table);
        let cases = distinct(counts().map(|count| count.case.as_str()));
        _ = writeln!(text, "| {table}: instructions | {} |\n|---|{}", cases.join(" | "), "---:|".repeat(cases.len()));
        for row in distinct(counts().map(|count| count.row.as_str())) {
            _ = write!(text, "| {row} |");
            for case in &cases {
                _ = write!(text, " {} |", numbers.find(table, case, row).map_or("—".to_owned(), grouped));
            }
            text.push('\n');
        }
        text.push('\n');
    }
    text + &source(numbers)
}

/// What belongs in the README.
pub(super) fn readme(numbers: &Numbers) -> Result<String> {
    let mut text = String::from("| instructions of one call |");
    for (case, words) in CASES {
        _ = write!(text, " {words}, {} bytes | all but the signature |", grouped(numbers.input(case)?));
    }
    text.push_str("\n|---|---:|---:|---:|---:|\n");
    row(&mut text, "**lockop**, only what the peers do", |case| {
        let without = numbers.get(WITHOUT_SIGNATURE, case, SAME_WORK)?;
        Ok((numbers.get(WHOLE_JOB, case, SAME_WORK)?, Some(without)))
    })?;
    for (peer, words) in PEERS {
        row(&mut text, words, |case| {
            let whole = numbers.get(WHOLE_JOB, case, peer)?;
            // It cannot be asked for that: the whole less the calls that it makes for the signature.
            let without = match peer {
                JWT_SIMPLE => Some(whole - numbers.get(SIGNATURE, case, JWT_SIMPLE_SIGNATURE)?),
                _ => numbers.find(WITHOUT_SIGNATURE, case, peer),
            };
            Ok((whole, without))
        })?;
    }
    row(&mut text, "**lockop**, whole job", |case| {
        let whole = numbers.get(WHOLE_JOB, case, WHOLE)?;
        Ok((whole, Some(whole - numbers.get(SIGNATURE, case, OUR_SIGNATURE)?)))
    })?;
    let [(ed25519, _), (rsa, _)] = CASES;
    let keys = numbers.get(USERS_KEYS, ed25519, GOOD_KEYS)?;
    let chain = numbers.get(WHOLE_JOB, rsa, WHOLE)? - numbers.get(WHOLE_JOB, rsa, SAME_WORK)?;
    _ = writeln!(
        text,
        "\nOnly lockop checks that the 25 keys are good points of the curve ({}), and the chain of certificates with its \
         RSA signature ({}).\n{}",
        grouped(keys),
        grouped(chain),
        source(numbers)
    );
    Ok(text)
}

fn row(text: &mut String, words: &str, of: impl Fn(&str) -> Result<(u64, Option<u64>)>) -> Result<()> {
    _ = write!(text, "| {words} |");
    for (case, _) in CASES {
        let (whole, without) = of(case)?;
        _ = write!(text, " {} | {} |", grouped(whole), without.map_or("—".to_owned(), grouped));
    }
    text.push('\n');
    Ok(())
}

fn source(numbers: &Numbers) -> String {
    format!("Counted by callgrind with {}, {}.\n", numbers.compiler, numbers.peers.join(", "))
}

/// In the order in which they come.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut distinct = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::numbers::sample;

    #[test]
    fn every_count_has_its_place() {
        let numbers =
            sample(&[(WHOLE_JOB, "a", "x", 1_234), (WHOLE_JOB, "a", "y", 56), (WHOLE_JOB, "b", "x", 1_000_000)]);
        let text = of(&numbers);
        let expected =
            "| whole job: instructions | a | b |\n|---|---:|---:|\n| x | 1,234 | 1,000,000 |\n| y | 56 | — |\n";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn the_readme_needs_all_counts() {
        assert!(readme(&sample(&[])).is_err());
    }
}
