//! Loss of power in the flash.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::set_up;
use crate::firmware::desk::{Desk, NOW, OWNER, Operation, user, user_id};
use crate::firmware::lock::{Cut, Lock};

/// Users of each operation.
const USERS: usize = 2;

/// Power is lost in the first flash operation of an operation, then in the second of another, and so on until one is
/// through; then the same with factory resets.
pub(in crate::firmware) fn at_every_operation(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let mut end = None;
    let mut n = 1;
    // One that has to make room first takes longer; the next ones do not.
    let mut through = 0;
    while through < 5 {
        through = if cut(lock, desk, n, &mut end)? { 0 } else { through + 1 };
        n += 1;
    }
    println!("  power was lost in each of the first {} flash operations of an operation", n - 1 - through);
    factory_resets(lock, desk)
}

/// The same at a few moments.
pub(in crate::firmware) fn now_and_then(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let mut end = None;
    for n in [1, 2, 7, 20, 1000] {
        let lost = cut(lock, desk, n, &mut end)?;
        ensure!(lost == (n < 1000), "power was lost {n} operations on: {lost}");
    }
    Ok(())
}

/// Power is lost in an operation that sets the end of the users' windows, which is `end` so far; whether it was.
fn cut(lock: &mut Lock, desk: &Desk, n: u32, end: &mut Option<u64>) -> Result<bool> {
    let new = NOW + u64::from(n);
    let jti = format!("cut-{n}");
    // Each expires later than the last: the device has room for few replay records, and refuses what may be older (§8).
    let operation = Operation { exp: NOW + 60 + u64::from(n), ..Operation::new(&jti, users(desk, new)) };
    let jws = desk.sign(&operation)?;
    let room = lock.status()?.room;
    let lost = lock.cut(n, Cut::Apply(jws.as_bytes()))?;
    let now = the_end(lock)?;
    ensure!(now == *end || now == Some(new), "cut at {n}: a window ends at {now:?}, which nobody ever said");
    ensure!(lost || now == Some(new), "cut at {n}: applied, and not there");
    if lost {
        lock.set_time(NOW)?;
        // The replay record is there if, and only if, the grants are.
        let verdict = if now == Some(new) { "replayed" } else { "applied" };
        lock.expect(verdict, &format!("the operation that was cut at {n}, with room for {room} bytes"), &jws)?;
    }
    *end = Some(new);
    ensure!(the_end(lock)? == *end, "cut at {n}: not applied in the end");
    Ok(lost)
}

/// When all users' windows end; all must end together.
fn the_end(lock: &mut Lock) -> Result<Option<u64>> {
    let mut ends = Vec::new();
    for number in 0..USERS {
        ends.push(lock.get(&user_id(number))?.and_then(|entry| entry.end));
    }
    ensure!(ends.iter().all(|end| *end == ends[0]), "a part of an operation: {ends:?}");
    ensure!(lock.get(OWNER)?.is_some_and(|owner| owner.admin), "the owner is gone");
    Ok(ends[0])
}

fn users(desk: &Desk, end: u64) -> Value {
    let until = |number| {
        let mut user = user(desk, number);
        user["end"] = json!(end);
        user
    };
    (0..USERS).map(until).collect()
}

/// The same in factory resets: all are there, or nobody.
fn factory_resets(lock: &mut Lock, desk: &Desk) -> Result<()> {
    let mut n = 1;
    loop {
        let lost = lock.cut(n, Cut::FactoryReset)?;
        let users = lock.status()?.users;
        ensure!(users == 0 || users == 1 + USERS, "cut at {n}: {users} users");
        ensure!(lost || users == 0, "cut at {n}: a factory reset left {users} users");
        if !lost {
            return Ok(());
        }
        lock.set_time(NOW)?;
        if users == 0 {
            set_up(lock, desk)?;
            let jti = format!("again-{n}");
            lock.applies(2, "users again", desk.sign(&Operation::new(&jti, self::users(desk, NOW + 1)))?)?;
        }
        n += 1;
    }
}
