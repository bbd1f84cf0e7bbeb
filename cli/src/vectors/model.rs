//! One vector, as docs/vectors.md describes it. What is not described there is an error: a member that is passed over would be a
//! test that is not made.

use anyhow::{Context, Result, bail, ensure};
use lockop::{AclEntry, Code, Policy, Uuid};
use serde::Deserialize;

use crate::acl_json::{self, EntryJson};
use crate::apply::APPLIED;
use crate::text;

#[derive(Debug)]
pub(super) struct Vector {
    pub(super) id: String,
    pub(super) lock: Uuid,
    pub(super) policy: Policy,
    pub(super) capacity: usize,
    pub(super) acl: Vec<AclEntry>,
    pub(super) steps: Vec<Step>,
    pub(super) acl_after: Option<Vec<AclEntry>>,
}

#[derive(Debug)]
pub(super) struct Step {
    pub(super) jws: Vec<u8>,
    pub(super) now: u64,
    pub(super) expect: Expect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Applied,
    Rejected,
    RejectedAs(Code),
}

/// Room for users where a vector says nothing.
const CAPACITY: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VectorJson {
    id: String,
    #[serde(default, rename = "note")]
    _note: Option<String>,
    lock: String,
    now: u64,
    #[serde(default)]
    policy: PolicyJson,
    #[serde(default = "capacity")]
    capacity: usize,
    acl: Vec<EntryJson>,
    steps: Vec<StepJson>,
    #[serde(default)]
    acl_after: Option<Vec<EntryJson>>,
}

const fn capacity() -> usize {
    CAPACITY
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PolicyJson {
    leeway: u64,
    rfc7515_only: bool,
    require_jti: bool,
    max_len: usize,
}

impl Default for PolicyJson {
    fn default() -> Self {
        let Policy { leeway, rfc7515_only, require_jti, max_len } = Policy::DEFAULT;
        Self { leeway, rfc7515_only, require_jti, max_len }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepJson {
    #[serde(default)]
    jws: Option<String>,
    #[serde(default)]
    jws_hex: Option<String>,
    #[serde(default)]
    now: Option<u64>,
    expect: String,
}

impl Vector {
    /// Reads one line.
    pub(super) fn parse(line: &[u8]) -> Result<Self> {
        let json: VectorJson = serde_json::from_slice(line)?;
        let id = json.id.clone();
        json.check().with_context(|| format!("`{id}`"))
    }
}

impl VectorJson {
    fn check(self) -> Result<Vector> {
        let lock = self.lock.parse().with_context(|| format!("lock `{}`", self.lock))?;
        let acl = acl_json::entries(&self.acl).context("acl")?;
        ensure!(acl.len() <= self.capacity, "the acl has {} users, the capacity is {}", acl.len(), self.capacity);
        ensure!(!self.steps.is_empty(), "there are no steps");
        let steps =
            (1..).zip(self.steps).map(|(number, step)| step.check(self.now).with_context(|| format!("step {number}")));
        let PolicyJson { leeway, rfc7515_only, require_jti, max_len } = self.policy;
        Ok(Vector {
            id: self.id,
            lock,
            policy: Policy { leeway, rfc7515_only, require_jti, max_len },
            capacity: self.capacity,
            acl,
            steps: steps.collect::<Result<_>>()?,
            acl_after: self.acl_after.map(|acl| acl_json::entries(&acl)).transpose().context("acl_after")?,
        })
    }
}

impl StepJson {
    fn check(self, now: u64) -> Result<Step> {
        let jws = match (self.jws, self.jws_hex) {
            (Some(jws), None) => jws.into_bytes(),
            (None, Some(hex)) => text::unhex(&hex).context("jws_hex is not hexadecimal")?,
            _ => bail!("either jws or jws_hex"),
        };
        Ok(Step { jws, now: self.now.unwrap_or(now), expect: Expect::parse(&self.expect)? })
    }
}

impl Expect {
    fn parse(text: &str) -> Result<Self> {
        Ok(match (text, text.strip_prefix("rejected:")) {
            (APPLIED, _) => Self::Applied,
            ("rejected", _) => Self::Rejected,
            (_, Some(name)) => {
                let code = Code::ALL.into_iter().find(|code| code.as_str() == name);
                Self::RejectedAs(code.with_context(|| format!("`{name}` is no code"))?)
            }
            _ => bail!("`{text}` is no verdict"),
        })
    }
}

impl std::fmt::Display for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Applied => f.write_str(APPLIED),
            Self::Rejected => f.write_str("rejected"),
            Self::RejectedAs(code) => write!(f, "rejected:{code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#""id": "a", "lock": "00000000-0000-4000-8000-000000000001", "now": 5, "acl": []"#;
    const STEP: &str = r#"{"jws": "a.b.c", "expect": "rejected"}"#;

    fn parse(rest: &str) -> Result<Vector> {
        Vector::parse(format!("{{{LOCK}, {rest}}}").as_bytes())
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let vector = parse(&format!(r#""steps": [{STEP}]"#)).unwrap();
        assert_eq!((vector.policy, vector.capacity), (Policy::DEFAULT, 256));
        assert!(vector.acl_after.is_none());
        assert_eq!(vector.steps[0].now, 5);
        let vector = parse(
            r#""policy": {"leeway": 1, "require_jti": true}, "capacity": 0, "note": "n", "acl_after": [],
               "steps": [{"jws_hex": "00Ff", "now": 9, "expect": "rejected:acl-full"}]"#,
        )
        .unwrap();
        assert_eq!(vector.policy, Policy { leeway: 1, require_jti: true, ..Policy::DEFAULT });
        assert_eq!((vector.capacity, vector.steps[0].now), (0, 9));
        assert_eq!(vector.steps[0].jws, [0, 255]);
        assert_eq!(vector.steps[0].expect, Expect::RejectedAs(Code::AclFull));
        assert!(vector.acl_after.is_some_and(|acl| acl.is_empty()));
    }

    #[test]
    fn what_is_not_in_the_contract_is_an_error() {
        for bad in [
            r#""steps": []"#.to_owned(),
            r#""note": "no steps""#.to_owned(),
            format!(r#""steps": [{STEP}], "more": 1"#),
            format!(r#""steps": [{STEP}], "policy": {{"leewy": 1}}"#),
            format!(r#""steps": [{STEP}], "policy": {{"leeway": -1}}"#),
            format!(r#""steps": [{STEP}], "now": 6"#),
            r#""steps": [{"jws": "a", "expect": "refused"}]"#.to_owned(),
            r#""steps": [{"jws": "a", "expect": "rejected:nonsense"}]"#.to_owned(),
            r#""steps": [{"jws": "a", "expect": "rejected:"}]"#.to_owned(),
            r#""steps": [{"jws": "a", "jws_hex": "61", "expect": "rejected"}]"#.to_owned(),
            r#""steps": [{"expect": "rejected"}]"#.to_owned(),
            r#""steps": [{"jws_hex": "6", "expect": "rejected"}]"#.to_owned(),
            r#""steps": [{"jws": "a", "expect": "rejected", "why": 1}]"#.to_owned(),
        ] {
            assert!(parse(&bad).is_err(), "{bad}");
        }
    }
}
