//! What a restart finds, and what it makes of it (docs/flash.md, "After a restart").
//!
//! A word that power failed on may read one way now and another way later. So nothing is built upon a word unless a
//! later one shows that it was finished, and what is in doubt is written anew into the other bank before it is told.

use embedded_storage::nor_flash::NorFlash;

use super::error::{FlashError, Outcome};
use super::header::Header;
use super::layout::Layout;
use super::medium::{Bank, Medium};
use super::record::Log;

/// What a restart has found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) log: Log,
    /// Whether nothing is in doubt.
    pub(super) settled: bool,
    /// The log without its last record, if that may be the one that power failed on.
    pub(super) without_last: Option<Log>,
}

impl Found {
    const fn doubted(self) -> Self {
        Self { settled: false, ..self }
    }
}

impl<F: NorFlash> Medium<F> {
    /// Finds the bank that is in use, and its log.
    pub(super) fn recover(&mut self) -> Outcome<Found, F> {
        let (first, second) = (self.header(Bank::First)?, self.header(Bank::Second)?);
        match (first.generation, second.generation) {
            (None, None) => Err(self.nothing()?),
            (Some(generation), None) => self.only(&first, generation, &second),
            (None, Some(generation)) => self.only(&second, generation, &first),
            (Some(one), Some(two)) if one > two => self.newer(&first, one, &second, two),
            (Some(one), Some(two)) => self.newer(&second, two, &first, one),
        }
    }

    /// The log to go on with, where one bank has a header.
    fn only(&mut self, bank: &Header, generation: u32, other: &Header) -> Outcome<Found, F> {
        if bank.retired {
            // The bank that took its place does not say so any more.
            return Err(FlashError::Corrupt);
        }
        if !bank.whole && !other.retired {
            // Power failed while the region was formatted.
            return Err(self.nothing()?);
        }
        if !other.retired {
            // Power failed while the region was formatted, or while the other bank was erased or written.
            self.finish_taking_over(bank.bank)?;
        }
        self.log(bank.bank, generation)
    }

    /// The log to go on with, where both banks have a header.
    fn newer(&mut self, newer: &Header, generation: u32, older: &Header, former: u32) -> Outcome<Found, F> {
        if !newer.whole && !older.retired {
            // Power failed on its header or its mark, and the older bank has not been touched.
            return Ok(self.log(older.bank, former)?.doubted());
        }
        match self.log(newer.bank, generation) {
            // It was being erased, because it could not be finished. There were copies only in it.
            Err(FlashError::Corrupt) if !older.retired => Ok(self.log(older.bank, former)?.doubted()),
            found => {
                if !older.retired {
                    // Power failed before it was retired, or while it was erased.
                    self.finish_taking_over(newer.bank)?;
                }
                found
            }
        }
    }

    /// Why there is no header.
    ///
    /// While new flash is formatted, the first page of one bank can be anything, and all else is erased. When that is done, one bank has
    /// headers or the mark *retired* for ever.
    fn nothing(&mut self) -> Outcome<FlashError<F::Error>, F> {
        for bank in [Bank::First, Bank::Second] {
            let elsewhere = Layout::<F>::PAGE..self.bank_len;
            if self.is_erased(bank, 0..self.bank_len)? && self.is_erased(bank.other(), elsewhere)? {
                let lost = self.is_nothing_but_retired(bank.other())?;
                return Ok(if lost { FlashError::Corrupt } else { FlashError::Unformatted });
            }
        }
        Ok(FlashError::Corrupt)
    }

    fn is_nothing_but_retired(&mut self, bank: Bank) -> Outcome<bool, F> {
        Ok(self.is_marked(bank, Layout::<F>::RETIRED)?
            && self.is_erased(bank, 0..Layout::<F>::RETIRED)?
            && self.is_erased(bank, Layout::<F>::LOG..self.bank_len)?)
    }

    /// The records of a bank, and whether the last was finished.
    fn log(&mut self, bank: Bank, generation: u32) -> Outcome<Found, F> {
        let mut log = Log { bank, generation, end: Layout::<F>::LOG, users: 0 };
        let mut without_last = None;
        while let Some(record) = self.record_at(&log, log.end)? {
            let whole = self.read_record(&log, &record, &mut |_, _| {})?;
            let witness = record.witness::<F>();
            if !whole {
                // Power failed while it was programmed, unless anything was programmed after it.
                let cut_off = self.is_erased(bank, witness..self.bank_len)?;
                return if cut_off {
                    Ok(Found { log, settled: false, without_last: None })
                } else {
                    Err(FlashError::Corrupt)
                };
            }
            let finished = !self.is_erased(bank, witness..record.end::<F>())?;
            without_last = (!finished).then_some(log);
            log = Log { end: record.end::<F>(), users: record.users, ..log };
        }
        // Power may have failed on a head here.
        let behind = log.end.saturating_add(Layout::<F>::HEAD);
        if !self.is_erased(bank, behind..self.bank_len)? {
            return Err(FlashError::Corrupt);
        }
        let settled = without_last.is_none() && self.is_erased(bank, log.end..behind)?;
        Ok(Found { log, settled, without_last })
    }
}
