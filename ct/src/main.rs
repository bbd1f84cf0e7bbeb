//! The program that `cargo xtask ct host` runs under valgrind: every case, with what valgrind is to know about it.
//!
//! - `callgrind`: what is executed in each case goes into a profile of its own, named by group and case.
//! - `memcheck`: key, message and signature are marked undefined before they are verified, and what valgrind then says
//!   about branches and addresses is counted; a line for each case has group, case and number. (ctgrind's method.)
//!
//! The only bytes that are declassified, that is marked defined again, are the verdict of each verification, because it
//! is what everybody may learn; and after that the inputs, which were public all the time. In the group `verdict` it is
//! the other way round: only the verdict is undefined.

mod valgrind;

use std::ffi::CString;
use std::hint::black_box;
use std::process::ExitCode;

use lockop::{Choice, Verdict};
use lockop_ct::{Group, Memory, Watch};

/// Nobody watches: what is done once per process is done.
struct Warmup;

impl Watch for Warmup {
    fn case(&mut self, _: Group, _: &'static str) {}

    fn begin(&mut self, _: &[&[u8]]) {}

    fn end(&mut self, _: &[&[u8]]) {}

    fn verdict(&mut self, verdict: Choice) -> Choice {
        verdict
    }

    fn formed(&mut self, verdict: Verdict) -> Verdict {
        verdict
    }

    fn done(&mut self) {}
}

/// Tells callgrind.
struct Callgrind {
    case: CString,
}

impl Watch for Callgrind {
    fn case(&mut self, group: Group, name: &'static str) {
        self.case = CString::new(format!("{}\t{name}", group.name())).expect("no name has a NUL");
    }

    fn begin(&mut self, _: &[&[u8]]) {
        valgrind::toggle_collect();
    }

    fn end(&mut self, _: &[&[u8]]) {
        valgrind::toggle_collect();
    }

    fn verdict(&mut self, verdict: Choice) -> Choice {
        verdict
    }

    fn formed(&mut self, verdict: Verdict) -> Verdict {
        verdict
    }

    fn done(&mut self) {
        valgrind::dump_stats_at(&self.case);
    }
}

/// Tells memcheck.
struct Memcheck {
    group: Group,
    name: &'static str,
    errors_before: usize,
}

impl Memcheck {
    /// The verdict, which is known from here on, or is all that is not.
    fn told<T: Copy>(&self, verdict: T) -> T {
        let verdict = [verdict];
        if self.group == Group::Verdict {
            valgrind::make_undefined(&verdict);
        } else {
            valgrind::make_defined(&verdict);
        }
        // What valgrind now thinks of it is in memory, not in the register that it came in.
        let [verdict] = *black_box(&verdict);
        verdict
    }
}

impl Watch for Memcheck {
    fn case(&mut self, group: Group, name: &'static str) {
        *self = Self { group, name, errors_before: valgrind::count_errors() };
    }

    fn begin(&mut self, inputs: &[&[u8]]) {
        if self.group != Group::Verdict {
            inputs.iter().for_each(|input| valgrind::make_undefined(input));
        }
    }

    fn end(&mut self, inputs: &[&[u8]]) {
        inputs.iter().for_each(|input| valgrind::make_defined(input));
    }

    fn verdict(&mut self, verdict: Choice) -> Choice {
        self.told(verdict)
    }

    fn formed(&mut self, verdict: Verdict) -> Verdict {
        self.told(verdict)
    }

    fn done(&mut self) {
        println!("{}\t{}\t{}", self.group.name(), self.name, valgrind::count_errors() - self.errors_before);
    }
}

fn main() -> ExitCode {
    let mode = std::env::args().nth(1);
    if !valgrind::is_running() {
        eprintln!("this only says something under valgrind: cargo xtask ct host");
        return ExitCode::FAILURE;
    }
    let memory = &mut Memory::new();
    lockop_ct::warm_up(&mut Warmup, memory);
    match mode.as_deref() {
        Some("callgrind") => lockop_ct::run(&mut Callgrind { case: CString::default() }, memory),
        Some("memcheck") => {
            lockop_ct::run(&mut Memcheck { group: Group::Verify, name: "", errors_before: 0 }, memory);
        }
        _ => {
            eprintln!("usage: lockop-ct callgrind|memcheck");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
