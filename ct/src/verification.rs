//! The verification alone.

use core::hint::black_box;

use lockop::Ed25519;

use crate::watch::{Group, Watch, Watched};

/// What a verification is given.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// The public key.
    pub key: [u8; 32],
    /// What is signed.
    pub message: [u8; MESSAGE_LEN],
    /// R and S.
    pub signature: [u8; 64],
}

/// One case.
#[derive(Debug)]
pub struct Verification {
    /// What is wrong with it.
    pub name: &'static str,
    /// The bytes.
    pub input: Input,
    /// Whether the signature holds.
    pub valid: bool,
}

include!(concat!(env!("OUT_DIR"), "/verifications.rs"));

/// Runs one case with this arithmetic.
#[inline(never)]
pub(crate) fn run<W: Watch, V: Ed25519>(
    watch: &mut W,
    memory: &mut Input,
    case: &'static Verification,
    group: Group,
    backend: V,
) {
    *memory = case.input;
    watch.case(group, case.name);
    let Input { key, message, signature } = black_box(&*memory);
    let verdict = Watched { watch, backend, number: 0 }.verify(key, message, signature);
    assert_eq!(bool::from(verdict), case.valid, "{}", case.name);
    watch.done();
}

#[cfg(test)]
mod tests {
    use lockop::ConstantTime;

    use super::*;

    #[test]
    fn names_are_unique() {
        for case in &VERIFICATIONS {
            let same = VERIFICATIONS.iter().filter(|other| other.name == case.name);
            assert_eq!(same.count(), 1, "{}", case.name);
        }
    }

    #[test]
    fn there_are_many_and_some_are_valid() {
        assert!(VERIFICATIONS.len() >= 64, "{}", VERIFICATIONS.len());
        assert!(VERIFICATIONS[0].valid);
        assert!(VERIFICATIONS.iter().filter(|case| case.valid).count() >= 8);
    }

    #[test]
    fn every_verdict_is_right() {
        for Verification { name, input, valid } in &VERIFICATIONS {
            let verdict = ConstantTime.verify(&input.key, &input.message, &input.signature);
            assert_eq!(bool::from(verdict), *valid, "{name}");
        }
    }
}
