//! The default: Ed25519 verification in constant time, from the constant-time parts of curve25519-dalek.

#[cfg(any(test, not(feature = "tables")))]
mod digits;
mod encoding;
#[cfg(any(test, not(feature = "tables")))]
mod ladder;

use core::hint::black_box;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use group::GroupEncoding;
use sha2::{Digest, Sha512};
use subtle::Choice;

use super::Ed25519;
use crate::verdict::Verdict;
#[cfg(not(feature = "tables"))]
use digits::Digits;
use encoding::{are_equal, has_small_order, is_canonical, is_joined};

/// Verifies in constant time: the same instructions and addresses for every key, signature and message of the same
/// length, valid or not (§9).
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConstantTime;

/// A key as a point, and whether that is what its bytes were: otherwise the point is the curve's base point, so that
/// what follows costs the same.
struct Key {
    point: EdwardsPoint,
    good: Choice,
    /// The same, found out once more.
    still_good: Choice,
}

impl Key {
    // Not inlined: its stack would be taken during the multiplications, too. Likewise below.
    #[inline(never)]
    fn decode(bytes: &[u8; 32]) -> Self {
        // GroupEncoding's decoding: `CompressedEdwardsY::decompress` returns early.
        let decoded = EdwardsPoint::from_bytes(bytes);
        let on_curve = decoded.is_some();
        let good = on_curve & is_canonical(bytes) & !has_small_order(bytes);
        let again = black_box(bytes);
        // What selects the point is read again.
        let still_good = black_box(&decoded).is_some() & is_canonical(again) & !has_small_order(again);
        Self { good, still_good, point: decoded.unwrap_or(ED25519_BASEPOINT_POINT) }
    }
}

/// k = SHA-512(R, A, message) of RFC 8032 §5.1.7, modulo L.
#[inline(never)]
fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let mut hash = Sha512::new();
    hash.update(r);
    hash.update(key);
    hash.update(message);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

/// \[s\]B - \[k\]A with curve25519-dalek's table of multiples of B: faster than the ladder, for 31 to 36 KB of flash.
///
/// Its loops are not counted, so that the answer is always yes (docs/fault-injection.md).
#[cfg(feature = "tables")]
fn difference(result: &mut EdwardsPoint, s: &Scalar, k: &Scalar, a: &EdwardsPoint) -> Choice {
    *result = EdwardsPoint::mul_base(s) - a * k;
    1.into()
}

/// \[s\]B - \[k\]A in the place of the neutral point, and whether all digits of s and k were used.
#[cfg(not(feature = "tables"))]
#[inline(always)]
fn difference(result: &mut EdwardsPoint, s: &Scalar, k: &Scalar, a: &EdwardsPoint) -> Choice {
    let (mut of_s, mut of_k) = (Digits::of(s), Digits::of(k));
    ladder::difference(result, &mut of_s, &mut of_k, a);
    of_s.were_all_of(black_box(s)) & of_k.were_all_of(black_box(k))
}

/// Whether k is the same once more: a skipped instruction could make it independent of R, and then R is found without a
/// key. With `tables`, there is no time for that.
fn is_challenge(k: &Scalar, r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Choice {
    if cfg!(feature = "tables") { 1.into() } else { are_equal(k.as_bytes(), challenge(r, key, message).as_bytes()) }
}

/// The verdict, found out in two ways from one calculation (docs/fault-injection.md).
#[inline(never)]
fn decide(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> (Choice, Choice) {
    let [mut r, mut s] = [[0; 32]; 2];
    r.copy_from_slice(&signature[..32]);
    s.copy_from_slice(&signature[32..]);

    let k = challenge(&r, key, message);
    let Key { point: a, good: a_good, still_good: a_still_good } = Key::decode(key);
    let s = Scalar::from_canonical_bytes(s);
    let s_good = s.is_some();
    let s = s.unwrap_or(Scalar::ZERO);

    // RFC 8032 §5.1.7, without the cofactor: [S]B = R + [k]A, compared as encodings. A canonical encoding is all
    // that R can be equal to. The neutral point, which stays if nothing is calculated, has small order.
    let mut expected_r = EdwardsPoint::default();
    let complete = difference(black_box(&mut expected_r), &s, &k, &a);
    // Only now, when k has been used: it must still be what it is.
    let k_good = is_challenge(&k, black_box(&r), black_box(key), black_box(message));
    let expected_r = expected_r.compress().to_bytes();
    let r_good = are_equal(&r, &expected_r) & !has_small_order(&expected_r);

    // Nothing but R = expected R and a canonical S is the signature as it came.
    let still_good = is_joined(signature, black_box(&expected_r), black_box(s.as_bytes()));
    (a_good & s_good & r_good & k_good & complete, still_good & a_still_good & black_box(k_good) & black_box(complete))
}

impl Ed25519 for ConstantTime {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        let (first, second) = decide(key, message, signature);
        first & second
    }

    fn verdict(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Verdict {
        let (first, second) = decide(key, message, signature);
        Verdict::new(first, second)
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        let Key { good, still_good, .. } = Key::decode(key);
        Verdict::new(good, still_good).holds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::FALLBACK_KEY;

    #[test]
    fn the_fallback_key_is_a_good_key() {
        assert!(ConstantTime.is_valid_key(&FALLBACK_KEY));
    }
}
