//! The lock of every case.

use core::hint::black_box;

use lockop::{AclEntry, Device, RamAcl, Role, UserKey, Uuid, Window};
use lockop_target::fixtures::{Case, DEVICE, ISSUER};

/// Room for the issuer and a whole batch.
pub type Store = RamAcl<32, 4>;

/// The lock, which verifies with `backend`.
pub fn device<V>(backend: V) -> Device<V> {
    Device::with_backend(black_box(Uuid::from_bytes(DEVICE)), backend)
}

/// A store on which only the issuer of the case is.
pub fn store(case: &Case) -> Store {
    store_of(UserKey::from_bytes(black_box(case.issuer_key)).expect("a key"))
}

/// A store on which only the issuer is, with this key.
pub fn store_of(key: UserKey) -> Store {
    let mut store = Store::new();
    let entry = AclEntry { user: Uuid::from_bytes(ISSUER), key, role: Role::Admin, window: Window::ALWAYS };
    store.provision(entry).expect("an empty store");
    store
}
