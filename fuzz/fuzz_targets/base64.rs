//! Base64 (§1): checked in pieces, read through a window and decoded in place, beside base64ct.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lockop_fuzz::base64_trial::judge(input));
