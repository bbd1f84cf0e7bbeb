//! One vector, and the file of a topic.

use crate::text::{Obj, array};
use crate::token::Token;
use crate::world::{Entry, LOCK, NOW, admin, granted, guest};

/// The verdict of a vector that is applied.
pub(crate) const APPLIED: &str = "applied";

struct Step {
    jws: Vec<u8>,
    now: Option<u64>,
    expect: String,
}

/// One line of a vector file.
pub(crate) struct Case {
    id: String,
    note: String,
    now: u64,
    policy: Option<String>,
    capacity: Option<usize>,
    acl: Vec<Entry>,
    steps: Vec<Step>,
    after: Option<Vec<Entry>>,
}

impl Case {
    /// With the default device and no steps yet.
    pub(crate) fn new(id: &str, note: &str) -> Self {
        Self {
            id: id.to_owned(),
            note: note.to_owned(),
            now: NOW,
            policy: None,
            capacity: None,
            acl: vec![admin()],
            steps: Vec::new(),
            after: None,
        }
    }

    /// With another time.
    pub(crate) fn now(mut self, now: u64) -> Self {
        self.now = now;
        self
    }

    /// With a policy, as raw JSON.
    pub(crate) fn policy(mut self, raw: &str) -> Self {
        self.policy = Some(raw.to_owned());
        self
    }

    /// With a smaller store.
    pub(crate) fn capacity(mut self, users: usize) -> Self {
        self.capacity = Some(users);
        self
    }

    /// With another ACL.
    pub(crate) fn acl(mut self, acl: &[Entry]) -> Self {
        self.acl = acl.to_vec();
        self
    }

    /// One more operation; `expect` is `applied` or a code.
    pub(crate) fn step(self, jws: &[u8], expect: &str) -> Self {
        self.push(jws, None, expect)
    }

    /// One more operation at its own time.
    pub(crate) fn step_at(self, now: u64, jws: &[u8], expect: &str) -> Self {
        self.push(jws, Some(now), expect)
    }

    fn push(mut self, jws: &[u8], now: Option<u64>, expect: &str) -> Self {
        let expect = match expect {
            APPLIED | "rejected" => expect.to_owned(),
            code => format!("rejected:{code}"),
        };
        self.steps.push(Step { jws: jws.to_vec(), now, expect });
        self
    }

    /// The ACL at the end is the first one with these grants.
    pub(crate) fn grants(mut self, grants: &[Entry]) -> Self {
        self.after = Some(granted(&self.acl, grants));
        self
    }

    fn line(&self) -> String {
        let entries = |acl: &[Entry]| array(&acl.iter().map(Entry::json).collect::<Vec<_>>());
        let mut out = Obj::new()
            .with_str("id", &self.id)
            .with_str("note", &self.note)
            .with_str("lock", LOCK)
            .with("now", self.now.to_string());
        if let Some(policy) = &self.policy {
            out = out.with("policy", policy);
        }
        if let Some(capacity) = self.capacity {
            out = out.with("capacity", capacity.to_string());
        }
        let steps: Vec<String> = self.steps.iter().map(Step::json).collect();
        out = out.with("acl", entries(&self.acl)).with("steps", array(&steps));
        let applied = self.steps.iter().any(|s| s.expect == APPLIED);
        match &self.after {
            Some(after) => out = out.with("acl_after", entries(after)),
            // Nothing is changed on any verdict but success (§10).
            None if !applied => out = out.with("acl_after", entries(&self.acl)),
            None => {}
        }
        out.render()
    }
}

impl Step {
    fn json(&self) -> String {
        let mut out = match core::str::from_utf8(&self.jws) {
            Ok(text) => Obj::new().with_str("jws", text),
            Err(_) => {
                let hex: String = self.jws.iter().map(|b| format!("{b:02x}")).collect();
                Obj::new().with_str("jws_hex", &hex)
            }
        };
        if let Some(now) = self.now {
            out = out.with("now", now.to_string());
        }
        out.with_str("expect", &self.expect).render()
    }
}

/// The vectors of one file.
pub(crate) struct Topic {
    /// File name without its extension.
    pub(crate) name: &'static str,
    cases: Vec<Case>,
}

impl Topic {
    /// An empty file.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, cases: Vec::new() }
    }

    fn id(&self, tail: &str) -> String {
        let section = self.name.split('-').next().expect("split yields one part at least");
        format!("{section}-{tail}")
    }

    /// A vector for the default device; complete it and `push` it.
    pub(crate) fn case(&self, tail: &str, note: &str) -> Case {
        Case::new(&self.id(tail), note)
    }

    /// Adds a vector.
    pub(crate) fn push(&mut self, case: Case) {
        assert!(!case.steps.is_empty(), "{} has no steps", case.id);
        self.cases.push(case);
    }

    /// A token that the default device applies, granting guest 1.
    pub(crate) fn ok(&mut self, tail: &str, note: &str, token: &Token) {
        self.ok_grants(tail, note, token, &[guest(1)]);
    }

    /// A token that the default device applies.
    pub(crate) fn ok_grants(&mut self, tail: &str, note: &str, token: &Token, grants: &[Entry]) {
        self.push(self.case(tail, note).step(&token.jws(), APPLIED).grants(grants));
    }

    /// A token that the default device refuses.
    pub(crate) fn no(&mut self, tail: &str, note: &str, code: &str, token: &Token) {
        self.no_jws(tail, note, code, &token.jws());
    }

    /// As `no`, for bytes.
    pub(crate) fn no_jws(&mut self, tail: &str, note: &str, code: &str, jws: &[u8]) {
        self.push(self.case(tail, note).step(jws, code));
    }

    /// Ids, for the check that none is used twice.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|c| c.id.as_str())
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        self.cases.iter().map(|c| c.line() + "\n").collect()
    }
}
