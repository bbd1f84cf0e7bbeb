//! The driver of the store's flash, on what the board has, and the loss of power in it (PROTOCOL.md, §2).

use core::cell::Cell;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

use crate::board::{self, REGION};

/// The flash. It is shared: the store has it, and so has who cuts the power.
pub struct Nor {
    /// How many operations are left before power is lost, that one included; 0: none will be cut.
    cut: Cell<u32>,
}

/// What a caller may do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NorError {
    /// Not on words or pages.
    NotAligned,
    /// Outside the region.
    OutOfBounds,
    /// Words are programmed once between two erasures.
    NotErased,
}

impl Nor {
    /// All of it.
    pub const fn new() -> Self {
        Self { cut: Cell::new(0) }
    }

    /// The nth operation from now on will lose power; 0: none.
    pub fn cut_at(&self, n: u32) {
        self.cut.set(n);
    }

    /// Whether power is lost in the operation that begins now.
    fn is_cut(&self) -> bool {
        let left = self.cut.get();
        self.cut.set(left.saturating_sub(1));
        left == 1
    }
}

/// Whether these bytes are a piece of the region made of whole units.
fn check(offset: u32, len: usize, unit: usize) -> Result<(), NorError> {
    let start = offset as usize;
    if !start.is_multiple_of(unit) || !len.is_multiple_of(unit) {
        return Err(NorError::NotAligned);
    }
    let inside = offset >= REGION.start && start.checked_add(len).is_some_and(|end| end <= REGION.end as usize);
    if inside { Ok(()) } else { Err(NorError::OutOfBounds) }
}

impl ErrorType for &Nor {
    type Error = NorError;
}

impl ReadNorFlash for &Nor {
    const READ_SIZE: usize = board::WORD;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorError> {
        check(offset, bytes.len(), board::WORD)?;
        for (word, at) in bytes.as_chunks_mut::<{ board::WORD }>().0.iter_mut().zip((offset..).step_by(board::WORD)) {
            *word = board::read_word(at);
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        REGION.end as usize
    }
}

impl NorFlash for &Nor {
    const WRITE_SIZE: usize = board::WORD;
    const ERASE_SIZE: usize = board::PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorError> {
        let len = to.checked_sub(from).ok_or(NorError::OutOfBounds)?;
        check(from, len as usize, board::PAGE)?;
        for page in (from..to).step_by(board::PAGE) {
            if self.is_cut() {
                board::erase_half(page);
                board::reset();
            }
            board::erase_page(page);
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorError> {
        check(offset, bytes.len(), board::WORD)?;
        for (word, at) in bytes.as_chunks::<{ board::WORD }>().0.iter().zip((offset..).step_by(board::WORD)) {
            if board::read_word(at) != [0xff; board::WORD] {
                return Err(NorError::NotErased);
            }
            if self.is_cut() {
                let [first, second, ..] = *word;
                board::program_word(at, [first, second, 0xff, 0xff]);
                board::reset();
            }
            board::program_word(at, *word);
        }
        Ok(())
    }
}

impl NorFlashError for NorError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::NotAligned => NorFlashErrorKind::NotAligned,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
            Self::NotErased => NorFlashErrorKind::Other,
        }
    }
}
