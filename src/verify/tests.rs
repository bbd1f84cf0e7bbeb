//! What a glitch has let through is refused by the next step (docs/fault-injection.md). No input brings these states about:
//! they are made here.

use super::*;
use crate::acl::{RamAcl, Window};
use crate::signature::Everybody;

const LOCK: Uuid = Uuid::from_bytes([0xaa; 16]);
const OWNER: AclEntry = AclEntry {
    user: Uuid::from_bytes([0x11; 16]),
    key: UserKey::Ed25519([1; 32]),
    role: Role::Admin,
    window: Window::ALWAYS,
};
const NOW: u64 = 1_700_000_000;
const CLAIMS: Claims = Claims { iss: OWNER.user, sub: LOCK, nbf: NOW, iat: NOW, exp: NOW + 60, jti: None };

/// `{"alg":"EdDSA"}`, the claims with one user, and 64 zero bytes.
const JWS: &[u8] = b"eyJhbGciOiJFZERTQSJ9.\
eyJpc3MiOiIxMTExMTExMS0xMTExLTExMTEtMTExMS0xMTExMTExMTExMTEiLCJzdWIiOiJhYWFhYWFhYS1hYWFhLWFhYWEtYWFhYS1hYWFhYWFhYWFh\
YWEiLCJuYmYiOjE3MDAwMDAwMDAsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwMDYwLCJvcGVyYXRpb24iOnsidHlwZSI6IkJBVENIX0FERF9V\
U0VSIiwidXNlcnMiOlt7InVzZXIiOiIyMjIyMjIyMi0yMjIyLTIyMjItMjIyMi0yMjIyMjIyMjIyMjIiLCJwdWJsaWNLZXkiOiJBQUFBQUFBQUFBQUFB\
QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIn1dfX0.\
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const fn device() -> Device<Everybody> {
    Device::with_backend(LOCK, Everybody)
}

type Acl = RamAcl<4, 4>;

fn acl() -> Acl {
    let mut acl = Acl::new();
    acl.provision(OWNER).unwrap();
    acl
}

/// Takes an operation to the step behind `authenticate`, after `disturb` has been at it, and to the end.
fn after(disturb: impl FnOnce(&mut Authentic<'_, '_, Acl>)) -> Result<usize, Error<core::convert::Infallible>> {
    let mut acl = acl();
    let mut device = device();
    let unverified = device.parse(JWS).unwrap();
    let mut authentic = device.authenticate(unverified, NOW, &mut acl)?;
    disturb(&mut authentic);
    let applied = device.authorize(authentic, NOW).and_then(Authorized::commit).map(|applied| applied.users);
    assert_eq!(acl.entries().len(), if applied.is_ok() { 2 } else { 1 });
    applied
}

#[test]
fn a_verdict_that_does_not_hold_is_looked_at_again() {
    assert_eq!(after(|_| ()), Ok(1));
    assert_eq!(after(|authentic| authentic.genuine = Verdict::NO), Err(Error::Unauthenticated));

    let (mut acl, mut device) = (acl(), device());
    let unverified = device.parse(JWS).unwrap();
    let authentic = device.authenticate(unverified, NOW, &mut acl).unwrap();
    let mut authorized = device.authorize(authentic, NOW).unwrap();
    authorized.genuine = Verdict::NO;
    assert_eq!(authorized.commit(), Err(Error::Unauthenticated));
    assert_eq!(acl.entries().len(), 1);
}

#[test]
fn a_disturbed_copy_of_the_claims_is_found_out_by_its_replay_record() {
    assert_eq!(
        after(|authentic| authentic.replay = ReplayRecord::from_parts([0; 32], NOW + 60)),
        Err(Error::Unauthenticated)
    );
    assert_eq!(after(|authentic| authentic.claims.exp += 1), Err(Error::Unauthenticated));
    let another_signing_input = after(|authentic| authentic.signing_input = b"another");
    assert_eq!(another_signing_input, Err(Error::Unauthenticated));
}

#[test]
fn another_issuers_entry_is_found_out() {
    let stranger = Uuid::from_bytes([0x33; 16]);
    assert_eq!(after(|authentic| authentic.issuer.user = stranger), Err(Error::Unauthenticated));
}

/// Rows 4 to 6 of §7, once more: one of them alone is enough, and nothing else is.
#[test]
fn rights_found_out_once_more_are_those_of_the_spec() {
    let allowed = |claims: Claims, issuer: AclEntry| bool::from(device().is_authorized(&claims, &issuer, NOW));
    let leeway = Policy::DEFAULT.leeway;
    let window = |start, end| AclEntry { window: Window::new(start, end).unwrap(), ..OWNER };

    assert!(allowed(CLAIMS, OWNER));
    assert!(!allowed(Claims { sub: OWNER.user, ..CLAIMS }, OWNER));
    for (late, good) in [(0, true), (leeway, true), (leeway + 1, false)] {
        let time = NOW + late;
        assert_eq!(allowed(Claims { nbf: time, exp: u64::MAX, ..CLAIMS }, OWNER), good, "nbf, {late}");
        assert_eq!(allowed(Claims { iat: time, ..CLAIMS }, OWNER), good, "iat, {late}");
    }
    for (exp, good) in [(NOW - leeway, false), (NOW - leeway + 1, true), (NOW, true)] {
        assert_eq!(allowed(Claims { nbf: 0, exp, ..CLAIMS }, OWNER), good, "exp, {exp}");
    }
    assert!(!allowed(CLAIMS, AclEntry { role: Role::User, ..OWNER }));
    for (start, end, good) in [
        (Some(NOW), None, true),
        (Some(NOW + 1), None, false),
        (None, Some(NOW), false),
        (None, Some(NOW + 1), true),
        (Some(NOW), Some(NOW + 1), true),
    ] {
        assert_eq!(allowed(CLAIMS, window(start, end)), good, "{start:?} {end:?}");
    }
    assert!(!allowed(CLAIMS, AclEntry { user: LOCK, ..OWNER }));
}
