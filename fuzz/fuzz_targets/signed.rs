//! Operations that really are signed, several on one device: every verdict and the ACL are those of the model.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lockop_fuzz::signed_trial::judge(input));
