//! Tables for people.

use comfy_table::Table;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use lockop::AclEntry;

use crate::text;

/// A table; its cells must have been escaped.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(head);
    table.add_rows(rows);
    table.to_string()
}

/// The cells of an ACL entry.
pub(crate) fn entry(entry: &AclEntry) -> [String; 4] {
    [entry.user.to_string(), entry.role.as_str().to_owned(), text::window(&entry.window), text::key(&entry.key)]
}

pub(crate) const ENTRY_HEAD: [&str; 4] = ["user", "role", "active", "key"];

/// An ACL; if it is long, its beginning and its end.
pub(crate) fn acl(entries: &[AclEntry]) -> String {
    const FIRST: usize = 4;
    const LAST: usize = 2;
    let omitted = entries.len().saturating_sub(FIRST + LAST);
    let mut rows: Vec<_> = entries.iter().map(entry).collect();
    if omitted > 1 {
        let note = [format!("… {omitted} more …"), "…".to_owned(), "…".to_owned(), "…".to_owned()];
        rows.splice(FIRST..entries.len() - LAST, [note]);
    }
    table(ENTRY_HEAD, rows)
}
