//! Frames (firmware/PROTOCOL.md, §3), and a transcript of all that went over the line.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::machine::Machine;
use crate::codes::CODES;

/// What a success is called.
const SUCCESSES: [&str; 3] = ["ok", "applied", "opened"];

/// The statuses from 64 on.
const REFUSALS: [&str; 7] =
    ["unknown-kind", "bad-length", "timeout", "bad-value", "not-empty", "no-such-user", "not-active"];

/// Status, name and data.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
}

/// The line, and what went over it.
pub(super) struct Link {
    machine: Machine,
    transcript: String,
    pub(super) requests: usize,
}

impl Link {
    pub(super) fn new(machine: Machine) -> Self {
        Self { machine, transcript: String::new(), requests: 0 }
    }

    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(super) fn transcript(&self) -> &str {
        &self.transcript
    }

    /// Sends a request, and returns its answer. `title` is for people.
    pub(super) fn request(&mut self, kind: u8, title: &str, body: &[u8]) -> Result<Answer> {
        self.send(title, &frame(kind, body)?)?;
        self.answer(kind | 0x80)
    }

    /// Sends any bytes.
    pub(super) fn send(&mut self, title: &str, bytes: &[u8]) -> Result<()> {
        self.requests += 1;
        self.note(format_args!("-> {title} ({})", shown(bytes)));
        self.machine.send(bytes)
    }

    /// The next frame, which must be of this kind.
    pub(super) fn answer(&mut self, kind: u8) -> Result<Answer> {
        let (got, answer) = self.next()?;
        ensure!(got == kind, "a frame of kind {got:#04x} ({answer:02x?}) instead of {kind:#04x}");
        Ok(answer)
    }

    /// The next frame, and its kind.
    pub(super) fn next(&mut self) -> Result<(u8, Answer)> {
        let header = self.machine.receive::<6>()?;
        let [l, k, got, low, high, _] = header;
        ensure!([l, k] == *b"LK" && is_good(&header), "no header of a frame: {header:02x?}");
        let body = self.machine.receive_some(u16::from_le_bytes([low, high]).into())?;
        let answer = Answer::read(&body).with_context(|| format!("no answer: {body:02x?}"));
        self.note(format_args!("<- {got:#04x} {answer:02x?}"));
        Ok((got, answer?))
    }

    fn note(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.transcript, "    {line}").unwrap_or_default();
    }
}

impl Answer {
    fn read(body: &[u8]) -> Result<Self> {
        let [status, len, rest @ ..] = body else { anyhow::bail!("too short") };
        let (name, data) = rest.split_at_checked((*len).into()).context("the name is cut off")?;
        let name = String::from_utf8(name.to_vec())?;
        let known = match usize::from(*status) {
            0 => SUCCESSES.contains(&name.as_str()),
            verdict @ 1..64 => CODES.get(verdict - 1).is_some_and(|known| *known == name),
            other => REFUSALS.get(other - 64).is_some_and(|known| *known == name),
        };
        ensure!(known, "{status} is not the status of {name}");
        Ok(Self { name, data: data.to_vec() })
    }

    /// The data, which must have this length.
    pub(super) fn data<const N: usize>(&self) -> Result<[u8; N]> {
        self.data.as_slice().try_into().ok().with_context(|| format!("data of another length than {N}: {self:02x?}"))
    }

    /// An error unless it has this name.
    pub(super) fn is(self, name: &str) -> Result<Self> {
        ensure!(self.name == name, "{} instead of {name}", self.name);
        Ok(self)
    }
}

/// A frame with this body.
pub(super) fn frame(kind: u8, body: &[u8]) -> Result<Vec<u8>> {
    let [low, high] = u16::try_from(body.len())?.to_le_bytes();
    let check = 0xff_u8.wrapping_sub(kind).wrapping_sub(low).wrapping_sub(high);
    Ok([&[b'L', b'K', kind, low, high, check], body].concat())
}

fn is_good(header: &[u8; 6]) -> bool {
    header[2..].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) == 0xff
}

/// The first bytes, and how many there are.
fn shown(bytes: &[u8]) -> String {
    let first: Vec<String> = bytes.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > 12 { " ..." } else { "" };
    format!("{} bytes: {}{more}", bytes.len(), first.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_a_check() {
        let frame = frame(0x81, b"ab").unwrap();
        assert_eq!(frame, [b'L', b'K', 0x81, 2, 0, 0x7c, b'a', b'b']);
        let mut header: [u8; 6] = frame[..6].try_into().unwrap();
        assert!(is_good(&header));
        header[3] ^= 1;
        assert!(!is_good(&header));
    }

    #[test]
    fn numbers_and_names_belong_together() {
        let answer = |status: u8, name: &str| {
            Answer::read(&[&[status, u8::try_from(name.len()).unwrap()], name.as_bytes()].concat())
        };
        assert!(answer(8, "replayed").is_ok() && answer(0, "applied").is_ok() && answer(69, "no-such-user").is_ok());
        assert!(answer(9, "replayed").is_err() && answer(0, "replayed").is_err() && answer(13, "x").is_err());
        assert!(answer(255, "x").is_err() && Answer::read(&[0, 3, b'o', b'k']).is_err());
    }
}
