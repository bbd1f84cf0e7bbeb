//! Requests and their answers (PROTOCOL.md, §4).

use heapless::Vec;
use lockop::{AclStore, Code, Role, UserKey, Uuid};

use crate::frame::{self, Body};
use crate::lock::{Closed, Lock};
use crate::nor::Nor;
use crate::{board, stack};

/// Added to the kind of a request in its answer.
pub const ANSWER: u8 = 0x80;
/// The frame that nobody asked for.
pub const BOOTED: u8 = 0xf0;
/// The version of the protocol.
const VERSION: u8 = 1;
/// A window without this bound.
const NO_BOUND: u64 = u64::MAX;

/// What to do when the answer is on the line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Wait for the next request.
    Nothing,
    /// Start anew.
    Reset,
}

/// Status, name and data. Data only if the status is 0.
pub struct Answer {
    status: u8,
    name: &'static str,
    data: Vec<u8, 64>,
}

impl Answer {
    const fn new(status: u8, name: &'static str) -> Self {
        Self { status, name, data: Vec::new() }
    }

    const fn ok() -> Self {
        Self::new(0, "ok")
    }

    const fn code(code: Code) -> Self {
        Self::new(code as u8, code.as_str())
    }

    /// Adds data. What does not fit is left out, and the host would notice.
    fn with(mut self, bytes: &[u8]) -> Self {
        let _ = self.data.extend_from_slice(bytes);
        self
    }

    /// Sends it as a frame of this kind.
    pub fn send(&self, kind: u8) {
        #[expect(clippy::cast_possible_truncation, reason = "names are short")]
        frame::send(kind, &[&[self.status, self.name.len() as u8], self.name.as_bytes(), &self.data]);
    }
}

impl From<Result<(), Code>> for Answer {
    fn from(result: Result<(), Code>) -> Self {
        match result {
            Ok(()) => Self::ok(),
            Err(code) => Self::code(code),
        }
    }
}

/// What is told after every start.
#[inline(never)]
pub fn booted(lock: &mut Lock<'_>) -> Answer {
    let (answer, users) = match &lock.acl {
        Some(acl) => (Answer::ok(), acl.len()),
        None => (Answer::code(Code::Storage), 0),
    };
    answer.with(&[VERSION]).with(&u32_of(board::MAX_BODY)).with(&u16_of(board::USERS)).with(&u16_of(users))
}

/// Does what a request asks for.
#[inline(never)]
pub fn answer<'a>(lock: &mut Lock<'a>, nor: &'a Nor, kind: u8, body: Body<'_>) -> (Answer, After) {
    let after = if kind == RESET { After::Reset } else { After::Nothing };
    let answer = match (kind, body) {
        (_, Body::TimedOut) => Answer::new(66, "timeout"),
        (APPLY, Body::TooLong) => Answer::code(Code::Malformed),
        (APPLY, Body::Whole(jws)) => match lock.apply(jws) {
            Ok(applied) => Answer::new(0, "applied").with(&u16_of(applied.users)),
            Err(code) => Answer::code(code),
        },
        (0..=CUT, Body::TooLong) if kind != 0 => bad_length(),
        (SET_TIME, Body::Whole(body)) => fixed(body, |time| {
            lock.now = u64::from_le_bytes(*time);
            Answer::ok()
        }),
        (PROVISION, Body::Whole(body)) => fixed(body, |body| provision(lock, body)),
        (STATUS, Body::Whole(body)) => fixed(body, |[]| status(lock)),
        (GET, Body::Whole(body)) => fixed(body, |user| get(lock, Uuid::from_bytes(*user))),
        (OPEN, Body::Whole(body)) => fixed(body, |user| open(lock, Uuid::from_bytes(*user))),
        (RESET, Body::Whole(body)) => fixed(body, |[]| Answer::ok()),
        (FACTORY_RESET, Body::Whole(body)) => fixed(body, |[]| lock.factory_reset(nor).into()),
        (CUT, Body::Whole(body)) => fixed(body, |n| {
            nor.cut_at(u32::from_le_bytes(*n));
            Answer::ok()
        }),
        _ => Answer::new(64, "unknown-kind"),
    };
    // A request that was refused does nothing.
    let after = if answer.status == 0 { after } else { After::Nothing };
    (answer, after)
}

const APPLY: u8 = 0x01;
const SET_TIME: u8 = 0x02;
const PROVISION: u8 = 0x03;
const STATUS: u8 = 0x04;
const GET: u8 = 0x05;
const OPEN: u8 = 0x06;
const RESET: u8 = 0x07;
const FACTORY_RESET: u8 = 0x08;
const CUT: u8 = 0x09;

/// A body that has a certain length.
fn fixed<const N: usize>(body: &[u8], answer: impl FnOnce(&[u8; N]) -> Answer) -> Answer {
    body.try_into().map_or_else(|_| bad_length(), answer)
}

const fn bad_length() -> Answer {
    Answer::new(65, "bad-length")
}

fn provision(lock: &mut Lock<'_>, body: &[u8; 49]) -> Answer {
    let (Some((user, rest)), Some(key)) = (body.split_first_chunk(), body.last_chunk()) else {
        return bad_length();
    };
    let key = match rest.first() {
        Some(0) => UserKey::Ed25519(*key),
        Some(1) => UserKey::RsaFingerprint(*key),
        _ => return Answer::new(67, "bad-value"),
    };
    match lock.provision(Uuid::from_bytes(*user), key) {
        Some(result) => result.into(),
        None => Answer::new(68, "not-empty"),
    }
}

fn status(lock: &Lock<'_>) -> Answer {
    let Some(acl) = &lock.acl else {
        return Answer::code(Code::Storage);
    };
    Answer::ok()
        .with(&u16_of(acl.len()))
        .with(&u16_of(board::USERS))
        .with(&acl.room().to_le_bytes())
        .with(&lock.now.to_le_bytes())
        .with(&lock.openings.to_le_bytes())
        .with(&stack::deepest().to_le_bytes())
}

fn get(lock: &mut Lock<'_>, user: Uuid) -> Answer {
    let Some(acl) = &mut lock.acl else {
        return Answer::code(Code::Storage);
    };
    let entry = match acl.get(&user) {
        Ok(Some(entry)) => entry,
        Ok(None) => return no_such_user(),
        Err(_) => return Answer::code(Code::Storage),
    };
    let kind = match entry.key {
        UserKey::Ed25519(_) => 0,
        UserKey::RsaFingerprint(_) => 1,
    };
    Answer::ok()
        .with(&[u8::from(entry.role == Role::Admin), kind])
        .with(entry.key.as_bytes())
        .with(&entry.window.start().unwrap_or(NO_BOUND).to_le_bytes())
        .with(&entry.window.end().unwrap_or(NO_BOUND).to_le_bytes())
}

fn open(lock: &mut Lock<'_>, user: Uuid) -> Answer {
    match lock.open(&user) {
        Ok(()) => Answer::new(0, "opened"),
        Err(Closed::NoSuchUser) => no_such_user(),
        Err(Closed::NotActive) => Answer::new(70, "not-active"),
        Err(Closed::Storage) => Answer::code(Code::Storage),
    }
}

const fn no_such_user() -> Answer {
    Answer::new(69, "no-such-user")
}

/// Numbers here are far below the limits of their fields.
#[expect(clippy::cast_possible_truncation)]
const fn u16_of(number: usize) -> [u8; 2] {
    (number as u16).to_le_bytes()
}

#[expect(clippy::cast_possible_truncation)]
const fn u32_of(number: usize) -> [u8; 4] {
    (number as u32).to_le_bytes()
}
