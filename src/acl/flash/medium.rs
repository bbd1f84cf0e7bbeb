//! The region of flash, as two banks.

use core::ops::Range;

use embedded_storage::nor_flash::NorFlash;

use super::error::{FlashError, Outcome};
use super::layout::{BLOCK, Layout, narrow};

/// One half of the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bank {
    First,
    Second,
}

impl Bank {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// The flash, in which offsets count from the start of a bank, in bytes.
#[derive(Debug)]
pub(super) struct Medium<F> {
    flash: F,
    start: u32,
    pub(super) bank_len: u32,
}

impl<F: NorFlash> Medium<F> {
    /// Checks the region; `least` bytes must fit into a bank.
    pub(super) fn new(flash: F, region: &Range<u32>, least: u32) -> Outcome<Self, F> {
        let () = Layout::<F>::FITS;
        let len = region.end.checked_sub(region.start).ok_or(FlashError::Region)?;
        let capacity = u32::try_from(flash.capacity()).unwrap_or(u32::MAX);
        let whole = region.start.is_multiple_of(Layout::<F>::PAGE) && len.is_multiple_of(2 * Layout::<F>::PAGE);
        if !whole || len / 2 < least || region.end > capacity {
            return Err(FlashError::Region);
        }
        Ok(Self { flash, start: region.start, bank_len: len / 2 })
    }

    pub(super) fn into_flash(self) -> F {
        self.flash
    }

    const fn address(&self, bank: Bank, offset: u32) -> u32 {
        match bank {
            Bank::First => self.start + offset,
            Bank::Second => self.start + self.bank_len + offset,
        }
    }

    /// Reads whole words.
    pub(super) fn read(&mut self, bank: Bank, offset: u32, out: &mut [u8]) -> Outcome<(), F> {
        self.flash.read(self.address(bank, offset), out).map_err(FlashError::Flash)
    }

    /// Programs whole words.
    pub(super) fn program(&mut self, bank: Bank, offset: u32, words: &[u8]) -> Outcome<(), F> {
        self.flash.write(self.address(bank, offset), words).map_err(FlashError::Flash)
    }

    /// Programs one word with zeros, unless it reads as programmed: a mark that something before it has been finished.
    ///
    /// It is the one word that may be programmed twice, where power failed on it so early that it reads as erased.
    pub(super) fn mark(&mut self, bank: Bank, offset: u32) -> Outcome<(), F> {
        if self.is_marked(bank, offset)? {
            return Ok(());
        }
        self.program(bank, offset, [0; BLOCK].get(..F::WRITE_SIZE).unwrap_or_default())?;
        if self.is_marked(bank, offset)? { Ok(()) } else { Err(FlashError::Worn) }
    }

    /// Whether a word is not erased.
    pub(super) fn is_marked(&mut self, bank: Bank, offset: u32) -> Outcome<bool, F> {
        Ok(!self.is_erased(bank, offset..offset + Layout::<F>::UNIT)?)
    }

    /// Erases a bank page by page, its headers first: half erased, it must not be taken for whole.
    pub(super) fn erase(&mut self, bank: Bank) -> Outcome<(), F> {
        let mut page = 0;
        while page < self.bank_len {
            self.erase_page(bank, page)?;
            page += Layout::<F>::PAGE;
        }
        Ok(())
    }

    /// Erases what is not erased of a bank, and its first page in any case.
    pub(super) fn erase_used(&mut self, bank: Bank) -> Outcome<(), F> {
        let mut page = 0;
        while page < self.bank_len {
            if page == 0 || !self.is_erased(bank, page..page + Layout::<F>::PAGE)? {
                self.erase_page(bank, page)?;
            }
            page += Layout::<F>::PAGE;
        }
        Ok(())
    }

    fn erase_page(&mut self, bank: Bank, offset: u32) -> Outcome<(), F> {
        let page = self.address(bank, offset);
        self.flash.erase(page, page + Layout::<F>::PAGE).map_err(FlashError::Flash)
    }

    /// Whether whole words from here to there read as erased.
    pub(super) fn is_erased(&mut self, bank: Bank, words: Range<u32>) -> Outcome<bool, F> {
        let mut block = [0; BLOCK];
        let (mut at, end) = (words.start, words.end.min(self.bank_len));
        while at < end {
            let len = block.len().min((end - at) as usize);
            let part = block.get_mut(..len).unwrap_or_default();
            self.read(bank, at, part)?;
            if part.iter().any(|byte| *byte != 0xff) {
                return Ok(false);
            }
            at += narrow(BLOCK);
        }
        Ok(true)
    }
}
