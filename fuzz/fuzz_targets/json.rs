//! JSON (§2): the reader in every way that it is driven, beside serde_json.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lockop_fuzz::json_trial::judge(input));
