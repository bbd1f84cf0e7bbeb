//! What is checked for constant time (`docs/operation.md` §9), the same on the target and on the host.
//!
//! [`run`] goes through all cases and tells a [`Watch`] when each begins and ends: in the firmware image `ct` of
//! `benches/target`, the emulator's plugin listens; in this crate's own program, valgrind does. `docs/constant-time.md`
//! has the whole story.
#![no_std]
#![forbid(unsafe_code)]

mod device;
mod twin;
mod verification;
mod watch;

pub use device::{Anchor, JWS_LEN, LEAF_TOKENS, TOKENS, Token};
pub use twin::{Branch, EarlyExit, TableLookup};
pub use verification::{Input, MESSAGE_LEN, VERIFICATIONS, Verification};
pub use watch::{Group, Watch};

use lockop::ConstantTime;

/// Where the inputs of every case are put before it is watched, so that all have the same addresses.
#[derive(Debug, Clone)]
pub struct Memory {
    input: Input,
    jws: [u8; JWS_LEN],
}

impl Memory {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { input: VERIFICATIONS[0].input, jws: [0; JWS_LEN] }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs a case or two, so that what is done once per process is done: the arithmetic asks the processor what it can do.
///
/// # Panics
///
/// On a wrong verdict.
pub fn warm_up<W: Watch>(watch: &mut W, memory: &mut Memory) {
    verification::run(watch, &mut memory.input, &VERIFICATIONS[0], Group::Verify, ConstantTime);
    device::authenticate(watch, &mut memory.jws, &LEAF_TOKENS[0], Group::Leaf, 0);
}

/// Runs every case of every group.
///
/// # Panics
///
/// On a wrong verdict.
pub fn run<W: Watch>(watch: &mut W, memory: &mut Memory) {
    for case in &VERIFICATIONS {
        verification::run(watch, &mut memory.input, case, Group::Verify, ConstantTime);
    }
    for token in TOKENS {
        device::authenticate(watch, &mut memory.jws, token, Group::Authenticate, 0);
    }
    for (group, number) in [(Group::Leaf, 0), (Group::AfterLeaf, 1)] {
        for token in LEAF_TOKENS {
            device::authenticate(watch, &mut memory.jws, token, group, number);
        }
    }
    for token in TOKENS {
        device::authenticate(watch, &mut memory.jws, token, Group::Verdict, 0);
    }
    for token in TOKENS.iter().filter(|token| device::is_refused_alike(token)) {
        device::refuse(watch, &mut memory.jws, token, Group::Refuse);
    }
    for token in TOKENS.iter().filter(|token| matches!(token.anchor, Anchor::Nobody)) {
        device::refuse(watch, &mut memory.jws, token, Group::RefuseUnknown);
    }
    for case in twin::cases() {
        verification::run(watch, &mut memory.input, case, Group::EarlyExit, EarlyExit);
    }
    for case in twin::cases() {
        verification::run(watch, &mut memory.input, case, Group::Branch, Branch);
    }
    for case in twin::cases() {
        verification::run(watch, &mut memory.input, case, Group::TableLookup, TableLookup);
    }
}
