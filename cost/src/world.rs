//! The lock that reads the inputs.

use std::hint::black_box;

use lockop::{AclEntry, Device, RamAcl, Role, UserKey, Uuid, Window};

use super::recipe::{DEVICE, ISSUER, NOW, issuer};

/// Does the whole job: what a device says to this input.
pub(crate) fn job(jws: &str) -> Job<'_> {
    let key = UserKey::from_bytes(&*issuer().pk).expect("a key");
    let entry = AclEntry { user: Uuid::from_bytes(ISSUER), key, role: Role::Admin, window: Window::ALWAYS };
    let mut acl = RamAcl::new();
    acl.provision(entry).expect("an empty ACL");
    Job { device: Device::new(Uuid::from_bytes(DEVICE)), acl, jws }
}

/// A lock, and an input for it.
pub(crate) struct Job<'a> {
    device: Device<lockop::ConstantTime>,
    acl: RamAcl<32, 4>,
    jws: &'a str,
}

impl Job<'_> {
    /// The verdict: a code, or `applied`.
    #[inline(never)]
    pub(crate) fn run(&mut self) -> &'static str {
        match self.device.apply(black_box(self.jws).as_bytes(), black_box(NOW), &mut self.acl) {
            Ok(_) => "applied",
            Err(refused) => refused.code().as_str(),
        }
    }
}
