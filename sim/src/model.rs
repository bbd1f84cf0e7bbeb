//! What a store should hold, kept in the plainest way.

use std::collections::BTreeMap;
use std::fmt;

use lockop::acl::conformance;
use lockop::{AclEntry, ReplayRecord, Uuid};

use crate::subject::{Fault, Subject};

/// One change of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// The first of all.
    Format,
    /// A transaction.
    Commit {
        /// Users to add or replace.
        grants: Vec<AclEntry>,
        /// Users to remove.
        removals: Vec<Uuid>,
        /// Its replay record.
        replay: ReplayRecord,
    },
    /// A user without an operation.
    Provision(AclEntry),
    /// A removal without an operation.
    Remove(Uuid),
    /// Everything goes.
    FactoryReset,
    /// Housekeeping.
    Compact,
    /// All that is in RAM goes.
    Restart,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => f.write_str("format"),
            Self::Commit { grants, removals, .. } => {
                write!(f, "commit of {} grants and {} removals", grants.len(), removals.len())
            }
            Self::Provision(_) => f.write_str("provision"),
            Self::Remove(_) => f.write_str("remove"),
            Self::FactoryReset => f.write_str("factory reset"),
            Self::Compact => f.write_str("compact"),
            Self::Restart => f.write_str("restart"),
        }
    }
}

/// Users, and what keeps operations from being applied again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The ACL.
    pub users: BTreeMap<[u8; 16], AclEntry>,
    /// `exp` and identity of the records that take a slot, sorted.
    records: Vec<(u64, [u8; 32])>,
    /// Operations with an `exp` up to here are replays.
    horizon: Option<u64>,
}

impl State {
    /// What a store holds, by everything it says about itself.
    ///
    /// # Errors
    ///
    /// What the store answers, or [`Fault::Other`] if it contradicts itself.
    pub fn of<S: Subject>(store: &mut S) -> Result<Self, Fault> {
        let contradiction = |what: &str| Err(Fault::Other(format!("the store contradicts itself: {what}")));
        let entries = store.entries()?;
        if entries.len() != store.users() {
            return contradiction("`len` is not the number of its entries");
        }
        let users: BTreeMap<[u8; 16], AclEntry> =
            entries.iter().map(|entry| (*entry.user.as_bytes(), *entry)).collect();
        if users.len() != entries.len() {
            return contradiction("a user is there twice");
        }
        // One of them by its name: `entries` and `get` should not go different ways.
        if let Some(entry) = users.values().nth(users.len() / 2)
            && store.get(&entry.user)? != Some(*entry)
        {
            return contradiction("`get` does not answer what is among its entries");
        }
        let (records, horizon) = store.replays();
        let mut records: Vec<_> = records.iter().map(|record| (record.exp(), *record.id())).collect();
        records.sort_unstable();
        let mut state = Self { users, records, horizon };
        state.settle();
        Ok(state)
    }

    /// The state after an operation, or `None` if the users do not fit.
    #[must_use]
    pub fn after(&self, op: &Op, users: usize, replays: usize) -> Option<Self> {
        let mut next = self.clone();
        match op {
            Op::Commit { grants, removals, replay } => {
                for user in removals {
                    next.users.remove(user.as_bytes());
                }
                for grant in grants {
                    next.users.insert(*grant.user.as_bytes(), *grant);
                }
                next.remember(replay, replays);
            }
            Op::Provision(entry) => _ = next.users.insert(*entry.user.as_bytes(), *entry),
            Op::Remove(user) => _ = next.users.remove(user.as_bytes()),
            Op::FactoryReset | Op::Format => next = Self::default(),
            Op::Compact | Op::Restart => {}
        }
        (next.users.len() <= users).then_some(next)
    }

    /// §8: when no slot is free, the first to expire makes room and nothing that expires by then is applied any more.
    fn remember(&mut self, record: &ReplayRecord, slots: usize) {
        if self.records.len() == slots {
            let (exp, _) = self.records.remove(0);
            self.horizon = self.horizon.max(Some(exp));
        }
        self.records.push((record.exp(), *record.id()));
        self.records.sort_unstable();
        self.settle();
    }

    /// Which of two records with the same `exp` made room cannot be told from outside: both are behind the horizon.
    fn settle(&mut self) {
        for (exp, id) in &mut self.records {
            if Some(*exp) <= self.horizon {
                *id = [0; 32];
            }
        }
    }

    /// Whether an operation counts as applied.
    #[must_use]
    pub fn is_replay(&self, record: &ReplayRecord) -> bool {
        Some(record.exp()) <= self.horizon || self.records.iter().any(|(_, id)| id == record.id())
    }

    /// Operations with an `exp` up to here are replays.
    #[must_use]
    pub const fn horizon(&self) -> Option<u64> {
        self.horizon
    }

    /// Nobody and nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What two states differ in.
    #[must_use]
    pub fn difference(&self, other: &Self) -> String {
        let only = |a: &Self, b: &Self| a.users.iter().filter(|(user, _)| !b.users.contains_key(*user)).count();
        let changed = self.users.iter().filter(|(user, entry)| other.users.get(*user).is_some_and(|new| new != *entry));
        format!(
            "{} users more, {} less, {} changed; records {} and {}{}; horizon {:?} and {:?}",
            only(self, other),
            only(other, self),
            changed.count(),
            self.records.len(),
            other.records.len(),
            if self.records == other.records { "" } else { ", not the same" },
            self.horizon,
            other.horizon,
        )
    }
}

/// Has the store do an operation. A restart is not for the store alone to do: see
/// [`Bench::run`](crate::bench::Bench::run).
///
/// # Errors
///
/// As the store's.
pub fn perform<S: Subject>(store: &mut S, op: &Op) -> Result<(), Fault> {
    match op {
        Op::Commit { grants, removals, replay } => store.commit(&conformance::transaction(grants, removals, *replay)),
        Op::Provision(entry) => store.provision(*entry),
        Op::Remove(user) => store.remove(user).map(|_| ()),
        Op::FactoryReset => store.factory_reset(),
        Op::Compact => store.compact(),
        Op::Format | Op::Restart => Ok(()),
    }
}
