//! Measures the store in flash, on RAM that is used like flash; fails on a wrong answer.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::hprintln;
use lockop::acl::conformance::transaction;
use lockop::{AclEntry, AclStore, ReplayRecord, Role, UserKey, Uuid, Window};
use lockop_target::bench::Bench;
use lockop_target::chip::{Chip, Store, mount};

/// Users on the ACL, in batches of this many, and what the case is called.
const CASES: [(u16, &str); 2] = [(10, "flash-acl-10"), (75, "flash-acl-75")];
/// The largest batch.
const BATCH: u16 = 25;

#[entry]
fn main() -> ! {
    static mut CHIP: Chip = Chip::new();

    let bench = Bench::new();
    let mut filled = 0;
    for (users, case) in CASES {
        let mut store = mount(CHIP).expect("a store");
        while filled < users {
            let next = users.min(filled + BATCH);
            assert_eq!(commit(&mut store, filled, next), Ok(()));
            filled = next;
        }
        store.compact().expect("room");
        lookups(&bench, case, &mut store, users);
        let one = bench.report(case, "commit-1-again", 0, || commit(&mut store, 0, 1));
        assert_eq!(one, Ok(()));
        let batch = BATCH.min(users);
        let many = bench.report(case, "commit-25-again", 0, || commit(&mut store, 0, batch));
        assert_eq!(many, Ok(()));
        assert_eq!(bench.report(case, "compact", 0, || store.compact()), Ok(()));
        drop(store);
        let mounted = bench.report(case, "mount", 0, || mount(CHIP).is_some());
        assert!(mounted);
    }
    exit(EXIT_SUCCESS);
    loop {}
}

/// The first user, the last, and one who is not there.
fn lookups(bench: &Bench, case: &str, store: &mut Store<'_>, users: u16) {
    for (stage, number) in [("first", 0), ("last", users - 1), ("absent", users)] {
        let user = black_box(entry(number).user);
        let found = bench.report(case, stage, 0, || store.get(&user));
        assert_eq!(found, Ok((number < users).then(|| entry(number))));
    }
}

type Committed = Result<(), lockop::CommitError<<Store<'static> as AclStore>::Error>>;

/// Grants these users, with a replay record.
#[inline(never)]
fn commit(store: &mut Store<'_>, from: u16, to: u16) -> Committed {
    let batch: [AclEntry; BATCH as usize] =
        core::array::from_fn(|place| entry(from.saturating_add(u16::try_from(place).unwrap_or_default())));
    let grants = batch.get(..usize::from(to - from)).unwrap_or_default();
    store.commit(&transaction(grants, &[], ReplayRecord::from_parts([1; 32], 1_700_000_000)))
}

fn entry(number: u16) -> AclEntry {
    let [high, low] = number.to_be_bytes();
    let mut user = [0x5a; 16];
    user[14..].copy_from_slice(&[high, low]);
    AclEntry {
        user: Uuid::from_bytes(user),
        key: UserKey::RsaFingerprint([low; 32]),
        role: Role::User,
        window: Window::ALWAYS,
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    exit(EXIT_FAILURE);
    loop {}
}
