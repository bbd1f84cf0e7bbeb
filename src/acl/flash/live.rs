//! The entries that no later item has replaced or removed.

use embedded_storage::nor_flash::NorFlash;
use heapless::Vec;

use super::error::{FlashError, Outcome};
use super::item::Item;
use super::layout::ITEMS_PER_RECORD;
use super::medium::Medium;
use super::record::Log;

/// Goes through the entries of a log in their order. Each walk of the log settles the fate of up to 32 of them.
#[derive(Debug)]
pub(super) struct Live {
    /// Entries up to this place have been looked at.
    passed: u32,
    /// Places of entries that hold, not yet taken.
    ready: Vec<u32, { 2 * ITEMS_PER_RECORD }>,
    done: bool,
}

/// An entry that may be replaced further on.
struct Candidate {
    place: u32,
    user: [u8; 16],
    holds: bool,
}

impl Live {
    pub(super) const fn new() -> Self {
        Self { passed: 0, ready: Vec::new(), done: false }
    }

    /// Places of the next entries: 32, or as many as are left.
    pub(super) fn next<F: NorFlash>(
        &mut self,
        medium: &mut Medium<F>,
        log: &Log,
    ) -> Outcome<Vec<u32, ITEMS_PER_RECORD>, F> {
        while !self.done && self.ready.len() < ITEMS_PER_RECORD {
            self.look_further(medium, log)?;
        }
        let (now, later) = self.ready.split_at(self.ready.len().min(ITEMS_PER_RECORD));
        let next = Vec::from_slice(now).unwrap_or_default();
        self.ready = Vec::from_slice(later).unwrap_or_default();
        Ok(next)
    }

    fn look_further<F: NorFlash>(&mut self, medium: &mut Medium<F>, log: &Log) -> Outcome<(), F> {
        let passed = self.passed;
        let mut candidates = Vec::<Candidate, ITEMS_PER_RECORD>::new();
        medium.walk(log, &mut |place, item| {
            let (Item::Entry { user } | Item::Removal { user }) = item else { return };
            for candidate in candidates.iter_mut().filter(|candidate| candidate.user == *user) {
                candidate.holds = false;
            }
            if matches!(item, Item::Entry { .. }) && place > passed {
                // When there is no room, it is for the next walk.
                let _ = candidates.push(Candidate { place, user: *user, holds: true });
            }
        })?;
        self.done = !candidates.is_full();
        self.passed = candidates.last().map_or(passed, |last| last.place);
        // There is room: fewer than half were ready. `extend` would panic if there were none, and no image may hold that.
        candidates
            .iter()
            .filter(|candidate| candidate.holds)
            .try_for_each(|candidate| self.ready.push(candidate.place).map_err(|_| FlashError::TooLarge))
    }
}
