//! Runs every case of `lockop-ct` for `cargo xtask ct`: the emulator's plugin records what is executed between the two
//! markers.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::hprintln;
use lockop::{Choice, Verdict};
use lockop_ct::{Group, Memory, Watch};

/// Tells the plugin, and names the case afterwards.
struct Markers(Option<(Group, &'static str)>);

impl Watch for Markers {
    fn case(&mut self, group: Group, name: &'static str) {
        self.0 = Some((group, name));
    }

    fn begin(&mut self, _: &[&[u8]]) {
        ct_begin();
    }

    fn end(&mut self, _: &[&[u8]]) {
        ct_end();
    }

    fn verdict(&mut self, verdict: Choice) -> Choice {
        verdict
    }

    fn formed(&mut self, verdict: Verdict) -> Verdict {
        verdict
    }

    fn done(&mut self) {
        if let Some((group, name)) = self.0.take() {
            hprintln!("{}\t{}", group.name(), name);
        }
    }
}

/// Where a trace begins.
// SAFETY: nothing else has this name.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn ct_begin() {
    // SAFETY: it does nothing; but the compiler does not know, and keeps memory as it should be here.
    unsafe { core::arch::asm!("nop") }
}

/// Where it ends.
// SAFETY: nothing else has this name.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn ct_end() {
    // SAFETY: as above. Other instructions, lest the two become one function.
    unsafe { core::arch::asm!("nop", "nop") }
}

#[entry]
fn main() -> ! {
    static mut MEMORY: Memory = Memory::new();

    lockop_ct::run(&mut Markers(None), MEMORY);
    exit(EXIT_SUCCESS);
    loop {}
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    exit(EXIT_FAILURE);
    loop {}
}

// SAFETY: it does not return, so nothing that was interrupted goes on.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    hprintln!("hard fault: {:?}", frame);
    exit(EXIT_FAILURE);
    loop {}
}
