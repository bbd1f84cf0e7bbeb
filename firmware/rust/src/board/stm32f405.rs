//! The emulator's netduinoplus2, an STM32F405 (PROTOCOL.md, §1).

use core::ops::Range;

use cortex_m::peripheral::SCB;

/// The longest operation.
pub const MAX_BODY: usize = lockop::Policy::DEFAULT.max_len;
/// Room on the ACL.
pub const USERS: usize = 100;
/// Room for replay records.
pub const REPLAYS: usize = 32;

/// What is programmed at once, in bytes.
pub const WORD: usize = 4;
/// What is erased at once, in bytes.
pub const PAGE: usize = 4096;
/// All of the pretend flash, counted from [`STORE`].
pub const REGION: Range<u32> = 0..0x8000;

/// The RAM that stands in for flash. It is in no section of the image.
const STORE: *mut u8 = 0x2001_8000 as *mut u8;

const USART1_SR: *const u32 = 0x4001_1000 as *const u32;
const USART1_DR: *mut u32 = 0x4001_1004 as *mut u32;
const USART1_CR1: *mut u32 = 0x4001_100c as *mut u32;
const RXNE: u32 = 1 << 5;
const TXE: u32 = 1 << 7;
/// The line is on: UE, TE, RE.
const ON: u32 = 1 << 13 | 1 << 3 | 1 << 2;

const GPIOA_BSRR: *mut u32 = 0x4002_0018 as *mut u32;
const STRIKE: u32 = 1 << 0;

/// Switches the line on. The emulator needs no clocks, pins and speed set.
pub fn start() {
    // SAFETY: a register of this chip that nobody else uses, written once.
    unsafe { USART1_CR1.write_volatile(ON) };
}

/// The next byte on the line, if it is there.
pub fn received() -> Option<u8> {
    // SAFETY: registers of this chip that only this module uses. Reading DR takes the byte, which is meant.
    let byte = unsafe { (USART1_SR.read_volatile() & RXNE != 0).then(|| USART1_DR.read_volatile()) };
    byte.map(|byte| byte.to_le_bytes()[0])
}

/// Puts a byte on the line, when there is room.
pub fn send(byte: u8) {
    // SAFETY: registers of this chip that only this module uses.
    unsafe {
        while USART1_SR.read_volatile() & TXE == 0 {}
        USART1_DR.write_volatile(byte.into());
    }
}

/// Pulls the strike for a moment.
pub fn pull_strike() {
    // SAFETY: a register of which every bit that is written as 0 does nothing; nobody else has this pin.
    unsafe { GPIOA_BSRR.write_volatile(STRIKE) };
    cortex_m::asm::delay(1_000);
    // SAFETY: as above.
    unsafe { GPIOA_BSRR.write_volatile(STRIKE << 16) };
}

/// Starts anew.
pub fn reset() -> ! {
    SCB::sys_reset()
}

/// A byte of the pretend flash. Each is kept as its complement: the emulator's RAM begins as zeros, and that must read as
/// erased.
fn byte(at: u32) -> *mut u8 {
    STORE.wrapping_add((at % REGION.end) as usize)
}

/// Reads the word at an offset in the region.
pub fn read_word(at: u32) -> [u8; WORD] {
    let mut word = [0; WORD];
    for (out, at) in word.iter_mut().zip(at..) {
        // SAFETY: `byte` stays within 32 KiB of RAM that no section has, so that no reference to it exists.
        *out = !unsafe { byte(at).read_volatile() };
    }
    word
}

/// Programs a word: bits can only be cleared.
pub fn program_word(at: u32, word: [u8; WORD]) {
    for (new, at) in word.iter().zip(at..) {
        // SAFETY: as in `read_word`.
        unsafe { byte(at).write_volatile(byte(at).read_volatile() | !new) };
    }
}

/// Erases a page.
pub fn erase_page(page: u32) {
    erase(page, PAGE);
}

/// Erases the first half of a page: power is lost.
pub fn erase_half(page: u32) {
    erase(page, PAGE / 2);
}

fn erase(page: u32, len: usize) {
    for at in (page..).take(len) {
        // SAFETY: as in `read_word`.
        unsafe { byte(at).write_volatile(0) };
    }
}
