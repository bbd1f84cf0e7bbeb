//! Two multiplications by one ladder, which doubles for both (Straus's method).

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use subtle::{Choice, ConditionallySelectable};

use super::digits::{Digit, Digits};

/// P, 3P, 5P and 7P.
///
/// Base 8 and not 16, because three doublings at once are what curve25519-dalek offers (as the multiplication by the
/// cofactor), and because two tables of eight points take 1.3 KB more stack.
type OddMultiples = [EdwardsPoint; 4];

/// Makes the neutral point \[s\]B - \[k\]A, where B is the curve's base point, and takes all digits of s and k.
///
/// Whoever calls looks whether they were taken: see docs/fault-injection.md. All sums are made where the result will be, so
/// that nothing else is ever taken for it.
// Not inlined, here and below: what one step leaves behind on the stack would be taken during the others, too.
#[inline(never)]
pub(super) fn difference(result: &mut EdwardsPoint, s: &mut Digits, k: &mut Digits, a: &EdwardsPoint) {
    let (b, a) = (&ED25519_BASEPOINT_POINT, &-a);
    let (mut of_b, mut of_a) = ([*b; 4], [*a; 4]);
    multiply(&mut of_b);
    multiply(&mut of_a);
    // The leading digit of both is 1.
    *result = b + a;
    for _ in 0..Digits::COUNT {
        step(result, (&of_b, s.next()), (&of_a, k.next()));
    }
    take_off_if_even(result, b, s.is_even());
    take_off_if_even(result, a, k.is_even());
}

/// Makes the sum eight times the sum, and a digit's multiple of either point.
#[inline(never)]
fn step(sum: &mut EdwardsPoint, (of_b, s): (&OddMultiples, Digit), (of_a, k): (&OddMultiples, Digit)) {
    *sum = sum.mul_by_cofactor() + select(of_b, s) + select(of_a, k);
}

/// Makes four times P the odd multiples of P.
#[inline(never)]
fn multiply([p, p3, p5, p7]: &mut OddMultiples) {
    let twice = *p + *p;
    *p3 = *p + twice;
    *p5 = *p3 + twice;
    *p7 = *p5 + twice;
}

/// The digit's multiple of P.
#[inline(never)]
fn select([p, p3, p5, p7]: &OddMultiples, digit: Digit) -> EdwardsPoint {
    let either = EdwardsPoint::conditional_select;
    let [low, high] = digit.index();
    let positive = either(&either(p, p3, low), &either(p5, p7, low), high);
    either(&positive, &-&positive, digit.is_negative())
}

/// Takes off what the digits of an even scalar have made too many.
#[inline(never)]
fn take_off_if_even(sum: &mut EdwardsPoint, point: &EdwardsPoint, even: Choice) {
    *sum -= EdwardsPoint::conditional_select(&EdwardsPoint::default(), point, even);
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use curve25519_dalek::scalar::Scalar;
    use proptest::prelude::*;

    use super::*;

    fn assert_difference(s: &Scalar, k: &Scalar, a: &EdwardsPoint) {
        let expected = ED25519_BASEPOINT_POINT * s - a * k;
        let mut point = EdwardsPoint::default();
        let (mut of_s, mut of_k) = (Digits::of(s), Digits::of(k));
        difference(&mut point, &mut of_s, &mut of_k, a);
        assert_eq!(point.compress(), expected.compress());
        assert!(bool::from(of_s.were_all_of(s) & of_k.were_all_of(k)));
    }

    #[test]
    fn extreme_scalars_and_points() {
        let [zero, one, seven, eight] = [0_u8, 1, 7, 8].map(Scalar::from);
        let last = -one;
        let mut bytes = [0; 32];
        bytes[31] = 0x10;
        let high = Scalar::from_bytes_mod_order(bytes);
        // Among them 2^252, which is the highest bit that a scalar can have, and its neighbours.
        let scalars = [zero, one, seven, eight, high - one, high, high + one, last - one, last];
        for torsion in EIGHT_TORSION {
            for multiple in scalars {
                let a = ED25519_BASEPOINT_POINT * multiple + torsion;
                for s in scalars {
                    for k in scalars {
                        assert_difference(&s, &k, &a);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_scalars_and_points(s: [u8; 32], k: [u8; 32], a: [u8; 32], torsion in 0..8_usize) {
            let [s, k, a] = [s, k, a].map(Scalar::from_bytes_mod_order);
            assert_difference(&s, &k, &(ED25519_BASEPOINT_POINT * a + EIGHT_TORSION[torsion]));
        }
    }
}
