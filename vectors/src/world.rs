//! The device, its people and the operation that the vectors vary.

use crate::b64;
use crate::keys::Key;
use crate::text::{Obj, array, quote};

/// The time of nearly every vector.
pub(crate) const NOW: u64 = 1_700_000_000;
/// The lock of every vector.
pub(crate) const LOCK: &str = "6ba1c9f2-3d4e-4f50-8a6b-7c8d9e0f1a2b";
/// The ADMIN on the default ACL.
pub(crate) const ADMIN: &str = "a1e5d0c3-9b7f-4e2d-8c41-5f6a7b8c9d0e";
/// Somebody who is not on the default ACL.
pub(crate) const STRANGER: &str = "5de8c7b6-a594-4837-9261-504f3e2d1c0b";

/// One entry of the ACL.
#[derive(Clone)]
pub(crate) struct Entry {
    /// UUID.
    pub(crate) user: String,
    /// Bytes of any of the key forms of §5.
    pub(crate) key: Vec<u8>,
    /// `ADMIN` or `USER`.
    pub(crate) role: &'static str,
    /// First second of the window.
    pub(crate) start: Option<u64>,
    /// First second after the window.
    pub(crate) end: Option<u64>,
}

impl Entry {
    /// An entry without a window.
    pub(crate) fn new(user: &str, key: &[u8], role: &'static str) -> Self {
        Self { user: user.to_owned(), key: key.to_vec(), role, start: None, end: None }
    }

    /// With another role.
    pub(crate) fn role(mut self, role: &'static str) -> Self {
        self.role = role;
        self
    }

    /// With another key.
    pub(crate) fn key(mut self, key: &[u8]) -> Self {
        self.key = key.to_vec();
        self
    }

    /// With a window.
    pub(crate) fn window(mut self, start: Option<u64>, end: Option<u64>) -> Self {
        (self.start, self.end) = (start, end);
        self
    }

    /// As the vector format writes it.
    pub(crate) fn json(&self) -> String {
        let time = |t: Option<u64>| t.map_or("null".to_owned(), |t| t.to_string());
        Obj::new()
            .with_str("user", &self.user)
            .with_str("publicKey", &b64::std(&self.key))
            .with_str("role", self.role)
            .with("start", time(self.start))
            .with("end", time(self.end))
            .render()
    }
}

/// The key of the ADMIN on the default ACL.
pub(crate) fn admin_key() -> Key {
    Key::named("admin")
}

/// The ACL entry of the ADMIN.
pub(crate) fn admin() -> Entry {
    Entry::new(ADMIN, &admin_key().public(), "ADMIN")
}

/// UUID of the n-th guest.
pub(crate) fn guest_id(n: usize) -> String {
    format!("{n:08x}-b0d4-4a57-9f3e-c2d1e0f4a5b6")
}

/// Key of the n-th guest.
pub(crate) fn guest_key(n: usize) -> Key {
    Key::named(&format!("guest {n}"))
}

/// What the ACL holds after the n-th guest was added.
pub(crate) fn guest(n: usize) -> Entry {
    Entry::new(&guest_id(n), &guest_key(n).public(), "USER")
}

/// The n-th guest as a user object of an operation.
pub(crate) fn guest_obj(n: usize) -> Obj {
    Obj::new()
        .with_str("user", &guest_id(n))
        .with_str("publicKey", &b64::std(&guest_key(n).public()))
        .with_str("role", "USER")
}

/// Entries of the guests `1..=n`.
pub(crate) fn guests(n: usize) -> Vec<Entry> {
    (1..=n).map(guest).collect()
}

/// User objects of the guests `1..=n`.
pub(crate) fn guest_objs(n: usize) -> Vec<Obj> {
    (1..=n).map(guest_obj).collect()
}

/// The header of the shell recipe.
pub(crate) fn header() -> Obj {
    Obj::new().with_str("alg", "EdDSA").with_str("typ", "JWT")
}

/// A `BATCH_ADD_USER` operation.
pub(crate) fn operation(users: &[Obj]) -> Obj {
    let users: Vec<String> = users.iter().map(Obj::render).collect();
    Obj::new().with_str("type", "BATCH_ADD_USER").with("users", array(&users))
}

/// Claims that are right in every respect and add guest 1.
pub(crate) fn claims() -> Obj {
    Obj::new()
        .with_str("iss", ADMIN)
        .with_str("sub", LOCK)
        .with("nbf", (NOW - 10).to_string())
        .with("iat", (NOW - 10).to_string())
        .with("exp", (NOW + 60).to_string())
        .with("jti", quote("d7a2c6f0-2f0e-4a9e-8a43-1c2b3d4e5f60"))
        .with("operation", operation(&[guest_obj(1)]).render())
}

/// Right claims around another operation.
pub(crate) fn claims_op(operation: &Obj) -> Obj {
    claims().with("operation", operation.render())
}

/// Right claims around other users.
pub(crate) fn claims_users(users: &[Obj]) -> Obj {
    claims_op(&operation(users))
}

/// The ACL once `grants` have been added or have replaced entries.
pub(crate) fn granted(acl: &[Entry], grants: &[Entry]) -> Vec<Entry> {
    let mut out: Vec<Entry> = acl.to_vec();
    for grant in grants {
        match out.iter_mut().find(|e| e.user.eq_ignore_ascii_case(&grant.user)) {
            Some(entry) => *entry = grant.clone(),
            None => out.push(grant.clone()),
        }
    }
    out
}
