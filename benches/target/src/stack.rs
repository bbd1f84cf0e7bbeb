//! How deep the stack was used: the free part is painted before, and scanned after.

/// What a call is unlikely to leave behind at its deepest word.
const PAINT: u32 = 0x5aa5_c33c;

unsafe extern "C" {
    /// Where the static variables end, by the linker script of cortex-m-rt: the stack's lower limit.
    static _stack_end: u32;
}

/// The stack pointer of the caller.
#[inline(always)]
#[must_use]
pub fn pointer() -> usize {
    let pointer: usize;
    // SAFETY: it only reads a register.
    unsafe { core::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
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
            "2: str {paint}, [{at}], #4",
            "3: cmp {at}, {end}",
            "blo 2b",
            at = inout(reg) &raw const _stack_end => _,
            paint = in(reg) PAINT as usize,
            end = out(reg) _,
        );
    }
}

/// How many bytes below `top` were written to since [`paint`].
#[inline(never)]
#[must_use]
pub fn used_below(top: usize) -> usize {
    let mut lowest = &raw const _stack_end;
    // SAFETY: the words from the end of the static variables up to `top`, which was a stack pointer, are RAM. They are
    // read as they are: nobody owns them.
    while (lowest as usize) < top && unsafe { lowest.read_volatile() } == PAINT {
        lowest = lowest.wrapping_add(1);
    }
    top - lowest as usize
}
