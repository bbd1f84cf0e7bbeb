//! No member name twice in one object (§2), in bounded memory and with bounded work.
//!
//! The names of the open objects are kept as fingerprints in one small table. Real operations have at most fourteen at
//! a time. A text that has more is read again when it has ended, in passes with a larger table.

use heapless::Vec;

use super::MAX_DEPTH;
use super::reader::{Place, Reader};
use crate::error::Fault;
use crate::jws::base64::Encoded;

/// Names of all open objects together that are compared at once.
const LIVE: usize = 64;

/// Names that one pass of the second look compares with all that follow.
const CHUNK: usize = 384;

/// The fingerprint of the empty name: FNV-1a, 64 bits.
pub(super) const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// The fingerprint of a name with one more byte.
#[inline]
pub(super) fn extend(fingerprint: u64, byte: u8) -> u64 {
    (fingerprint ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
}

/// One for each depth, and one for no depth.
const DEPTHS: usize = MAX_DEPTH as usize + 1;

/// The names of the open objects, as one row for each, the innermost last.
#[derive(Debug)]
struct Rows<const N: usize> {
    names: Vec<u64, N>,
    /// For each depth at which an object is open, where its row begins.
    firsts: [usize; DEPTHS],
}

impl<const N: usize> Rows<N> {
    fn new() -> Self {
        Self { names: Vec::new(), firsts: [0; DEPTHS] }
    }

    fn enter(&mut self, depth: u8) {
        if let Some(first) = self.firsts.get_mut(usize::from(depth)) {
            *first = self.names.len();
        }
    }

    fn leave(&mut self, depth: u8) {
        self.names.truncate(self.first(depth));
    }

    fn first(&self, depth: u8) -> usize {
        self.firsts.get(usize::from(depth)).copied().unwrap_or_default()
    }
}

/// The member names of all open objects.
#[derive(Debug)]
pub(crate) struct Names {
    live: Rows<LIVE>,
    /// There was no room for a name: all are left to the second look.
    crowded: bool,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { live: Rows::new(), crowded: false }
    }

    /// Opens an object.
    pub(super) fn enter(&mut self, depth: u8) {
        self.live.enter(depth);
    }

    /// Adds a name to the innermost object.
    pub(super) fn add(&mut self, depth: u8, fingerprint: u64) -> Result<(), Fault> {
        if self.crowded {
            return Ok(());
        }
        if self.live.names.iter().skip(self.live.first(depth)).any(|name| *name == fingerprint) {
            return Err(Fault::RepeatedMember);
        }
        self.crowded = self.live.names.push(fingerprint).is_err();
        Ok(())
    }

    /// Closes the innermost object.
    pub(super) fn leave(&mut self, depth: u8) {
        self.live.leave(depth);
    }

    /// Whether the text must be [`check`]ed when it has ended.
    pub(super) fn are_crowded(&self) -> bool {
        self.crowded
    }
}

/// Reads a well-formed text again for a name that comes twice in one object.
///
/// Each pass takes names until its rows are full, and compares all that follow with them; the next pass begins there.
/// So the text is read once for each 384 names in it, however they are nested.
// Out of line, so that its rows are on the stack only where they are needed: real operations have not so many names.
#[cold]
#[inline(never)]
pub(super) fn check(text: Encoded<'_>) -> Result<(), Fault> {
    let mut reader = Reader::at(Place::start(text));
    reader.take_or_enter()?;
    while let Some(place) = pass(reader)? {
        reader = Reader::at(place);
    }
    Ok(())
}

/// One pass to the end of the text: where the next one begins, if there must be one.
fn pass<'a>(mut reader: Reader<'a, '_>) -> Result<Option<Place<'a>>, Fault> {
    let mut rows = Rows::<CHUNK>::new();
    let mut next = None;
    while reader.depth() > 0 {
        let depth = reader.depth();
        if !reader.is_in_object() {
            if !reader.next_element()? {
                continue;
            }
        } else if let Some(name) = reader.next_name()? {
            compare(&mut rows, depth, name.fingerprint, next.is_none())?;
        } else {
            rows.leave(depth);
            continue;
        }
        reader.take_or_enter()?;
        if reader.depth() > depth {
            rows.enter(reader.depth());
        }
        if next.is_none() && rows.names.is_full() {
            next = Some(reader.place());
        }
    }
    Ok(next)
}

/// Compares a name with those in the innermost object's row, which is sorted, so that the work does not depend on how
/// the names were chosen.
fn compare(rows: &mut Rows<CHUNK>, depth: u8, name: u64, keep: bool) -> Result<(), Fault> {
    let first = rows.first(depth);
    let Err(place) = rows.names.get(first..).unwrap_or_default().binary_search(&name) else {
        return Err(Fault::RepeatedMember);
    };
    if keep {
        let mut moved = name;
        rows.names.iter_mut().skip(first + place).for_each(|slot| core::mem::swap(slot, &mut moved));
        // There is room: else no name is kept any more.
        let _ = rows.names.push(moved);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::jws::base64::Spelling;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use proptest::prelude::*;
    use std::collections::HashSet;
    use std::fmt::Write as _;
    use std::string::String;

    /// What comes next in a text, in whatever container is open.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        /// So many members, or elements, that nest nothing.
        Values(usize),
        Object,
        Array,
        Close,
        /// A member with a name that the object may have already.
        Again(usize),
    }

    /// Builds a text, and a set of the names of each object that is open.
    #[derive(Default)]
    struct Model {
        text: String,
        /// The names of each object; `None` is an array.
        open: std::vec::Vec<Option<HashSet<usize>>>,
        next: usize,
        repeated: bool,
    }

    impl Model {
        fn begin(&mut self, name: usize) {
            if !self.text.ends_with(['{', '[']) {
                self.text.push(',');
            }
            if let Some(Some(names)) = self.open.last_mut() {
                // In no order that has to do with that of the fingerprints; some with an escape.
                let escaped = if name.is_multiple_of(7) { "\\u006e" } else { "n" };
                _ = write!(self.text, r#""{escaped}{name}":"#);
                self.repeated |= !names.insert(name);
            }
        }

        fn fresh(&mut self) -> usize {
            self.next += 1;
            self.next
        }

        fn take(&mut self, step: Step) {
            match step {
                Step::Values(count) => {
                    for _ in 0..count {
                        let name = self.fresh();
                        self.begin(name);
                        self.text.push('0');
                    }
                }
                Step::Again(back) => {
                    let name = self.next.saturating_sub(back);
                    self.begin(name);
                    self.text.push('0');
                }
                Step::Object | Step::Array if self.open.len() == usize::from(MAX_DEPTH) => {}
                Step::Object => {
                    let name = self.fresh();
                    self.begin(name);
                    self.open(true);
                }
                Step::Array => {
                    let name = self.fresh();
                    self.begin(name);
                    self.open(false);
                }
                Step::Close if self.open.len() > 1 => self.close(),
                Step::Close => {}
            }
        }

        fn open(&mut self, object: bool) {
            self.text.push(if object { '{' } else { '[' });
            self.open.push(object.then(HashSet::new));
        }

        fn close(&mut self) {
            let object = self.open.pop().is_some_and(|names| names.is_some());
            self.text.push(if object { '}' } else { ']' });
        }

        fn of(steps: &[Step]) -> Self {
            let mut model = Self::default();
            model.open(true);
            steps.iter().for_each(|step| model.take(*step));
            while !model.open.is_empty() {
                model.close();
            }
            model
        }
    }

    fn read(text: &str) -> [Result<(), Fault>; 2] {
        let segment = Base64UrlUnpadded::encode_string(text.as_bytes());
        let segment = Encoded::check(segment.as_bytes(), Spelling::Either).unwrap();
        let mut names = Names::new();
        let mut reader = Reader::new(segment, &mut names);
        [reader.skip_value().and_then(|()| reader.finish()), check(segment)]
    }

    /// Steps that crowd the tables at every level: rows of all sizes around theirs, and repetitions near and far.
    fn steps() -> impl Strategy<Value = std::vec::Vec<Step>> {
        let sizes = prop_oneof![0..4_usize, LIVE - 2..LIVE + 2, CHUNK - 2..CHUNK + 2];
        let step = prop_oneof![
            4 => sizes.prop_map(Step::Values),
            4 => Just(Step::Object),
            2 => Just(Step::Array),
            3 => Just(Step::Close),
        ];
        let again = prop_oneof![0..4_usize, LIVE - 2..LIVE + 2, CHUNK - 2..CHUNK + 2, 0..2_000_usize];
        let end = prop_oneof![again.prop_map(Step::Again), Just(Step::Values(1))];
        (prop::collection::vec(step, 0..30), end, prop::collection::vec(Just(Step::Close), 0..3)).prop_map(
            |(mut steps, end, close)| {
                steps.extend(close);
                steps.push(end);
                steps
            },
        )
    }

    proptest! {
        #[test]
        fn the_tables_say_what_sets_say(steps in steps()) {
            let Model { text, repeated, .. } = Model::of(&steps);
            let expected = if repeated { Err(Fault::RepeatedMember) } else { Ok(()) };
            prop_assert_eq!(read(&text), [expected; 2]);
        }
    }

    /// The same, for certain where the first table is full: the last name of each level is one that the level has.
    #[test]
    fn a_repetition_is_found_at_every_level_of_a_crowded_text() {
        for depth in [1, 2, 5, usize::from(MAX_DEPTH) - 1] {
            for size in [1, LIVE, CHUNK - 1, CHUNK] {
                let mut steps = std::vec::Vec::new();
                for _ in 0..depth {
                    steps.extend([Step::Values(size), Step::Object]);
                }
                steps.push(Step::Values(LIVE));
                // Behind the object that is open at this level, its first name again.
                for level in (0..depth).rev() {
                    steps.push(Step::Close);
                    let mut model = Model::of(&steps);
                    assert_eq!(read(&model.text), [Ok(()); 2]);
                    let mut again = steps.clone();
                    again.push(Step::Again(model.fresh() - 1 - (level * (size + 1) + 1)));
                    let model = Model::of(&again);
                    assert!(model.repeated);
                    assert_eq!(read(&model.text), [Err(Fault::RepeatedMember); 2], "{depth} {size} {level}");
                }
            }
        }
    }
}
