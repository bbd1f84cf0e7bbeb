//! Measuring one call, and reporting it.

use core::hint::black_box;

use cortex_m::Peripherals;
use cortex_m_semihosting::hprintln;

use crate::clock::{Clock, spin};
use crate::stack;

/// What a call took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Instructions, or on a chip cycles.
    pub count: u32,
    /// Bytes of stack below the caller's frame.
    pub stack: usize,
}

/// A clock whose own cost is known.
#[derive(Debug)]
pub struct Bench {
    clock: Clock,
    overhead: u32,
}

impl Bench {
    /// Sets the clock up, and checks it.
    ///
    /// # Panics
    ///
    /// If the emulator does not count instructions, or this is not the first call.
    #[must_use]
    pub fn new() -> Self {
        let mut peripherals = Peripherals::take().expect("the first call");
        let clock = Clock::start(&mut peripherals.DCB, &mut peripherals.DWT);
        let mut bench = Self { clock, overhead: 0 };
        bench.overhead = bench.measure(|| ()).1.count;
        let [short, long] = [1_000, 11_000].map(|rounds| bench.measure(|| spin(rounds)).1.count);
        if clock == Clock::Instructions {
            assert_eq!(long - short, 2 * 10_000, "the emulator does not count instructions");
        }
        let (unit, overhead) = (clock.unit(), bench.overhead);
        line(format_args!(r#"{{"unit":"{unit}","overhead":{overhead},"loop-of-2000":{short}}}"#));
        bench
    }

    /// Calls `job`; its result, and what the call took.
    #[inline(never)]
    pub fn measure<T>(&self, job: impl FnOnce() -> T) -> (T, Cost) {
        stack::paint();
        let top = stack::pointer();
        let before = self.clock.now();
        let result = black_box(call(job));
        let after = self.clock.now();
        let stack = stack::used_below(top);
        (result, Cost { count: after.wrapping_sub(before).wrapping_sub(self.overhead), stack })
    }

    /// The same, and prints it as a line of JSON. `input` is the length of what the job reads, in bytes.
    pub fn report<T>(&self, case: &str, stage: &str, input: usize, job: impl FnOnce() -> T) -> T {
        let (result, Cost { count, stack }) = self.measure(job);
        line(format_args!(r#"{{"case":"{case}","stage":"{stage}","input":{input},"count":{count},"stack":{stack}}}"#));
        result
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

/// A frame of its own for the job, whatever the compiler thinks of it.
#[inline(never)]
fn call<T>(job: impl FnOnce() -> T) -> T {
    job()
}

fn line(line: core::fmt::Arguments<'_>) {
    hprintln!("{}", line);
}
