//! As much as there is room for, and more.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::set_up;
use crate::firmware::desk::{Desk, Maker, NOW, Operation, RSA_USER, user, user_id};
use crate::firmware::lock::{Entry, Lock};

/// The most users of one operation.
const BATCH: usize = 25;

/// 25 users, and all of them are there; not 26.
pub(in crate::firmware) fn largest_batch(lock: &mut Lock, desk: &Desk) -> Result<()> {
    largest_batch_by(Maker::Lockop, lock, desk)
}

/// The same by openssl, with all the spaces that jq writes.
pub(in crate::firmware) fn largest_batch_by_openssl(lock: &mut Lock, desk: &Desk) -> Result<()> {
    largest_batch_by(Maker::Openssl, lock, desk)
}

fn largest_batch_by(maker: Maker, lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let one_more = Operation::new("26", batch(desk, 0..BATCH + 1)).by(maker);
    lock.expect("invalid-operation", "26 users", desk.sign(&one_more)?)?;
    ensure!(lock.status()?.users == 1, "a part of it was applied");
    let operation = Operation::new("25", batch(desk, 0..BATCH)).by(maker);
    lock.applies(25, "25 users", desk.sign(&operation)?)?;
    for _ in 0..2 {
        for number in 0..BATCH {
            let expected = Entry { admin: false, key: desk.key(number), start: None, end: None };
            ensure!(lock.get(&user_id(number))? == Some(expected), "user {number}");
        }
        lock.reset()?;
    }
    Ok(())
}

/// An operation that does not fit changes nothing; one that replaces users fits always.
pub(in crate::firmware) fn full(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let capacity = lock.status()?.capacity;
    // All but three places: the owner has one.
    let target = capacity - 4;
    for from in (0..target).step_by(BATCH) {
        let numbers = from..(from + BATCH).min(target);
        let (count, jti) = (u16::try_from(numbers.len())?, format!("from-{from}"));
        lock.applies(count, &format!("users {numbers:?}"), desk.sign(&Operation::new(&jti, batch(desk, numbers)))?)?;
    }
    ensure!(lock.status()?.users == capacity - 3);
    let four = desk.sign(&Operation::new("four", batch(desk, target..target + 4)))?;
    lock.expect("acl-full", "four users for three places", &four)?;
    ensure!(lock.get(&user_id(target))?.is_none() && lock.status()?.users == capacity - 3, "a part of it was applied");
    let three = desk.sign(&Operation::new("three", batch(desk, target..target + 3)))?;
    lock.applies(3, "three users", three)?;
    lock.expect("acl-full", "one user more", desk.sign(&Operation::new("one", batch(desk, target + 3..target + 4)))?)?;
    let again = json!([{ "user": user_id(0), "publicKey": desk.key_text(5), "end": NOW + 9 }]);
    lock.applies(1, "a user who is there", desk.sign(&Operation::new("again", again))?)?;
    lock.reset()?;
    lock.set_time(NOW)?;
    ensure!(lock.booted_with == capacity, "{} users after a reset", lock.booted_with);
    let replaced = Entry { admin: false, key: desk.key(5), start: None, end: Some(NOW + 9) };
    ensure!(lock.get(&user_id(0))? == Some(replaced), "the replaced user");
    for number in [1, 30, target, target + 2] {
        ensure!(lock.get(&user_id(number))?.is_some_and(|entry| entry.key == desk.key(number)), "user {number}");
    }
    // Not recorded when it was refused.
    lock.expect("acl-full", "four users again", four)?;
    Ok(())
}

/// All that the image wrote to, beside the buffer and the flash, is smaller than the operation that it applied: so nowhere
/// is a copy.
pub(in crate::firmware) fn no_copy(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let rsa_user = |number: u8| json!({ "user": user_id(number.into()), "publicKey": desk.rsa_key_text(number) });
    let signer = json!([{ "user": RSA_USER, "publicKey": desk.rsa_key_text(0), "role": "ADMIN" }]);
    lock.applies(1, "an ADMIN with an RSA key", desk.sign(&Operation::new("signer", signer))?)?;
    let users = (1..=25).map(rsa_user).collect();
    let operation =
        Operation { key: "leaf-key.pem", iss: RSA_USER, x5c: Some("chain.pem"), ..Operation::new("large", users) };
    let jws = desk.sign(&operation)?;
    lock.applies(25, "25 users with RSA keys", &jws)?;
    let stack = usize::try_from(lock.status()?.stack)?;
    ensure!(stack < 0xffff_ffff, "the image does not measure its stack");
    let (beside, len) = (lock.static_ram, jws.len());
    println!("  operation of {len} bytes: stack {stack} bytes, variables beside its buffer {beside} bytes");
    ensure!(stack + beside < len, "a copy of {len} bytes fits into {stack} + {beside}");
    Ok(())
}

fn batch(desk: &Desk, numbers: std::ops::Range<usize>) -> Value {
    numbers.map(|number| user(desk, number)).collect()
}
