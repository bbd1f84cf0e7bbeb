//! A store of one's own, checked by the library's conformance suite.
//!
//! `cargo run --example own_store --features conformance`

use lockop::acl::conformance::{self, Limits};
use lockop::{AclEntry, AclStore, CommitError, ReplayLog, ReplayRecord, Transaction, Uuid};
use std::collections::BTreeMap;

/// Room for this many users.
const USERS: usize = 50;

/// What is durable: here a value that is replaced as a whole, as a file system does by renaming a file.
#[derive(Clone, Default)]
struct Saved {
    users: BTreeMap<Uuid, AclEntry>,
    replays: ReplayLog<16>,
}

#[derive(Default)]
struct MyStore {
    saved: Saved,
}

impl AclStore for MyStore {
    type Error = std::convert::Infallible;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Self::Error> {
        // A tree tells by its time whether a user is there. Where that matters (§9), look at every entry.
        Ok(self.saved.users.get(user).copied())
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Self::Error> {
        Ok(self.saved.replays.contains(record, passed))
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Self::Error>> {
        // Everything happens on a copy, which takes the place of the original in one step, or not at all.
        let mut next = self.saved.clone();
        for user in transaction.removals() {
            next.users.remove(user);
        }
        for grant in transaction.grants() {
            next.users.insert(grant.user, *grant);
        }
        if next.users.len() > USERS {
            return Err(CommitError::Full);
        }
        next.replays.insert(*transaction.replay());
        self.saved = next;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let restart = |store: MyStore| MyStore { saved: store.saved };
    conformance::run(MyStore::default, restart, Limits { users: USERS, replays: 16 })?;
    println!("the store keeps its promises");
    Ok(())
}
