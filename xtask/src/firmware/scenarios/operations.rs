//! Operations, good and bad.

use anyhow::{Result, ensure};
use serde_json::json;

use super::set_up;
use crate::firmware::desk::{
    Desk, Maker, NOW, OWNER, Operation, Spelling, tampered_payload, tampered_signature, user, user_id,
};
use crate::firmware::lock::{Entry, Lock};

const OTHER_LOCK: &str = "00000000-0000-4000-8000-00000000d002";

/// Everything that can be said of an operation made by the tool.
pub(in crate::firmware) fn by_lockop(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    story(lock, desk, Maker::Lockop)?;

    let invited = || json!([user(desk, 7)]);
    let strange = Operation { iss: &user_id(99), ..Operation::new("unknown", invited()) };
    lock.expect("unauthenticated", "of somebody unknown", desk.sign(&strange)?)?;
    let twice = Operation::new("twice", json!([user(desk, 7), user(desk, 7)]));
    lock.expect("invalid-operation", "the same user twice", desk.sign(&twice)?)?;
    let backwards = json!([{ "user": user_id(7), "publicKey": desk.key_text(7), "start": 20, "end": 10 }]);
    lock.expect("invalid-operation", "a window that ends first", desk.sign(&Operation::new("window", backwards))?)?;
    let no_key = json!([{ "user": user_id(7), "publicKey": "AAAA" }]);
    lock.expect("invalid-operation", "no key", desk.sign(&Operation::new("key", no_key))?)?;
    lock.expect("invalid-operation", "nobody", desk.sign(&Operation::new("nobody", json!([])))?)?;
    ensure!(lock.get(&user_id(7))?.is_none(), "a refused operation was applied");
    Ok(())
}

/// The same by openssl, and what the tool does not make.
pub(in crate::firmware) fn by_openssl(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    story(lock, desk, Maker::Openssl)?;

    let invited = || json!([user(desk, 7)]);
    let none = Operation { alg: "none", ..Operation::new("alg", invited()).by(Maker::Openssl) };
    lock.expect("unsupported-algorithm", "no algorithm", desk.sign(&none)?)?;
    let other = Operation { kind: "OPEN_SESAME", ..Operation::new("type", invited()).by(Maker::Openssl) };
    lock.expect("unsupported-operation", "another type", desk.sign(&other)?)?;
    let forged = Operation { key: "stranger.pem", ..other };
    lock.expect("unauthenticated", "another type, forged", desk.sign(&forged)?)?;
    ensure!(lock.get(&user_id(7))?.is_none(), "a refused operation was applied");
    Ok(())
}

/// As sent, sent again, tampered with, late, early, misdirected, forged and forbidden; in both spellings.
fn story(lock: &mut Lock, desk: &Desk, maker: Maker) -> Result<()> {
    let window = json!([{
        "user": user_id(1), "publicKey": desk.key_text(1), "role": "USER", "start": NOW, "end": NOW + 3600,
    }]);
    let first = Operation { exp: NOW + 100, ..Operation::new("first", window.clone()).by(maker) };
    let first = desk.sign(&first)?;
    lock.expect("unauthenticated", "tampered payload", tampered_payload(&first, "000000010001", "000000010002")?)?;
    for bit in [0, 255, 256, 511] {
        let title = format!("tampered signature, bit {bit}");
        lock.expect("unauthenticated", &title, tampered_signature(&first, bit)?)?;
    }
    let misdirected = Operation { sub: OTHER_LOCK, ..Operation::new("misdirected", window.clone()) }.by(maker);
    lock.expect("wrong-device", "misdirected", desk.sign(&misdirected)?)?;
    let forged = Operation { key: "stranger.pem", ..Operation::new("forged", window.clone()) }.by(maker);
    lock.expect("unauthenticated", "forged", desk.sign(&forged)?)?;
    at(lock, NOW - 61, |lock| lock.expect("not-yet-valid", "early", &first).map(drop))?;
    at(lock, NOW + 160, |lock| lock.expect("expired", "late", &first).map(drop))?;
    let status = lock.status()?;
    ensure!(status.users == 1, "a refused operation was applied: {status:?}");

    lock.applies(1, "as sent", &first)?;
    let guest = Entry { admin: false, key: desk.key(1), start: Some(NOW), end: Some(NOW + 3600) };
    ensure!(lock.get(&user_id(1))? == Some(guest), "the guest is not on the ACL as invited");
    lock.expect("replayed", "sent again", &first)?;
    at(lock, NOW + 159, |lock| lock.expect("replayed", "sent again at the last moment", &first).map(drop))?;
    let sdk = Operation::new("sdk", json!([user(desk, 2), user(desk, 3)])).by(maker);
    let sdk = desk.sign(&Operation { spelling: Spelling::Base64, ..sdk })?;
    ensure!(sdk.contains('='), "not the spelling that was meant: {sdk}");
    lock.applies(2, "as the SDK spells", &sdk)?;
    lock.expect("replayed", "sent again as the SDK spells", &sdk)?;

    let guest = user_id(1);
    let forbidden = Operation { key: "user-1.pem", iss: &guest, ..Operation::new("forbidden", window) };
    lock.expect("forbidden", "of a guest", desk.sign(&forbidden.by(maker))?)?;
    ensure!(lock.open(&guest)? == "opened", "the guest stays outside");
    at(lock, NOW + 3600, |lock| {
        ensure!(lock.open(&user_id(1))? == "not-active", "the guest's time is over");
        ensure!(lock.open(OWNER)? == "opened", "the owner stays outside");
        Ok(())
    })?;
    let (status, pulls) = (lock.status()?, lock.pulls()?);
    ensure!(status.users == 4 && status.openings == 2 && pulls == 2, "{status:?}, {pulls} pulls");
    Ok(())
}

/// At another time.
fn at(lock: &mut Lock, time: u64, act: impl FnOnce(&mut Lock) -> Result<()>) -> Result<()> {
    lock.set_time(time)?;
    act(lock)?;
    lock.set_time(NOW)
}

/// What nobody's signature would make better.
pub(in crate::firmware) fn malformed(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let good = desk.sign(&Operation::new("good", json!([user(desk, 1)])))?;
    let [a, b, c] = [0, 1, 2].map(|index| good.split('.').nth(index).unwrap_or_default());
    let bodies = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{a}.{b}"),
        format!("{a}.{b}."),
        format!("{a}.{b}.{c}."),
        format!("{good}\n"),
        format!("{a}=.{b}.{c}"),
        format!("{a}.{b}.{c}AAA"),
        format!("{b}.{a}.{c}"),
        format!("{a}.{a}.{c}"),
        "e30.e30.".to_owned() + c,
    ];
    for body in &bodies {
        lock.expect("malformed", &format!("malformed: {body:.30}"), body)?;
    }
    for byte in [0, b' ', 0xff] {
        let mut bytes = good.clone().into_bytes();
        bytes[40] = byte;
        lock.expect("malformed", &format!("a byte {byte:#04x}"), bytes)?;
    }
    ensure!(lock.status()?.users == 1, "a malformed operation was applied");
    lock.applies(1, "a good one afterwards", good)
}
