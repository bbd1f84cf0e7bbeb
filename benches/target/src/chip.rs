//! The least that a store in flash can be put on: RAM that is used like flash. There is next to no driver to measure with it.

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use lockop::FlashAcl;

/// Bytes of the region.
const LEN: usize = 0x8000;

/// As many users and replay records as in RAM.
pub type Store<'a> = FlashAcl<&'a mut Chip, 100, 32>;

/// Erased at first.
#[derive(Debug)]
pub struct Chip([u8; LEN]);

/// Outside the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfBounds;

/// As a device does it when it starts.
pub fn mount(chip: &mut Chip) -> Option<Store<'_>> {
    #[expect(clippy::cast_possible_truncation, reason = "it is 32 KiB")]
    const REGION: core::ops::Range<u32> = 0..LEN as u32;
    let is_new = chip.0.iter().all(|byte| *byte == 0);
    if is_new { Store::format(chip, REGION).ok() } else { Store::mount(chip, REGION).ok() }
}

impl Chip {
    /// Zeros, so that the image need not hold as many bytes: what is read is the complement.
    #[must_use]
    pub const fn new() -> Self {
        Self([0; LEN])
    }

    fn part(&mut self, at: u32, len: usize) -> Result<&mut [u8], OutOfBounds> {
        self.0.get_mut(at as usize..).and_then(|rest| rest.get_mut(..len)).ok_or(OutOfBounds)
    }
}

impl Default for Chip {
    fn default() -> Self {
        Self::new()
    }
}

impl ErrorType for Chip {
    type Error = OutOfBounds;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), OutOfBounds> {
        let part = self.part(offset, bytes.len())?;
        bytes.iter_mut().zip(part).for_each(|(out, byte)| *out = !*byte);
        Ok(())
    }

    fn capacity(&self) -> usize {
        LEN
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4096;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), OutOfBounds> {
        let len = to.checked_sub(from).ok_or(OutOfBounds)?;
        self.part(from, len as usize)?.fill(0);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), OutOfBounds> {
        let part = self.part(offset, bytes.len())?;
        part.iter_mut().zip(bytes).for_each(|(byte, new)| *byte |= !new);
        Ok(())
    }
}

impl NorFlashError for OutOfBounds {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::OutOfBounds
    }
}
