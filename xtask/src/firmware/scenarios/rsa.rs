//! A user whose key is RSA, and who signs with a leaf certificate (docs/operation.md §6).

use anyhow::{Result, ensure};
use serde_json::json;

use super::set_up;
use crate::firmware::desk::{Desk, NOW, Operation, RSA_USER, tampered_signature, user, user_id};
use crate::firmware::lock::{Entry, Lock};

const DAY: u64 = 86_400;

/// What the leaf signs is taken while the leaf is valid, from who is on the ACL.
pub(in crate::firmware) fn signs(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    let of_leaf = |jti, number| Operation {
        key: "leaf-key.pem",
        iss: RSA_USER,
        x5c: Some("chain.pem"),
        ..Operation::new(jti, json!([user(desk, number)]))
    };
    let first = desk.sign(&of_leaf("first", 1))?;
    lock.expect("unauthenticated", "of an RSA user who is not on the ACL", &first)?;
    let admin = json!([{ "user": RSA_USER, "publicKey": desk.rsa_key_text(0), "role": "ADMIN" }]);
    lock.applies(1, "an RSA user", desk.sign(&Operation::new("admin", admin))?)?;
    let entry = Entry { admin: true, key: desk.rsa_key()?, start: None, end: None };
    ensure!(lock.get(RSA_USER)? == Some(entry), "not the fingerprint of the key");
    ensure!(lock.open(RSA_USER)? == "opened", "the RSA user stays outside");

    lock.expect("unauthenticated", "tampered signature", tampered_signature(&first, 100)?)?;
    let forged = Operation { x5c: Some("forged-chain.pem"), key: "forged-leaf-key.pem", ..of_leaf("forged", 1) };
    lock.expect("unauthenticated", "a leaf of another key", desk.sign(&forged)?)?;
    let bare = Operation { x5c: None, ..of_leaf("bare", 1) };
    lock.expect("unauthenticated", "without certificates", desk.sign(&bare)?)?;
    lock.reset()?;
    lock.set_time(NOW)?;
    lock.applies(1, "with a leaf certificate, after a reset", &first)?;
    lock.expect("replayed", "the same again", &first)?;
    let later = Operation { nbf: NOW + 30 * DAY, exp: NOW + 30 * DAY + 60, ..of_leaf("later", 2) };
    lock.set_time(later.nbf)?;
    lock.expect("unauthenticated", "when the leaf has expired", desk.sign(&later)?)?;
    ensure!(lock.get(&user_id(1))?.is_some() && lock.get(&user_id(2))?.is_none());
    Ok(())
}
