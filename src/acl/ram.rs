//! A store in RAM: for tests, and for devices that keep ACL and replay records elsewhere over a restart.

use core::convert::Infallible;

use heapless::Vec;
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{AclEntry, AclStore, CommitError, Transaction};
use crate::replay::{ReplayLog, ReplayRecord};
use crate::uuid::Uuid;

/// An ACL of up to `USERS` users (72 bytes each) with up to `REPLAYS` replay records (40 bytes each), in RAM.
///
/// A lookup goes through all entries, whether or not the user is found among them.
///
/// ```
/// use lockop::{AclEntry, RamAcl, Role, UserKey, Uuid, Window};
///
/// let mut acl = RamAcl::<100, 32>::new();
/// let owner = AclEntry {
///     user: Uuid::from_bytes([1; 16]),
///     key: UserKey::Ed25519([2; 32]),
///     role: Role::Admin,
///     window: Window::ALWAYS,
/// };
/// acl.provision(owner)?;
/// assert_eq!(acl.entries(), [owner]);
/// # Ok::<(), lockop::Full>(())
/// ```
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RamAcl<const USERS: usize, const REPLAYS: usize> {
    entries: Vec<AclEntry, USERS>,
    replays: ReplayLog<REPLAYS>,
}

/// No room for another user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Full;

impl core::fmt::Display for Full {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the ACL has no room for another user")
    }
}

impl core::error::Error for Full {}

impl<const USERS: usize, const REPLAYS: usize> RamAcl<USERS, REPLAYS> {
    /// An empty ACL. Nobody can sign for it until an ADMIN is [provisioned](Self::provision).
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), replays: ReplayLog::new() }
    }

    /// An empty ACL with replay records and horizon from before a restart.
    ///
    /// Whoever makes the ACL anew after a restart must bring them along: without them, operations applied shortly before
    /// could be applied again (§8).
    #[must_use]
    pub const fn with_replays(replays: ReplayLog<REPLAYS>) -> Self {
        Self { entries: Vec::new(), replays }
    }

    /// Adds or replaces an entry without a signed operation: how the first ADMIN gets on the ACL.
    ///
    /// # Errors
    ///
    /// [`Full`] if the user is new and there is no room.
    pub fn provision(&mut self, entry: AclEntry) -> Result<(), Full> {
        match self.position(&entry.user).and_then(|place| self.entries.get_mut(place)) {
            Some(place) => *place = entry,
            None => self.entries.push(entry).map_err(|_| Full)?,
        }
        Ok(())
    }

    /// Removes a user without a signed operation; whether the user was there.
    pub fn remove(&mut self, user: &Uuid) -> bool {
        let place = self.position(user);
        let (Some(place), Some(last)) = (place, place.and_then(|_| self.entries.pop())) else { return false };
        // Not `swap_remove`, which can panic. Where the last was the one, its place is gone already.
        if let Some(entry) = self.entries.get_mut(place) {
            *entry = last;
        }
        true
    }

    /// The entries, in no particular order.
    #[must_use]
    pub fn entries(&self) -> &[AclEntry] {
        &self.entries
    }

    /// The replay records.
    #[must_use]
    pub const fn replays(&self) -> &ReplayLog<REPLAYS> {
        &self.replays
    }

    /// Goes through all entries without regard to what has been found (§9).
    fn position(&self, user: &Uuid) -> Option<usize> {
        let wanted = u128::from_ne_bytes(*user.as_bytes());
        let mut found = u32::MAX;
        for (place, entry) in (0..).zip(&self.entries) {
            let difference = u128::from_ne_bytes(*entry.user.as_bytes()) ^ wanted;
            // Folded into one word, of which one comparison is enough.
            let [a, b, c, d] = [0, 32, 64, 96].map(|shift| (difference >> shift) & u128::from(u32::MAX));
            let same = u32::try_from(a | b | c | d).unwrap_or(u32::MAX).ct_eq(&0);
            found.conditional_assign(&place, same);
        }
        usize::try_from(found).ok().filter(|place| *place < self.entries.len())
    }
}

impl<const USERS: usize, const REPLAYS: usize> Default for RamAcl<USERS, REPLAYS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const USERS: usize, const REPLAYS: usize> AclStore for RamAcl<USERS, REPLAYS> {
    type Error = Infallible;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Infallible> {
        Ok(self.position(user).and_then(|place| self.entries.get(place)).copied())
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Infallible> {
        Ok(self.replays.contains(record, passed))
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Infallible>> {
        let gone = transaction.removals().iter().filter(|user| self.position(user).is_some()).count();
        let new = transaction.grants().iter().filter(|grant| self.position(&grant.user).is_none()).count();
        if self.entries.len() - gone + new > USERS {
            return Err(CommitError::Full);
        }
        for user in transaction.removals() {
            self.remove(user);
        }
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
    use crate::acl::{Role, Window};
    use crate::keys::UserKey;

    /// Where the differences of two words of a UUID are alike, they must not make up for each other.
    #[test]
    fn a_user_is_nobody_whose_uuid_differs_in_the_same_bits_of_several_words() {
        let entry = |bytes| AclEntry {
            user: Uuid::from_bytes(bytes),
            key: UserKey::Ed25519([1; 32]),
            role: Role::User,
            window: Window::ALWAYS,
        };
        let mut acl = RamAcl::<1, 1>::new();
        acl.provision(entry([0x5a; 16])).unwrap();
        assert!(acl.get(&Uuid::from_bytes([0x5a; 16])).unwrap().is_some());
        for words in 1_u8..16 {
            for place in 0..4 {
                let other = core::array::from_fn(|byte| match byte {
                    byte if byte % 4 == place && words & 1 << (byte / 4) != 0 => 0x5b,
                    _ => 0x5a,
                });
                assert_eq!(acl.get(&Uuid::from_bytes(other)), Ok(None), "{other:x?}");
                assert!(!acl.remove(&Uuid::from_bytes(other)) && acl.entries().len() == 1);
            }
        }
        assert!(acl.remove(&Uuid::from_bytes([0x5a; 16])) && acl.entries().is_empty());
    }
}
