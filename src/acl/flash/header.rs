//! What a bank says about itself.
//!
//! A header is programmed when everything that the bank begins with is there, then a word that marks it as whole. Only then is the
//! other bank marked as retired, and before that one is erased, the first is marked once more: so there is always a mark
//! in one bank or the other that power cannot have failed on.

use embedded_storage::nor_flash::NorFlash;

use super::checksum;
use super::error::{FlashError, Outcome};
use super::layout::{BLOCK, HEADER_LEN, Layout};
use super::medium::{Bank, Medium};

const MAGIC: [u8; 4] = *b"lkop";
/// Of the format of banks, records and items.
const VERSION: u8 = 1;

/// What a bank says about itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) bank: Bank,
    /// One more in every bank that takes the place of another; `None` if the header is not good.
    pub(super) generation: Option<u32>,
    /// Whether the header is marked as whole.
    pub(super) whole: bool,
    /// Whether the other bank is in use, and not this one.
    pub(super) retired: bool,
}

impl<F: NorFlash> Medium<F> {
    /// Reads what a bank says about itself.
    pub(super) fn header(&mut self, bank: Bank) -> Outcome<Header, F> {
        let mut bytes = [0; BLOCK];
        self.read(bank, 0, bytes.get_mut(..Layout::<F>::HEADER as usize).unwrap_or_default())?;
        let generation = self.decode(bytes.first_chunk().ok_or(FlashError::Corrupt)?)?;
        let whole = self.is_marked(bank, Layout::<F>::WHOLE)? || self.is_marked(bank, Layout::<F>::SURE)?;
        Ok(Header { bank, generation, whole, retired: self.is_marked(bank, Layout::<F>::RETIRED)? })
    }

    /// Says that a bank is complete.
    pub(super) fn complete(&mut self, bank: Bank, generation: u32) -> Outcome<(), F> {
        let mut bytes = [0xff; BLOCK];
        if let Some(header) = bytes.first_chunk_mut() {
            *header = self.encode(generation);
        }
        self.program(bank, 0, bytes.get(..Layout::<F>::HEADER as usize).unwrap_or_default())?;
        if self.header(bank)?.generation == Some(generation) { Ok(()) } else { Err(FlashError::Worn) }
    }

    /// Marks a bank as whole, and the other as retired.
    pub(super) fn take_over(&mut self, bank: Bank) -> Outcome<(), F> {
        self.mark(bank, Layout::<F>::WHOLE)?;
        self.mark(bank.other(), Layout::<F>::RETIRED)
    }

    /// Marks a bank as whole once more: it must be so when the other bank is changed.
    pub(super) fn make_sure(&mut self, bank: Bank) -> Outcome<(), F> {
        self.mark(bank, Layout::<F>::SURE)
    }

    /// Marks the other bank as retired, where a restart has found that it is not.
    pub(super) fn finish_taking_over(&mut self, bank: Bank) -> Outcome<(), F> {
        self.make_sure(bank)?;
        self.mark(bank.other(), Layout::<F>::RETIRED)
    }

    fn encode(&self, generation: u32) -> [u8; HEADER_LEN] {
        let mut header = [0; HEADER_LEN];
        let [unit, ..] = Layout::<F>::UNIT.to_le_bytes();
        header[..4].copy_from_slice(&MAGIC);
        header[4] = VERSION;
        header[5] = unit;
        header[8..12].copy_from_slice(&generation.to_le_bytes());
        header[12..16].copy_from_slice(&self.bank_len.to_le_bytes());
        let crc = checksum::of(&header[..16]);
        header[16..].copy_from_slice(&crc.to_le_bytes());
        header
    }

    /// The generation in a header; `None` if it is none.
    fn decode(&self, header: &[u8; HEADER_LEN]) -> Outcome<Option<u32>, F> {
        let crc = checksum::of(&header[..16]).to_le_bytes();
        if header[..4] != MAGIC || header[16..] != crc {
            return Ok(None);
        }
        let [.., a, b, c, d] = *header.first_chunk::<12>().ok_or(FlashError::Corrupt)?;
        let generation = u32::from_le_bytes([a, b, c, d]);
        if *header == self.encode(generation) { Ok(Some(generation)) } else { Err(FlashError::OtherFormat) }
    }
}
