//! Looking a user up in the store in RAM.

use core::hint::black_box;

use lockop::{AclEntry, AclStore, RamAcl, Role, UserKey, Uuid, Window};
use lockop_target::bench::Bench;

/// How many entries there are, and what the case is called.
const SIZES: [(u16, &str); 3] = [(10, "acl-10"), (100, "acl-100"), (1000, "acl-1000")];

/// Measures lookups of the first user, the last and one who is not there. `store` is empty.
pub fn measure(bench: &Bench, store: &mut RamAcl<1000, 1>) {
    let mut filled = 0;
    for (size, case) in SIZES {
        for number in filled..size {
            store.provision(entry(number)).expect("room for a thousand");
        }
        filled = size;
        for (stage, number) in [("first", 0), ("last", size - 1), ("absent", size)] {
            let user = black_box(entry(number).user);
            let len = store.entries().len();
            let found = bench.report(case, stage, len, || store.get(&user));
            assert_eq!(found, Ok((number < size).then(|| entry(number))));
        }
    }
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
