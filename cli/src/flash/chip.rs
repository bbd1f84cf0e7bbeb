//! An image as a chip of flash, which holds its user to the rules of NOR flash.

use std::fmt;
use std::io;

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};

use super::image::Image;

/// Flash with words of `WORD` bytes and pages of `PAGE` bytes.
#[derive(Debug)]
pub(super) struct Chip<const WORD: usize, const PAGE: usize>(pub(super) Image);

/// What a chip, or the file in its place, does not do.
#[derive(Debug)]
pub(crate) enum ChipError {
    /// Neither on words or pages, or outside.
    Place(NorFlashErrorKind),
    /// A word that was not erased was to be programmed, at this address.
    NotErased(u32),
    File(io::Error),
}

impl fmt::Display for ChipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(kind) => kind.fmt(f),
            Self::NotErased(at) => write!(f, "the words at {at:#x} are to be programmed, but not erased"),
            Self::File(error) => error.fmt(f),
        }
    }
}

impl NorFlashError for ChipError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Place(kind) => *kind,
            Self::NotErased(_) | Self::File(_) => NorFlashErrorKind::Other,
        }
    }
}

impl<const WORD: usize, const PAGE: usize> ErrorType for Chip<WORD, PAGE> {
    type Error = ChipError;
}

impl<const WORD: usize, const PAGE: usize> ReadNorFlash for Chip<WORD, PAGE> {
    const READ_SIZE: usize = WORD;

    fn read(&mut self, at: u32, out: &mut [u8]) -> Result<(), ChipError> {
        check_read(self, at, out.len()).map_err(ChipError::Place)?;
        out.copy_from_slice(&self.0.bytes()[at as usize..][..out.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.bytes().len()
    }
}

impl<const WORD: usize, const PAGE: usize> NorFlash for Chip<WORD, PAGE> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), ChipError> {
        check_erase(self, from, to).map_err(ChipError::Place)?;
        self.0.replace(from, &vec![0xff; (to - from) as usize]).map_err(ChipError::File)
    }

    fn write(&mut self, at: u32, words: &[u8]) -> Result<(), ChipError> {
        check_write(self, at, words.len()).map_err(ChipError::Place)?;
        // Flash with ECC takes a word once only, so that clearing more bits of it is no way either.
        if self.0.bytes()[at as usize..][..words.len()].iter().any(|byte| *byte != 0xff) {
            return Err(ChipError::NotErased(at));
        }
        self.0.replace(at, words).map_err(ChipError::File)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_flash_hold() {
        let mut chip = Chip::<4, 128>(Image::erased(256));
        chip.write(8, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        assert!(matches!(chip.write(12, &[0; 4]), Err(ChipError::NotErased(12))));
        for (at, len) in [(2, 4), (0, 3), (256, 4), (u32::MAX - 3, 4)] {
            assert!(matches!(chip.write(at, &vec![0; len]), Err(ChipError::Place(_))), "{at}, {len}");
        }
        for (from, to) in [(0, 64), (64, 128), (0, 512), (128, 0)] {
            assert!(matches!(chip.erase(from, to), Err(ChipError::Place(_))), "{from}..{to}");
        }
        let mut word = [0; 4];
        chip.read(12, &mut word).unwrap();
        assert_eq!(word, [5, 6, 7, 8]);
        chip.erase(0, 128).unwrap();
        chip.read(12, &mut word).unwrap();
        assert_eq!(word, [0xff; 4]);
        chip.write(12, &[0; 4]).unwrap();
    }
}
