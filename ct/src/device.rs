//! The verification where devices do it: in `Device::authenticate`.

use core::hint::black_box;

use lockop::acl::AclStore;
use lockop::{
    AclEntry, CommitError, ConstantTime, Device, Ed25519, Error, RamAcl, ReplayRecord, Role, Transaction, UserKey,
    Uuid, Window,
};

use crate::watch::{Group, Watch, Watched};

/// What the device knows about the issuer.
#[derive(Debug, PartialEq)]
pub enum Anchor {
    /// Their Ed25519 key is on the ACL.
    Ed25519([u8; 32]),
    /// An RSA key of theirs is on the ACL.
    Rsa,
    /// They are not on the ACL.
    Nobody,
    /// The store gives the entry of another user.
    AnotherUser,
    /// The store fails.
    Failure,
}

/// One case.
#[derive(Debug)]
pub struct Token {
    /// What is wrong with it.
    pub name: &'static str,
    /// The operation. All have the same payload, and the same header but for the leaf's signature.
    pub jws: &'static [u8],
    /// What the device knows about the issuer.
    pub anchor: Anchor,
    /// Whether it is authentic.
    pub accepted: bool,
}

include!(concat!(env!("OUT_DIR"), "/tokens.rs"));

const NOW: u64 = 1_700_000_000;

/// The issuer of every token, and somebody else.
const ISSUER: [u8; 16] = uuid(0xa0);
const OTHER: [u8; 16] = uuid(0xb0);

const fn uuid(kind: u8) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[6] = 0x40;
    bytes[8] = 0x80;
    bytes[15] = 0;
    bytes
}

/// A store that gives one answer.
struct Answer(Result<Option<AclEntry>, Failure>);

#[derive(Debug, Clone, Copy)]
struct Failure;

impl AclStore for Answer {
    type Error = Failure;

    fn get(&mut self, _: &Uuid) -> Result<Option<AclEntry>, Failure> {
        self.0
    }

    fn is_replay(&mut self, _: &ReplayRecord, _: u64) -> Result<bool, Failure> {
        Err(Failure)
    }

    fn commit(&mut self, _: &Transaction<'_>) -> Result<(), CommitError<Failure>> {
        Err(CommitError::Store(Failure))
    }
}

impl Anchor {
    fn answer(&self) -> Answer {
        Answer(match self {
            Self::Ed25519(key) => Ok(Some(entry(ISSUER, UserKey::Ed25519(*key)))),
            Self::Rsa => Ok(Some(entry(ISSUER, UserKey::RsaFingerprint([7; 32])))),
            Self::Nobody => Ok(None),
            Self::AnotherUser => Ok(Some(entry(OTHER, UserKey::Ed25519([7; 32])))),
            Self::Failure => Err(Failure),
        })
    }
}

const fn entry(user: [u8; 16], key: UserKey) -> AclEntry {
    AclEntry { user: Uuid::from_bytes(user), key, role: Role::Admin, window: Window::ALWAYS }
}

/// Authenticates a token, and watches one verification in it: without a certificate, there is only number 0.
#[inline(never)]
pub(crate) fn authenticate<W: Watch>(
    watch: &mut W,
    memory: &mut [u8; JWS_LEN],
    token: &'static Token,
    group: Group,
    number: usize,
) {
    let jws = put(memory, token);
    let mut store = black_box(token.anchor.answer());
    watch.case(group, token.name);
    let accepted = {
        let mut device = device(Watched { watch: &mut *watch, backend: ConstantTime, number });
        let unverified = device.parse(jws).expect("well-formed");
        device.authenticate(unverified, NOW, &mut store).is_ok()
    };
    assert_eq!(accepted, token.accepted, "{}", token.name);
    watch.done();
}

/// Whether the whole of `authenticate` should be the same for this token: only the signature's bytes are other ones.
pub(crate) fn is_refused_alike(token: &Token) -> bool {
    let [good, ..] = TOKENS else { return false };
    !token.accepted && token.anchor == good.anchor && token.jws.len() == good.jws.len()
}

/// Refuses a token, and watches all of it but parsing.
#[inline(never)]
pub(crate) fn refuse<W: Watch>(watch: &mut W, memory: &mut [u8; JWS_LEN], token: &'static Token, group: Group) {
    let jws = put(memory, token);
    let mut store = RamAcl::<3, 1>::new();
    let (user, key) = match token.anchor {
        Anchor::Ed25519(key) => (ISSUER, key),
        _ => (OTHER, [7; 32]),
    };
    for (user, key) in [([1; 16], [1; 32]), ([2; 16], [2; 32]), (user, key)] {
        store.provision(entry(user, UserKey::Ed25519(key))).expect("room");
    }
    watch.case(group, token.name);
    let mut device = black_box(device(ConstantTime));
    let unverified = black_box(device.parse(jws).expect("well-formed"));
    watch.begin(&[]);
    let verdict = black_box(device.authenticate(unverified, black_box(NOW), &mut store));
    watch.end(&[]);
    assert!(matches!(verdict, Err(Error::Unauthenticated)), "{}", token.name);
    watch.done();
}

fn device<V: Ed25519>(backend: V) -> Device<V> {
    Device::with_backend(Uuid::from_bytes(uuid(0xd0)), backend)
}

/// Copies the token to where all tokens are.
fn put<'a>(memory: &'a mut [u8; JWS_LEN], token: &Token) -> &'a [u8] {
    let jws = &mut memory[..token.jws.len()];
    jws.copy_from_slice(token.jws);
    black_box(jws)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_issuer_is_among_the_tokens_and_those_refused_alike_are_several() {
        assert!(TOKENS[0].accepted);
        assert!(TOKENS.iter().any(|token| token.anchor == Anchor::Nobody));
        assert!(TOKENS.iter().filter(|token| is_refused_alike(token)).count() >= 8);
    }
}
