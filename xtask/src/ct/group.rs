//! Groups of cases that are compared with one another (`ct/src/watch.rs` in the repository has them too).

use anyhow::{Context, Result, ensure};

/// A group.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    pub(super) name: &'static str,
    /// How many cases it must have for the check to be worth something.
    least: usize,
    pub(super) kind: Kind,
}

/// What is expected of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Constant time: all cases are the same.
    Same,
    /// The same on the target and under callgrind; for memcheck, nothing is undefined but the verdict.
    Verdict,
    /// The same on the target and under callgrind; for memcheck, nothing is undefined.
    Whole,
    /// A leaky twin: which instructions are executed must be seen to differ.
    OtherInstructions,
    /// A leaky twin: only addresses differ, which must be seen.
    OtherAddresses,
}

#[rustfmt::skip] // A table reads better in rows.
const GROUPS: &[Group] = &[
    Group { name: "verify", least: 64, kind: Kind::Same },
    Group { name: "authenticate", least: 20, kind: Kind::Same },
    Group { name: "leaf", least: 16, kind: Kind::Same },
    Group { name: "after-leaf", least: 16, kind: Kind::Same },
    Group { name: "verdict", least: 20, kind: Kind::Verdict },
    Group { name: "refuse", least: 8, kind: Kind::Whole },
    Group { name: "refuse-unknown", least: 2, kind: Kind::Whole },
    Group { name: "twin-early-exit", least: 2, kind: Kind::OtherInstructions },
    Group { name: "twin-branch", least: 2, kind: Kind::OtherInstructions },
    Group { name: "twin-table-lookup", least: 2, kind: Kind::OtherAddresses },
];

impl Kind {
    /// Whether the group is a positive control.
    pub(super) const fn is_twin(self) -> bool {
        matches!(self, Self::OtherInstructions | Self::OtherAddresses)
    }
}

/// One case, and what was seen of it.
#[derive(Debug, PartialEq)]
pub(super) struct Case<T> {
    pub(super) name: String,
    pub(super) seen: T,
}

/// Every group, with what was seen of its cases.
pub(super) type Groups<T> = Vec<(&'static Group, Vec<Case<T>>)>;

/// What was seen, `(group, case, seen)`, by groups; an error if a group is unknown or lacks cases.
pub(super) fn by_group<T>(seen: impl IntoIterator<Item = (String, String, T)>) -> Result<Groups<T>> {
    let mut groups: Groups<T> = GROUPS.iter().map(|group| (group, Vec::new())).collect();
    for (name, case, seen) in seen {
        let group = groups.iter_mut().find(|(group, _)| group.name == name);
        let (_, cases) = group.with_context(|| format!("no group is called {name}"))?;
        cases.push(Case { name: case, seen });
    }
    for (group, cases) in &groups {
        ensure!(cases.len() >= group.least, "{}: only {} cases of {}", group.name, cases.len(), group.least);
    }
    Ok(groups)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// As many cases in every group as it must have.
    pub(in crate::ct) fn complete() -> Vec<(String, String, u64)> {
        let cases = |group: &Group| {
            (0..group.least).map(|number| (group.name.to_owned(), number.to_string(), 7)).collect::<Vec<_>>()
        };
        GROUPS.iter().flat_map(cases).collect()
    }

    #[test]
    fn cases_come_by_group() {
        let groups = by_group(complete()).unwrap();
        assert_eq!(groups.len(), GROUPS.len());
        let (group, cases) = &groups[0];
        assert_eq!((group.name, cases.len()), ("verify", 64));
        assert_eq!(cases[63], Case { name: "63".to_owned(), seen: 7 });
    }

    #[test]
    fn a_missing_case_is_an_error() {
        let mut cases = complete();
        cases.remove(3);
        assert_eq!(by_group(cases).unwrap_err().to_string(), "verify: only 63 cases of 64");
    }

    #[test]
    fn an_unknown_group_is_an_error() {
        let mut cases = complete();
        cases.push(("other".to_owned(), "case".to_owned(), 7));
        assert!(by_group(cases).is_err());
    }
}
