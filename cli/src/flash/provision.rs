//! `lockop flash provision`.

use anyhow::Result;
use serde_json::json;

use super::args::ProvisionArguments;
use super::lock::Lock;
use crate::outcome::Outcome;
use crate::{acl_file, text};

pub(super) fn run(arguments: &ProvisionArguments) -> Result<Outcome> {
    let entries = acl_file::read(&arguments.acl)?;
    let lock = Lock::of(&arguments.lock)?;
    let mut running = lock.start()?;
    running.provision(&entries)?;
    let (users, room) = (running.store.users(), running.store.room());
    let image = lock.path.display().to_string();
    let text =
        format!("{}: {} written, {users} on the ACL now", text::escape(&image), text::count(entries.len(), "user"),);
    let json = json!({ "image": image, "written": entries.len(), "users": users, "room": room });
    Ok(Outcome { text, json, warnings: running.warnings(), accepted: true })
}
