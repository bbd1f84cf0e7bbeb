//! What memcheck has to say about each case.

use anyhow::{Context, Result, bail, ensure};

use super::group::{Case, Group, Kind};

/// The lines of `lockop-ct memcheck`: group, case, and how many branches and addresses depended on undefined bytes.
pub(super) fn read(output: &str) -> Result<Vec<(String, String, u64)>> {
    let line = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [group, case, errors] = columns[..] else { bail!("no case: {line:?}") };
        Ok((group.to_owned(), case.to_owned(), errors.parse().with_context(|| line.to_owned())?))
    };
    output.lines().map(line).collect()
}

/// How often the verdict may be looked at: twice at least, against glitches (docs/fault-injection.md), and by as many branches as
/// the compiler makes of it.
const MOST_LOOKS: u64 = 4;

/// An error if there is a branch or an address too many; for a twin, if there is none in one of its cases.
pub(super) fn check(group: &Group, cases: &[Case<u64>]) -> Result<String> {
    let allowed = match group.kind {
        Kind::Same | Kind::Whole => 0..=0,
        Kind::Verdict => 0..=MOST_LOOKS,
        Kind::OtherInstructions | Kind::OtherAddresses => 1..=u64::MAX,
    };
    for case in cases {
        let seen = case.seen;
        ensure!(allowed.contains(&seen), "{seen} branches or addresses depend on what is undefined in {:?}", case.name);
    }
    match group.kind {
        Kind::Same => Ok("no branch, no address".to_owned()),
        // Nothing is undefined in it, so it says nothing.
        Kind::Whole => Ok("not looked at".to_owned()),
        Kind::Verdict => {
            // Where the bytes around the verdict are enough to refuse, nothing depends on it.
            ensure!(cases[0].seen > 0, "nothing depends on the verdict");
            Ok(format!("the {} branches at its end", cases[0].seen))
        }
        Kind::OtherInstructions | Kind::OtherAddresses => Ok("caught".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::group::by_group;
    use super::super::group::tests::complete;
    use super::*;

    #[test]
    fn lines_are_read() {
        let read = read("verify\tS + L\t0\ntwin-branch\tvalid\t31\n").unwrap();
        let line = |group: &str, case: &str, errors| (group.to_owned(), case.to_owned(), errors);
        assert_eq!(read, [line("verify", "S + L", 0), line("twin-branch", "valid", 31)]);
        for wrong in ["verify\tS + L\n", "verify\tS + L\tmany\n", "panicked\n"] {
            assert!(super::read(wrong).is_err(), "{wrong}");
        }
    }

    /// What is said about a group whose cases have these numbers of errors.
    fn checked(name: &str, all: u64, last: u64) -> Result<String> {
        let mut cases = complete();
        cases.iter_mut().for_each(|case| case.2 = all);
        cases.iter_mut().rfind(|(group, ..)| group == name).unwrap().2 = last;
        let groups = by_group(cases).unwrap();
        let (group, cases) = groups.iter().find(|(group, _)| group.name == name).unwrap();
        check(group, cases)
    }

    #[test]
    fn one_error_is_too_many() {
        assert!(checked("verify", 0, 0).is_ok());
        assert!(checked("verify", 0, 1).is_err());
        assert!(checked("authenticate", 0, 1).is_err());
    }

    #[test]
    fn the_verdict_is_looked_at_a_few_times() {
        assert!(checked("verdict", MOST_LOOKS, 0).is_ok());
        assert!(checked("verdict", 1, MOST_LOOKS + 1).is_err());
        assert!(checked("verdict", 0, 0).is_err());
    }

    #[test]
    fn a_twin_must_be_caught() {
        assert!(checked("twin-table-lookup", 1, 1).is_ok());
        assert!(checked("twin-table-lookup", 1, 0).is_err());
    }
}
