//! No member name twice in one object (§2), in bounded memory and with bounded work.
//!
//! The names of the open objects are kept as fingerprints in one small table. Real operations have at most fourteen at
//! a time. An object that does not fit is read a second time when it ends, in chunks with a larger table.

use heapless::Vec;

use super::MAX_DEPTH;
use super::reader::{Bookmark, Name, Reader};
use crate::error::Fault;

/// Names of all open objects together that are compared at once.
const LIVE: usize = 64;

/// Names that one second look at an object compares with all later ones.
const CHUNK: usize = 512;

/// The fingerprint of the empty name: FNV-1a, 64 bits.
pub(super) const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// The fingerprint of a name with one more byte.
#[inline]
pub(super) fn extend(fingerprint: u64, byte: u8) -> u64 {
    (fingerprint ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
}

/// An open object.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// Where the object begins, in decoded bytes.
    offset: usize,
    /// Its first name in the table.
    first: usize,
    /// Some of its names found no room in the table.
    crowded: bool,
}

/// The member names of all open objects.
#[derive(Debug)]
pub(crate) struct Names {
    live: Vec<u64, LIVE>,
    levels: [Level; MAX_DEPTH as usize],
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { live: Vec::new(), levels: [Level::default(); MAX_DEPTH as usize] }
    }

    /// Opens the object that begins at `offset`.
    pub(super) fn enter(&mut self, depth: u8, offset: usize) {
        let first = self.live.len();
        if let Some(level) = self.level(depth) {
            *level = Level { offset, first, crowded: false };
        }
    }

    /// Adds a name to the innermost object.
    pub(super) fn add(&mut self, depth: u8, fingerprint: u64) -> Result<(), Fault> {
        let first = self.level(depth).map_or(0, |level| level.first);
        if self.live.iter().skip(first).any(|name| *name == fingerprint) {
            return Err(Fault::RepeatedMember);
        }
        if self.live.push(fingerprint).is_err()
            && let Some(level) = self.level(depth)
        {
            level.crowded = true;
        }
        Ok(())
    }

    /// Closes the innermost object: where it begins, if it must be [`check`]ed.
    pub(super) fn leave(&mut self, depth: u8) -> Option<usize> {
        let level = *self.level(depth)?;
        self.live.truncate(level.first);
        level.crowded.then_some(level.offset)
    }

    fn level(&mut self, depth: u8) -> Option<&mut Level> {
        self.levels.get_mut(usize::from(depth).wrapping_sub(1))
    }
}

/// Reads a well-formed object again for a name that comes twice.
///
/// Each pass compares a chunk of names with all that follow, and the next pass begins behind that chunk. The work is
/// the object's length times the number of its chunks, which the size limit of §1 bounds.
// Out of line, so that its chunk is on the stack only where it is needed: real operations have no such object.
#[cold]
#[inline(never)]
pub(super) fn check(object: Bookmark<'_>) -> Result<(), Fault> {
    let mut reader = Reader::resume(object);
    reader.enter_object()?;
    loop {
        let mut chunk: Vec<u64, CHUNK> = Vec::new();
        let mut next = None;
        while let Some(Name { fingerprint, .. }) = reader.next_name()? {
            // Sorted, so that the work for a name does not depend on how the names were chosen.
            match chunk.binary_search(&fingerprint) {
                Ok(_) => return Err(Fault::RepeatedMember),
                Err(place) if !chunk.is_full() => {
                    let mut moved = fingerprint;
                    chunk.iter_mut().skip(place).for_each(|slot| core::mem::swap(slot, &mut moved));
                    let _ = chunk.push(moved);
                }
                // The later names are only compared with a full chunk.
                Err(_) => {}
            }
            reader.skip_value()?;
            if chunk.is_full() && next.is_none() {
                next = Some(reader.bookmark());
            }
        }
        let Some(next) = next else { return Ok(()) };
        reader = Reader::resume_in_object(next);
    }
}
