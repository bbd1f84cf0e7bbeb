//! One change of the ACL, as a record.

use embedded_storage::nor_flash::NorFlash;

use super::error::{FlashError, Outcome};
use super::item::{self, Item};
use super::medium::Medium;
use super::record::{Log, Take};
use crate::acl::AclEntry;
use crate::replay::ReplayRecord;
use crate::uuid::Uuid;

/// What becomes durable together.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) grants: &'a [AclEntry],
    pub(super) removals: &'a [Uuid],
    pub(super) replay: Option<ReplayRecord>,
}

impl Change<'_> {
    /// Tells the items of its record.
    pub(super) fn items<F: NorFlash>(&self, medium: &mut Medium<F>, take: &mut Take<'_, F>) -> Outcome<(), F> {
        for user in self.removals {
            take(medium, &item::removal(user))?;
        }
        for grant in self.grants {
            take(medium, &item::entry(grant))?;
        }
        self.replay.map_or(Ok(()), |replay| take(medium, &item::replay(&replay)))
    }

    /// How many users there are when it has been made.
    pub(super) fn users_after<F: NorFlash>(&self, medium: &mut Medium<F>, log: &Log) -> Outcome<u32, F> {
        if self.grants.len() > Present::ROOM || self.removals.len() > Present::ROOM {
            return Err(FlashError::TooLarge);
        }
        let (mut granted, mut removed) = (Present(0), Present(0));
        medium.walk(log, &mut |_, item| {
            let (user, there) = match item {
                Item::Entry { user } => (user, true),
                Item::Removal { user } => (user, false),
                Item::Replay { .. } | Item::Horizon { .. } => return,
            };
            granted.note(self.grants.iter().position(|grant| grant.user.as_bytes() == user), there);
            removed.note(self.removals.iter().position(|removal| removal.as_bytes() == user), there);
        })?;
        let new = u32::try_from(self.grants.len()).unwrap_or(u32::MAX) - granted.count();
        Ok(u32::from(log.users).saturating_sub(removed.count()).saturating_add(new))
    }
}

/// Which of up to 32 users are on the ACL.
struct Present(u32);

impl Present {
    const ROOM: usize = 32;

    fn note(&mut self, number: Option<usize>, there: bool) {
        if let Some(number) = number.filter(|number| *number < Self::ROOM) {
            self.0 = self.0 & !(1 << number) | u32::from(there) << number;
        }
    }

    const fn count(&self) -> u32 {
        self.0.count_ones()
    }
}
