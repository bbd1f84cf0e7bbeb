//! The flash model as a driver that a store gets.

use std::cell::{Ref, RefCell, RefMut};
use std::rc::Rc;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

use crate::nor::{Misuse, Nor, NorError};

/// The flash chip: it stays when the store that works on it is gone.
#[derive(Debug, Clone)]
pub struct Chip(Rc<RefCell<Nor>>);

impl Chip {
    /// A chip with this array.
    #[must_use]
    pub fn new(nor: Nor) -> Self {
        Self(Rc::new(RefCell::new(nor)))
    }

    /// Its array.
    #[must_use]
    pub fn nor(&self) -> Ref<'_, Nor> {
        self.0.borrow()
    }

    /// Its array, to be changed.
    #[must_use]
    pub fn nor_mut(&self) -> RefMut<'_, Nor> {
        self.0.borrow_mut()
    }
}

/// A driver for a chip of one geometry.
#[derive(Debug, Clone)]
pub struct Port<const READ: usize, const WRITE: usize, const ERASE: usize>(Chip);

impl<const READ: usize, const WRITE: usize, const ERASE: usize> Port<READ, WRITE, ERASE> {
    /// Connects to the chip, which must have this geometry.
    #[must_use]
    pub fn new(chip: &Chip) -> Self {
        let shape = chip.nor().shape();
        assert_eq!((shape.read, shape.write, shape.erase), (READ, WRITE, ERASE), "another geometry");
        Self(chip.clone())
    }
}

impl NorFlashError for NorError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Misuse(Misuse::NotAligned) => NorFlashErrorKind::NotAligned,
            Self::Misuse(Misuse::OutOfBounds) => NorFlashErrorKind::OutOfBounds,
            _ => NorFlashErrorKind::Other,
        }
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> ErrorType for Port<READ, WRITE, ERASE> {
    type Error = NorError;
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> ReadNorFlash for Port<READ, WRITE, ERASE> {
    const READ_SIZE: usize = READ;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorError> {
        self.0.nor_mut().read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.nor().shape().len
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> NorFlash for Port<READ, WRITE, ERASE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorError> {
        self.0.nor_mut().erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorError> {
        self.0.nor_mut().write(offset, bytes)
    }
}
