//! What the measuring image prints.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::images::Images;
use crate::emulator::Emulator;

/// Far more than an image takes.
const LIMIT: Duration = Duration::from_secs(120);

/// One measured call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Reading {
    pub case: String,
    pub stage: String,
    /// Length of what it reads, in bytes.
    pub input: u64,
    /// Instructions.
    pub count: u64,
    /// Bytes of stack.
    pub stack: u64,
}

/// All measured calls, in order.
pub(crate) struct Readings(pub(crate) Vec<Reading>);

impl Readings {
    /// Runs the images; each twice, because a number that is not the same the second time is none to compare with.
    pub(crate) fn of(emulator: &Emulator, images: &Images) -> Result<Self> {
        for image in [&images.footprint, &images.without_lockop].into_iter().chain(&images.without_x5c) {
            run(emulator, image)?;
        }
        let mut readings = Vec::new();
        for image in std::iter::once(&images.measure).chain(&images.flash).chain(&images.cost) {
            let (first, second) = (run(emulator, image)?, run(emulator, image)?);
            ensure!(first == second, "two runs differ:\n{first}\n{second}");
            readings.extend(Self::from_output(&first)?.0);
        }
        Ok(Self(readings))
    }

    /// Every line is JSON; the first tells what is counted.
    fn from_output(output: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct First {
            unit: String,
        }
        let mut lines = output.lines();
        let first: First = serde_json::from_str(lines.next().context("the image printed nothing")?)?;
        ensure!(first.unit == "instructions", "the emulator counts {}", first.unit);
        let readings = lines.map(|line| serde_json::from_str(line).with_context(|| line.to_owned()));
        Ok(Self(readings.collect::<Result<_>>()?))
    }
}

fn run(emulator: &Emulator, image: &Path) -> Result<String> {
    let outcome = emulator.run(image, LIMIT, &[])?;
    ensure!(outcome.status.success(), "{}: {}\n{}", image.display(), outcome.status, outcome.output);
    Ok(outcome.output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let output = "{\"unit\":\"instructions\",\"overhead\":1}\n\
                      {\"case\":\"a\",\"stage\":\"b\",\"input\":1,\"count\":2,\"stack\":3}\n";
        let reading = Reading { case: "a".to_owned(), stage: "b".to_owned(), input: 1, count: 2, stack: 3 };
        assert_eq!(Readings::from_output(output).unwrap().0, [reading]);
        assert!(Readings::from_output("").is_err());
        assert!(Readings::from_output("{\"unit\":\"cycles\"}").is_err());
        assert!(Readings::from_output("{\"unit\":\"instructions\"}\npanicked").is_err());
    }
}
