//! `budgets.toml`: what the numbers may be at most.

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::numbers::Numbers;
use crate::command::repository;

/// In the root of the repository.
const FILE: &str = "budgets.toml";

/// How far a number may rise above its pin: another release of the compiler or of a dependency moves it a little.
pub(crate) const MARGIN: f64 = 0.01;

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
    /// Where it is tracked that the contract does not hold yet. Then only the pin is a limit, so that it can only get
    /// better.
    open: Option<String>,
}

/// The contract for one number, by its JSON pointer.
pub(crate) fn must(number: &str) -> Result<f64> {
    let budgets = read()?.budget;
    let budget = budgets.into_iter().find(|budget| budget.number == number);
    Ok(budget.with_context(|| format!("{FILE} has no {number}"))?.must)
}

fn read() -> Result<Budgets> {
    let text = std::fs::read_to_string(repository()?.join(FILE)).context(FILE)?;
    toml::from_str(&text).context(FILE)
}

/// Fails if a number is above a limit, and names every one that is.
pub(crate) fn check(numbers: &Numbers) -> Result<()> {
    let budgets = read()?;
    let (mut failures, mut open) = (Vec::new(), Vec::new());
    println!("\n{:70} {:>12} {:>12} {:>12}", "budget", "measured", "pinned", "must");
    for budget in &budgets.budget {
        let measured = numbers.number(&budget.number).with_context(|| budget.what.clone())?;
        let state = if budget.open.is_some() { "  open" } else { "" };
        println!("{:70} {measured:>12} {:>12} {:>12}{state}", budget.what, budget.pinned, budget.must);
        failures.extend(budget.failures(measured));
        open.extend(budget.still_open(measured));
        if measured < budget.pinned * (1.0 - MARGIN) {
            println!("  better than pinned: lower the pin in {FILE} to {measured}");
        }
    }
    if !open.is_empty() {
        println!("\n!!! {} limits of the contract do not hold yet:\n!!!   {}\n", open.len(), open.join("\n!!!   "));
    }
    if failures.is_empty() {
        return Ok(());
    }
    if budgets.compiler != numbers.compiler() {
        failures.push(format!("(pinned with {}, built with {})", budgets.compiler, numbers.compiler()));
    }
    bail!("{FILE}:\n  {}", failures.join("\n  "))
}

impl Budget {
    /// What to tell about each reason to fail.
    fn failures(&self, measured: f64) -> Vec<String> {
        let mut told = Vec::new();
        match &self.open {
            None if measured > self.must => told.push(self.above(measured, self.must, "the contract")),
            Some(open) if measured <= self.must => {
                let (what, must) = (&self.what, self.must);
                told.push(format!("{what}: {measured} is within the contract, {must}: remove `open = \"{open}\"`"));
            }
            _ => {}
        }
        if measured > self.pinned * (1.0 + MARGIN) {
            told.push(self.above(measured, self.pinned, "the pin"));
        }
        told
    }

    /// What to tell about a contract that does not hold, and need not yet.
    fn still_open(&self, measured: f64) -> Option<String> {
        let open = self.open.as_ref().filter(|_| measured > self.must)?;
        Some(format!("{} ({open})", self.above(measured, self.must, "the contract")))
    }

    fn above(&self, measured: f64, limit: f64, name: &str) -> String {
        let by = measured - limit;
        let percent = if limit > 0.0 { format!(" ({:.1} %)", by / limit * 100.0) } else { String::new() };
        format!("{}: {measured} is {by:.2}{percent} above {name}, {limit}", self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn budget(must: f64, pinned: f64) -> Budget {
        Budget { what: "x".to_owned(), number: "/fast/x".to_owned(), must, pinned, open: None }
    }

    #[test]
    fn both_limits_hold() {
        assert!(budget(100.0, 90.0).failures(90.9).is_empty());
        assert_eq!(budget(100.0, 90.0).failures(92.0), ["x: 92 is 2.00 (2.2 %) above the pin, 90"]);
        assert_eq!(budget(100.0, 100.0).failures(101.0), ["x: 101 is 1.00 (1.0 %) above the contract, 100"]);
        assert_eq!(budget(100.0, 90.0).failures(101.0).len(), 2);
        assert_eq!(budget(0.0, 0.0).failures(1.0)[0], "x: 1 is 1.00 above the contract, 0");
        assert_eq!(budget(100.0, 100.0).still_open(101.0), None);
    }

    #[test]
    fn an_open_contract_is_told_and_its_pin_holds() {
        let budget = Budget { open: Some("issue 4".to_owned()), ..budget(100.0, 150.0) };
        assert!(budget.failures(151.5).is_empty());
        assert_eq!(budget.still_open(150.0).unwrap(), "x: 150 is 50.00 (50.0 %) above the contract, 100 (issue 4)");
        assert_eq!(budget.failures(152.0), ["x: 152 is 2.00 (1.3 %) above the pin, 150"]);
        assert_eq!(budget.failures(100.0), ["x: 100 is within the contract, 100: remove `open = \"issue 4\"`"]);
        assert_eq!(budget.still_open(100.0), None);
    }

    #[test]
    fn numbers_are_found_by_pointer() {
        let numbers = Numbers::from_value(json!({"variants": {"fast": {"cases": {"a+b": {"c": 2.5}}}}}));
        assert!((numbers.number("/fast/cases/a+b/c").unwrap() - 2.5).abs() < f64::EPSILON);
        assert!(numbers.number("/fast/cases/a+b/d").is_err());
    }
}
