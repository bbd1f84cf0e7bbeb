//! All numbers, as one JSON value: what is printed, kept and compared.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::images::Images;
use super::readings::{Reading, Readings};
use super::variant::Variant;
use super::{flash, panics};
use crate::bare_metal::BareMetal;

/// Reading the operation without the curve: what base64, JSON and typing cost.
const READING: (&str, [&str; 2]) = ("parse+authorize-without-curve", ["parse", "authorize-without-curve"]);

/// The numbers of every variant.
pub(crate) struct Numbers {
    value: Value,
    /// Every case and stage, in the order in which they were measured: JSON objects have none.
    rows: Vec<(String, String)>,
}

impl Numbers {
    /// Nothing but what the images are built with.
    pub(crate) fn new(toolchain: &BareMetal) -> Result<Self> {
        Ok(Self { value: json!({"compiler": toolchain.compiler()?, "variants": {}}), rows: Vec::new() })
    }

    /// Adds the numbers of one variant.
    pub(crate) fn add(&mut self, variant: &Variant, readings: &Readings, images: &Images) -> Result<()> {
        let readings = with_sums(&readings.0);
        self.rows = readings.iter().map(|reading| (reading.case.clone(), reading.stage.clone())).collect();
        let sites = panics::sites(&images.footprint)?;
        self.value["variants"][variant.name] = json!({
            "cases": cases(&readings)?,
            "flash": flash::measure(images)?,
            "panics": {"sites": sites.len(), "calls": sites},
        });
        Ok(())
    }

    /// Every case and stage.
    pub(crate) fn rows(&self) -> &[(String, String)] {
        &self.rows
    }

    /// The compiler that built the images.
    pub(crate) fn compiler(&self) -> &str {
        self.value["compiler"].as_str().unwrap_or_default()
    }

    /// One variant's numbers.
    pub(crate) fn variant(&self, name: &str) -> &Value {
        &self.value["variants"][name]
    }

    /// The number at `path`, which is a JSON pointer (RFC 6901) below `variants`.
    pub(crate) fn number(&self, path: &str) -> Result<f64> {
        let number = self.value["variants"].pointer(path).and_then(Value::as_f64);
        number.with_context(|| format!("no number is measured at {path}"))
    }

    /// As text.
    pub(crate) fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(&self.value)? + "\n")
    }

    #[cfg(test)]
    pub(crate) fn from_value(value: Value) -> Self {
        Self { value, rows: Vec::new() }
    }
}

/// The readings, and after the second of the two stages of reading an operation their sum.
fn with_sums(readings: &[Reading]) -> Vec<Reading> {
    let (name, [first, second]) = READING;
    let mut all = Vec::new();
    for reading in readings {
        all.push(reading.clone());
        let earlier = readings.iter().find(|other| other.case == reading.case && other.stage == first);
        if let Some(earlier) = earlier.filter(|_| reading.stage == second) {
            let (count, stack) = (earlier.count + reading.count, earlier.stack.max(reading.stack));
            all.push(Reading { stage: name.to_owned(), count, stack, ..reading.clone() });
        }
    }
    all
}

/// Case by case, each with its stages.
fn cases(readings: &[Reading]) -> Result<Value> {
    let mut cases = json!({});
    for Reading { case, stage, input, count, stack } in readings {
        let place = &mut cases[case][stage];
        ensure!(place.is_null(), "{case}: {stage} is measured twice");
        *place = json!({"input": input, "instructions": count, "per-byte": per_byte(*count, *input), "stack": stack});
    }
    Ok(cases)
}

/// With two digits behind the point, which is all that can be seen.
#[expect(clippy::cast_precision_loss, reason = "neither is near 2^53")]
fn per_byte(instructions: u64, input: u64) -> f64 {
    (instructions as f64 / input.max(1) as f64 * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_in_two_stages_is_added_up() {
        let reading = |stage: &str, count, stack| Reading {
            case: "c".to_owned(),
            stage: stage.to_owned(),
            input: 10,
            count,
            stack,
        };
        let readings = [reading("parse", 100, 8), reading("verify", 5, 9), reading("authorize-without-curve", 25, 7)];
        let cases = cases(&with_sums(&readings)).unwrap();
        let sum = &cases["c"]["parse+authorize-without-curve"];
        assert_eq!((&sum["instructions"], &sum["stack"], &sum["per-byte"]), (&json!(125), &json!(8), &json!(12.5)));
        let twice = [reading("parse", 100, 8), reading("parse", 100, 8)];
        assert!(super::cases(&twice).is_err());
    }
}
