//! The stored form (postcard): every decoder, and the way there and back.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lockop_fuzz::stored_trial::judge(input));
