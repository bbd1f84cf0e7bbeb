//! Measures instructions and stack of the whole job on the dearest inputs that are known.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::hprintln;
use lockop::{AclEntry, Device, RamAcl, Role, UserKey, Uuid, Window};
use lockop_target::Backend;
use lockop_target::bench::Bench;

include!(concat!(env!("OUT_DIR"), "/cost.rs"));

#[entry]
fn main() -> ! {
    let bench = Bench::new();
    for (name, jws, is_valid) in INPUTS {
        if *is_valid { applied(&bench, name, jws) } else { any(&bench, name, jws) }
    }
    exit(EXIT_SUCCESS);
    loop {}
}

/// The whole job of a valid operation.
#[inline(never)]
fn applied(bench: &Bench, name: &str, jws: &[u8]) {
    let ((mut device, mut store), (jws, now)) = (lock(), black_box((jws, NOW)));
    let applied = bench.report(name, "apply", jws.len(), || device.apply(jws, now, &mut store));
    assert!(applied.is_ok());
}

/// The whole job, whatever comes of it.
#[inline(never)]
fn any(bench: &Bench, name: &str, jws: &[u8]) {
    let ((mut device, mut store), (jws, now)) = (lock(), black_box((jws, NOW)));
    _ = bench.report(name, "apply", jws.len(), || device.apply(jws, now, &mut store));
}

/// A lock on whose ACL only the ADMIN is.
fn lock() -> (Device<Backend>, RamAcl<32, 4>) {
    let device = Device::with_backend(black_box(Uuid::from_bytes(DEVICE)), Backend::default());
    let key = UserKey::from_bytes(black_box(&ISSUER_KEY)).expect("a key");
    let mut store = RamAcl::new();
    let user = Uuid::from_bytes(ISSUER);
    store.provision(AclEntry { user, key, role: Role::Admin, window: Window::ALWAYS }).expect("an empty store");
    (device, store)
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
