//! What is worked out from two readings.

use super::readings::Reading;

/// Reading the operation without the curve: what base64, JSON and typing cost.
const READING: Derived =
    Derived { stage: "parse+authorize-without-curve", from: ["parse", "authorize-without-curve"], how: Sum };

/// The arithmetic with the issuer's RSA key, and the SHA-256 of the 294 bytes of the key itself. Its stack is that of
/// the whole chain, in which nothing goes deeper.
const RSA: Derived = Derived { stage: "rsa2048-verify", from: ["chain", "chain-without-rsa"], how: Difference };

/// What reading costs behind the header.
const CLAIMS: Derived = Derived { stage: "claims+operation", from: ["parse", "split+header"], how: Difference };

/// What a verification costs apart from its hash.
const CURVE: Derived = Derived { stage: "curve", from: ["verify", "hash"], how: Difference };

/// The same in an operation, with the lookup of the issuer and the chain.
const AUTHENTICATE: Derived =
    Derived { stage: "authenticate-without-hash", from: ["authenticate", "hash"], how: Difference };

const ALL: [Derived; 5] = [READING, RSA, CLAIMS, CURVE, AUTHENTICATE];

/// A stage that is not measured itself.
struct Derived {
    stage: &'static str,
    /// The stages that it is made of; it comes after the second.
    from: [&'static str; 2],
    how: How,
}

enum How {
    Sum,
    Difference,
}
use How::{Difference, Sum};

/// The readings, and those that follow from them.
pub(crate) fn with(readings: &[Reading]) -> Vec<Reading> {
    let and_derived = |reading: &Reading| {
        let more = ALL.iter().filter_map(|derived| derived.after(reading, readings)).collect::<Vec<_>>();
        std::iter::once(reading.clone()).chain(more).collect::<Vec<_>>()
    };
    readings.iter().flat_map(and_derived).collect()
}

impl Derived {
    /// What comes after this reading, if it is the second part.
    fn after(&self, second: &Reading, readings: &[Reading]) -> Option<Reading> {
        let [first_stage, second_stage] = self.from;
        let first = readings.iter().find(|other| other.case == second.case && other.stage == first_stage)?;
        (second.stage == second_stage).then(|| Reading {
            stage: self.stage.to_owned(),
            count: match self.how {
                Sum => first.count + second.count,
                Difference => first.count.saturating_sub(second.count),
            },
            input: first.input,
            stack: first.stack.max(second.stack),
            ..second.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_differences() {
        let reading = |case: &str, stage: &str, count, stack| Reading {
            case: case.to_owned(),
            stage: stage.to_owned(),
            input: 10,
            count,
            stack,
        };
        let readings = [
            reading("c", "parse", 100, 8),
            reading("c", "verify", 5, 9),
            reading("c", "authorize-without-curve", 25, 7),
            reading("c", "chain", 50, 90),
            reading("c", "chain-without-rsa", 20, 30),
            reading("d", "authorize-without-curve", 1, 1),
        ];
        let mut expected = readings.to_vec();
        expected.insert(3, reading("c", "parse+authorize-without-curve", 125, 8));
        expected.insert(6, reading("c", "rsa2048-verify", 30, 90));
        assert_eq!(with(&readings), expected);
    }
}
