//! A lock on the other end of the line (firmware/PROTOCOL.md, §4).

use anyhow::{Context, Result, ensure};

use super::image::Image;
use super::link::{Answer, Link, frame};
use super::machine::Machine;
use crate::emulator::Emulator;

/// What every image has for an ID.
pub(super) const LOCK: &str = "00000000-0000-4000-8000-00000000d001";

/// The version of the protocol.
const VERSION: u8 = 1;

const APPLY: u8 = 0x01;
const SET_TIME: u8 = 0x02;
const PROVISION: u8 = 0x03;
const STATUS: u8 = 0x04;
const GET: u8 = 0x05;
const OPEN: u8 = 0x06;
const RESET: u8 = 0x07;
const FACTORY_RESET: u8 = 0x08;
const CUT: u8 = 0x09;
const BOOTED: u8 = 0xf0;
const ANSWER: u8 = 0x80;

/// A key as the ACL keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Ed25519([u8; 32]),
    /// The SHA-256 of the key's SubjectPublicKeyInfo.
    Rsa([u8; 32]),
}

/// A user on the ACL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) admin: bool,
    pub(super) key: Key,
    pub(super) start: Option<u64>,
    pub(super) end: Option<u64>,
}

/// What a lock says of itself.
#[derive(Debug)]
pub(super) struct Status {
    pub(super) users: usize,
    pub(super) capacity: usize,
    pub(super) room: u32,
    pub(super) time: u64,
    pub(super) openings: u32,
    /// Bytes.
    pub(super) stack: u32,
}

/// A factory-new lock.
pub(super) struct Lock {
    link: Link,
    /// The longest operation, in bytes.
    pub(super) longest: usize,
    /// How many users were on the ACL when it was last started.
    pub(super) booted_with: usize,
    /// Bytes of variables beside the buffer for the operation.
    pub(super) static_ram: usize,
}

impl Lock {
    /// Starts one.
    pub(super) fn new(emulator: &Emulator, image: &Image) -> Result<Self> {
        let link = Link::new(Machine::start(emulator, image)?);
        let mut lock = Self { link, longest: 0, booted_with: 0, static_ram: 0 };
        lock.first_start().with_context(|| lock.transcript())?;
        let all = usize::try_from(image.size.ram)?;
        lock.static_ram = all.checked_sub(lock.longest).context("the image has less RAM than its buffer")?;
        Ok(lock)
    }

    fn first_start(&mut self) -> Result<()> {
        let booted = self.link.answer(BOOTED)?;
        // The flash of the emulator's nRF51822 begins as zeros, where that of a new chip is erased.
        let zeros = booted.name == "storage";
        self.read_booted(&booted)?;
        if zeros { self.factory_reset() } else { Ok(()) }
    }

    /// All that went over the line.
    pub(super) fn transcript(&self) -> String {
        self.link.transcript().to_owned()
    }

    pub(super) fn requests(&self) -> usize {
        self.link.requests
    }

    fn request(&mut self, kind: u8, title: &str, body: &[u8]) -> Result<Answer> {
        self.link.request(kind, title, body).with_context(|| title.to_owned())
    }

    fn succeeds(&mut self, kind: u8, title: &str, body: &[u8]) -> Result<Answer> {
        self.request(kind, title, body)?.is("ok").with_context(|| title.to_owned())
    }

    /// Sends an operation, and expects a verdict; `title` is for people.
    pub(super) fn expect(&mut self, verdict: &str, title: &str, jws: impl AsRef<[u8]>) -> Result<Answer> {
        let answer = self.request(APPLY, title, jws.as_ref())?;
        answer.is(verdict).with_context(|| title.to_owned())
    }

    /// Sends an operation with so many users that must be applied.
    pub(super) fn applies(&mut self, users: u16, title: &str, jws: impl AsRef<[u8]>) -> Result<()> {
        let told = u16::from_le_bytes(self.expect("applied", title, jws)?.data()?);
        ensure!(told == users, "{title}: applied {told} users instead of {users}");
        Ok(())
    }

    /// Sets its clock, to Unix seconds.
    pub(super) fn set_time(&mut self, time: u64) -> Result<()> {
        self.succeeds(SET_TIME, &format!("set time {time}"), &time.to_le_bytes()).map(drop)
    }

    /// Presses the button inside; the name of the answer.
    pub(super) fn provision(&mut self, user: &str, key: Key) -> Result<String> {
        let (kind, key) = match key {
            Key::Ed25519(key) => (0, key),
            Key::Rsa(key) => (1, key),
        };
        let body = [&uuid(user)?[..], &[kind], &key].concat();
        Ok(self.request(PROVISION, &format!("provision {user}"), &body)?.name)
    }

    pub(super) fn status(&mut self) -> Result<Status> {
        let data = self.succeeds(STATUS, "status", &[])?.data::<24>()?;
        Ok(Status {
            users: u16::from_le_bytes(part(&data, 0)).into(),
            capacity: u16::from_le_bytes(part(&data, 2)).into(),
            room: u32::from_le_bytes(part(&data, 4)),
            time: u64::from_le_bytes(part(&data, 8)),
            openings: u32::from_le_bytes(part(&data, 16)),
            stack: u32::from_le_bytes(part(&data, 20)),
        })
    }

    /// The entry of a user.
    pub(super) fn get(&mut self, user: &str) -> Result<Option<Entry>> {
        let answer = self.request(GET, &format!("get {user}"), &uuid(user)?)?;
        if answer.name == "no-such-user" {
            return Ok(None);
        }
        let data = answer.is("ok")?.data::<50>()?;
        let key = part(&data, 2);
        let key = match data[1] {
            0 => Key::Ed25519(key),
            1 => Key::Rsa(key),
            other => anyhow::bail!("no kind of key: {other}"),
        };
        let bound = |at| Some(u64::from_le_bytes(part(&data, at))).filter(|bound| *bound != u64::MAX);
        ensure!(data[0] <= 1, "no role: {}", data[0]);
        Ok(Some(Entry { admin: data[0] == 1, key, start: bound(34), end: bound(42) }))
    }

    /// Somebody is at the door; the name of the answer.
    pub(super) fn open(&mut self, user: &str) -> Result<String> {
        Ok(self.request(OPEN, &format!("open for {user}"), &uuid(user)?)?.name)
    }

    /// How often its strike was pulled, as the emulator saw it.
    pub(super) fn pulls(&self) -> Result<usize> {
        self.link.machine().pulls()
    }

    /// Starts it anew.
    pub(super) fn reset(&mut self) -> Result<()> {
        self.succeeds(RESET, "reset", &[])?;
        self.starts()
    }

    /// Waits until it has started, with a store that can be mounted.
    fn starts(&mut self) -> Result<()> {
        let booted = self.link.answer(BOOTED)?;
        self.read_booted(&booted)?;
        booted.is("ok").map(drop)
    }

    fn read_booted(&mut self, booted: &Answer) -> Result<()> {
        let data = booted.data::<9>()?;
        ensure!(data[0] == VERSION, "another protocol: {}", data[0]);
        self.longest = u32::from_le_bytes(part(&data, 1)).try_into()?;
        self.booted_with = u16::from_le_bytes(part(&data, 7)).into();
        Ok(())
    }

    pub(super) fn factory_reset(&mut self) -> Result<()> {
        self.succeeds(FACTORY_RESET, "factory reset", &[]).map(drop)
    }

    /// Loses power in the nth flash operation of a request, if there are so many; whether it did.
    pub(super) fn cut(&mut self, n: u32, request: Cut<'_>) -> Result<bool> {
        self.succeeds(CUT, &format!("cut at {n}"), &n.to_le_bytes())?;
        let (kind, title, body, good) = match request {
            Cut::Apply(jws) => (APPLY, "an operation, while power fails", jws, "applied"),
            Cut::FactoryReset => (FACTORY_RESET, "a factory reset, while power fails", &[][..], "ok"),
        };
        self.link.send(title, &frame(kind, body)?)?;
        let (got, answer) = self.link.next()?;
        if got == BOOTED {
            self.read_booted(&answer)?;
            answer.is("ok")?;
            return Ok(true);
        }
        ensure!(got == kind | ANSWER, "a frame of kind {got:#04x}");
        answer.is(good)?;
        self.succeeds(CUT, "cut never", &0_u32.to_le_bytes())?;
        Ok(false)
    }

    /// Sends any bytes, which are no request.
    pub(super) fn garbage(&mut self, title: &str, bytes: &[u8]) -> Result<()> {
        self.link.send(title, bytes)
    }

    /// Sends any frame; the name of the answer.
    pub(super) fn raw(&mut self, title: &str, kind: u8, body: &[u8]) -> Result<String> {
        Ok(self.request(kind, title, body)?.name)
    }

    /// Sends the first bytes of a frame; the name of the answer.
    pub(super) fn truncated(&mut self, kind: u8, body: &[u8], len: usize) -> Result<String> {
        let frame = frame(kind, body)?;
        self.link.send("a frame without its end", &frame[..len])?;
        Ok(self.link.answer(kind | ANSWER)?.name)
    }
}

/// What power is lost in.
#[derive(Clone, Copy)]
pub(super) enum Cut<'a> {
    Apply(&'a [u8]),
    FactoryReset,
}

/// Some of the bytes.
fn part<const N: usize>(data: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|index| data[at + index])
}

/// The 16 bytes of a UUID.
fn uuid(text: &str) -> Result<[u8; 16]> {
    let hex = text.replace('-', "");
    ensure!(hex.len() == 32, "no UUID: {text}");
    Ok(u128::from_str_radix(&hex, 16)?.to_be_bytes())
}
