//! Client requests: what a program tells valgrind that runs it (valgrind's manual, "The Client Request mechanism").
//!
//! A request is a sequence of instructions that does nothing on a processor and that valgrind looks for. That needs
//! inline assembly, which is the only reason for `unsafe` in this crate. The numbers are those of `valgrind.h`,
//! `memcheck.h` and `callgrind.h`, which promise never to change them.

use std::ffi::CStr;

const RUNNING_ON_VALGRIND: usize = 0x1001;
const COUNT_ERRORS: usize = 0x1201;
const MAKE_MEM_UNDEFINED: usize = tool(*b"MC") + 1;
const MAKE_MEM_DEFINED: usize = tool(*b"MC") + 2;
const TOGGLE_COLLECT: usize = tool(*b"CT") + 2;
const DUMP_STATS_AT: usize = tool(*b"CT") + 3;

/// Where the requests of a tool begin.
const fn tool([first, second]: [u8; 2]) -> usize {
    (first as usize) << 24 | (second as usize) << 16
}

/// Whether valgrind runs this program.
pub(crate) fn is_running() -> bool {
    request(RUNNING_ON_VALGRIND, 0, 0) != 0
}

/// How many errors valgrind has seen so far, repeated ones too.
pub(crate) fn count_errors() -> usize {
    request(COUNT_ERRORS, 0, 0)
}

/// Tells memcheck that nobody knows these bytes. They stay what they are.
pub(crate) fn make_undefined<T>(values: &[T]) {
    request(MAKE_MEM_UNDEFINED, values.as_ptr().addr(), size_of_val(values));
}

/// Tells memcheck that these bytes are known again.
pub(crate) fn make_defined<T>(values: &[T]) {
    request(MAKE_MEM_DEFINED, values.as_ptr().addr(), size_of_val(values));
}

/// Has callgrind begin to count, or stop.
pub(crate) fn toggle_collect() {
    request(TOGGLE_COLLECT, 0, 0);
}

/// Has callgrind write what it has counted to a file that names the reason, and begin anew.
pub(crate) fn dump_stats_at(reason: &CStr) {
    request(DUMP_STATS_AT, reason.as_ptr().addr(), 0);
}

/// Without valgrind, 0.
// Not inlined: callgrind counts by blocks without branches, and what comes before the request would be in its block.
#[inline(never)]
#[cfg(target_arch = "x86_64")]
fn request(number: usize, first: usize, second: usize) -> usize {
    let words = [number, first, second, 0, 0, 0];
    let answer: usize;
    // SAFETY: to a processor, four rotations of a register by 128 bits in all, which leave it as it was, and an exchange
    // of a register with itself. Valgrind reads the six words, which outlive this, and no other memory than the
    // request's own, of which it changes nothing; it puts its answer into RDX.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") words.as_ptr(),
            inout("rdx") 0_usize => answer,
            options(nostack),
        );
    }
    answer
}

/// Other processors have other sequences; without one, it is as if valgrind did not run.
#[cfg(not(target_arch = "x86_64"))]
fn request(_: usize, _: usize, _: usize) -> usize {
    0
}
