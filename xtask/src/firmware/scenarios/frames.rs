//! What is no request, or none that can be kept.

use anyhow::{Result, ensure};
use serde_json::json;

use super::set_up;
use crate::firmware::desk::{Desk, Operation, user};
use crate::firmware::lock::Lock;

/// Whatever comes between two requests, the second is answered.
pub(in crate::firmware) fn resynchronise(lock: &mut Lock, desk: &Desk) -> Result<()> {
    set_up(lock, desk)?;
    for (title, bytes) in [
        ("zeros", vec![0; 100]),
        ("ones", vec![0xff; 100]),
        ("noise", noise(3000)),
        ("the start of a header", b"LK".to_vec()),
        ("many starts of a header", b"LLKLKLK".repeat(20)),
        ("a header with a wrong check", vec![b'L', b'K', 0x08, 0, 0, 0]),
    ] {
        lock.garbage(title, &bytes)?;
        ensure!(lock.status()?.users == 1, "after {title}");
    }
    for (title, kind, len, answer) in [
        ("a request of kind 0", 0x00, 0, "unknown-kind"),
        ("an unknown request", 0x77, 3, "unknown-kind"),
        ("time without a time", 0x02, 0, "bad-length"),
        ("a button with too little", 0x03, 48, "bad-length"),
        ("a button with too much", 0x03, 50, "bad-length"),
        ("status of something", 0x04, 1, "bad-length"),
        ("a reset of something", 0x07, 1, "bad-length"),
        ("a factory reset of something", 0x08, 1, "bad-length"),
        ("status of very much", 0x04, lock.longest + 1, "bad-length"),
    ] {
        let said = lock.raw(title, kind, &vec![b'x'; len])?;
        ensure!(said == answer, "{title}: {said}");
    }
    let good = desk.sign(&Operation::new("good", json!([user(desk, 1)])))?;
    let oversize = lock.longest + 1;
    lock.expect("malformed", "one byte too long", vec![b'x'; oversize])?;
    // A good operation, were it cut off where the buffer ends.
    let padded = good.clone() + &" ".repeat(oversize - good.len());
    lock.expect("malformed", "a good one, too long", padded)?;
    lock.expect("malformed", "65,535 bytes", vec![b'.'; 65_535])?;
    let said = lock.truncated(0x01, good.as_bytes(), 200)?;
    ensure!(said == "timeout", "a frame without its end: {said}");
    ensure!(lock.status()?.users == 1, "something was applied");
    lock.applies(1, "a good one afterwards", good)
}

/// The same bytes every time (xorshift), and no header among them.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    let mut bytes: Vec<u8> = std::iter::repeat_with(next).take(len).collect();
    // A whole header by accident would make the device wait for a body.
    bytes.retain(|byte| *byte != b'K');
    bytes
}
