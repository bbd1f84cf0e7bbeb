//! A test suite for implementers of [`AclStore`] (feature `conformance`).
//!
//! Run it in a test of your own, on your store:
//!
//! ```
//! use lockop::RamAcl;
//! use lockop::acl::conformance::{self, Limits};
//!
//! // A store in RAM does not survive a restart, so "reopening" hands it back as it is. A persistent store drops all
//! // that it has in memory here, and mounts its medium again.
//! conformance::run(RamAcl::<40, 8>::new, |store| store, Limits { users: 40, replays: 8 })?;
//! # Ok::<(), conformance::Violation>(())
//! ```
//!
//! It checks what can be seen from outside while power holds. What happens when power fails is for a test that can
//! cut it.

use core::fmt;

use super::{AclEntry, AclStore, CommitError, Role, Transaction, Window};
use crate::keys::UserKey;
use crate::operation::MAX_USERS;
use crate::replay::ReplayRecord;
use crate::uuid::Uuid;

/// What the store under test promises to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    /// Users: exactly so many fit. 26 to 10,000, so that a whole batch does, and one more.
    pub users: usize,
    /// Replay records: at least so many are kept. 2 to 500.
    pub replays: usize,
}

/// A promise of [`AclStore`] that the store did not keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Violation {
    /// The promise.
    pub promise: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store broke its promise: {}", self.promise)
    }
}

impl core::error::Error for Violation {}

type Outcome = Result<(), Violation>;

/// Checks a store.
///
/// `fresh` makes an empty one; `reopen` does what a restart does to it.
///
/// # Errors
///
/// The first promise found broken, or `limits` that are outside what the suite can check.
pub fn run<S: AclStore>(mut fresh: impl FnMut() -> S, mut reopen: impl FnMut(S) -> S, limits: Limits) -> Outcome {
    promise((MAX_USERS + 1..=10_000).contains(&limits.users), "the limit of users is 26 to 10,000")?;
    promise((2..=500).contains(&limits.replays), "the limit of replay records is 2 to 500")?;
    let mut suite = Suite { reopen: &mut reopen, limits };
    suite.empty_store(fresh())?;
    suite.grants_appear_with_their_record(fresh())?;
    suite.every_form_of_entry_is_kept(fresh())?;
    suite.same_user_is_replaced(fresh())?;
    suite.removals(fresh())?;
    suite.full_store_changes_nothing(fresh())?;
    suite.replay_records_make_room(fresh())?;
    suite.long_mixed_history(fresh())
}

/// A transaction that nobody has signed: for tests of a store, which has to take them from somewhere.
///
/// No user may be in it twice. Firmware gets its transactions from [`Device`](crate::Device) alone, and leaves this
/// feature out.
#[must_use]
pub const fn transaction<'a>(grants: &'a [AclEntry], removals: &'a [Uuid], replay: ReplayRecord) -> Transaction<'a> {
    Transaction { grants, removals, replay }
}

struct Suite<'r, R> {
    reopen: &'r mut R,
    limits: Limits,
}

fn promise(kept: bool, promise: &'static str) -> Outcome {
    if kept { Ok(()) } else { Err(Violation { promise }) }
}

/// The user with this number; neighbours differ in one byte only, at either end.
fn user(number: usize) -> Uuid {
    let [low, high, ..] = number.to_le_bytes();
    let mut bytes = [0x5a; 16];
    bytes[0] = high;
    bytes[15] = low;
    Uuid::from_bytes(bytes)
}

/// An entry of that user; other values with another `variant`.
fn entry(number: usize, variant: u8) -> AclEntry {
    let key = [variant; 32];
    AclEntry {
        user: user(number),
        key: if variant & 1 == 0 { UserKey::Ed25519(key) } else { UserKey::RsaFingerprint(key) },
        role: if variant & 2 == 0 { Role::User } else { Role::Admin },
        window: if variant & 4 == 0 { Window::ALWAYS } else { between(Some(u64::from(variant)), None) },
    }
}

fn between(start: Option<u64>, end: Option<u64>) -> Window {
    Window::new(start, end).unwrap_or(Window::ALWAYS)
}

fn record(number: usize, exp: u64) -> ReplayRecord {
    let [low, high, ..] = number.to_le_bytes();
    let mut id = [0xa5; 32];
    id[0] = low;
    id[31] = high;
    ReplayRecord::from_parts(id, exp)
}

fn lookup<S: AclStore>(store: &mut S, number: usize) -> Result<Option<AclEntry>, Violation> {
    store.get(&user(number)).map_err(|_| Violation { promise: "`get` of a healthy store is no error" })
}

fn replayed<S: AclStore>(store: &mut S, record: &ReplayRecord) -> Result<bool, Violation> {
    store.is_replay(record, 0).map_err(|_| Violation { promise: "`is_replay` of a healthy store is no error" })
}

fn commit<S: AclStore>(
    store: &mut S,
    grants: &[AclEntry],
    removals: &[Uuid],
    replay: ReplayRecord,
) -> Result<(), CommitError<S::Error>> {
    store.commit(&Transaction { grants, removals, replay })
}

fn must_commit<S: AclStore>(store: &mut S, grants: &[AclEntry], removals: &[Uuid], replay: ReplayRecord) -> Outcome {
    let committed = commit(store, grants, removals, replay);
    promise(committed.is_ok(), "a transaction that fits is committed")
}

impl<R> Suite<'_, R> {
    fn reopen<S>(&mut self, store: S) -> S
    where
        R: FnMut(S) -> S,
    {
        (self.reopen)(store)
    }

    fn empty_store<S: AclStore>(&mut self, store: S) -> Outcome
    where
        R: FnMut(S) -> S,
    {
        let mut store = self.reopen(store);
        for number in [0, 1, 255, 256] {
            promise(lookup(&mut store, number)?.is_none(), "nobody is on a fresh ACL")?;
            let fresh_record = record(number, 1);
            promise(!replayed(&mut store, &fresh_record)?, "nothing is a replay on a fresh store")?;
        }
        Ok(())
    }

    fn grants_appear_with_their_record<S: AclStore>(&mut self, mut store: S) -> Outcome
    where
        R: FnMut(S) -> S,
    {
        let batch: [AclEntry; MAX_USERS] = core::array::from_fn(|number| entry(number, 0));
        must_commit(&mut store, &batch, &[], record(1, 100))?;
        for _ in 0..2 {
            for (number, grant) in batch.iter().enumerate() {
                promise(lookup(&mut store, number)? == Some(*grant), "a committed grant is read back as it was")?;
            }
            promise(lookup(&mut store, MAX_USERS)?.is_none(), "a user who was not granted is not on the ACL")?;
            promise(replayed(&mut store, &record(1, 100))?, "a committed record is a replay")?;
            promise(replayed(&mut store, &record(1, 999))?, "a record is known by its identity alone")?;
            promise(!replayed(&mut store, &record(2, 100))?, "another record is no replay")?;
            for (passed, counts) in [(99, true), (100, false)] {
                let replay = store.is_replay(&record(1, 999), passed).ok();
                promise(replay == Some(counts), "a record counts until its operation has expired")?;
            }
            store = self.reopen(store);
        }
        must_commit(&mut store, &[], &[], record(2, 100))?;
        promise(replayed(&mut store, &record(2, 100))?, "a transaction may consist of its record alone")
    }

    fn every_form_of_entry_is_kept<S: AclStore>(&mut self, mut store: S) -> Outcome
    where
        R: FnMut(S) -> S,
    {
        const LAST: u64 = (1 << 53) - 1;
        let windows = [
            Window::ALWAYS,
            between(Some(0), None),
            between(None, Some(0)),
            between(Some(0), Some(1)),
            between(Some(LAST - 1), Some(LAST)),
            between(Some(1 << 32), Some(LAST)),
        ];
        for (number, window) in windows.into_iter().enumerate() {
            for variant in 0..4 {
                let granted = AclEntry { window, ..entry(number, variant) };
                must_commit(&mut store, &[granted], &[], record(number * 4 + usize::from(variant), 100))?;
                promise(lookup(&mut store, number)? == Some(granted), "every form of entry is kept")?;
                store = self.reopen(store);
                promise(lookup(&mut store, number)? == Some(granted), "every form of entry outlives a restart")?;
            }
        }
        Ok(())
    }

    fn same_user_is_replaced<S: AclStore>(&mut self, mut store: S) -> Outcome
    where
        R: FnMut(S) -> S,
    {
        self.fill(&mut store)?;
        let batch: [AclEntry; MAX_USERS] = core::array::from_fn(|number| entry(number, 7));
        must_commit(&mut store, &batch, &[], record(1000, 200))?;
        store = self.reopen(store);
        for number in 0..self.limits.users {
            let variant = if number < MAX_USERS { 7 } else { 0 };
            let expected = Some(entry(number, variant));
            promise(lookup(&mut store, number)? == expected, "a full store can still replace users")?;
        }
        Ok(())
    }

    fn removals<S: AclStore>(&mut self, mut store: S) -> Outcome
    where
        R: FnMut(S) -> S,
    {
        self.fill(&mut store)?;
        must_commit(&mut store, &[], &[user(0), user(65_000)], record(1000, 200))?;
        for _ in 0..2 {
            promise(lookup(&mut store, 0)?.is_none(), "a removed user is gone")?;
            promise(lookup(&mut store, 1)? == Some(entry(1, 0)), "a removal leaves the others alone")?;
            store = self.reopen(store);
        }
        must_commit(&mut store, &[entry(60_600, 1)], &[], record(1001, 200))?;
        must_commit(&mut store, &[entry(60_601, 1)], &[user(60_600)], record(1002, 200))?;
        store = self.reopen(store);
        let swapped = lookup(&mut store, 60_600)?.is_none() && lookup(&mut store, 60_601)? == Some(entry(60_601, 1));
        promise(swapped, "a removal makes room within its own transaction")
    }

    fn full_store_changes_nothing<S: AclStore>(&mut self, mut store: S) -> Outcome
    where
        R: FnMut(S) -> S,
    {
        // Room for one user less than the batch brings.
        for number in 0..self.limits.users - (MAX_USERS - 1) {
            must_commit(&mut store, &[entry(number, 0)], &[], record(number % 8, 100))?;
        }
        // The first of the batch replaces somebody, so that 25 - 1 new users would fit, but there is one more.
        let mut batch: [AclEntry; MAX_USERS] = core::array::from_fn(|number| entry(60_700 + number, 1));
        let refused = commit(&mut store, &batch, &[], record(1000, 200));
        promise(matches!(refused, Err(CommitError::Full)), "a batch that does not fit is `Full`")?;
        for _ in 0..2 {
            for granted in &batch {
                let found = store.get(&granted.user).ok().flatten();
                promise(found.is_none(), "nobody of a batch that does not fit is on the ACL")?;
            }
            promise(lookup(&mut store, 0)? == Some(entry(0, 0)), "`Full` changes nothing")?;
            promise(!replayed(&mut store, &record(1000, 200))?, "`Full` leaves no replay record")?;
            store = self.reopen(store);
        }
        batch[0] = entry(0, 3);
        must_commit(&mut store, &batch, &[], record(1000, 200))?;
        store = self.reopen(store);
        for granted in &batch {
            let found = store.get(&granted.user).ok().flatten();
            promise(found == Some(*granted), "a batch that fits exactly is committed")?;
        }
        let one_more = commit(&mut store, &[entry(0, 5), entry(60_800, 1)], &[], record(1001, 200));
        promise(matches!(one_more, Err(CommitError::Full)), "a full store refuses one more user")?;
        promise(lookup(&mut store, 0)? == Some(entry(0, 3)), "`Full` replaces nobody either")
    }

    fn replay_records_make_room<S: AclStore>(&mut self, mut store: S) -> Outcome
    where
        R: FnMut(S) -> S,
    {
        // Far more records than any store keeps, the last to expire first.
        let many = 1000;
        let exp = |number: usize| 10_000 - u64::try_from(number).unwrap_or_default();
        for number in 0..many {
            must_commit(&mut store, &[], &[], record(number, exp(number)))?;
            promise(replayed(&mut store, &record(number, exp(number)))?, "the newest record is a replay")?;
        }
        for number in 0..many {
            promise(replayed(&mut store, &record(number, exp(number)))?, "no applied operation is ever forgotten")?;
        }
        store = self.reopen(store);
        for number in 0..many {
            let again = replayed(&mut store, &record(number, exp(number)))?;
            promise(again, "no applied operation is forgotten by a restart")?;
        }
        let later = record(many, exp(0) + 1);
        promise(!replayed(&mut store, &later)?, "what expires later than all that made room is no replay")?;

        // Beside the newest, which expires before all others, the last to expire are still there.
        let first_kept = exp(self.limits.replays - 2);
        let fresh = record(many, first_kept);
        promise(!replayed(&mut store, &fresh)?, "the first to expire makes room, and no other")
    }

    /// A pseudo-random history over 40 users, against a model, with restarts.
    fn long_mixed_history<S: AclStore>(&mut self, mut store: S) -> Outcome
    where
        R: FnMut(S) -> S,
    {
        const USERS: usize = 40;
        let mut model: [Option<AclEntry>; USERS] = [None; USERS];
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap_or_default() % below
        };
        for step in 0..300 {
            let first = random(USERS);
            let count = random(MAX_USERS + 1);
            let mut removed = heapless::Vec::<Uuid, MAX_USERS>::new();
            let mut granted = heapless::Vec::<AclEntry, MAX_USERS>::new();
            let mut next = model;
            for place in 0..count {
                let number = (first + place) % USERS;
                if random(3) == 0 {
                    next[number] = None;
                    let _ = removed.push(user(number));
                } else {
                    let new = entry(number, u8::try_from(random(256)).unwrap_or_default());
                    next[number] = Some(new);
                    let _ = granted.push(new);
                }
            }
            let replay = record(step, 1_000_000 + u64::try_from(step).unwrap_or_default());
            let committed = commit(&mut store, &granted, &removed, replay);
            let fits = next.iter().flatten().count() <= self.limits.users;
            promise(committed.is_ok() == fits, "a transaction is committed if and only if its result fits")?;
            promise(replayed(&mut store, &replay)? == fits, "a record appears with its transaction")?;
            if fits {
                model = next;
            }
            if random(4) == 0 {
                store = self.reopen(store);
            }
            for (number, expected) in model.iter().enumerate() {
                let same = lookup(&mut store, number)? == *expected;
                promise(same, "the ACL is what its transactions made of it")?;
            }
        }
        Ok(())
    }

    /// Users 0.. up to the limit, all of variant 0.
    fn fill<S: AclStore>(&self, store: &mut S) -> Outcome {
        for number in 0..self.limits.users {
            must_commit(store, &[entry(number, 0)], &[], record(number % 8, 100))?;
        }
        let refused = commit(store, &[entry(60_500, 0)], &[], record(900, 100));
        promise(matches!(refused, Err(CommitError::Full)), "exactly as many users fit as stated")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::RamAcl;
    use core::convert::Infallible;

    type Ram = RamAcl<26, 8>;
    const LIMITS: Limits = Limits { users: 26, replays: 8 };

    #[test]
    fn the_ram_store_conforms() {
        run(Ram::new, |store| store, LIMITS).unwrap();
        run(RamAcl::<30, 2>::new, |store| store, Limits { users: 30, replays: 2 }).unwrap();
        run(RamAcl::<256, 500>::new, |store| store, Limits { users: 256, replays: 500 }).unwrap();
    }

    /// A store with one fault, made from a good one.
    struct Faulty<F> {
        good: Ram,
        commit: F,
    }

    type Commit = fn(&mut Ram, &Transaction<'_>) -> Result<(), CommitError<Infallible>>;

    impl AclStore for Faulty<Commit> {
        type Error = Infallible;

        fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Infallible> {
            self.good.get(user)
        }

        fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Infallible> {
            self.good.is_replay(record, passed)
        }

        fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Infallible>> {
            (self.commit)(&mut self.good, transaction)
        }
    }

    fn faulty(commit: Commit) -> Violation {
        run(|| Faulty { good: Ram::new(), commit }, |store| store, LIMITS).unwrap_err()
    }

    #[test]
    fn faulty_stores_are_found_out() {
        let forgets_records = |good: &mut Ram, transaction: &Transaction<'_>| {
            for grant in transaction.grants() {
                good.provision(*grant).map_err(|_| CommitError::Full)?;
            }
            Ok(())
        };
        assert_eq!(faulty(forgets_records).promise, "a committed record is a replay");

        let applies_what_fits = |good: &mut Ram, transaction: &Transaction<'_>| {
            let transaction = Transaction { removals: &[], ..*transaction };
            for grant in transaction.grants() {
                if good.provision(*grant).is_err() {
                    return Err(CommitError::Full);
                }
            }
            good.commit(&Transaction { grants: &[], ..transaction })
        };
        let violation = faulty(applies_what_fits).promise;
        assert_eq!(violation, "a removed user is gone");

        let drops_the_last = |good: &mut Ram, transaction: &Transaction<'_>| {
            let grants = transaction.grants();
            good.commit(&Transaction { grants: &grants[..grants.len().min(24)], ..*transaction })
        };
        assert_eq!(faulty(drops_the_last).promise, "a committed grant is read back as it was");

        let half_on_full = |good: &mut Ram, transaction: &Transaction<'_>| {
            let outcome = good.commit(transaction);
            if outcome.is_err() {
                for grant in transaction.grants() {
                    let _ = good.provision(*grant);
                }
            }
            outcome
        };
        assert_eq!(faulty(half_on_full).promise, "nobody of a batch that does not fit is on the ACL");
    }

    #[test]
    fn a_store_that_forgets_by_a_restart_is_found_out() {
        let violation = run(Ram::new, |_| Ram::new(), LIMITS).unwrap_err();
        assert_eq!(violation.promise, "a committed grant is read back as it was");
    }

    #[test]
    fn limits_that_cannot_be_checked_are_no_success() {
        for limits in
            [Limits { users: 25, ..LIMITS }, Limits { replays: 1, ..LIMITS }, Limits { users: 10_001, ..LIMITS }]
        {
            run(Ram::new, |store| store, limits).unwrap_err();
        }
    }

    #[test]
    fn a_store_that_promises_too_much_is_found_out() {
        let too_few = run(RamAcl::<40, 8>::new, |store| store, LIMITS).unwrap_err();
        assert_eq!(too_few.promise, "exactly as many users fit as stated");
        let records = run(RamAcl::<26, 7>::new, |store| store, LIMITS).unwrap_err();
        assert_eq!(records.promise, "the first to expire makes room, and no other");
    }
}
