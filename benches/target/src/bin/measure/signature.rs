//! The arithmetic alone.

use core::hint::black_box;

use lockop::Ed25519;
use lockop_target::Backend;
use lockop_target::bench::Bench;
use lockop_target::fixtures::{ISSUER_KEY, MESSAGE, SIGNATURE};
use sha2::{Digest, Sha512};

/// The hash of a verification (RFC 8032 §5.1.7) by sha2, which is not what ed25519-compact hashes with.
pub fn hash(bench: &Bench, case: &str, message: &[u8]) {
    let (key, message, signature) = black_box((&ISSUER_KEY, message, &SIGNATURE));
    bench.report(case, "hash", message.len(), || {
        Sha512::new().chain_update(&signature[..32]).chain_update(key).chain_update(message).finalize()
    });
}

/// Measures a verification of 1,000 bytes, good and bad, and the check of a key.
pub fn measure(bench: &Bench) {
    let mut backend = Backend::default();
    let mut wrong = SIGNATURE;
    wrong[0] ^= 1;
    let mut verify = |stage: &str, signature: &[u8; 64]| -> bool {
        let (key, message, signature) = black_box((&ISSUER_KEY, &MESSAGE, signature));
        bench.report("message-1000", stage, message.len(), || backend.verify(key, message, signature)).into()
    };
    assert!(verify("verify", &SIGNATURE));
    assert!(!verify("verify-refused", &wrong));
    if cfg!(not(feature = "variable-time")) {
        hash(bench, "message-1000", &MESSAGE);
    }
    let key = black_box(&ISSUER_KEY);
    assert!(bench.report("key", "is-valid", key.len(), || backend.is_valid_key(key)));
}
