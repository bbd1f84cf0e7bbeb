//! What keeps an applied operation from being applied again (§8).

use heapless::Vec;
use sha2::{Digest, Sha256};

use crate::claims::Claims;

/// The identity of an operation and the time until which it must be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReplayRecord {
    id: [u8; 32],
    exp: u64,
}

/// Keeps the two kinds of identity apart: no `jti` can be made to look like a signing input.
const OF_JTI: &[u8] = b"lockop 1 iss+jti\0";
const OF_SIGNING_INPUT: &[u8] = b"lockop 1 signing input\0";

impl ReplayRecord {
    /// A record as a store kept it.
    ///
    /// Nothing is granted by making one: it can only keep operations out.
    #[must_use]
    pub const fn from_parts(id: [u8; 32], exp: u64) -> Self {
        Self { id, exp }
    }

    /// The identity: SHA-256 of `iss` and `jti`, or of the signing input where there is no `jti`. The signature is not
    /// part of it: the same signature has several spellings.
    #[must_use]
    pub const fn id(&self) -> &[u8; 32] {
        &self.id
    }

    /// The operation's `exp` in Unix seconds.
    #[must_use]
    pub const fn exp(&self) -> u64 {
        self.exp
    }

    // Not inlined: it is asked for twice.
    #[inline(never)]
    pub(crate) fn of(claims: &Claims, signing_input: &[u8]) -> Self {
        let mut hash = Sha256::new();
        match &claims.jti {
            Some(jti) => {
                hash.update(OF_JTI);
                hash.update(claims.iss.as_bytes());
                hash.update(jti.as_bytes());
            }
            None => {
                hash.update(OF_SIGNING_INPUT);
                hash.update(signing_input);
            }
        }
        Self { id: hash.finalize().into(), exp: claims.exp }
    }
}

/// Up to `N` replay records (40 bytes each) and the horizon: for stores to keep and to write down.
///
/// A record counts until its operation has expired, but stays until a later one needs its slot: so a clock that is set
/// back re-opens nothing.
///
/// The horizon only rises. An ADMIN whose operations have an `exp` far in the future, more of them than there are slots,
/// raises it so far that the device refuses everybody's operations as `replayed` until then: choose `N` with room to
/// spare, and provide a way to provision the device anew.
///
/// ```
/// use lockop::{ReplayLog, ReplayRecord};
///
/// let mut log = ReplayLog::<2>::new();
/// for (id, exp) in [(1, 100), (2, 300), (3, 200)] {
///     log.insert(ReplayRecord::from_parts([id; 32], exp));
/// }
/// // The record that expires first has made room, and nothing that expires with it or before it is accepted now.
/// assert_eq!(log.horizon(), Some(100));
/// assert!(log.contains(&ReplayRecord::from_parts([9; 32], 100), 0));
/// assert!(!log.contains(&ReplayRecord::from_parts([9; 32], 101), 0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReplayLog<const N: usize> {
    records: Vec<ReplayRecord, N>,
    horizon: Option<u64>,
}

impl<const N: usize> ReplayLog<N> {
    const HAS_ROOM: () = assert!(N > 0, "a replay log needs room for one record");

    /// An empty log.
    #[must_use]
    pub const fn new() -> Self {
        let () = Self::HAS_ROOM;
        Self { records: Vec::new(), horizon: None }
    }

    /// A log as a store wrote it down. Of more than `N` records, the first to expire make room.
    #[must_use]
    pub fn restore(records: impl IntoIterator<Item = ReplayRecord>, horizon: Option<u64>) -> Self {
        let mut log = Self { horizon, ..Self::new() };
        for record in records {
            log.insert(record);
        }
        log
    }

    /// Whether the operation was applied before, or may have been: its record has made room for others.
    ///
    /// A record whose `exp` is not later than `passed` does not count any more: see
    /// [`AclStore::is_replay`](crate::AclStore::is_replay).
    #[must_use]
    pub fn contains(&self, record: &ReplayRecord, passed: u64) -> bool {
        self.horizon.is_some_and(|horizon| record.exp <= horizon)
            || self.records.iter().any(|kept| kept.id == record.id && kept.exp > passed)
    }

    /// Adds a record; if there is no slot, in the place of the one that expires first.
    pub fn insert(&mut self, record: ReplayRecord) {
        if self.records.is_full()
            && let Some(first) = self.records.iter().map(ReplayRecord::exp).min()
            && let Some(place) = self.records.iter().position(|kept| kept.exp == first)
        {
            self.records.swap_remove(place);
            self.horizon = self.horizon.max(Some(first));
        }
        // There is a slot now: `N` is not 0.
        let _ = self.records.push(record);
    }

    /// Forgets everything.
    #[cfg(feature = "flash")]
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.horizon = None;
    }

    /// Raises the horizon to that of records before these.
    #[cfg(feature = "flash")]
    pub(crate) fn raise(&mut self, horizon: Option<u64>) {
        self.horizon = self.horizon.max(horizon);
    }

    /// The records, in no particular order.
    #[must_use]
    pub fn records(&self) -> &[ReplayRecord] {
        &self.records
    }

    /// The latest `exp` among the records that have made room: operations that expire by then are refused.
    #[must_use]
    pub const fn horizon(&self) -> Option<u64> {
        self.horizon
    }
}

impl<const N: usize> Default for ReplayLog<N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn record(id: u8, exp: u64) -> ReplayRecord {
        ReplayRecord::from_parts([id; 32], exp)
    }

    #[test]
    fn the_first_to_expire_makes_room_and_raises_the_horizon() {
        let mut log = ReplayLog::<3>::new();
        for (id, exp) in [(1, 50), (2, 20), (3, 90)] {
            log.insert(record(id, exp));
        }
        assert_eq!(log.horizon(), None);
        log.insert(record(4, 10));
        assert_eq!(log.horizon(), Some(20));
        assert_eq!(log.records().len(), 3);
        // Its own record is kept, and it is behind the horizon besides.
        assert!(log.contains(&record(4, 10), 0) && log.contains(&record(2, 20), 0));
        assert!(!log.contains(&record(5, 21), 0));
        // Whose `exp` is later is not forgotten.
        assert!(log.contains(&record(1, 50), 0) && log.contains(&record(3, 90), 0));
        log.insert(record(5, 60));
        assert_eq!(log.horizon(), Some(20), "the horizon never falls");
    }

    #[test]
    fn a_record_counts_until_its_operation_has_expired() {
        let mut log = ReplayLog::<3>::new();
        log.insert(record(1, 50));
        assert!(log.contains(&record(1, 99), 49));
        assert!(!log.contains(&record(1, 99), 50));
        assert!(log.contains(&record(1, 99), 0), "the clock has been set back");
    }

    #[test]
    fn a_restored_log_is_the_same_log() {
        let log = ReplayLog::<2>::restore([record(1, 5), record(2, 7)], Some(4));
        assert_eq!(ReplayLog::<2>::restore(log.records().iter().copied(), log.horizon()), log);
        assert_eq!(ReplayLog::<1>::restore(log.records().iter().copied(), None).horizon(), Some(5));
    }

    /// What was behind a horizon stays there, whatever a store finds further on (§8).
    #[cfg(feature = "flash")]
    #[test]
    fn a_horizon_is_raised_and_never_lowered() {
        let mut log = ReplayLog::<2>::restore([record(1, 5)], Some(4));
        for (horizon, expected) in [(None, 4), (Some(3), 4), (Some(9), 9)] {
            log.raise(horizon);
            assert_eq!(log.horizon(), Some(expected));
        }
        assert_eq!(log.records(), [record(1, 5)]);
        log.clear();
        assert_eq!(log, ReplayLog::new());
    }

    #[test]
    fn identities_do_not_run_into_each_other() {
        use crate::uuid::Uuid;
        let claims = Claims {
            iss: Uuid::from_bytes([1; 16]),
            sub: Uuid::from_bytes([2; 16]),
            nbf: 1,
            iat: 1,
            exp: 2,
            jti: None,
        };
        let other_device = Claims { sub: Uuid::from_bytes([3; 16]), ..claims };
        assert_ne!(ReplayRecord::of(&claims, b"a"), ReplayRecord::of(&claims, b"b"));
        assert_eq!(ReplayRecord::of(&claims, b"a"), ReplayRecord::of(&other_device, b"a"));
    }
}
