//! The numbers that the README shows.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::budget::MARGIN;
use super::numbers::Numbers;
use super::variant::VARIANTS;
use crate::command::repository;
use crate::grouped::grouped;

const FILE: &str = "README.md";
const BEGIN: &str = "<!-- measured:begin -->";
const END: &str = "<!-- measured:end -->";

/// The variants that are its columns.
const COLUMNS: [&str; 2] = ["fast", "small"];

/// What is measured in instructions and stack: the words for it, case and stage.
const CALLS: [(&str, &str, &str); 4] = [
    ("verify a message", "message-1000", "verify"),
    ("whole job, 1 user", "1-ed25519-rfc7515", "apply"),
    ("whole job, 25 users with Ed25519 keys", "25-ed25519-rfc7515", "apply"),
    ("whole job, 25 users with RSA keys, signed with a certificate", "25-rsa2048-chain-rfc7515", "apply"),
];

/// What is measured in bytes of flash.
const FLASH: [(&str, &str); 2] =
    [("flash with certificates (`x5c`)", "library"), ("flash without", "library-without-x5c")];

/// What stands between the markers.
pub(crate) fn of(numbers: &Numbers) -> Result<String> {
    let mut text = String::from("| instructions / stack |");
    for name in COLUMNS {
        _ = write!(text, " `{name}` |");
    }
    text.push_str("\n|---|---|---|\n");
    for (what, case, stage) in CALLS {
        let number = |variant: &str, kind: &str| numbers.number(&format!("/{variant}/cases/{case}/{stage}/{kind}"));
        _ = write!(text, "| {what}, {} bytes |", grouped(number(COLUMNS[0], "input")?));
        for variant in COLUMNS {
            let (instructions, stack) = (number(variant, "instructions")?, number(variant, "stack")?);
            _ = write!(text, " {} / {} bytes |", grouped(instructions), grouped(stack));
        }
        text.push('\n');
    }
    for (what, kind) in FLASH {
        _ = write!(text, "| {what} |");
        for variant in COLUMNS {
            _ = write!(text, " {} bytes |", grouped(numbers.number(&format!("/{variant}/flash/{kind}"))?));
        }
        text.push('\n');
    }
    text.push('\n');
    for variant in VARIANTS.iter().filter(|variant| COLUMNS.contains(&variant.name)) {
        _ = writeln!(text, "`{}`: {}.", variant.name, variant.about);
    }
    _ = writeln!(text, "Measured with {}, {}.", numbers.compiler(), numbers.emulator());
    Ok(text)
}

/// Fails unless the README's table is the one that [`of`] prints: row by row the same words, and every number within the
/// margin that the pins have too. What stands around the table (the versions) is not compared.
pub(crate) fn check(numbers: &Numbers) -> Result<()> {
    let readme = std::fs::read_to_string(repository()?.join(FILE)).context(FILE)?;
    let printed = of(numbers)?;
    let differences = differences(between_markers(&readme)?, &printed);
    ensure!(
        differences.is_empty(),
        "{FILE} does not show what is measured (with {}):\n  {}\nBetween its markers belongs what \
         `cargo xtask target --readme` prints:\n\n{printed}",
        numbers.compiler(),
        differences.join("\n  ")
    );
    println!("every number in the table of {FILE} is within {} % of what is measured", MARGIN * 100.0);
    Ok(())
}

fn between_markers(readme: &str) -> Result<&str> {
    let (_, rest) = readme.split_once(BEGIN).with_context(|| format!("{FILE} has no {BEGIN}"))?;
    let (shown, _) = rest.split_once(END).with_context(|| format!("{FILE} has no {END}"))?;
    Ok(shown)
}

/// The rows in which two tables differ.
fn differences(shown: &str, printed: &str) -> Vec<String> {
    let rows = |text: &str| -> Vec<Row> { text.lines().filter(|line| line.starts_with('|')).map(Row::read).collect() };
    let (shown, printed) = (rows(shown), rows(printed));
    if shown.len() != printed.len() {
        return vec![format!("{} rows instead of {}", shown.len(), printed.len())];
    }
    let different = shown.iter().zip(&printed).filter(|(shown, printed)| !shown.agrees_with(printed));
    different.map(|(shown, printed)| format!("shown:    {}\n  measured: {}", shown.line, printed.line)).collect()
}

/// A row of a table: words, with a `#` for each number, and the numbers.
struct Row {
    line: String,
    words: String,
    numbers: Vec<f64>,
}

impl Row {
    fn read(line: &str) -> Self {
        let (mut words, mut numbers) = (String::new(), Vec::new());
        let mut rest = line;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, number) = rest.split_at(start);
            let end = number.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(number.len());
            // A comma behind the number is not a part of it.
            let digits = number[..end].trim_end_matches(',');
            // Digits and commas alone always are a number.
            numbers.extend(digits.replace(',', "").parse::<f64>());
            words = words + before + "#";
            rest = &number[digits.len()..];
        }
        words.push_str(rest);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { line: line.to_owned(), words, numbers }
    }

    fn agrees_with(&self, measured: &Self) -> bool {
        let near = |(shown, measured): (&f64, &f64)| (shown - measured).abs() <= measured * MARGIN;
        self.words == measured.words && self.numbers.iter().zip(&measured.numbers).all(near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_agree_within_the_margin() {
        let printed = "| M4F | `fast` |\n|---|---|\n| 25 users, 5,678 bytes | 2,000,000 / 7,000 bytes |\n";
        let same = |shown: &str| differences(shown, printed).is_empty();
        assert!(same(printed));
        assert!(same(&printed.replace("2,000,000", "2,019,999").replace("7,000", "6,950")));
        assert!(same(&format!("text 5\n{}\nother text 6", printed.replace(" | 2", "   |  2"))));
        for (from, to) in [("2,000,000", "2,020,001"), ("7,000", "6,929"), ("25 users", "24 users"), ("users", "cats")]
        {
            assert!(!same(&printed.replace(from, to)), "{to}");
        }
        assert!(!same("| M4F | `fast` |\n|---|---|\n"));
        assert!(!same(""));
    }

    #[test]
    fn only_what_is_between_the_markers_counts() {
        let readme = "| a |\n<!-- measured:begin -->\n| b |\n<!-- measured:end -->\n| c |\n";
        assert_eq!(between_markers(readme).unwrap(), "\n| b |\n");
        assert!(between_markers("<!-- measured:begin -->").is_err());
        assert!(between_markers("").is_err());
    }
}
