//! What firmware needs at least to apply an operation. Its flash, less that of the same image without the library
//! (feature `without-lockop`), is what the library takes.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use lockop_target::fixtures::{DEVICE, ISSUER, ISSUER_KEY, NOW, SAMPLE};

#[entry]
fn main() -> ! {
    #[cfg(not(any(feature = "without-lockop", feature = "flash")))]
    static mut STORE: lockop::RamAcl<100, 32> = lockop::RamAcl::new();
    #[cfg(all(feature = "flash", not(feature = "without-lockop")))]
    static mut CHIP: lockop_target::chip::Chip = lockop_target::chip::Chip::new();
    // The compiler must not work anything out beforehand.
    let (jws, now, device, issuer, key) =
        (black_box(SAMPLE), black_box(NOW), black_box(DEVICE), black_box(ISSUER), black_box(ISSUER_KEY));

    #[cfg(not(feature = "without-lockop"))]
    let good = {
        use lockop::{AclEntry, Device, Role, UserKey, Uuid, Window};

        let admin = AclEntry {
            user: Uuid::from_bytes(issuer),
            key: black_box(UserKey::Ed25519(key)),
            role: Role::Admin,
            window: Window::ALWAYS,
        };
        let backend = lockop_target::Backend::default();
        let mut device = Device::with_backend(Uuid::from_bytes(device), backend);
        #[cfg(not(feature = "flash"))]
        let store = STORE;
        #[cfg(feature = "flash")]
        let store = &mut match lockop_target::chip::mount(CHIP) {
            Some(store) => store,
            None => fail(),
        };
        store.provision(admin).is_ok() && device.apply(jws, now, store).is_ok()
    };
    #[cfg(feature = "without-lockop")]
    let good = !black_box((jws, now, device, issuer, key)).0.is_empty();

    exit(if good { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {}
}

#[cfg(all(feature = "flash", not(feature = "without-lockop")))]
fn fail() -> ! {
    exit(EXIT_FAILURE);
    loop {}
}

/// As firmware has it: nobody could read a message. Not inlined, because `cargo xtask target` looks for who calls it.
#[inline(never)]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(EXIT_FAILURE);
    loop {}
}
