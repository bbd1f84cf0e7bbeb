//! Writing what holds into the other bank.

use embedded_storage::nor_flash::NorFlash;

use super::error::Outcome;
use super::item;
use super::layout::{ITEMS_PER_RECORD, Layout, MAX_ITEM_LEN};
use super::live::Live;
use super::medium::{Bank, Medium};
use super::record::Log;
use crate::replay::ReplayLog;

impl<F: NorFlash> Medium<F> {
    /// Erases both banks, and makes the first one that of an empty ACL.
    pub(super) fn format(&mut self) -> Outcome<Log, F> {
        // On new flash, never both banks are in doubt at once, so that a restart can tell it from flash in use.
        let first_is_new = self.is_erased(Bank::First, 0..self.bank_len)?;
        let first = if first_is_new { Bank::Second } else { Bank::First };
        self.erase_used(first)?;
        self.erase_used(first.other())?;
        let log = self.empty(Bank::First, 1);
        self.complete(log.bank, log.generation)?;
        self.take_over(log.bank)?;
        Ok(log)
    }

    /// Writes what holds of a log, or nothing at all, into the other bank, which is complete then.
    pub(super) fn rewrite<const N: usize>(&mut self, log: &Log, kept: Option<&ReplayLog<N>>) -> Outcome<Log, F> {
        let mut new = self.empty(log.bank.other(), log.generation.saturating_add(1));
        self.make_sure(log.bank)?;
        self.erase(new.bank)?;
        if let Some(replays) = kept {
            self.copy_replays(&mut new, log.users, replays)?;
            self.copy_entries(&mut new, log)?;
        }
        self.complete(new.bank, new.generation)?;
        Ok(new)
    }

    const fn empty(&self, bank: Bank, generation: u32) -> Log {
        Log { bank, generation, end: Layout::<F>::LOG, users: 0 }
    }

    fn copy_replays<const N: usize>(&mut self, new: &mut Log, users: u16, replays: &ReplayLog<N>) -> Outcome<(), F> {
        let horizon = item::horizon(replays.horizon());
        self.append(new, users, &mut |medium, take| take(medium, &horizon))?;
        for records in replays.records().chunks(ITEMS_PER_RECORD) {
            self.append(new, users, &mut |medium, take| {
                records.iter().try_for_each(|record| take(medium, &item::replay(record)))
            })?;
        }
        Ok(())
    }

    /// Copies entries as they are stored.
    fn copy_entries(&mut self, new: &mut Log, log: &Log) -> Outcome<(), F> {
        let mut live = Live::new();
        loop {
            let places = live.next(self, log)?;
            if places.is_empty() {
                return Ok(());
            }
            self.append(new, log.users, &mut |medium, take| {
                places.iter().try_for_each(|place| {
                    let mut buffer = [0; MAX_ITEM_LEN];
                    let item = medium.item_at(log, *place, &mut buffer)?;
                    take(medium, item)
                })
            })?;
        }
    }
}
