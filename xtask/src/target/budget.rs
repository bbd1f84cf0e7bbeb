//! `budgets.toml`: what the numbers may be at most.

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::numbers::Numbers;
use crate::command::repository;

/// In the root of the repository.
const FILE: &str = "budgets.toml";

/// How far a number may rise above its pin: another release of the compiler or of a dependency moves it a little.
const MARGIN: f64 = 0.01;

/// All of `budgets.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    /// What the pinned numbers were measured with.
    compiler: String,
    budget: Vec<Budget>,
}

/// One number's limits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    what: String,
    /// JSON pointer below `variants` in the numbers.
    number: String,
    /// The contract.
    must: f64,
    /// What it was when it was last looked at.
    pinned: f64,
}

/// Fails if a number is above a limit, and names every one that is.
pub(crate) fn check(numbers: &Numbers) -> Result<()> {
    let text = std::fs::read_to_string(repository()?.join(FILE)).context(FILE)?;
    let budgets: Budgets = toml::from_str(&text).context(FILE)?;
    let mut exceeded = Vec::new();
    println!("\n{:70} {:>12} {:>12} {:>12}", "budget", "measured", "pinned", "must");
    for budget in &budgets.budget {
        let measured = numbers.number(&budget.number).with_context(|| budget.what.clone())?;
        println!("{:70} {measured:>12} {:>12} {:>12}", budget.what, budget.pinned, budget.must);
        exceeded.extend(budget.exceeded_by(measured));
        if measured < budget.pinned * (1.0 - MARGIN) {
            println!("  better than pinned: lower the pin in {FILE} to {measured}");
        }
    }
    if exceeded.is_empty() {
        return Ok(());
    }
    if budgets.compiler != numbers.compiler() {
        exceeded.push(format!("(pinned with {}, built with {})", budgets.compiler, numbers.compiler()));
    }
    bail!("over budget:\n  {}", exceeded.join("\n  "))
}

impl Budget {
    /// What to tell about each limit that `measured` exceeds.
    fn exceeded_by(&self, measured: f64) -> Vec<String> {
        let over = |limit: f64| (measured - limit, (measured / limit - 1.0) * 100.0);
        let tell = |limit: f64, name: &str| {
            let (by, percent) = over(limit);
            let percent = if limit > 0.0 { format!(" ({percent:.1} %)") } else { String::new() };
            format!("{}: {measured} is {by:.2}{percent} above {name}, {limit}", self.what)
        };
        let mut told = Vec::new();
        if measured > self.must {
            told.push(tell(self.must, "the contract"));
        }
        if measured > self.pinned * (1.0 + MARGIN) {
            told.push(tell(self.pinned, "the pin"));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn budget(must: f64, pinned: f64) -> Budget {
        Budget { what: "x".to_owned(), number: "/fast/x".to_owned(), must, pinned }
    }

    #[test]
    fn both_limits_hold() {
        assert!(budget(100.0, 90.0).exceeded_by(90.9).is_empty());
        assert_eq!(budget(100.0, 90.0).exceeded_by(92.0), ["x: 92 is 2.00 (2.2 %) above the pin, 90"]);
        assert_eq!(budget(100.0, 100.0).exceeded_by(101.0), ["x: 101 is 1.00 (1.0 %) above the contract, 100"]);
        assert_eq!(budget(100.0, 90.0).exceeded_by(101.0).len(), 2);
        assert_eq!(budget(0.0, 0.0).exceeded_by(1.0)[0], "x: 1 is 1.00 above the contract, 0");
    }

    #[test]
    fn numbers_are_found_by_pointer() {
        let numbers = Numbers::from_value(json!({"variants": {"fast": {"cases": {"a+b": {"c": 2.5}}}}}));
        assert!((numbers.number("/fast/cases/a+b/c").unwrap() - 2.5).abs() < f64::EPSILON);
        assert!(numbers.number("/fast/cases/a+b/d").is_err());
    }
}
