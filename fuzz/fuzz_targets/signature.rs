//! Ed25519 (§6): the verdict beside dalek's `verify_strict`, ed25519-compact and the equation itself.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lockop_fuzz::signature_trial::judge(input));
