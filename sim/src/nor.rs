//! The flash array: its rules, its counters, and how it fails.

use std::fmt;
use std::ops::Range;

use crate::rng::Rng;
use crate::tear::Tear;

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Smallest read.
    pub read: usize,
    /// Smallest write: a unit.
    pub write: usize,
    /// Smallest erase: a page.
    pub erase: usize,
    /// All of the array.
    pub len: usize,
}

/// What a call of the flash answers when it does not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NorError {
    /// Power is lost. Every later call answers this too, until the restart.
    PowerLost,
    /// The flash failed; the next call may succeed.
    Io,
    /// The caller broke a rule.
    Misuse(Misuse),
}

/// A rule of NOR flash that the caller broke: a bug in the store, whatever comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misuse {
    /// Not a multiple of the size that the call needs.
    NotAligned,
    /// Outside the array, or outside the region that the store was given.
    OutOfBounds,
    /// So many calls that the store must be in a loop.
    Endless,
    /// A unit was programmed twice without an erase. The first time may have been cut short; then only zeros may follow.
    ProgrammedTwice(u32),
}

impl fmt::Display for NorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PowerLost => f.write_str("power lost"),
            Self::Io => f.write_str("input/output error"),
            Self::Misuse(Misuse::NotAligned) => f.write_str("misuse of the flash: not aligned"),
            Self::Misuse(Misuse::OutOfBounds) => f.write_str("misuse of the flash: out of bounds"),
            Self::Misuse(Misuse::Endless) => f.write_str("misuse of the flash: calls without end"),
            Self::Misuse(Misuse::ProgrammedTwice(at)) => {
                write!(f, "misuse of the flash: the unit at {at} was programmed twice without an erase")
            }
        }
    }
}

/// What has been done to the array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Units programmed and pages erased.
    pub steps: u64,
    /// Units programmed.
    pub programs: u64,
    /// Pages erased.
    pub erases: u64,
    /// Calls of any kind.
    pub calls: u64,
    /// Calls that read.
    pub reads: u64,
    /// Bytes that these read.
    pub read_bytes: u64,
}

/// One step, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Units of one call of `write`, of which this is number `index`.
    Program {
        /// Where the call begins.
        start: u32,
        /// All that the call writes.
        data: std::rc::Rc<[u8]>,
        /// The unit.
        index: usize,
    },
    /// A page.
    Erase {
        /// Where it begins.
        start: u32,
    },
}

/// What will go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Plan {
    /// Nothing.
    #[default]
    Sound,
    /// Power is lost during the step with this number, counted from now.
    Cut {
        /// Steps that are still done.
        after: u64,
        /// What it leaves.
        tear: Tear,
    },
    /// The call with this number, counted from now, fails; power stays.
    Fail {
        /// Calls that still succeed.
        after: u64,
        /// Steps of the failing call that are done nevertheless.
        done: usize,
        /// What the step behind these leaves.
        tear: Tear,
    },
}

/// A place that does not read as it should.
#[derive(Debug, Clone)]
struct Unsound {
    start: usize,
    /// What it reads as, when all bits that are not sure are 0, and which are not sure.
    sure: Box<[u8]>,
    doubtful: Box<[u8]>,
    /// Reads until it is sound again, if ever.
    reads_left: Option<u8>,
}

/// NOR flash: what is erased reads as ones, programming makes zeros of ones, a unit at a time and once only.
#[derive(Debug, Clone)]
pub struct Nor {
    shape: Shape,
    /// Where the store may program and erase.
    region: Range<usize>,
    bytes: Vec<u8>,
    /// For each unit, whether it was programmed, or its page torn, since its last erase.
    programmed: Vec<bool>,
    /// For each unit, whether the last of that was cut short.
    torn: Vec<bool>,
    unsound: Vec<Unsound>,
    noise: Rng,
    /// A unit that was torn, but reads as erased, may be programmed.
    lenient: bool,
    counters: Counters,
    wear: Vec<u32>,
    journal: Option<Vec<Step>>,
    plan: Plan,
    off: bool,
    misuse: Option<Misuse>,
    patience: u64,
    trace: bool,
}

/// Calls without a restart that are not yet called endless.
const PATIENCE: u64 = 20_000_000;

const ERASED: u8 = 0xff;

fn size(address: u32) -> usize {
    usize::try_from(address).unwrap_or(usize::MAX)
}

fn address(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl Nor {
    /// An erased array, of which the store may change `region` only.
    #[must_use]
    pub fn new(shape: Shape, region: Range<u32>) -> Self {
        assert!(shape.erase.is_multiple_of(shape.write) && shape.len.is_multiple_of(shape.erase), "{shape:?}");
        Self {
            shape,
            region: size(region.start)..size(region.end),
            bytes: vec![ERASED; shape.len],
            programmed: vec![false; shape.len / shape.write],
            torn: vec![false; shape.len / shape.write],
            unsound: Vec::new(),
            noise: Rng::new(0),
            lenient: false,
            counters: Counters::default(),
            wear: vec![0; shape.len / shape.erase],
            journal: None,
            plan: Plan::Sound,
            off: false,
            misuse: None,
            patience: PATIENCE,
            trace: false,
        }
    }

    /// Lets a unit be programmed with anything that was torn before, but reads as erased. Some chips do not mind.
    pub const fn be_lenient(&mut self) {
        self.lenient = true;
    }

    /// Prints every call and every step from now on.
    pub const fn set_trace(&mut self) {
        self.trace = true;
    }

    /// The sizes.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// What has been done to it so far.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Erases of each page.
    #[must_use]
    pub fn wear(&self) -> &[u32] {
        &self.wear
    }

    /// The first rule that was broken.
    #[must_use]
    pub const fn misuse(&self) -> Option<Misuse> {
        self.misuse
    }

    /// Whether any place reads at random.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.unsound.is_empty()
    }

    /// Says what will go wrong, counted from now.
    pub const fn plan(&mut self, plan: Plan) {
        self.plan = match plan {
            Plan::Sound => plan,
            Plan::Cut { after, tear } => Plan::Cut { after: self.counters.steps.saturating_add(after), tear },
            Plan::Fail { after, done, tear } => {
                Plan::Fail { after: self.counters.calls.saturating_add(after), done, tear }
            }
        };
    }

    /// Whether power is lost.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        self.off
    }

    /// Power is back.
    pub const fn restart(&mut self) {
        self.off = false;
        self.plan = Plan::Sound;
        self.patience = self.counters.calls + PATIENCE;
    }

    /// Keeps all steps from now on.
    pub fn start_journal(&mut self) {
        self.journal = Some(Vec::new());
    }

    /// The steps since then.
    pub fn take_journal(&mut self) -> Vec<Step> {
        self.journal.take().unwrap_or_default()
    }

    /// What is there, without the noise: for comparisons.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Changes what is there, against all rules: what ageing, radiation or an attacker may do.
    pub fn damage(&mut self, start: usize, change: impl FnOnce(&mut [u8]), len: usize) {
        change(&mut self.bytes[start..start + len]);
        // Who finds such a unit erased may take it for one that power failed on.
        for unit in start / self.shape.write..(start + len).div_ceil(self.shape.write) {
            self.torn[unit] = true;
        }
    }

    /// Erases a page behind the store's back: it can be programmed again.
    pub fn wipe(&mut self, start: usize) {
        self.erase_page(start, Tear::Whole);
    }

    /// Where the store may program and erase.
    #[must_use]
    pub fn region(&self) -> Range<u32> {
        address(self.region.start)..address(self.region.end)
    }

    /// Does a step of a journal, or what a cut leaves of it.
    pub fn redo(&mut self, step: &Step, tear: Tear) {
        match step {
            Step::Program { start, data, index } => self.program(size(*start), data, *index, tear),
            Step::Erase { start } => self.erase_page(size(*start), tear),
        }
    }

    /// `ReadNorFlash::read`.
    ///
    /// # Errors
    ///
    /// What is planned, or a broken rule.
    pub fn read(&mut self, start: u32, into: &mut [u8]) -> Result<(), NorError> {
        self.begin_call("read", start, into.len())?;
        let place = size(start);
        self.in_bounds(place, into.len(), self.shape.read, 0..self.shape.len)?;
        self.counters.reads += 1;
        self.counters.read_bytes += into.len() as u64;
        if self.fails() {
            into.fill_with(|| 0xa5);
            return Err(NorError::Io);
        }
        into.copy_from_slice(&self.bytes[place..place + into.len()]);
        if !self.unsound.is_empty() {
            self.disturb(place, into);
        }
        Ok(())
    }

    /// `NorFlash::write`.
    ///
    /// # Errors
    ///
    /// What is planned, or a broken rule.
    pub fn write(&mut self, start: u32, data: &[u8]) -> Result<(), NorError> {
        self.begin_call("write", start, data.len())?;
        let place = size(start);
        self.in_bounds(place, data.len(), self.shape.write, self.region.clone())?;
        let units = data.len() / self.shape.write;
        let fails = self.fails();
        let shared = self.journal.is_some().then(|| std::rc::Rc::<[u8]>::from(data));
        for index in 0..units {
            let unit = place + index * self.shape.write;
            let zeros = data[index * self.shape.write..][..self.shape.write].iter().all(|byte| *byte == 0);
            if self.programmed[unit / self.shape.write] && !(zeros && self.torn[unit / self.shape.write]) {
                return Err(self.misused(Misuse::ProgrammedTwice(address(unit))));
            }
            if let Some(tear) = self.interrupts(fails, index) {
                self.program(place, data, index, tear);
                return Err(if fails { NorError::Io } else { NorError::PowerLost });
            }
            if let (Some(journal), Some(data)) = (&mut self.journal, &shared) {
                journal.push(Step::Program { start, data: data.clone(), index });
            }
            self.program(place, data, index, Tear::Whole);
            self.counters.steps += 1;
            self.counters.programs += 1;
        }
        if fails { Err(NorError::Io) } else { Ok(()) }
    }

    /// `NorFlash::erase`.
    ///
    /// # Errors
    ///
    /// What is planned, or a broken rule.
    pub fn erase(&mut self, from: u32, to: u32) -> Result<(), NorError> {
        self.begin_call("erase", from, size(to).saturating_sub(size(from)))?;
        if from > to {
            return Err(self.misused(Misuse::OutOfBounds));
        }
        let place = size(from);
        self.in_bounds(place, size(to) - place, self.shape.erase, self.region.clone())?;
        let fails = self.fails();
        for (index, page) in (place..size(to)).step_by(self.shape.erase).enumerate() {
            if let Some(tear) = self.interrupts(fails, index) {
                self.erase_page(page, tear);
                return Err(if fails { NorError::Io } else { NorError::PowerLost });
            }
            if let Some(journal) = &mut self.journal {
                journal.push(Step::Erase { start: address(page) });
            }
            self.erase_page(page, Tear::Whole);
            self.counters.steps += 1;
            self.counters.erases += 1;
        }
        if fails { Err(NorError::Io) } else { Ok(()) }
    }

    fn begin_call(&mut self, name: &str, start: u32, len: usize) -> Result<(), NorError> {
        if self.off {
            return Err(NorError::PowerLost);
        }
        if self.trace {
            println!("  step {:5}: {name:5} {start:6} +{len}", self.counters.steps);
        }
        self.counters.calls += 1;
        if self.counters.calls > self.patience { Err(self.misused(Misuse::Endless)) } else { Ok(()) }
    }

    fn in_bounds(&mut self, start: usize, len: usize, unit: usize, within: Range<usize>) -> Result<(), NorError> {
        if start < within.start || start > within.end || len > within.end - start {
            return Err(self.misused(Misuse::OutOfBounds));
        }
        if !start.is_multiple_of(unit) || !len.is_multiple_of(unit) {
            return Err(self.misused(Misuse::NotAligned));
        }
        Ok(())
    }

    fn misused(&mut self, misuse: Misuse) -> NorError {
        if self.trace {
            println!("              {}", NorError::Misuse(misuse));
        }
        self.misuse.get_or_insert(misuse);
        NorError::Misuse(misuse)
    }

    /// Whether the call that has begun is the one to fail.
    fn fails(&mut self) -> bool {
        matches!(self.plan, Plan::Fail { after, .. } if self.counters.calls == after + 1)
    }

    /// What the next step leaves, if it is cut off.
    fn interrupts(&mut self, fails: bool, index: usize) -> Option<Tear> {
        let tear = match self.plan {
            Plan::Fail { done, tear, .. } if fails && done == index => tear,
            Plan::Cut { after, tear } if after == self.counters.steps => {
                self.off = true;
                tear
            }
            _ => return None,
        };
        if self.trace {
            let what = if fails { "fails" } else { "loses power" };
            println!("              step {index} of the call {what}: {tear}");
        }
        Some(tear)
    }

    fn program(&mut self, start: usize, data: &[u8], index: usize, tear: Tear) {
        let unit = self.shape.write;
        if let Tear::Call(seed) = tear {
            let mut random = Rng::new(u64::from(seed));
            for other in 0..data.len() / unit {
                let place = start + other * unit;
                // Nothing else has programmed it: it was erased before this call.
                self.bytes[place..place + unit].fill(ERASED);
                let tear = match random.below(4) {
                    0 => Tear::Weak,
                    1 => Tear::Bits(random.seed()),
                    _ => Tear::Whole,
                };
                self.program(start, data, other, tear);
            }
            return;
        }
        let place = start + index * unit;
        if tear == Tear::Whole {
            for (offset, new) in data[index * unit..][..unit].iter().enumerate() {
                self.bytes[place + offset] &= new;
                // What is programmed to zero is sure, whatever it was before.
                for unsound in self.unsound.iter_mut().filter(|unsound| unsound.start <= place + offset) {
                    let inside = place + offset - unsound.start;
                    if let (Some(sure), Some(doubtful)) =
                        (unsound.sure.get_mut(inside), unsound.doubtful.get_mut(inside))
                    {
                        *sure &= new;
                        *doubtful &= new;
                    }
                }
            }
            self.programmed[place / unit] = true;
            self.torn[place / unit] = false;
            return;
        }
        let after = data[index * unit..][..unit].iter().zip(&self.bytes[place..]).map(|(new, old)| new & old);
        let after: Vec<u8> = after.collect();
        self.tear(place, &after, tear, |part| part * 8);
        if tear != Tear::Nothing {
            let reads_erased = self.bytes[place..place + unit].iter().all(|byte| *byte == ERASED);
            self.programmed[place / unit] = !(self.lenient && reads_erased);
            self.torn[place / unit] = true;
        }
    }

    fn erase_page(&mut self, start: usize, tear: Tear) {
        if tear == Tear::Nothing {
            return;
        }
        let page = start..start + self.shape.erase;
        self.wear[start / self.shape.erase] += 1;
        self.unsound.retain(|unsound| !page.contains(&unsound.start));
        let tear = match tear {
            Tear::Call(seed) => Tear::Bits(seed),
            other => other,
        };
        if tear == Tear::Whole || tear == Tear::Weak {
            self.bytes[page.clone()].fill(ERASED);
        } else {
            self.tear(start, &vec![ERASED; self.shape.erase], tear, |part| part);
        }
        for unit in page.step_by(self.shape.write) {
            let reads_erased = self.bytes[unit..unit + self.shape.write].iter().all(|byte| *byte == ERASED);
            self.programmed[unit / self.shape.write] = tear != Tear::Whole && !(self.lenient && reads_erased);
            self.torn[unit / self.shape.write] = tear != Tear::Whole;
        }
    }

    /// Makes of the bytes at `place` what the step that should have made `after` of them leaves. A part of a step is
    /// counted in bits (`grain` makes eight of each byte) or in bytes.
    fn tear(&mut self, place: usize, after: &[u8], tear: Tear, grain: impl Fn(usize) -> usize) {
        let range = place..place + after.len();
        let bytes = &mut self.bytes[range];
        match tear {
            Tear::Nothing | Tear::Weak | Tear::Call(_) => {}
            Tear::Whole => bytes.copy_from_slice(after),
            Tear::Prefix(part) => {
                let parts = grain(after.len());
                let done = parts * usize::from(part) / 256;
                let per_byte = parts / after.len();
                for (index, (byte, after)) in bytes.iter_mut().zip(after).enumerate() {
                    let bits = done.saturating_sub(index * per_byte).min(per_byte) * (8 / per_byte);
                    let mask = u8::try_from((1_u32 << bits) - 1).unwrap_or(u8::MAX);
                    *byte = (*byte & !mask) | (after & mask);
                }
            }
            Tear::Bits(seed) => {
                let mut random = Rng::new(u64::from(seed));
                for (byte, after) in bytes.iter_mut().zip(after) {
                    let mask = random.byte();
                    *byte = (*byte & !mask) | (after & mask);
                }
            }
            Tear::Garbage(seed) => {
                let mut random = Rng::new(u64::from(seed));
                bytes.fill_with(|| random.byte());
            }
            Tear::Flicker(seed) | Tear::Settle { seed, .. } => {
                self.noise = Rng::new(u64::from(seed));
                let doubtful: Box<[u8]> = bytes.iter().zip(after).map(|(old, new)| old ^ new).collect();
                let sure = bytes.iter().zip(after).map(|(old, new)| old & new).collect();
                let (reads_left, ends_after) = match tear {
                    Tear::Settle { reads, after, .. } => (Some(reads), after),
                    _ => (None, true),
                };
                if ends_after {
                    bytes.copy_from_slice(after);
                }
                self.unsound.push(Unsound { start: place, sure, doubtful, reads_left });
            }
        }
    }

    /// Puts noise on what was read.
    fn disturb(&mut self, start: usize, into: &mut [u8]) {
        let noise = &mut self.noise;
        self.unsound.retain_mut(|unsound| {
            let from = unsound.start.max(start);
            let to = (unsound.start + unsound.sure.len()).min(start + into.len());
            if from >= to {
                return true;
            }
            if unsound.reads_left == Some(0) {
                return false;
            }
            for place in from..to {
                let inside = place - unsound.start;
                into[place - start] = unsound.sure[inside] | (unsound.doubtful[inside] & noise.byte());
            }
            unsound.reads_left = unsound.reads_left.map(|left| left - 1);
            true
        });
    }
}
