//! What every example lock must do.

mod frames;
mod limits;
mod operations;
mod power;
mod restart;
mod rsa;

use anyhow::{Result, ensure};

use super::desk::{Desk, NOW, OWNER};
use super::lock::{Entry, Key, Lock};

/// One story, from a factory-new lock on.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// Whether only an image with room for everything can do it.
    pub(super) needs_room: bool,
    pub(super) run: fn(&mut Lock, &Desk) -> Result<()>,
}

/// All of them. A new one is one line here.
#[rustfmt::skip] // A table reads better in rows.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "first ADMIN", needs_room: false, run: first_admin },
    Scenario { name: "operations by `lockop sign`", needs_room: false, run: operations::by_lockop },
    Scenario { name: "operations by openssl", needs_room: false, run: operations::by_openssl },
    Scenario { name: "operations that cannot be signed for", needs_room: false, run: operations::malformed },
    Scenario { name: "frames", needs_room: false, run: frames::resynchronise },
    Scenario { name: "restart", needs_room: false, run: restart::remembers },
    Scenario { name: "factory reset", needs_room: false, run: restart::forgets },
    Scenario { name: "25 users", needs_room: false, run: limits::largest_batch },
    Scenario { name: "25 users by openssl", needs_room: true, run: limits::largest_batch_by_openssl },
    Scenario { name: "full ACL", needs_room: false, run: limits::full },
    Scenario { name: "user with an RSA key", needs_room: true, run: rsa::signs },
    Scenario { name: "no copy of an operation", needs_room: true, run: limits::no_copy },
    Scenario { name: "loss of power", needs_room: true, run: power::at_every_operation },
    Scenario { name: "loss of power, now and then", needs_room: false, run: power::now_and_then },
];

/// Sets the clock, and puts the owner on the ACL.
fn set_up(lock: &mut Lock, desk: &Desk) -> Result<()> {
    lock.set_time(NOW)?;
    let key = Key::Ed25519(desk.public_key("owner.pem")?);
    let name = lock.provision(OWNER, key)?;
    ensure!(name == "ok", "the owner cannot be put on the ACL: {name}");
    Ok(())
}

/// The button works once, and only who is on the ACL gets in.
fn first_admin(lock: &mut Lock, desk: &Desk) -> Result<()> {
    const STRANGER: &str = "00000000-0000-4000-8000-00000000b001";
    let key = Key::Ed25519(desk.public_key("owner.pem")?);
    ensure!(lock.booted_with == 0 && lock.status()?.users == 0, "a new lock has users");
    ensure!(lock.open(OWNER)? == "no-such-user", "a new lock opens");
    ensure!(lock.raw("provision with a key of no kind", 0x03, &[7; 49])? == "bad-value");
    ensure!(lock.provision(OWNER, key)? == "ok");
    ensure!(lock.provision(STRANGER, key)? == "not-empty", "the button works twice");
    ensure!(lock.provision(OWNER, key)? == "not-empty", "the button works twice");
    let status = lock.status()?;
    ensure!(status.users == 1 && status.time == 0 && status.openings == 0, "{status:?}");
    ensure!(lock.get(OWNER)? == Some(Entry { admin: true, key, start: None, end: None }));
    ensure!(lock.get(STRANGER)?.is_none());
    ensure!(lock.open(OWNER)? == "opened" && lock.open(STRANGER)? == "no-such-user");
    ensure!(lock.open(OWNER)? == "opened");
    lock.set_time(NOW)?;
    let (status, pulls) = (lock.status()?, lock.pulls()?);
    ensure!(status.time == NOW && status.openings == 2 && pulls == 2, "{status:?}, {pulls} pulls");
    Ok(())
}
