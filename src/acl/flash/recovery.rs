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
}

impl<F: NorFlash> Medium<F> {
    /// Finds the bank that holds the ACL, and its log.
    pub(super) fn recover(&mut self) -> Outcome<Found, F> {
        match (self.header(Bank::First)?, self.header(Bank::Second)?) {
            (None, None) => Err(self.nothing()?),
            // The bank that has taken its place does not say so any more.
            (Some(only), None) | (None, Some(only)) if only.retired => Err(FlashError::Corrupt),
            (Some(only), None) | (None, Some(only)) => {
                if !only.witnessed {
                    self.add_header(only.bank, only.generation)?;
                }
                self.log(&only)
            }
            (Some(one), Some(two)) if one.generation > two.generation => self.newer_of(&one, &two),
            (Some(one), Some(two)) => self.newer_of(&two, &one),
        }
    }

    /// Why there is no header.
    fn nothing(&mut self) -> Outcome<FlashError<F::Error>, F> {
        for bank in [Bank::First, Bank::Second] {
            if !self.is_erased(bank, Layout::<F>::LOG..self.bank_len)? {
                return Ok(FlashError::Corrupt);
            }
        }
        Ok(FlashError::Unformatted)
    }

    /// The log to go on with, where both banks have a header.
    fn newer_of(&mut self, newer: &Header, older: &Header) -> Outcome<Found, F> {
        // Without a witness, power may have failed on the newer one's header, and the older one has not been touched.
        if !newer.witnessed {
            return Ok(Found { settled: false, ..self.log(older)? });
        }
        let found = self.log(newer);
        if older.retired {
            return found;
        }
        // Power failed before the older one was retired, or while it was erased, or while the newer one was erased
        // because it could not be finished. Nothing but copies is in the newer one.
        let log = match found {
            Ok(found) => {
                // Its witness may be the word that power failed on; the next one is not.
                self.add_header(newer.bank, newer.generation)?;
                found.log
            }
            Err(FlashError::Corrupt) => self.log(older)?.log,
            Err(error) => return Err(error),
        };
        Ok(Found { settled: false, log })
    }

    /// The records of a bank, and whether the last was finished.
    fn log(&mut self, header: &Header) -> Outcome<Found, F> {
        let (bank, generation) = (header.bank, header.generation);
        let mut log = Log { bank, generation, end: Layout::<F>::LOG, users: 0, clean: false };
        let mut finished = true;
        while let Some(record) = self.record_at(&log, log.end)? {
            let whole = self.read_record(&log, &record, &mut |_, _| {})?;
            let witness = record.witness::<F>();
            if !whole {
                // Power failed while it was programmed, unless anything was programmed after it.
                let cut_off = self.is_erased(bank, witness..self.bank_len)?;
                return if cut_off { Ok(Found { log, settled: false }) } else { Err(FlashError::Corrupt) };
            }
            log = Log { end: record.end::<F>(), users: record.users, ..log };
            finished = !self.is_erased(bank, witness..log.end)?;
        }
        // A head that power failed on is here, or behind a word that was left out.
        let behind = log.end + 2 * Layout::<F>::HEAD;
        if !self.is_erased(bank, behind..self.bank_len)? {
            return Err(FlashError::Corrupt);
        }
        Ok(Found { settled: finished && self.is_erased(bank, log.end..behind)?, log })
    }
}
