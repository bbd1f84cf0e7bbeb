//! The C ABI of lockop. `include/lockop.h` is made from these sources and is what C programmers read; so the
//! documentation of public items here speaks of C.
//!
//! Every function takes its pointers as C gives them, checks them for NULL, alignment and length, and does its work
//! in the safe library. There is no allocation and no global.
#![no_std]

// Only tests run on a host, and those need its panics.
#[cfg(not(target_os = "none"))]
extern crate std;

mod apply;
mod code;
mod config;
mod device;
mod engine;
mod entry;
#[cfg(feature = "flash")]
mod flash;
mod memory;
mod pointer;
mod ram;
mod store;
mod text;
mod transaction;
mod verdict;

pub use apply::{lockop_abi_version, lockop_apply, lockop_apply_with_ed25519};
pub use code::{Code, Status, lockop_code_name};
pub use config::{ABI_VERSION, ERASE_SIZE, REPLAYS, USERS, WRITE_SIZE};
pub use device::{Device, LOCKOP_REQUIRE_JTI, LOCKOP_RFC7515_ONLY, lockop_device_init};
pub use engine::Engine;
pub use entry::{Entry, KeyKind, LOCKOP_NO_TIME, Replay, Role, Uuid};
#[cfg(feature = "flash")]
pub use flash::*;
pub use ram::*;
pub use store::Store;
pub use text::{lockop_entry_set_key, lockop_uuid_format, lockop_uuid_parse};
pub use transaction::{
    Transaction, lockop_transaction_grant, lockop_transaction_grants_len, lockop_transaction_removal,
    lockop_transaction_removals_len, lockop_transaction_replay,
};
pub use verdict::{OperationKind, Verdict, lockop_operation_name};

/// A release build has no call that panics, so this is not linked, and nobody need define `lockop_panic`. If the
/// linker misses that, a panic is left.
#[cfg(all(target_os = "none", feature = "panic-handler"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn lockop_panic() -> !;
    }
    // SAFETY: the firmware defines it, and by lockop.h it takes nothing and does not return.
    unsafe { lockop_panic() }
}
