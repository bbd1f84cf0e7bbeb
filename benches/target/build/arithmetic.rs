//! Signatures by nobody that are right if the arithmetic of their verification is disturbed in one place.
//!
//! Where a disturbance leaves few bits of k, an attacker tries R and S until those bits are as guessed: 2^32 hashes, or
//! 2^64. Here the issuer's private key is at hand, and makes what such a search would find: a signature that is good for
//! the disturbed k. The others need no key at all.
//!
//! Where a disturbance makes k independent of R, or the expected R of k, `cargo xtask skip` finds out what to send by itself:
//! `r-known-before`.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use sha2::{Digest, Sha512};

use crate::signer::issuer;

/// What `cargo xtask skip` fills the free stack with, as earlier requests may have.
const STALE: u8 = 1;

/// Digits of the library's ladder, behind the leading 1.
const DIGITS: usize = 84;

/// Every such signature of a signing input, by name.
pub fn signatures(input: &str) -> Vec<(&'static str, [u8; 64])> {
    let key: [u8; 32] = *issuer().pk;
    let text = |r: &[u8]| [r, &key, input.as_bytes()].concat();
    let hash = |r: &[u8]| -> [u8; 64] { Sha512::digest(text(r)).into() };
    let k = |r: &[u8; 32]| Scalar::from_bytes_mod_order_wide(&hash(r));
    let rounds = |rounds| after_rounds(rounds, &key, &k);
    vec![
        // Two of one S and different R: whether a skip makes the R that is expected independent of the R that came.
        ("r-of-another", join(&[2; 32], &Scalar::from(77_u8))),
        ("r-known-before", join(&[3; 32], &Scalar::from(77_u8))),
        // A loop that copies k, or the hash, is left after its first round.
        ("k-first-word", good_for(|r| reduced(&k(r).to_bytes()[..4]))),
        ("k-last-word", good_for(|r| reduced(&part(&k(r).to_bytes(), 28)))),
        ("hash-first-word", good_for(|r| reduced(&hash(r)[..4]))),
        ("hash-first-8-bytes", good_for(|r| reduced(&hash(r)[..8]))),
        // Of R, little comes into the hash.
        ("hash-of-a-word-of-r", good_for(|r| reduced(&hash(&[&r[..4], &[STALE; 28]].concat())))),
        // The point that stands in for a key that is none is taken for a good key: its private key is 1.
        ("base-point-for-key", {
            let (r, nonce) = nonce();
            join(&r, &(nonce + k(&r)))
        }),
        // The ladder is left early. No key is needed: the few bits of k are guessed.
        ("ladder-1-round", rounds(1)),
        ("ladder-2-rounds", rounds(2)),
    ]
}

/// R of a nonce, and the nonce.
fn nonce() -> ([u8; 32], Scalar) {
    let nonce = Scalar::from(1_234_567_u64);
    (EdwardsPoint::mul_base(&nonce).compress().0, nonce)
}

/// A signature that is good for this k in place of the hash's.
fn good_for(k: impl FnOnce(&[u8; 32]) -> Scalar) -> [u8; 64] {
    let hash = Sha512::digest(issuer().sk.seed().as_slice());
    let mut private = [0; 32];
    private.copy_from_slice(&hash[..32]);
    let private = Scalar::from_bytes_mod_order(clamp_integer(private));
    let (r, nonce) = nonce();
    join(&r, &(nonce + k(&r) * private))
}

fn join(r: &[u8; 32], s: &Scalar) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(r);
    signature[32..].copy_from_slice(s.as_bytes());
    signature
}

/// A little-endian number modulo L.
fn reduced(number: &[u8]) -> Scalar {
    let mut wide = [0; 64];
    wide[..number.len()].copy_from_slice(number);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// `bytes` from a place on, and zeros before.
fn part(bytes: &[u8; 32], from: usize) -> [u8; 32] {
    let mut part = [0; 32];
    part[from..].copy_from_slice(&bytes[from..]);
    part
}

/// A signature whose R is what the ladder has after so many rounds: that depends on few bits of S and k, which are
/// guessed until the hash agrees.
fn after_rounds(rounds: usize, key: &[u8; 32], k: &impl Fn(&[u8; 32]) -> Scalar) -> [u8; 64] {
    let a = CompressedEdwardsY(*key).decompress().expect("the issuer's key");
    // The digits that have been taken, and the bit behind them.
    let bits = 3 * rounds + 1;
    let top = |scalar: &Scalar| {
        let bytes = scalar.as_bytes();
        (252 - 3 * rounds..253).rev().fold(0_u32, |top, bit| top << 1 | u32::from(bytes[bit / 8] >> (bit % 8) & 1))
    };
    // Less than 2^252, so that S is canonical whatever the rest.
    for of_s in 0..1_u32 << (bits - 1) {
        for of_k in 0..1_u32 << bits {
            let r = (multiple(rounds, of_s) * ED25519_BASEPOINT_POINT - multiple(rounds, of_k) * a).compress().0;
            if top(&k(&r)) == of_k {
                let mut s = [0; 32];
                for bit in 0..bits {
                    let to = 252 - 3 * rounds + bit;
                    s[to / 8] |= u8::try_from(of_s >> bit & 1).expect("a bit") << (to % 8);
                }
                return join(&r, &Scalar::from_canonical_bytes(s).expect("less than L"));
            }
        }
    }
    panic!("no such signature, {rounds} of {DIGITS} rounds");
}

/// What the ladder multiplies with after so many rounds, by the bits of the scalar that it has seen.
fn multiple(rounds: usize, top: u32) -> Scalar {
    let mut sum = Scalar::ONE;
    for round in (0..rounds).rev() {
        let n = top >> (3 * round + 1) & 7;
        sum = sum * Scalar::from(8_u8) + Scalar::from(2 * n) - Scalar::from(7_u8);
    }
    sum - Scalar::from(u32::from(top & 1 == 0))
}
