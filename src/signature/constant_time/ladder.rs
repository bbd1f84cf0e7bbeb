//! Two multiplications by one ladder, which doubles for both (Straus's method).

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use subtle::{Choice, ConditionallySelectable};

use super::digits::{Digit, Digits};

/// P, 3P, 5P and 7P.
///
/// Base 8 and not 16, because three doublings at once are what curve25519-dalek offers (as the multiplication by the
/// cofactor), and because two tables of eight points take 1.3 KB more stack.
type OddMultiples = [EdwardsPoint; 4];

/// \[s\]B - \[k\]A, where B is the curve's base point.
// Not inlined, here and below: what one step leaves behind on the stack would be taken during the others, too.
#[inline(never)]
pub(super) fn difference(s: &Scalar, k: &Scalar, a: &EdwardsPoint) -> EdwardsPoint {
    let (b, a) = (&ED25519_BASEPOINT_POINT, &-a);
    let (mut of_b, mut of_a) = ([*b; 4], [*a; 4]);
    multiply(&mut of_b);
    multiply(&mut of_a);
    let (mut s, mut k) = (Digits::of(s), Digits::of(k));
    // The leading digit of both is 1.
    let mut sum = b + a;
    for _ in 0..Digits::COUNT {
        sum = step(&sum, (&of_b, s.next()), (&of_a, k.next()));
    }
    sum - if_even(b, s.is_even()) - if_even(a, k.is_even())
}

/// Eight times the sum, and a digit's multiple of either point.
#[inline(never)]
fn step(sum: &EdwardsPoint, (of_b, s): (&OddMultiples, Digit), (of_a, k): (&OddMultiples, Digit)) -> EdwardsPoint {
    sum.mul_by_cofactor() + select(of_b, s) + select(of_a, k)
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

/// What the digits of an even scalar have made too many.
#[inline(never)]
fn if_even(point: &EdwardsPoint, even: Choice) -> EdwardsPoint {
    EdwardsPoint::conditional_select(&EdwardsPoint::default(), point, even)
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use proptest::prelude::*;

    use super::*;

    fn assert_difference(s: &Scalar, k: &Scalar, a: &EdwardsPoint) {
        let expected = ED25519_BASEPOINT_POINT * s - a * k;
        assert_eq!(difference(s, k, a).compress(), expected.compress());
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
