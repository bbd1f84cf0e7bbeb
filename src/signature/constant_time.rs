//! The default: Ed25519 verification in constant time, from the constant-time parts of curve25519-dalek.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use group::GroupEncoding;
use sha2::{Digest, Sha512};
use subtle::{Choice, ConstantTimeEq, ConstantTimeLess};

use super::Ed25519;

/// Verifies in constant time: the same instructions and addresses for every key, signature and message of the same
/// length, valid or not (§9).
#[derive(Debug, Clone, Copy, Default)]
pub struct ConstantTime;

/// A key as a point, and whether that is what its bytes were: otherwise the point is the curve's base point, so that
/// what follows costs the same.
struct Key {
    point: EdwardsPoint,
    good: Choice,
}

impl Key {
    fn decode(bytes: &[u8; 32]) -> Self {
        // GroupEncoding's decoding: `CompressedEdwardsY::decompress` returns early.
        let decoded = EdwardsPoint::from_bytes(bytes);
        let on_curve = decoded.is_some();
        let point = decoded.unwrap_or(ED25519_BASEPOINT_POINT);
        Self { good: on_curve & is_canonical(bytes) & !has_small_order(&point), point }
    }
}

/// Whether y is reduced modulo p = 2^255 - 19, so that no second encoding of the same point is accepted.
///
/// The other kind of non-canonical encoding, x = 0 with the sign bit set, is of small order.
fn is_canonical(bytes: &[u8; 32]) -> Choice {
    let [low, middle @ .., high] = bytes;
    // y >= p exactly if its low byte is 0xed or more and all other bits are ones.
    let ones = middle.iter().fold(0xff, |all, byte| all & byte) & (high | 0x80);
    !(ones.ct_eq(&0xff) & !low.ct_lt(&0xed))
}

fn has_small_order(point: &EdwardsPoint) -> Choice {
    point.mul_by_cofactor().ct_eq(&EdwardsPoint::identity())
}

impl Ed25519 for ConstantTime {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        let (r, s) = signature.split_at(32);
        let mut s_bytes = [0; 32];
        s_bytes.copy_from_slice(s);

        let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());

        let Key { point: a, good: a_good } = Key::decode(key);
        let s = Scalar::from_canonical_bytes(s_bytes);
        let s_good = s.is_some();
        let s = s.unwrap_or(Scalar::ZERO);

        // RFC 8032 §5.1.7, without the cofactor: [S]B = R + [k]A, compared as encodings. A canonical encoding is all
        // that R can be equal to, and R has small order exactly if the point that it is equal to has.
        let expected = EdwardsPoint::mul_base(&s) - a * k;
        let r_good = expected.compress().as_bytes().ct_eq(r) & !has_small_order(&expected);

        a_good & s_good & r_good
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        Key::decode(key).good.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::FALLBACK_KEY;

    #[test]
    fn the_fallback_key_is_a_good_key() {
        assert_eq!(ED25519_BASEPOINT_POINT.compress().to_bytes(), FALLBACK_KEY);
        assert!(ConstantTime.is_valid_key(&FALLBACK_KEY));
    }

    #[test]
    fn y_is_canonical_below_p() {
        let mut p = [0xff; 32];
        p[31] = 0x7f;
        for low in 0..=0xff {
            for sign in [0, 0x80] {
                p[0] = low;
                p[31] = 0x7f | sign;
                assert_eq!(bool::from(is_canonical(&p)), low < 0xed, "{low:x} {sign:x}");
            }
        }
        for place in 1..32 {
            let mut less = [0xff; 32];
            less[place] = if place == 31 { 0x7e } else { 0xfe };
            assert!(bool::from(is_canonical(&less)), "{place}");
        }
        assert!(bool::from(is_canonical(&[0; 32])));
    }
}
