//! The emulator's microbit, an nRF51822: a Cortex-M0 with 16 KiB of RAM, and with flash that the emulator has a model of.

use core::ops::Range;

use cortex_m::peripheral::SCB;

/// The longest operation: what RAM the stack leaves. 25 users fit.
pub const MAX_BODY: usize = 4864;
/// Room on the ACL.
pub const USERS: usize = 50;
/// Room for replay records.
pub const REPLAYS: usize = 16;

/// What is programmed at once, in bytes.
pub const WORD: usize = 4;
/// What is erased at once, in bytes.
pub const PAGE: usize = 1024;
/// The upper 32 KiB of flash; the image does not reach there.
pub const REGION: Range<u32> = 0x3_8000..0x4_0000;

const UART_STARTRX: *mut u32 = 0x4000_2000 as *mut u32;
const UART_STARTTX: *mut u32 = 0x4000_2008 as *mut u32;
const UART_RXDRDY: *mut u32 = 0x4000_2108 as *mut u32;
const UART_TXDRDY: *mut u32 = 0x4000_211c as *mut u32;
const UART_ENABLE: *mut u32 = 0x4000_2500 as *mut u32;
const UART_RXD: *const u32 = 0x4000_2518 as *const u32;
const UART_TXD: *mut u32 = 0x4000_251c as *mut u32;

const GPIO_OUTSET: *mut u32 = 0x5000_0508 as *mut u32;
const GPIO_OUTCLR: *mut u32 = 0x5000_050c as *mut u32;
const GPIO_DIRSET: *mut u32 = 0x5000_0518 as *mut u32;
const STRIKE: u32 = 1 << 0;

const NVMC_READY: *const u32 = 0x4001_e400 as *const u32;
const NVMC_CONFIG: *mut u32 = 0x4001_e504 as *mut u32;
const NVMC_ERASEPAGE: *mut u32 = 0x4001_e508 as *mut u32;
const READ: u32 = 0;
const PROGRAM: u32 = 1;
const ERASE: u32 = 2;

/// Switches the line on. The emulator needs no pins and speed set.
pub fn start() {
    // SAFETY: registers of this chip that nobody else uses, written once.
    unsafe {
        UART_ENABLE.write_volatile(4);
        UART_STARTRX.write_volatile(1);
        UART_STARTTX.write_volatile(1);
        GPIO_DIRSET.write_volatile(STRIKE);
    }
}

/// The next byte on the line, if it is there.
pub fn received() -> Option<u8> {
    // SAFETY: registers of this chip that only this module uses. The event is cleared before the byte is taken: the next
    // byte, which may be waiting already, sets it again.
    let byte = unsafe {
        (UART_RXDRDY.read_volatile() != 0).then(|| {
            UART_RXDRDY.write_volatile(0);
            UART_RXD.read_volatile()
        })
    };
    byte.map(|byte| byte.to_le_bytes()[0])
}

/// Puts a byte on the line, and waits until it is gone.
pub fn send(byte: u8) {
    // SAFETY: registers of this chip that only this module uses.
    unsafe {
        UART_TXDRDY.write_volatile(0);
        UART_TXD.write_volatile(byte.into());
        while UART_TXDRDY.read_volatile() == 0 {}
    }
}

/// Pulls the strike for a moment.
pub fn pull_strike() {
    // SAFETY: a register of which every bit that is written as 0 does nothing; nobody else has this pin.
    unsafe { GPIO_OUTSET.write_volatile(STRIKE) };
    cortex_m::asm::delay(1_000);
    // SAFETY: as above.
    unsafe { GPIO_OUTCLR.write_volatile(STRIKE) };
}

/// Starts anew.
pub fn reset() -> ! {
    SCB::sys_reset()
}

/// A word of the region.
fn word(at: u32) -> *mut u32 {
    const LEN: u32 = REGION.end - REGION.start;
    const ALIGNED: u32 = !(WORD as u32 - 1);
    (REGION.start + (at.wrapping_sub(REGION.start) % LEN & ALIGNED)) as *mut u32
}

/// Reads the word at an address.
pub fn read_word(at: u32) -> [u8; WORD] {
    // SAFETY: `word` stays within 32 KiB of flash that no section has, so that no reference to it exists.
    unsafe { word(at).read_volatile() }.to_le_bytes()
}

/// Programs a word: bits can only be cleared.
pub fn program_word(at: u32, bytes: [u8; WORD]) {
    // SAFETY: as in `read_word`; while words can be programmed, only this one is written.
    with_nvmc(PROGRAM, || unsafe { word(at).write_volatile(u32::from_le_bytes(bytes)) });
}

/// Erases a page.
pub fn erase_page(page: u32) {
    // SAFETY: a register of this chip that only this module uses; `word` keeps the page within the region.
    with_nvmc(ERASE, || unsafe { NVMC_ERASEPAGE.write_volatile(word(page) as u32) });
}

/// Power is lost while a page is erased: its first half is, as far as programming can make it look so. (Some bits of the
/// other half may have been cleared before; there is no way to erase half a page here.)
pub fn erase_half(page: u32) {
    for at in (page..).step_by(WORD).take(PAGE / WORD / 2) {
        program_word(at, [0; WORD]);
    }
}

fn with_nvmc(mode: u32, job: impl FnOnce()) {
    // SAFETY: registers of this chip that only this module uses.
    unsafe {
        NVMC_CONFIG.write_volatile(mode);
        job();
        while NVMC_READY.read_volatile() == 0 {}
        NVMC_CONFIG.write_volatile(READ);
    }
}
