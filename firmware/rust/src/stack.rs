//! How deep the stack was ever used: all of it is painted at the start.

/// What is unlikely to be left behind at the deepest word.
const PAINT: u32 = 0x5aa5_c33c;

unsafe extern "C" {
    /// Where the static variables end, by the linker script of cortex-m-rt: the stack's lower limit.
    static _stack_end: u32;
    /// Where the stack begins.
    static _stack_start: u32;
}

/// Paints all of the free stack.
#[inline(never)]
pub fn paint() {
    // SAFETY: it writes from the end of the static variables up to the stack pointer, where nothing is alive: no
    // interrupt is enabled, and the loop uses no memory of its own.
    unsafe {
        core::arch::asm!(
            "mov {end}, sp",
            "b 3f",
            "2: stm {at}!, {{{paint}}}",
            "3: cmp {at}, {end}",
            "blo 2b",
            at = inout(reg) &raw const _stack_end => _,
            paint = in(reg) PAINT as usize,
            end = out(reg) _,
        );
    }
}

/// The deepest use of the stack since [`paint`], in bytes.
pub fn deepest() -> u32 {
    let (end, start) = (&raw const _stack_end, &raw const _stack_start);
    let mut lowest = end;
    // SAFETY: the words from the end of the static variables to the start of the stack are RAM. They are read as they
    // are: nobody owns them.
    while lowest < start && unsafe { lowest.read_volatile() } == PAINT {
        lowest = lowest.wrapping_add(1);
    }
    (start as u32).wrapping_sub(lowest as u32)
}
