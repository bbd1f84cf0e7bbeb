//! A counter that advances by one for each cycle, or in the emulator for each instruction.

use cortex_m::peripheral::{DCB, DWT};

/// TIM2's counter. The emulator runs it without setting it up, at one tick per nanosecond, and with `-icount shift=0`
/// an instruction takes exactly that.
const TIM2_CNT: *const u32 = 0x4000_0024 as *const u32;

/// The counter that this machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// DWT's CYCCNT: a chip.
    Cycles,
    /// TIM2, because CYCCNT does not count: the emulator.
    Instructions,
}

impl Clock {
    /// Starts CYCCNT, and sees whether it counts.
    pub fn start(dcb: &mut DCB, dwt: &mut DWT) -> Self {
        dcb.enable_trace();
        dwt.enable_cycle_counter();
        let before = DWT::cycle_count();
        spin(16);
        if DWT::cycle_count() == before { Self::Instructions } else { Self::Cycles }
    }

    /// What is counted.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Cycles => "cycles",
            Self::Instructions => "instructions",
        }
    }

    /// The counter now; it wraps.
    #[inline(always)]
    #[must_use]
    pub fn now(self) -> u32 {
        match self {
            Self::Cycles => DWT::cycle_count(),
            // SAFETY: the address is that of a readable register of this chip, and reading it changes nothing.
            Self::Instructions => unsafe { TIM2_CNT.read_volatile() },
        }
    }
}

/// Executes exactly `2 * rounds` instructions.
pub fn spin(rounds: usize) {
    // SAFETY: it counts a register of its own down, from at least 1 to 0.
    unsafe {
        core::arch::asm!("2: subs {0}, {0}, #1", "bne 2b", inout(reg) rounds.max(1) => _, options(nomem, nostack));
    }
}
