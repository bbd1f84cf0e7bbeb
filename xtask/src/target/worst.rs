//! The dearest inputs that are known (`cargo xtask cost`), and the stack that no input goes beyond.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::calls::{Bound, Calls};
use super::images::Images;
use super::numbers::Numbers;
use super::readings::Reading;
use super::variant::VARIANTS;
use crate::grouped::grouped;

/// How the cases of the image `cost` are called.
const CASE: &str = "cost-";

/// The store in flash calls closures that it is given: its stack is measured, and has no bound.
const STORE: &str = "lockop::acl::flash::";

/// What the one is called that the others of its length are held against.
const VALID: &str = "-valid";

/// How often an input may cost what the valid operation of its length costs, the stack that any input can use, and that
/// which was used.
///
/// # Errors
///
/// Whatever leaves the stack without a bound: see [`Calls::whole_job`].
pub(super) fn measure(readings: &[Reading], images: &Images) -> Result<Value> {
    // Not of those that are there for comparison.
    let Some(flash) = &images.flash else { return Ok(Value::Null) };
    Calls::of(flash)?.everything_but(STORE).with_context(|| flash.display().to_string())?;
    Calls::of(&images.measure)?.everything_but(STORE).with_context(|| images.measure.display().to_string())?;
    let image = images.cost.as_ref().unwrap_or(&images.measure);
    let Bound { bytes, path } = Calls::of(image)?.whole_job().with_context(|| image.display().to_string())?;
    let dearest = dearest(readings);
    ensure!(dearest.is_some() || images.cost.is_none(), "no valid operation is measured");
    let (multiple, dearest) = dearest.unzip();
    let stack = readings.iter().filter(|reading| reading.stage.starts_with("apply")).map(|reading| reading.stack).max();
    ensure!(stack <= Some(bytes), "{stack:?} bytes of stack are more than {bytes}, which was to be the most");
    Ok(json!({"multiple": multiple, "dearest": dearest, "stack": stack, "stack-bound": bytes, "path": path}))
}

/// The greatest multiple of the valid operation of the same length, and of which case.
fn dearest(readings: &[Reading]) -> Option<(f64, &str)> {
    let cases = || readings.iter().filter(|reading| reading.case.starts_with(CASE));
    let multiples = cases().filter(|reading| reading.case.ends_with(VALID)).flat_map(|valid| {
        let begin = valid.case.trim_end_matches(VALID);
        let same_length =
            cases().filter(move |reading| reading.case.strip_prefix(begin).is_some_and(|rest| rest.starts_with('-')));
        same_length.map(|reading| (multiple(reading.count, valid.count), reading.case.as_str()))
    });
    multiples.max_by(|one, other| one.0.total_cmp(&other.0))
}

/// With two digits behind the point, rounded up.
#[expect(clippy::cast_precision_loss, reason = "neither is near 2^53")]
pub(crate) fn multiple(dear: u64, valid: u64) -> f64 {
    (dear as f64 / valid as f64 * 100.0).ceil() / 100.0
}

/// For people.
pub(super) fn of(numbers: &Numbers) -> String {
    let mut text = String::new();
    for variant in VARIANTS {
        let worst = &numbers.variant(variant.name)["worst"];
        if worst.is_null() {
            continue;
        }
        let number = |name: &str| grouped(worst[name].as_f64().unwrap_or_default());
        _ = writeln!(text, "\n{}: nothing that is measured calls itself", variant.name);
        if let (Some(multiple), Some(dearest)) = (worst["multiple"].as_f64(), worst["dearest"].as_str()) {
            _ = writeln!(
                text,
                "the dearest input, {dearest}, costs {multiple} times what a valid operation of its length costs"
            );
        }
        _ = writeln!(
            text,
            "stack of the whole job: at most {} bytes whatever the input is, by the calls in the image; {} measured",
            number("stack-bound"),
            number("stack")
        );
        for entry in worst["path"].as_array().into_iter().flatten() {
            let name: String = entry[1].as_str().unwrap_or_default().chars().take(90).collect();
            _ = writeln!(text, "  {:>7} {name}", entry[0].as_u64().unwrap_or_default());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_held_against_the_valid_one_of_their_length() {
        let reading = |case: &str, count| Reading {
            case: case.to_owned(),
            stage: "apply".to_owned(),
            input: 10,
            count,
            stack: 0,
        };
        let readings = [
            reading("1-ed25519-rfc7515", 900),
            reading("cost-100-valid", 3),
            reading("cost-100-names", 9),
            reading("cost-1000-valid", 100),
            reading("cost-1000-names", 250),
        ];
        assert_eq!(dearest(&readings), Some((3.0, "cost-100-names")));
        assert_eq!(dearest(&readings[3..]), Some((2.5, "cost-1000-names")));
        assert_eq!(dearest(&readings[..1]), None);
        assert_eq!(multiple(10, 3), 3.34);
    }
}
