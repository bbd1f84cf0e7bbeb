//! Reading a bank byte by byte from flash that is read in words.

use embedded_storage::nor_flash::NorFlash;

use super::error::{FlashError, Outcome};
use super::layout::{BLOCK, MAX_ITEM_LEN, TAG_LEN, narrow};
use super::medium::{Bank, Medium};

/// A place in a bank, and the block around it.
pub(super) struct Reader {
    bank: Bank,
    at: u32,
    /// No item goes beyond.
    end: u32,
    block: [u8; BLOCK],
    /// Where the block begins; nothing has been read yet if `None`.
    base: Option<u32>,
}

impl Reader {
    pub(super) const fn new(bank: Bank, at: u32, end: u32) -> Self {
        Self { bank, at, end, block: [0; BLOCK], base: None }
    }

    /// The next bytes; those beyond the bank are missing, which is damage.
    pub(super) fn take<F: NorFlash>(&mut self, medium: &mut Medium<F>, out: &mut [u8]) -> Outcome<(), F> {
        let mut rest = out;
        while !rest.is_empty() {
            let block = self.block_at(medium)?;
            let ready = block.get(..rest.len().min(block.len())).unwrap_or_default();
            let (now, later) = rest.split_at_mut_checked(ready.len()).ok_or(FlashError::Corrupt)?;
            now.copy_from_slice(ready);
            self.at += narrow(ready.len());
            rest = later;
        }
        Ok(())
    }

    /// The next item as it is stored: its tag, its length, its contents. `None` if it is too long to be one, or goes beyond
    /// the end: where power failed, its length can be anything.
    pub(super) fn item<'b, F: NorFlash>(
        &mut self,
        medium: &mut Medium<F>,
        buffer: &'b mut [u8; MAX_ITEM_LEN],
    ) -> Outcome<Option<&'b [u8]>, F> {
        let (tag, contents) = buffer.split_at_mut(TAG_LEN);
        if self.left() < TAG_LEN {
            return Ok(None);
        }
        self.take(medium, tag)?;
        let len = tag.last().copied().map_or(0, usize::from);
        if self.left() < len {
            return Ok(None);
        }
        let Some(contents) = contents.get_mut(..len) else { return Ok(None) };
        self.take(medium, contents)?;
        Ok(buffer.get(..TAG_LEN + len))
    }

    /// Bytes up to the end.
    const fn left(&self) -> usize {
        self.end.saturating_sub(self.at) as usize
    }

    /// What is in the block from here on: not empty.
    fn block_at<F: NorFlash>(&mut self, medium: &mut Medium<F>) -> Outcome<&[u8], F> {
        let base = self.at - self.at % narrow(BLOCK);
        let len = narrow(BLOCK).min(medium.bank_len.saturating_sub(base)) as usize;
        let block = self.block.get_mut(..len).unwrap_or_default();
        if self.base != Some(base) {
            medium.read(self.bank, base, block)?;
            self.base = Some(base);
        }
        match block.get((self.at - base) as usize..) {
            None | Some([]) => Err(FlashError::Corrupt),
            Some(ready) => Ok(ready),
        }
    }
}
