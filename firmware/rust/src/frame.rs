//! Frames on the line (PROTOCOL.md, §3).

use crate::board;

/// What every frame begins with.
const MAGIC: [u8; 2] = *b"LK";

/// How often the line is asked for the next byte of a body in vain before the frame is given up.
const PATIENCE: u32 = 10_000_000;

/// A body, or why there is none.
pub enum Body<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// More than there is room for; it has been thrown away.
    TooLong,
    /// The line fell silent before its end.
    TimedOut,
}

/// Waits for a frame, whatever comes before it: its kind and its body.
pub fn receive(buffer: &mut [u8]) -> (u8, Body<'_>) {
    let (kind, len) = header();
    let whole = len <= buffer.len();
    // Of a body that is too long, every byte is taken off the line and none is kept.
    let room = if whole { buffer.iter_mut() } else { [].iter_mut() };
    let mut room = room.take(len);
    for _ in 0..len {
        let Some(byte) = (0..PATIENCE).find_map(|_| board::received()) else {
            return (kind, Body::TimedOut);
        };
        if let Some(place) = room.next() {
            *place = byte;
        }
    }
    match buffer.get(..len) {
        Some(body) => (kind, Body::Whole(body)),
        None => (kind, Body::TooLong),
    }
}

/// The kind and length of the next frame. A header is looked for in the last six bytes, so nothing before it matters.
fn header() -> (u8, usize) {
    let mut last = [0; 6];
    loop {
        let Some(byte) = board::received() else {
            continue;
        };
        last.rotate_left(1);
        last[5] = byte;
        let [m, n, kind, low, high, check] = last;
        if [m, n] == MAGIC && check == check_of(kind, [low, high]) {
            return (kind, u16::from_le_bytes([low, high]).into());
        }
    }
}

/// Sends a frame whose body is the given parts.
pub fn send(kind: u8, parts: &[&[u8]]) {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    // The longest answer has about 80 bytes.
    #[expect(clippy::cast_possible_truncation)]
    let [low, high] = (len as u16).to_le_bytes();
    let header = [MAGIC[0], MAGIC[1], kind, low, high, check_of(kind, [low, high])];
    header.iter().chain(parts.iter().copied().flatten()).for_each(|byte| board::send(*byte));
}

const fn check_of(kind: u8, [low, high]: [u8; 2]) -> u8 {
    0xff_u8.wrapping_sub(kind).wrapping_sub(low).wrapping_sub(high)
}
