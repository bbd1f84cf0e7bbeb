//! What build.rs has made for the image `skip`: operations that a device must refuse.

/// An operation, and the device that must refuse it.
#[derive(Debug)]
pub struct Forgery {
    /// What is wrong with it.
    pub name: &'static str,
    /// `good`: nothing. `forged`, `arithmetic`: nobody on the ACL has signed it. `refused`: somebody has.
    pub class: &'static str,
    /// The lock.
    pub device: [u8; 16],
    /// The lock's clock.
    pub now: u64,
    /// Who is on the ACL.
    pub acl: &'static [User],
    /// Whether it was applied before.
    pub again: bool,
    /// The operation.
    pub jws: &'static [u8],
}

/// A user on the ACL.
#[derive(Debug)]
pub struct User {
    /// The user's ID.
    pub user: [u8; 16],
    /// In a form of `publicKey`.
    pub key: &'static [u8],
    /// Whether the role is ADMIN.
    pub admin: bool,
    /// When the user becomes active.
    pub start: Option<u64>,
    /// When the user stops being active.
    pub end: Option<u64>,
}

/// So that all are copied by the same instructions.
#[repr(align(8))]
struct Aligned<T>(T);

include!(concat!(env!("OUT_DIR"), "/forgeries.rs"));
