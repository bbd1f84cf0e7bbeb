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
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::signature::FALLBACK_KEY;

    const MESSAGE: &[u8] = b"message";

    fn signed() -> ([u8; 32], [u8; 64]) {
        let key = SigningKey::from_bytes(&[7; 32]);
        (key.verifying_key().to_bytes(), key.sign(MESSAGE).to_bytes())
    }

    /// What each of the two ways says.
    fn decided(key: &[u8; 32], signature: &[u8; 64]) -> [bool; 2] {
        let (first, second) = decide(key, MESSAGE, signature);
        [first.into(), second.into()]
    }

    #[test]
    fn either_way_alone_finds_a_wrong_signature() {
        let (key, signature) = signed();
        assert_eq!(decided(&key, &signature), [true; 2]);
        // Not the bits that make S too large: those are refused for another reason, below.
        for bit in 0..256 + 252 {
            let mut wrong = signature;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decided(&key, &wrong), [false; 2], "{bit}");
        }
    }

    /// S + L stands for S, but is not the signature (RFC 8032 §5.1.7).
    #[test]
    fn either_way_alone_finds_an_s_that_is_too_large() {
        let (key, mut signature) = signed();
        let less_one = (-Scalar::ONE).to_bytes();
        let mut carry = 1;
        for (byte, l) in signature[32..].iter_mut().zip(less_one) {
            let sum = u16::from(*byte) + u16::from(l) + carry;
            [*byte, _] = sum.to_le_bytes();
            carry = sum >> 8;
        }
        assert_eq!(decided(&key, &signature), [false; 2]);
    }

    /// With the neutral point for a key, R = \[S\]B is right for every message.
    #[test]
    fn either_way_alone_finds_a_bad_key_though_the_equation_holds() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let s = Scalar::from(12_345_u64);
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(EdwardsPoint::mul_base(&s).compress().as_bytes());
        signature[32..].copy_from_slice(s.as_bytes());
        assert_eq!(decided(&neutral, &signature), [false; 2]);
    }

    /// Each of the three reasons is enough by itself (§6).
    #[test]
    fn either_judgement_of_a_key_minds_every_reason() {
        let judged = |key: &[u8; 32]| {
            let Key { good, still_good, .. } = Key::decode(key);
            [good, still_good].map(bool::from)
        };
        assert_eq!(judged(&signed().0), [true; 2]);
        let (mut off_the_curve, mut not_canonical, mut of_small_order) = (0, 0, 0);
        for low in 0..=0xff {
            for high in [0x7f, 0xff] {
                let mut key = [0xff; 32];
                (key[0], key[31]) = (low, high);
                let reasons = [
                    bool::from(!EdwardsPoint::from_bytes(&key).is_some()),
                    (!is_canonical(&key)).into(),
                    has_small_order(&key).into(),
                ];
                match reasons {
                    [false, false, false] => assert_eq!(judged(&key), [true; 2], "{key:x?}"),
                    [true, false, false] => off_the_curve += 1,
                    [false, true, false] => not_canonical += 1,
                    [false, false, true] => of_small_order += 1,
                    _ => {}
                }
                if reasons != [false; 3] {
                    assert_eq!(judged(&key), [false; 2], "{key:x?}");
                }
            }
        }
        assert!(off_the_curve > 0 && not_canonical > 0 && of_small_order > 0);
    }

    #[test]
    fn the_fallback_key_is_a_good_key() {
        assert!(ConstantTime.is_valid_key(&FALLBACK_KEY));
    }
}
