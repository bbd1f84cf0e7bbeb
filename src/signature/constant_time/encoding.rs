//! What can be told from the encoding of a point (RFC 8032 §5.1.2): y in 255 bits, then the sign of x.

use subtle::{Choice, ConstantTimeEq, ConstantTimeLess};

/// The y of the eight points whose order divides 8. A y that is not 1 or -1 belongs to two of them, by the sign of x.
const SMALL_ORDER: [[u8; 32]; 5] = [
    // 1, of the neutral element.
    *b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    // -1, of order 2.
    *b"\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
       \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    // 0, of order 4.
    [0; 32],
    // Of order 8; each is the other's negative.
    *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\
       \xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\
       \x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
];

/// Whether y is that of a point of small order; y must be canonical.
pub(super) fn has_small_order(encoding: &[u8; 32]) -> Choice {
    let mut y = *encoding;
    y[31] &= 0x7f;
    SMALL_ORDER.iter().fold(Choice::from(0), |found, small| found | are_equal(&y, small))
}

/// Whether y is reduced modulo p = 2^255 - 19, so that no second encoding of the same point is accepted.
///
/// The other kind of non-canonical encoding, x = 0 with the sign bit set, has the y of a point of small order: see [`has_small_order`].
pub(super) fn is_canonical(encoding: &[u8; 32]) -> Choice {
    let [low, middle @ .., high] = encoding;
    // y >= p exactly if its low byte is 0xed or more and all other bits are ones.
    let ones = middle.iter().fold(0xff, |all, byte| all & byte) & (high | 0x80);
    !(ones.ct_eq(&0xff) & !low.ct_lt(&0xed))
}

/// Like subtle's comparison, but by words, and with one optimisation barrier in place of 32.
pub(super) fn are_equal(these: &[u8; 32], those: &[u8; 32]) -> Choice {
    words(these).zip(words(those)).fold(0, |different, (this, that)| different | (this ^ that)).ct_eq(&0)
}

/// Whether `whole` is `low` and then `high`: the second comparison of a signature, and made to be unlike
/// [`are_equal`]. It goes backwards, by differences of bytes, and counts them.
#[inline(never)]
pub(super) fn is_joined(whole: &[u8; 64], low: &[u8; 32], high: &[u8; 32]) -> Choice {
    let (start, end) = whole.split_at(low.len());
    let pairs = end.iter().zip(high).rev().chain(start.iter().zip(low).rev());
    let (places, differences) = pairs.fold((0_u32, 0_u32), |(places, differences), (this, that)| {
        (places + 1, differences | u32::from(*that).wrapping_sub(u32::from(*this)))
    });
    places.ct_eq(&64) & differences.ct_eq(&0)
}

/// Of a little-endian number, the least significant first.
pub(super) fn words(bytes: &[u8; 32]) -> impl Iterator<Item = u32> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u32::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
    use curve25519_dalek::edwards::CompressedEdwardsY;
    use curve25519_dalek::scalar::Scalar;

    use super::*;

    #[test]
    fn y_is_canonical_below_p() {
        let mut p = [0xff; 32];
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
        // Ones at both ends only.
        let mut ends = [0; 32];
        (ends[0], ends[31]) = (0xff, 0xff);
        assert!(bool::from(is_canonical(&ends)));
    }

    #[test]
    fn every_encoding_of_a_point_of_small_order_is_found() {
        let mut ys = [[0; 32]; 8];
        for (y, point) in ys.iter_mut().zip(EIGHT_TORSION) {
            assert!(point.is_small_order());
            *y = point.compress().to_bytes();
            y[31] &= 0x7f;
            for sign in [0, 0x80] {
                let mut encoding = *y;
                encoding[31] |= sign;
                assert!(bool::from(has_small_order(&encoding)), "{encoding:x?}");
            }
        }
        // There is no y in the table that no such point has.
        for y in SMALL_ORDER {
            assert!(ys.contains(&y), "{y:x?}");
        }
    }

    #[test]
    fn no_other_point_is_found() {
        let mut point = ED25519_BASEPOINT_POINT;
        for scalar in 1..200_u64 {
            for torsion in EIGHT_TORSION {
                assert!(!bool::from(has_small_order(&(point + torsion).compress().to_bytes())));
            }
            point *= Scalar::from(scalar);
        }
    }

    #[test]
    fn encodings_close_to_those_of_small_order_are_judged_as_the_points_are() {
        let mut on_the_curve = 0;
        for y in SMALL_ORDER {
            for bit in 0..256 {
                let mut encoding = y;
                encoding[bit / 8] ^= 1 << (bit % 8);
                if let Some(point) = CompressedEdwardsY(encoding).decompress()
                    && bool::from(is_canonical(&encoding))
                {
                    assert_eq!(bool::from(has_small_order(&encoding)), point.is_small_order(), "{encoding:x?}");
                    on_the_curve += 1;
                }
            }
        }
        assert!(on_the_curve > 400, "{on_the_curve}");
    }

    #[test]
    fn one_different_bit_is_a_difference_to_the_joined_halves() {
        let (low, high) = ([0x5a; 32], [0xa5; 32]);
        let mut whole = [0x5a; 64];
        whole[32..].fill(0xa5);
        assert!(bool::from(is_joined(&whole, &low, &high)));
        assert!(!bool::from(is_joined(&whole, &high, &low)));
        for bit in 0..512 {
            let mut other = whole;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!bool::from(is_joined(&other, &low, &high)), "{bit}");
        }
    }

    #[test]
    fn one_different_bit_is_a_difference() {
        let these = [0xa5; 32];
        assert!(bool::from(are_equal(&these, &these)));
        for bit in 0..256 {
            let mut those = these;
            those[bit / 8] ^= 1 << (bit % 8);
            assert!(!bool::from(are_equal(&these, &those)), "{bit}");
        }
    }
}
