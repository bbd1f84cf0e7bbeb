//! All numbers, as one JSON value: what is printed, kept and compared.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::images::Images;
use super::readings::{Reading, Readings};
use super::variant::Variant;
use super::{derived, flash, panics, worst};
use crate::bare_metal::BareMetal;
use crate::emulator::Emulator;

/// The numbers of every variant.
pub(crate) struct Numbers {
    value: Value,
    /// Every case and stage, in the order in which they were measured: JSON objects have none.
    rows: Vec<(String, String)>,
}

impl Numbers {
    /// Nothing but what the images are built with.
    pub(crate) fn new(toolchain: &BareMetal, emulator: &Emulator) -> Result<Self> {
        let (compiler, emulator) = (toolchain.compiler()?, emulator.version()?);
        Ok(Self { value: json!({"compiler": compiler, "emulator": emulator, "variants": {}}), rows: Vec::new() })
    }

    /// Those that were measured last: they have no rows.
    pub(crate) fn from_json(text: &str) -> Result<Self> {
        Ok(Self { value: serde_json::from_str(text)?, rows: Vec::new() })
    }

    /// Adds the numbers of one variant.
    pub(crate) fn add(&mut self, variant: &Variant, readings: &Readings, images: &Images) -> Result<()> {
        let readings = derived::with(&readings.0);
        let rows = readings.iter().map(|reading| (reading.case.clone(), reading.stage.clone()));
        // Not every variant has every case.
        let new: Vec<_> = rows.filter(|row| !self.rows.contains(row)).collect();
        self.rows.extend(new);
        let sites = panics::sites(&images.footprint)?;
        self.value["variants"][variant.name] = json!({
            "cases": cases(&readings)?,
            "flash": flash::measure(images)?,
            "panics": {"sites": sites.len(), "calls": sites},
            "worst": worst::measure(&readings, images)?,
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

    /// The emulator that ran them.
    pub(crate) fn emulator(&self) -> &str {
        self.value["emulator"].as_str().unwrap_or_default()
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
    fn every_case_has_its_stages() {
        let reading = |stage: &str, count, stack| Reading {
            case: "c".to_owned(),
            stage: stage.to_owned(),
            input: 10,
            count,
            stack,
        };
        let readings = [reading("parse", 125, 8), reading("verify", 5, 9)];
        let parse = &cases(&readings).unwrap()["c"]["parse"];
        assert_eq!(*parse, json!({"input": 10, "instructions": 125, "per-byte": 12.5, "stack": 8}));
        assert!(cases(&[reading("parse", 100, 8), reading("parse", 100, 8)]).is_err());
    }
}
