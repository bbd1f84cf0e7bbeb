//! The library's store in flash, of a shape that is chosen at run time.
//!
//! In firmware, the shape is known when it is compiled. So there is one store here for every shape that a person can ask for.

use std::ops::Range;

use lockop::{AclEntry, AclStore, CommitError, FlashAcl, FlashError, ReplayRecord};

use super::chip::{Chip, ChipError};
use super::geometry::Geometry;
use super::image::Image;

pub(crate) type Fault = FlashError<ChipError>;

/// A store in flash, whatever its shape.
pub(crate) trait Store: AclStore<Error = Fault> {
    fn users(&self) -> usize;
    fn entries(&mut self) -> Result<Vec<AclEntry>, Fault>;
    fn provision(&mut self, entry: AclEntry) -> Result<(), CommitError<Fault>>;
    fn records(&self) -> &[ReplayRecord];
    fn horizon(&self) -> Option<u64>;
    /// In bytes.
    fn room(&self) -> u32;
    fn release(self: Box<Self>) -> Image;
}

impl<const WORD: usize, const PAGE: usize, const USERS: usize, const REPLAYS: usize> Store
    for FlashAcl<Chip<WORD, PAGE>, USERS, REPLAYS>
{
    fn users(&self) -> usize {
        self.len()
    }

    fn entries(&mut self) -> Result<Vec<AclEntry>, Fault> {
        self.entries().collect()
    }

    fn provision(&mut self, entry: AclEntry) -> Result<(), CommitError<Fault>> {
        self.provision(entry)
    }

    fn records(&self) -> &[ReplayRecord] {
        self.replays().records()
    }

    fn horizon(&self) -> Option<u64> {
        self.replays().horizon()
    }

    fn room(&self) -> u32 {
        self.room()
    }

    fn release(self: Box<Self>) -> Image {
        (*self).release().0
    }
}

/// A shape of store.
pub(crate) trait Shape {
    fn replays(&self) -> usize;
    /// The least length of its region, in bytes.
    fn least(&self) -> u32;
    fn format(&self, image: Image, region: Range<u32>) -> Result<Box<dyn Store>, Fault>;
    fn mount(&self, image: Image, region: Range<u32>) -> Result<Box<dyn Store>, Fault>;
}

struct Of<const WORD: usize, const PAGE: usize, const USERS: usize, const REPLAYS: usize>;

impl<const WORD: usize, const PAGE: usize, const USERS: usize, const REPLAYS: usize> Shape
    for Of<WORD, PAGE, USERS, REPLAYS>
{
    fn replays(&self) -> usize {
        REPLAYS
    }

    fn least(&self) -> u32 {
        FlashAcl::<Chip<WORD, PAGE>, USERS, REPLAYS>::MIN_LEN
    }

    fn format(&self, image: Image, region: Range<u32>) -> Result<Box<dyn Store>, Fault> {
        Ok(Box::new(FlashAcl::<_, USERS, REPLAYS>::format(Chip::<WORD, PAGE>(image), region)?))
    }

    fn mount(&self, image: Image, region: Range<u32>) -> Result<Box<dyn Store>, Fault> {
        // A file has no words that power failed on and that read as erased nevertheless.
        Ok(Box::new(FlashAcl::<_, USERS, REPLAYS>::resume(Chip::<WORD, PAGE>(image), region)?))
    }
}

/// The shape for a geometry and a number of users, if there is one.
pub(super) fn shape(geometry: &Geometry, users: usize) -> Option<&'static dyn Shape> {
    match geometry.word {
        1 => with_word::<1>(geometry.page, users),
        2 => with_word::<2>(geometry.page, users),
        4 => with_word::<4>(geometry.page, users),
        8 => with_word::<8>(geometry.page, users),
        16 => with_word::<16>(geometry.page, users),
        32 => with_word::<32>(geometry.page, users),
        _ => None,
    }
}

fn with_word<const WORD: usize>(page: u32, users: usize) -> Option<&'static dyn Shape> {
    match page {
        128 => with_page::<WORD, 128>(users),
        256 => with_page::<WORD, 256>(users),
        512 => with_page::<WORD, 512>(users),
        1024 => with_page::<WORD, 1024>(users),
        2048 => with_page::<WORD, 2048>(users),
        4096 => with_page::<WORD, 4096>(users),
        8192 => with_page::<WORD, 8192>(users),
        _ => None,
    }
}

fn with_page<const WORD: usize, const PAGE: usize>(users: usize) -> Option<&'static dyn Shape> {
    match users {
        100 => Some(&Of::<WORD, PAGE, 100, 32>),
        256 => Some(&Of::<WORD, PAGE, 256, 32>),
        1000 => Some(&Of::<WORD, PAGE, 1000, 128>),
        _ => None,
    }
}
