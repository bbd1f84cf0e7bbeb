//! The arithmetic alone.

use core::hint::black_box;

use lockop::Ed25519;
use lockop_target::Backend;
use lockop_target::bench::Bench;
use lockop_target::fixtures::{ISSUER_KEY, MESSAGE, SIGNATURE};

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
    let key = black_box(&ISSUER_KEY);
    assert!(bench.report("key", "is-valid", key.len(), || backend.is_valid_key(key)));
}
