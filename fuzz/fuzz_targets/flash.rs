//! The store in flash: the input chooses operations, faults and damage; what must hold is what lockop-sim demands (§10).

#![no_main]

use libfuzzer_sys::fuzz_target;
use lockop_sim::fuzzed::judge;

fuzz_target!(|input: &[u8]| {
    if let Err(breach) = judge(input) {
        panic!("{}", breach.0);
    }
});
