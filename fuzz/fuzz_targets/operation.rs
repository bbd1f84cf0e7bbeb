//! Anything as an operation: the verdict, and what is changed, are those of the model.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use lockop::Policy;
use lockop_fuzz::beside::{Pair, look};
use lockop_fuzz::changed_segment;
use lockop_fuzz::model::Parsed;
use lockop_fuzz::world::{self, NOW, OWNER_KEYS};

fuzz_target!(|jws: &[u8]| {
    // Verifying takes the time of a hundred refusals: the RSA key only where it makes a difference.
    let has_chain = Parsed::read(jws, &Policy::DEFAULT).is_ok_and(|parsed| parsed.chain.is_some());
    for key in OWNER_KEYS.into_iter().take(if has_chain { 2 } else { 1 }) {
        let mut pair = Pair::new(Policy::DEFAULT, &[world::owner(key)]);
        if let Some(Ok(_)) = pair.apply(jws, NOW) {
            // The second time, it is a replay.
            _ = pair.apply(jws, NOW + 1);
        }
    }
    look(jws, &Policy::DEFAULT);
    look(jws, &Policy { rfc7515_only: true, require_jti: true, ..Policy::DEFAULT });
});

// Three changes of four are made inside a segment.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let which = usize::try_from(seed % 4).unwrap_or(0);
    let inside = |data: &mut [u8], size| {
        let room = data.len();
        fuzzer_mutate(data, size, room)
    };
    changed_segment::change_segment(data, size, max_size, which, inside)
        .unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});
