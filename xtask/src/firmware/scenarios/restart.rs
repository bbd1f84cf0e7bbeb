//! What a lock remembers, and what it forgets.

use anyhow::{Result, ensure};
use serde_json::json;

use super::set_up;
use crate::firmware::desk::{Desk, NOW, OWNER, Operation, user, user_id};
use crate::firmware::lock::{Entry, Key, Lock};

/// Users and replay records outlast a reset; the clock does not.
pub(in crate::firmware) fn remembers(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let admin = json!({
        "user": user_id(2), "publicKey": desk.key_text(2), "role": "ADMIN", "start": NOW - 1, "end": NOW + 50,
    });
    let first = desk.sign(&Operation::new("first", json!([user(desk, 1), admin])))?;
    lock.applies(2, "two users", &first)?;
    let other = desk.sign(&Operation::new("first", json!([user(desk, 3)])))?;
    let users = [OWNER.to_owned(), user_id(1), user_id(2), user_id(3)];
    let before = entries(lock, &users)?;
    for round in 0..3 {
        lock.reset()?;
        ensure!(lock.booted_with == 3, "{} users after a reset", lock.booted_with);
        let status = lock.status()?;
        ensure!(status.users == 3 && status.time == 0 && status.openings == 0, "{status:?}");
        ensure!(entries(lock, &users)? == before, "other users after reset {round}");
        lock.expect("not-yet-valid", "an operation before the clock is set", &first)?;
        lock.set_time(NOW)?;
        lock.expect("replayed", "an operation from before the reset", &first)?;
        lock.expect("replayed", "another operation of the same ID", &other)?;
        ensure!(lock.open(&user_id(1))? == "opened" && lock.open(&user_id(3))? == "no-such-user");
    }
    // Who became an ADMIN before the reset signs now; and not after the end of the window.
    let (key, admin) = ("user-2.pem", user_id(2));
    let second = Operation { key, iss: &admin, ..Operation::new("second", json!([user(desk, 3)])) };
    lock.applies(1, "of the new ADMIN", desk.sign(&second)?)?;
    lock.set_time(NOW + 50)?;
    let third = Operation { key, iss: &admin, ..Operation::new("third", json!([user(desk, 4)])) };
    lock.expect("forbidden", "of the former ADMIN", desk.sign(&third)?)?;
    ensure!(lock.status()?.users == 4);
    Ok(())
}

/// After a factory reset nobody is there, and the button works again.
pub(in crate::firmware) fn forgets(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let first = desk.sign(&Operation::new("first", json!([user(desk, 1)])))?;
    lock.applies(1, "a user", &first)?;
    lock.factory_reset()?;
    for _ in 0..2 {
        ensure!(lock.status()?.users == 0, "somebody is left");
        ensure!(lock.open(OWNER)? == "no-such-user" && lock.get(&user_id(1))?.is_none(), "somebody is left");
        lock.set_time(NOW)?;
        lock.expect("unauthenticated", "of the former owner", &first)?;
        lock.reset()?;
    }
    let stranger = Key::Ed25519(desk.public_key("stranger.pem")?);
    ensure!(lock.provision(OWNER, stranger)? == "ok");
    lock.set_time(NOW)?;
    lock.expect("unauthenticated", "signed with the former owner's key", &first)?;
    let new = Operation { key: "stranger.pem", ..Operation::new("first", json!([user(desk, 1)])) };
    lock.applies(1, "signed with the new owner's key", desk.sign(&new)?)
}

fn entries(lock: &mut Lock, users: &[String]) -> Result<Vec<Option<Entry>>> {
    users.iter().map(|user| lock.get(user)).collect()
}
