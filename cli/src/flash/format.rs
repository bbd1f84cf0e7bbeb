//! `lockop flash format`.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::args::FormatArguments;
use super::image::Image;
use super::lock::Lock;
use crate::outcome::Outcome;
use crate::{acl_file, input, text};

pub(super) fn run(arguments: &FormatArguments) -> Result<Outcome> {
    let lock = Lock::of(&arguments.lock)?;
    let entries = arguments.acl.as_deref().map(acl_file::read).transpose()?.unwrap_or_default();
    let end = lock.geometry.region.as_ref().map_or(2 * lock.shape.least(), |region| region.end);
    let len = arguments.size.unwrap_or(end);
    ensure!(u64::from(len) <= input::LIMIT, "an image has {} bytes at most", input::LIMIT);
    let mut running = lock.format(Image::erased(len))?;
    running.provision(&entries)?;
    let (users, room) = (running.store.users(), running.store.room());
    // Not in the place of another: that may be all that is left of a lock.
    running.store.release().save_new(lock.path).with_context(|| format!("cannot make {}", lock.path.display()))?;
    let image = lock.path.display().to_string();
    let text = format!("{}: {len} bytes, {} on the ACL", text::escape(&image), text::count(users, "user"));
    let json = json!({ "image": image, "bytes": len, "users": users, "room": room });
    Ok(Outcome { text, json, warnings: Vec::new(), accepted: true })
}
