//! A strict pull parser for JSON (RFC 8259, §2) that reads from the base64 decoder, without recursion and without a
//! buffer for the text.

mod number;
mod reader;
mod string;
mod unique;

pub(crate) use reader::{Bookmark, Kind, Reader};
pub(crate) use unique::Names;

/// Deepest nesting, the top-level object counting as 1 (§2).
pub(crate) const MAX_DEPTH: u8 = 16;
