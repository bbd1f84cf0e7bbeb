//! What a bank says about itself.
//!
//! A header is programmed when everything that the bank begins with is there, and again when the first is done: the second is the
//! witness that the first was not cut off. Only then is the other bank marked as retired.

use embedded_storage::nor_flash::NorFlash;

use super::checksum;
use super::error::{FlashError, Outcome};
use super::layout::{BLOCK, HEADER_LEN, HEADERS, Layout};
use super::medium::{Bank, Medium};

const MAGIC: [u8; 4] = *b"lkop";
/// Of the format of banks, records and items.
const VERSION: u8 = 1;

/// What a bank says about itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) bank: Bank,
    /// One more in every bank that takes the place of another; `None` if no copy of the header is good.
    pub(super) generation: Option<u32>,
    /// Whether the header was followed by its witness.
    pub(super) witnessed: bool,
    /// Whether the other bank is in use, and not this one.
    pub(super) retired: bool,
}

impl<F: NorFlash> Medium<F> {
    /// Reads all copies of a bank's header.
    pub(super) fn header(&mut self, bank: Bank) -> Outcome<Header, F> {
        let mut header = Header { bank, generation: None, witnessed: false, retired: false };
        for copy in 0..HEADERS {
            let mut bytes = [0; BLOCK];
            let bytes = bytes.get_mut(..Layout::<F>::HEADER as usize).unwrap_or_default();
            self.read(bank, copy * Layout::<F>::HEADER, bytes)?;
            let bytes = bytes.first_chunk::<HEADER_LEN>().ok_or(FlashError::Corrupt)?;
            if header.generation.is_none() {
                header.generation = self.decode(bytes)?;
            }
            header.witnessed |= copy > 0 && bytes.iter().any(|byte| *byte != 0xff);
        }
        header.retired = !self.is_erased(bank, Layout::<F>::RETIRED..Layout::<F>::LOG)?;
        Ok(header)
    }

    /// Programs the next copy of a bank's header, if there is room for one.
    pub(super) fn add_header(&mut self, bank: Bank, generation: u32) -> Outcome<(), F> {
        for copy in 0..HEADERS {
            let place = copy * Layout::<F>::HEADER;
            if self.is_erased(bank, place..place + Layout::<F>::HEADER)? {
                let mut bytes = [0xff; BLOCK];
                if let Some(header) = bytes.first_chunk_mut() {
                    *header = self.encode(generation);
                }
                return self.program(bank, place, bytes.get(..Layout::<F>::HEADER as usize).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Says that the other bank is in use, and not this one.
    pub(super) fn retire(&mut self, bank: Bank) -> Outcome<(), F> {
        self.mark(bank, Layout::<F>::RETIRED)
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
