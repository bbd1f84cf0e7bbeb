//! Sequences of operations.

use std::fmt;
use std::str::FromStr;

use lockop::{AclEntry, ReplayRecord, Role, UserKey, Uuid, Window};

use crate::model::Op;
use crate::rng::Rng;

/// Users of one batch.
pub const BATCH: usize = 25;

/// The user with this number.
#[must_use]
pub fn user(number: usize) -> Uuid {
    let mut bytes = [0x5a; 16];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Uuid::from_bytes(bytes)
}

/// An entry of this user. The variants differ in everything that can differ, their stored length too.
#[must_use]
pub fn entry(number: usize, variant: u64) -> AclEntry {
    let mut random = Rng::new(variant);
    let key: [u8; 32] = std::array::from_fn(|_| random.byte());
    let start = (variant.is_multiple_of(3)).then(|| random.next() >> 12);
    let end = (variant % 5 < 2).then(|| start.unwrap_or(0) + 1 + (random.next() >> 44));
    AclEntry {
        user: user(number),
        key: if variant.is_multiple_of(4) { UserKey::RsaFingerprint(key) } else { UserKey::Ed25519(key) },
        role: if variant.is_multiple_of(7) { Role::Admin } else { Role::User },
        window: Window::new(start, end).unwrap_or(Window::ALWAYS),
    }
}

/// The record of the operation with this number.
#[must_use]
pub fn record(number: u64, exp: u64) -> ReplayRecord {
    let mut random = Rng::new(number ^ 0x5eed);
    ReplayRecord::from_parts(std::array::from_fn(|_| random.byte()), exp)
}

/// A named sequence of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// One of each kind, all of them short.
    Short,
    /// So many seeded random ones.
    Random {
        /// Of the choices.
        seed: u32,
        /// Operations.
        len: usize,
    },
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => f.write_str("short"),
            Self::Random { seed, len } => write!(f, "random.{seed}.{len}"),
        }
    }
}

impl FromStr for Script {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split('.').collect();
        match words.as_slice() {
            ["short"] => Ok(Self::Short),
            ["random", seed, len] => {
                let bad = |error: std::num::ParseIntError| format!("{text}: {error}");
                Ok(Self::Random { seed: seed.parse().map_err(bad)?, len: len.parse().map_err(bad)? })
            }
            _ => Err(format!("no such script: {text}")),
        }
    }
}

impl Script {
    /// The operations, for a store of so many users.
    #[must_use]
    pub fn ops(&self, users: usize) -> Vec<Op> {
        match *self {
            Self::Short => short(users),
            Self::Random { seed, len } => random(seed, len, users),
        }
    }
}

fn commit(grants: Vec<AclEntry>, removals: Vec<Uuid>, replay: ReplayRecord) -> Op {
    Op::Commit { grants, removals, replay }
}

fn short(users: usize) -> Vec<Op> {
    let all = users.min(BATCH);
    vec![
        Op::Format,
        Op::Provision(entry(0, 7)),
        commit((0..all).map(|number| entry(number, 11)).collect(), vec![], record(1, 1000)),
        commit(vec![entry(1, 12)], vec![user(0)], record(2, 900)),
        Op::Restart,
        commit(vec![], vec![], record(3, 1100)),
        Op::Remove(user(2)),
        Op::Compact,
        commit(vec![entry(0, 15)], vec![], record(4, 1000)),
        Op::FactoryReset,
        commit(vec![entry(1, 21)], vec![], record(5, 1200)),
    ]
}

fn random(seed: u32, len: usize, users: usize) -> Vec<Op> {
    let mut random = Rng::new(u64::from(seed));
    // More than fit, so that the store gets full.
    let everybody = users + users / 4 + 1;
    let mut ops = vec![Op::Format];
    let mut time = 1000;
    while ops.len() < len {
        time += random.next() % 4;
        let number = random.next() >> 16;
        // Some share their `exp`, and some expire before others that were applied earlier.
        let replay = record(number, time + [0, 0, 5, 60, 3][random.below(5)]);
        let op = match random.below(100) {
            0..70 => {
                let count = match random.below(10) {
                    0..5 => 1,
                    5..7 => 2 + random.below(3),
                    7 | 8 => 1 + random.below(BATCH),
                    _ => BATCH,
                };
                let first = random.below(everybody);
                let (mut grants, mut removals) = (vec![], vec![]);
                let leaves = random.below(4);
                for place in 0..count.min(everybody) {
                    let one = (first + place) % everybody;
                    if random.below(4) < leaves {
                        removals.push(user(one));
                    } else {
                        grants.push(entry(one, random.next() >> 8));
                    }
                }
                commit(grants, removals, replay)
            }
            70..76 => commit(vec![], vec![], replay),
            76..82 => Op::Provision(entry(random.below(everybody), random.next() >> 8)),
            82..88 => Op::Remove(user(random.below(everybody))),
            88..95 => Op::Restart,
            95..99 => Op::Compact,
            _ => Op::FactoryReset,
        };
        ops.push(op);
    }
    ops
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_as_it_is_written() {
        for script in [Script::Short, Script::Random { seed: 5, len: 200 }] {
            assert_eq!(script.to_string().parse(), Ok(script));
        }
        assert!("random.5".parse::<Script>().is_err());
    }

    #[test]
    fn nobody_is_twice_in_a_transaction() {
        for op in (Script::Random { seed: 3, len: 500 }).ops(30) {
            if let Op::Commit { grants, removals, .. } = op {
                let mut users: Vec<_> = grants.iter().map(|grant| grant.user).chain(removals).collect();
                let count = users.len();
                users.sort_unstable_by_key(|user| *user.as_bytes());
                users.dedup();
                assert_eq!(users.len(), count);
                assert!(count <= BATCH);
            }
        }
    }
}
