//! `lockop flash show`.

use anyhow::Result;
use lockop::ReplayRecord;
use serde_json::{Value, json};

use super::args::ShowArguments;
use super::lock::{Lock, Running};
use crate::desk_acl::DeskAcl;
use crate::outcome::Outcome;
use crate::{apply, table, text};

pub(super) fn run(arguments: &ShowArguments) -> Result<Outcome> {
    let mut running = Lock::of(&arguments.lock)?.start_copy()?;
    let acl = running.desk_acl()?;
    Ok(Outcome { text: to_text(&running, &acl), json: to_json(&running, &acl), warnings: Vec::new(), accepted: true })
}

/// The first to expire first.
fn records(running: &Running<'_>) -> Vec<ReplayRecord> {
    let mut records = running.store.records().to_vec();
    records.sort_by_key(|record| (record.exp(), *record.id()));
    records
}

fn to_text(running: &Running<'_>, acl: &DeskAcl) -> String {
    let records = records(running);
    let mut out = format!("{} of at most {} on the ACL\n", text::count(acl.entries().len(), "user"), acl.capacity());
    if !acl.entries().is_empty() {
        out += &table::table(table::ENTRY_HEAD, acl.entries().iter().map(table::entry));
        out.push('\n');
    }
    let replays = running.lock.shape.replays();
    out += &format!("\n{} of at most {replays}\n", text::count(records.len(), "replay record"));
    if !records.is_empty() {
        let row = |record: &ReplayRecord| [format!("{}…", text::hex(&record.id()[..16])), text::time(record.exp())];
        out += &table::table(["SHA-256 (§8)", "exp"], records.iter().map(row));
        out.push('\n');
    }
    out += &match running.store.horizon() {
        None => "horizon: none; no record has had to make room\n".to_owned(),
        Some(horizon) => format!("horizon: operations that expire by {} are refused\n", text::time(horizon)),
    };
    out += &format!("room: {} bytes can be written before the next compaction\n", running.store.room());
    out += if running.recovered {
        "recovery: needed; a change was cut short, and this is what the lock has when it has started\n"
    } else {
        "recovery: not needed\n"
    };
    out
}

fn to_json(running: &Running<'_>, acl: &DeskAcl) -> Value {
    let record = |record: &ReplayRecord| json!({ "id": text::hex(record.id()), "exp": record.exp() });
    json!({
        "image": running.lock.path.display().to_string(),
        "capacity": { "users": acl.capacity(), "replays": running.lock.shape.replays() },
        "users": acl.entries().len(),
        "acl": acl.entries().iter().map(apply::kept_json).collect::<Vec<_>>(),
        "replays": records(running).iter().map(record).collect::<Vec<_>>(),
        "horizon": running.store.horizon(),
        "room": running.store.room(),
        "recovery": running.recovered,
    })
}
