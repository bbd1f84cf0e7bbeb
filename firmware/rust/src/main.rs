//! A pretend lock: `lockop` in a complete firmware image. `../PROTOCOL.md` says how it is talked to, and what about it is
//! pretend.
//!
//! What a project of one's own needs is in `lock.rs`: mount the store, and give every operation that arrives to
//! [`Device::apply`](lockop::Device::apply).
#![no_std]
#![no_main]

#[cfg_attr(feature = "nrf51", path = "board/nrf51.rs")]
#[cfg_attr(not(feature = "nrf51"), path = "board/stm32f405.rs")]
mod board;
mod frame;
mod lock;
mod nor;
mod request;
mod stack;

use core::panic::PanicInfo;

use cortex_m_rt::entry;
use lock::Lock;
use nor::Nor;
use request::{After, answer};

#[entry]
fn main() -> ! {
    // The only large variable: an operation is received here, and parsed where it lies.
    static mut BODY: [u8; board::MAX_BODY] = [0; board::MAX_BODY];

    stack::paint();
    board::start();
    let nor = Nor::new();
    let mut lock = Lock::start(&nor);
    request::booted(&mut lock).send(request::BOOTED);
    loop {
        let (kind, body) = frame::receive(BODY);
        let (answer, after) = answer(&mut lock, &nor, kind, body);
        answer.send(kind | request::ANSWER);
        if after == After::Reset {
            board::reset();
        }
    }
}

/// Nobody could read a message, and a lock must not stand still. Not inlined: `cargo xtask firmware` looks for who calls it,
/// and fails if anybody does.
#[inline(never)]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    board::reset()
}
