//! The whole job, and its stages.

use core::hint::black_box;

use lockop::{Error, Malformed, ParseError, Part, Policy, Unverified};
use lockop_target::Backend;
use lockop_target::bench::Bench;
use lockop_target::fixtures::{Case, NOW};

use crate::backends::UncheckedKeys;
use crate::chain;
use crate::lock::{device, store};
use crate::signature;

/// Measures one case.
pub fn measure(bench: &Bench, case: &Case) {
    chain::refused(bench, case);
    whole_job(bench, case);
    stages(bench, case);
}

#[inline(never)]
fn whole_job(bench: &Bench, case: &Case) {
    let (mut device, mut store, now) = (device(Backend::default()), store(case), black_box(NOW));
    let jws = black_box(case.refused);
    let refused = bench.report(case.name, "apply-refused", jws.len(), || device.apply(jws, now, &mut store));
    assert_eq!(refused, Err(Error::Unauthenticated));
    assert_eq!(store.entries().len(), 1);

    let jws = black_box(case.jws);
    let applied = bench.report(case.name, "apply", jws.len(), || device.apply(jws, now, &mut store));
    assert_eq!(applied.map(|applied| applied.users), Ok(case.users));
    assert_eq!(store.entries().len(), 1 + case.users);
}

#[inline(never)]
fn stages(bench: &Bench, case: &Case) {
    let (mut device, mut store, now) = (device(Backend::default()), store(case), black_box(NOW));
    let (jws, policy) = (black_box(case.jws), black_box(Policy::DEFAULT));
    let len = jws.len();

    let header = black_box(case.header);
    let unverified = bench.report(case.name, "split+header", header.len(), || Unverified::parse(header, &policy));
    // The empty payload comes after the header.
    assert!(matches!(unverified, Err(ParseError::Malformed(Malformed { part: Part::Payload, .. }))));
    let unverified = bench.report(case.name, "parse", len, || Unverified::parse(jws, &policy));
    let unverified = unverified.expect("well-formed");
    chain::measure(bench, case);
    let authentic = bench.report(case.name, "authenticate", len, || device.authenticate(unverified, now, &mut store));
    let authentic = authentic.expect("signed");
    if cfg!(not(feature = "variable-time")) {
        let signing_input = jws.iter().rposition(|byte| *byte == b'.').and_then(|dot| jws.get(..dot));
        signature::hash(bench, case.name, signing_input.expect("two dots"));
    }
    checks(bench, case, now);
    without_curve(bench, case, now);
    let authorized = bench.report(case.name, "authorize", len, || device.authorize(authentic, now));
    let authorized = authorized.expect("an operation of an ADMIN");
    let applied = bench.report(case.name, "commit", len, || authorized.commit());
    assert_eq!(applied.map(|applied| applied.users), Ok(case.users));
}

/// `authorize` where there are no contents to read: device, time, rights and replay.
#[inline(never)]
fn checks(bench: &Bench, case: &Case, now: u64) {
    let (mut device, mut store) = (device(Backend::default()), store(case));
    let unverified = Unverified::parse(case.unsupported, &Policy::DEFAULT).expect("well-formed");
    let authentic = device.authenticate(unverified, now, &mut store).expect("signed");
    let authorized = bench.report(case.name, "checks", case.unsupported.len(), || device.authorize(authentic, now));
    assert!(matches!(authorized, Err(Error::UnsupportedOperation)));
}

/// `authorize` where keys are not checked: what is left is base64, JSON and typing.
#[inline(never)]
fn without_curve(bench: &Bench, case: &Case, now: u64) {
    let (mut device, mut store) = (device(UncheckedKeys::default()), store(case));
    let unverified = Unverified::parse(case.jws, &Policy::DEFAULT).expect("well-formed");
    let authentic = device.authenticate(unverified, now, &mut store).expect("signed");
    let authorized =
        bench.report(case.name, "authorize-without-curve", case.jws.len(), || device.authorize(authentic, now));
    assert!(authorized.is_ok());
}
