//! What certificates cost, and which of them are refused.

use core::hint::black_box;

use lockop::{Error, Policy, Unverified, UserKey};
use lockop_target::Backend;
use lockop_target::bench::Bench;
use lockop_target::fixtures::{Case, NOW};

use crate::backends::UncheckedOperation;
use crate::lock::{device, store, store_of};

/// Nobody's key.
const STRANGER: UserKey = UserKey::RsaFingerprint([0x5a; 32]);

/// The whole job where the operation's signature is good, but not its leaf's.
#[inline(never)]
pub fn refused(bench: &Bench, case: &Case) {
    let Some(refused_leaf) = case.refused_leaf else { return };
    let mut device = device(Backend::default());
    // A leaf that the issuer's key has not signed, and a leaf of another key than the issuer's.
    let cases = [
        ("apply-refused-leaf", refused_leaf, store(case)),
        ("apply-refused-issuer", case.jws, store_of(black_box(STRANGER))),
    ];
    for (stage, jws, mut store) in cases {
        let (jws, now) = black_box((jws, NOW));
        let verdict = bench.report(case.name, stage, jws.len(), || device.apply(jws, now, &mut store));
        assert_eq!(verdict, Err(Error::Unauthenticated));
        assert_eq!(store.entries().len(), 1);
    }
}

/// What `authenticate` does before the operation's own signature.
#[inline(never)]
pub fn measure(bench: &Bench, case: &Case) {
    if case.refused_leaf.is_some() {
        assert!(stage(bench, case, "chain", case.jws));
    }
    // The same up to the arithmetic with the issuer's RSA key. What is missing is that, and the key's fingerprint.
    if let Some(jws) = case.without_rsa {
        assert!(!stage(bench, case, "chain-without-rsa", jws));
    }
}

/// Whether the chain is good.
fn stage(bench: &Bench, case: &Case, stage: &str, jws: &[u8]) -> bool {
    let (mut device, mut store) = (device(UncheckedOperation::default()), store(case));
    let (jws, now) = black_box((jws, NOW));
    let unverified = Unverified::parse(jws, &Policy::DEFAULT).expect("well-formed");
    bench.report(case.name, stage, jws.len(), || device.authenticate(unverified, now, &mut store)).is_ok()
}
