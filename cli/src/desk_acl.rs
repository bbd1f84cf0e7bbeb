//! The ACL of a device on a desk: a store in RAM whose capacity is chosen at run time.

use std::convert::Infallible;

use lockop::{AclEntry, AclStore, CommitError, Full, ReplayLog, ReplayRecord, Transaction, Uuid};

/// How many applied operations are remembered.
pub(crate) const REPLAYS: usize = 1024;

#[derive(Debug, Clone)]
pub(crate) struct DeskAcl {
    entries: Vec<AclEntry>,
    capacity: usize,
    replays: ReplayLog<REPLAYS>,
}

impl DeskAcl {
    /// An empty ACL with room for so many users.
    pub(crate) const fn new(capacity: usize) -> Self {
        Self { entries: Vec::new(), capacity, replays: ReplayLog::new() }
    }

    /// The same with the replay records of an earlier run.
    pub(crate) fn with_replays(self, replays: ReplayLog<REPLAYS>) -> Self {
        Self { replays, ..self }
    }

    /// Adds or replaces an entry without a signed operation.
    pub(crate) fn provision(&mut self, entry: AclEntry) -> Result<(), Full> {
        if let Some(kept) = self.entries.iter_mut().find(|kept| kept.user == entry.user) {
            *kept = entry;
        } else if self.entries.len() < self.capacity {
            self.entries.push(entry);
        } else {
            return Err(Full);
        }
        Ok(())
    }

    /// In the order in which they came.
    pub(crate) fn entries(&self) -> &[AclEntry] {
        &self.entries
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) const fn replays(&self) -> &ReplayLog<REPLAYS> {
        &self.replays
    }

    fn find(&self, user: &Uuid) -> Option<&AclEntry> {
        self.entries.iter().find(|entry| entry.user == *user)
    }
}

impl AclStore for DeskAcl {
    type Error = Infallible;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Infallible> {
        Ok(self.find(user).copied())
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Infallible> {
        Ok(self.replays.contains(record, passed))
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Infallible>> {
        let gone = transaction.removals().iter().filter(|user| self.find(user).is_some()).count();
        let new = transaction.grants().iter().filter(|grant| self.find(&grant.user).is_none()).count();
        if self.entries.len() - gone + new > self.capacity {
            return Err(CommitError::Full);
        }
        self.entries.retain(|entry| !transaction.removals().contains(&entry.user));
        for grant in transaction.grants() {
            self.provision(*grant).map_err(|Full| CommitError::Full)?;
        }
        self.replays.insert(*transaction.replay());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockop::{Role, UserKey, Window};

    const fn entry(user: u8, key: u8) -> AclEntry {
        AclEntry {
            user: Uuid::from_bytes([user; 16]),
            key: UserKey::Ed25519([key; 32]),
            role: Role::User,
            window: Window::ALWAYS,
        }
    }

    #[test]
    fn the_promises_of_a_store_are_kept() {
        use lockop::acl::conformance::{self, Limits};
        conformance::run(|| DeskAcl::new(40), |store| store, Limits { users: 40, replays: 200 }).unwrap();
    }

    #[test]
    fn the_capacity_counts_users_not_writes() {
        let mut acl = DeskAcl::new(2);
        assert_eq!(acl.provision(entry(1, 1)), Ok(()));
        assert_eq!(acl.provision(entry(2, 1)), Ok(()));
        assert_eq!(acl.provision(entry(1, 9)), Ok(()));
        assert_eq!(acl.provision(entry(3, 1)), Err(Full));
        assert_eq!(acl.entries(), [entry(1, 9), entry(2, 1)]);
        assert_eq!(DeskAcl::new(0).provision(entry(1, 1)), Err(Full));
    }

    #[test]
    fn lookups_find_the_user_and_nobody_else() {
        let mut acl = DeskAcl::new(2);
        acl.provision(entry(1, 1)).unwrap();
        assert_eq!(acl.get(&Uuid::from_bytes([1; 16])), Ok(Some(entry(1, 1))));
        assert_eq!(acl.get(&Uuid::from_bytes([2; 16])), Ok(None));
    }
}
