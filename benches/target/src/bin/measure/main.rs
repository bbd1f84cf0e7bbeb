//! Measures instructions and stack of every case and every stage, and fails on a wrong verdict.
#![no_std]
#![no_main]

mod acl;
mod backends;
mod chain;
mod lock;
mod operations;
mod signature;

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::hprintln;
use lockop::RamAcl;
use lockop_target::bench::Bench;
use lockop_target::fixtures::CASES;

#[entry]
fn main() -> ! {
    // Static, because 73 KB of 128 KB are too much for the stack.
    static mut LARGE: RamAcl<1000, 1> = RamAcl::new();

    let bench = Bench::new();
    signature::measure(&bench);
    for case in CASES {
        operations::measure(&bench, case);
    }
    acl::measure(&bench, LARGE);
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
