//! The layouts that the header asserts are Rust's.

use std::mem::{align_of, offset_of, size_of};

use lockop_capi::{Device, Engine, Entry, Flash, FlashMemory, REPLAYS, RamMemory, Replay, Store, USERS, Uuid, Verdict};

const HEADER: &str = include_str!("../include/lockop.h");

/// What the header asserts to be equal to a number: `sizeof(lockop_uuid)`, `offsetof(lockop_entry, key)`.
fn asserted() -> Vec<(&'static str, usize)> {
    let conditions = HEADER.lines().filter_map(|line| line.strip_prefix("LOCKOP_ASSERT("));
    let parts = conditions.filter_map(|condition| condition.rsplit_once(", ")?.0.split_once(" == "));
    parts.filter_map(|(what, number)| Some((what, number.parse().ok()?))).collect()
}

#[test]
fn the_header_asserts_the_layouts_of_rust() {
    let rust = [
        ("sizeof(lockop_uuid)", size_of::<Uuid>()),
        ("sizeof(lockop_entry)", size_of::<Entry>()),
        ("offsetof(lockop_entry, key)", offset_of!(Entry, key)),
        ("offsetof(lockop_entry, start)", offset_of!(Entry, start)),
        ("offsetof(lockop_entry, end)", offset_of!(Entry, end)),
        ("offsetof(lockop_entry, key_kind)", offset_of!(Entry, key_kind)),
        ("offsetof(lockop_entry, role)", offset_of!(Entry, role)),
        ("sizeof(lockop_replay)", size_of::<Replay>()),
        ("offsetof(lockop_replay, exp)", offset_of!(Replay, exp)),
        ("sizeof(lockop_device)", size_of::<Device>()),
        ("offsetof(lockop_device, leeway)", offset_of!(Device, leeway)),
        ("offsetof(lockop_device, max_len)", offset_of!(Device, max_len)),
        ("offsetof(lockop_device, flags)", offset_of!(Device, flags)),
        ("sizeof(lockop_verdict)", size_of::<Verdict>()),
        ("offsetof(lockop_verdict, exp)", offset_of!(Verdict, exp)),
        ("offsetof(lockop_verdict, code)", offset_of!(Verdict, code)),
        ("offsetof(lockop_verdict, store_status)", offset_of!(Verdict, store_status)),
        ("offsetof(lockop_verdict, operation)", offset_of!(Verdict, operation)),
        ("offsetof(lockop_verdict, users)", offset_of!(Verdict, users)),
    ];
    let header = asserted();
    for expected in rust {
        assert!(header.contains(&expected), "the header does not assert {expected:?}");
    }
    for found in header.iter().filter(|(what, _)| !what.starts_with("_Alignof")) {
        assert!(rust.contains(found), "{found:?} is not so, or not known here");
    }
}

#[test]
fn what_has_pointers_is_as_large_as_they_are() {
    let pointer = size_of::<*const ()>();
    assert_eq!(size_of::<Store>(), 4 * pointer);
    assert_eq!(size_of::<Engine>(), 3 * pointer);
    assert_eq!(size_of::<Flash>(), 4 * pointer + 16);
}

#[test]
fn memory_for_stores_is_as_large_as_in_the_header() {
    assert!(HEADER.contains("uint64_t opaque[(LOCKOP_USERS * 72 + LOCKOP_REPLAYS * 40 + 64) / 8];"));
    assert!(HEADER.contains("uint64_t opaque[(LOCKOP_REPLAYS * 40 + 192) / 8];"));
    assert_eq!(size_of::<RamMemory>(), USERS * 72 + REPLAYS * 40 + 64);
    assert_eq!(size_of::<FlashMemory>(), REPLAYS * 40 + 192);
    assert_eq!((align_of::<RamMemory>(), align_of::<FlashMemory>()), (8, 8));
}

#[test]
fn the_header_has_every_code_of_the_library() {
    for code in lockop::Code::ALL {
        let name = code.as_str().to_uppercase().replace('-', "_");
        assert!(HEADER.contains(&format!("  LOCKOP_{name} = {},\n", code as u8)), "{name}");
    }
}
