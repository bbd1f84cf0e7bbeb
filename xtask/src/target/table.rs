//! The numbers, for people.

use std::fmt::Write as _;

use serde_json::Value;

use super::numbers::Numbers;
use super::variant::VARIANTS;

/// Variants beside each other: more make the lines too long.
const BESIDE: usize = 2;

/// What is shown of further variants: the rest of the job is the same in all.
const COMPARED: [&str; 7] = ["verify", "verify-refused", "hash", "curve", "is-valid", "apply-refused", "apply"];

/// How much of a name is shown.
const NAME: usize = 100;

/// The tables, variant by variant, and what they are of.
pub(crate) fn of(numbers: &Numbers) -> String {
    let mut text = format!("Cortex-M4F, {}\n", numbers.compiler());
    for (order, variants) in VARIANTS.chunks(BESIDE).enumerate() {
        let names: Vec<&str> = variants.iter().map(|variant| variant.name).collect();
        costs(&mut text, numbers, &names, |stage| order == 0 || COMPARED.contains(&stage));
    }
    backends(&mut text, numbers);
    for variant in VARIANTS {
        flash(&mut text, variant.name, numbers.variant(variant.name));
    }
    text
}

fn costs(text: &mut String, numbers: &Numbers, variants: &[&str], shown: impl Fn(&str) -> bool) {
    let mut head = format!("\n{:24} {:29}", "", "");
    let mut columns = format!("{:24} {:29}", "case", "stage");
    for variant in variants {
        _ = write!(head, " | {variant:>29}");
        _ = write!(columns, " | {:>12} {:>8} {:>7}", "instructions", "per byte", "stack");
    }
    _ = writeln!(text, "{head}\n{columns}\n{}", "-".repeat(columns.len()));
    for (case, stage) in numbers.rows().iter().filter(|(_, stage)| shown(stage)) {
        if variants.iter().all(|variant| numbers.variant(variant)["cases"][case][stage].is_null()) {
            continue;
        }
        _ = write!(text, "{case:24} {stage:29}");
        for variant in variants {
            let cost = &numbers.variant(variant)["cases"][case][stage];
            if cost.is_null() {
                _ = write!(text, " | {:29}", "");
                continue;
            }
            let per_byte = cost["per-byte"].as_f64().unwrap_or_default();
            _ = write!(text, " | {:>12} {per_byte:>8.2} {:>7}", number(&cost["instructions"]), number(&cost["stack"]));
        }
        text.push('\n');
    }
}

/// What the backends cost, all beside each other.
fn backends(text: &mut String, numbers: &Numbers) {
    /// Case and stage, and what they are called.
    const SHOWN: [(&str, &str, &str); 5] = [
        ("message-1000", "verify", "verify"),
        ("message-1000", "verify-refused", "refused"),
        ("key", "is-valid", "a key"),
        ("1-ed25519-rfc7515", "apply", "1 user"),
        ("25-ed25519-rfc7515", "apply", "25 users"),
    ];
    _ = write!(text, "\n{:20}", "backends");
    SHOWN.iter().for_each(|(_, _, name)| _ = write!(text, " {name:>9}"));
    _ = writeln!(text, " {:>9} {:>9}", "stack", "flash");
    for variant in VARIANTS {
        let numbers = numbers.variant(variant.name);
        _ = write!(text, "{:20}", variant.name);
        for (case, stage, _) in SHOWN {
            _ = write!(text, " {:>9}", number(&numbers["cases"][case][stage]["instructions"]));
        }
        let stack = number(&numbers["cases"]["message-1000"]["verify"]["stack"]);
        let flash = [&numbers["flash"]["library-without-x5c"], &numbers["flash"]["library"]];
        let flash = flash.into_iter().find_map(Value::as_u64).unwrap_or_default();
        _ = writeln!(text, " {stack:>9} {flash:>9}  {}", variant.about);
    }
    _ = writeln!(text, "stack: of `verify`; flash: without the feature x5c");
}

fn flash(text: &mut String, name: &str, numbers: &Value) {
    let (flash, panics) = (&numbers["flash"], &numbers["panics"]);
    let [library, code, rodata, data] = ["library", "text", "rodata", "data"].map(|part| number(&flash[part]));
    _ = writeln!(text, "\n{name}: flash {library} bytes (text {code}, rodata {rodata}, data {data})");
    if let Some(x5c) = flash["x5c"].as_u64() {
        _ = writeln!(text, "  of that the feature x5c: {x5c} bytes");
    }
    for symbol in flash["biggest"].as_array().into_iter().flatten() {
        _ = writeln!(text, "  {:>7} {}", number(&symbol["bytes"]), shortened(&symbol["name"]));
    }
    _ = writeln!(text, "  calls that can panic: {}", number(&panics["sites"]));
    for call in panics["calls"].as_array().into_iter().flatten() {
        _ = writeln!(text, "    {}", shortened(call));
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn shortened(name: &Value) -> String {
    let name = name.as_str().unwrap_or_default();
    if name.chars().count() <= NAME { name.to_owned() } else { name.chars().take(NAME).chain("...".chars()).collect() }
}
