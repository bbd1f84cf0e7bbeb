//! Profiles of callgrind: how often each instruction was executed.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// What comes before the reason of a client request.
const REASON: &str = "desc: Trigger: Client Request: ";

/// How often each instruction was executed in one case, by its address.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Profile {
    counts: BTreeMap<u64, u64>,
    /// Where they are, for people.
    functions: BTreeMap<u64, String>,
}

impl Profile {
    /// The profiles in a folder that a client request has written, in that order, each with its reason.
    pub(super) fn all(folder: &Path, name: &str) -> Result<Vec<(String, Self)>> {
        let mut profiles = Vec::new();
        for number in 1.. {
            let file = folder.join(format!("{name}.{number}"));
            if !file.exists() {
                break;
            }
            let text = std::fs::read_to_string(&file)?;
            profiles.extend(Self::of(&text).with_context(|| file.display().to_string())?);
        }
        Ok(profiles)
    }

    /// The reason and the profile, if it was written for a reason: the last one is written at the end.
    fn of(text: &str) -> Result<Option<(String, Self)>> {
        let Some(reason) = text.lines().find_map(|line| line.strip_prefix(REASON)) else { return Ok(None) };
        let (mut profile, mut function, mut total) = (Self::default(), "", None);
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("calls=") {
                // What the callee took, which is counted there.
                lines.next();
            } else if let Some(name) = line.strip_prefix("fn=") {
                function = name;
            } else if let Some(count) = line.strip_prefix("totals: ") {
                total = Some(count.parse::<u64>()?);
            } else if let Some((address, count)) = line.strip_prefix("0x").and_then(|line| line.split_once(' ')) {
                let address = u64::from_str_radix(address, 16)?;
                *profile.counts.entry(address).or_default() += count.parse::<u64>()?;
                profile.functions.entry(address).or_insert_with(|| function.to_owned());
            }
        }
        let total = total.context("no total")?;
        ensure!(profile.instructions() == total, "{} instructions, but the total is {total}", profile.instructions());
        Ok(Some((reason.to_owned(), profile)))
    }

    /// How many were executed.
    pub(super) fn instructions(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The instruction with the lowest address that was not executed as often in the other.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let count = |profile: &Self, address: u64| profile.counts.get(&address).copied().unwrap_or_default();
        let addresses = self.counts.keys().chain(other.counts.keys());
        let differs = |address: &&u64| count(self, **address) != count(other, **address);
        let address = *addresses.filter(differs).min()?;
        let function = [self, other].iter().find_map(|profile| profile.functions.get(&address));
        Some(format!(
            "the instruction at {address:#x} in {} is executed {} and {} times",
            function.map_or("?", String::as_str),
            count(self, address),
            count(other, address)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# callgrind format
desc: Trigger: Client Request: verify\tvalid

positions: instr
events: Ir
summary: 12

fn=main
0x10 1
cfn=verify
calls=1 0x20
0x12 9
0x12 2

fn=verify
0x20 4
0x22 4
0x24 1
totals: 12
";

    fn profile(text: &str) -> Profile {
        Profile::of(text).unwrap().unwrap().1
    }

    #[test]
    fn what_callees_take_is_counted_once() {
        let (reason, profile) = Profile::of(TEXT).unwrap().unwrap();
        assert_eq!(reason, "verify\tvalid");
        assert_eq!(profile.instructions(), 12);
        assert_eq!(profile.counts, BTreeMap::from([(0x10, 1), (0x12, 2), (0x20, 4), (0x22, 4), (0x24, 1)]));
    }

    #[test]
    fn a_wrong_total_is_an_error_and_the_last_profile_is_none() {
        assert!(Profile::of(&TEXT.replace("totals: 12", "totals: 13")).is_err());
        assert!(Profile::of(&TEXT.replace("totals: 12", "")).is_err());
        assert_eq!(Profile::of(&TEXT.replace("Client Request", "Program termination")).unwrap(), None);
    }

    #[test]
    fn a_difference_has_a_name_even_where_the_totals_are_the_same() {
        let other = TEXT.replace("0x22 4", "0x22 3").replace("0x24 1", "0x26 2");
        assert_eq!(profile(TEXT).difference(&profile(TEXT)), None);
        assert_eq!(
            profile(TEXT).difference(&profile(&other)).unwrap(),
            "the instruction at 0x22 in verify is executed 4 and 3 times"
        );
    }
}
