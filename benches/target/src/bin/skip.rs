//! Applies a forged operation, while `cargo xtask skip` skips one instruction of it after another.
//!
//! That program stops the emulator at the markers, chooses a forgery by writing `SKIP_FORGERY`, and reads `SKIP_ANSWER`.
#![no_std]
#![no_main]

use core::convert::Infallible;
use core::hint::black_box;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::hprintln;
use lockop::{
    AclEntry, AclStore, Applied, CommitError, Device, Error, RamAcl, ReplayRecord, Role, Transaction, UserKey, Uuid,
    Window,
};
use lockop_target::Backend;
use lockop_target::forgeries::{FORGERIES, Forgery};

/// A store as firmware may have it, with functions that can be found in the image.
#[derive(Clone)]
struct Store(RamAcl<8, 4>);

impl AclStore for Store {
    type Error = Infallible;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Infallible> {
        skip_store_get(&mut self.0, user)
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Infallible> {
        self.0.is_replay(record, passed)
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Infallible>> {
        self.0.commit(transaction)
    }
}

/// Here the operation has been read, and the decisions begin.
#[unsafe(no_mangle)]
#[inline(never)]
fn skip_store_get(acl: &mut RamAcl<8, 4>, user: &Uuid) -> Result<Option<AclEntry>, Infallible> {
    acl.get(user)
}

type Lock = Device<Backend>;
type Verdict = Result<Applied, Error<Infallible>>;

/// Which forgery; behind the last one is the control.
#[unsafe(no_mangle)]
static SKIP_FORGERY: AtomicU32 = AtomicU32::new(0);

/// Bit 0: the call said that the operation was applied. Bit 1: the ACL is not what it was.
#[unsafe(no_mangle)]
static SKIP_ANSWER: AtomicU32 = AtomicU32::new(0);

#[entry]
fn main() -> ! {
    static mut STORE: Store = Store(RamAcl::new());
    static mut BEFORE: Store = Store(RamAcl::new());

    for (number, forgery) in FORGERIES.iter().enumerate() {
        hprintln!("{} {} {}", number, forgery.class, forgery.name);
    }
    hprintln!("{} control a-single-branch", FORGERIES.len());
    skip_ready();
    let number = SKIP_FORGERY.load(Relaxed) as usize;
    let (forgery, control) = match FORGERIES.get(number) {
        Some(forgery) => (forgery, false),
        None => (&FORGERIES[1], true),
    };
    let mut device: Lock = Device::with_backend(black_box(Uuid::from_bytes(forgery.device)), Backend::default());
    prepare(forgery, &mut device, STORE);
    BEFORE.clone_from(STORE);

    // What firmware should start from, too.
    let mut verdict = black_box(Err(Error::Unauthenticated));
    let attacked = if control { skip_control } else { skip_attacked };
    attacked(&mut device, black_box(forgery.jws), black_box(forgery.now), STORE, &mut verdict);
    let changed = STORE.0.entries() != BEFORE.0.entries();
    SKIP_ANSWER.store(u32::from(verdict.is_ok()) | u32::from(changed) << 1, Relaxed);
    skip_done();
    loop {}
}

/// Puts the users on the ACL, and for a replay has the operation applied before.
fn prepare(forgery: &Forgery, device: &mut Lock, store: &mut Store) {
    for user in forgery.acl {
        let entry = AclEntry {
            user: Uuid::from_bytes(user.user),
            key: UserKey::from_bytes(black_box(user.key)).expect("a key"),
            role: if user.admin { Role::Admin } else { Role::User },
            window: Window::new(user.start, user.end).expect("a window"),
        };
        store.0.provision(entry).expect("room");
    }
    if forgery.again {
        device.apply(forgery.jws, forgery.now, store).expect("a good operation");
        // Its user goes, so that it would show if it was applied again.
        while let Some(last) = store.0.entries().get(forgery.acl.len()).map(|entry| entry.user) {
            store.0.remove(&last);
        }
    }
}

/// What is attacked: every instruction from here to its return.
#[unsafe(no_mangle)]
#[inline(never)]
fn skip_attacked(device: &mut Lock, jws: &[u8], now: u64, store: &mut Store, verdict: &mut Verdict) {
    *verdict = device.apply(jws, now, store);
}

/// The positive control: a verdict that is one branch, which a skip must be found to get around.
#[unsafe(no_mangle)]
#[inline(never)]
fn skip_control(device: &mut Lock, jws: &[u8], now: u64, store: &mut Store, verdict: &mut Verdict) {
    if black_box(jws.len() == 1) {
        let window = Window::ALWAYS;
        let entry = AclEntry { user: *device.id(), key: UserKey::Ed25519([1; 32]), role: Role::Admin, window };
        let _ = store.0.provision(entry);
    }
    *verdict = Err(if now == 0 { Error::Expired } else { Error::Unauthenticated });
}

/// Everything is prepared for the choice.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".markers")]
#[inline(never)]
extern "C" fn skip_ready() {
    // SAFETY: it does nothing, but the compiler does not know.
    unsafe { core::arch::asm!("nop") };
}

/// The answer is there.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".markers")]
#[inline(never)]
extern "C" fn skip_done() {
    // SAFETY: as above. Another body than its neighbour's: the linker would make one of two alike.
    unsafe { core::arch::asm!("nop", "nop") };
}

/// The firmware has noticed that something is wrong; a lock would start anew.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".markers")]
#[inline(never)]
extern "C" fn skip_crashed() {
    // SAFETY: as above.
    unsafe { core::arch::asm!("nop", "nop", "nop") };
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    skip_crashed();
    loop {}
}

// SAFETY: it does not return, so nothing that was interrupted goes on.
#[exception]
unsafe fn HardFault(_: &ExceptionFrame) -> ! {
    skip_crashed();
    loop {}
}
