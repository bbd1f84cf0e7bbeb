//! Scalars in base 8, by odd digits of either sign.

use curve25519_dalek::scalar::Scalar;
use subtle::{Choice, ConstantTimeEq};

use super::encoding::words;

/// The digits of a scalar, the most significant first.
///
/// Odd digits, because none of them is zero: with the four multiples P, 3P, 5P and 7P, selecting one is two bits and a
/// sign. With n for the 84 plain digits of (k - 1) / 2, where k is odd and less than 2^253, the digits of k are a
/// leading 1 followed by every 2n - 7:
///
/// ```text
/// 8^84 + sum of (2n - 7) 8^i = 8^84 + (k - 1) - (8^84 - 1) = k
/// ```
///
/// Of an even scalar, they are the digits of k + 1, and the caller takes one off. Either way every n is three bits of
/// k itself, from the top; the bit that is left over at the bottom tells odd from even.
///
/// What is taken comes back at the bottom. So after the last digit, and only then, the bits are the scalar's again, but for
/// one place: that no digit was left out, and that the copy was one of all of the scalar ([`Self::were_all_of`]).
pub(super) struct Digits {
    /// What has not been taken yet, at the top of 256 bits; the least significant word first.
    bits: [u32; 8],
}

impl Digits {
    /// How many follow the leading 1.
    pub(super) const COUNT: usize = 84;

    pub(super) fn of(scalar: &Scalar) -> Self {
        let mut digits = Self { bits: [0; 8] };
        for (bits, word) in digits.bits.iter_mut().zip(words(scalar.as_bytes())) {
            *bits = word;
        }
        // Zeros: a scalar is less than 2^253.
        digits.take_three_bits();
        digits
    }

    /// The next digit after the leading 1.
    pub(super) fn next(&mut self) -> Digit {
        Digit { n: self.take_three_bits() }
    }

    /// Whether the scalar is even. To be asked after the last digit.
    pub(super) fn is_even(&self) -> Choice {
        let [left_over, ..] = (self.bits[7] >> 31).to_le_bytes();
        Choice::from(left_over ^ 1)
    }

    /// Whether these were the digits of this scalar, and all of them have been taken, and no more.
    #[inline(never)]
    pub(super) fn were_all_of(&self, scalar: &Scalar) -> Choice {
        let mut from_below = self.bits[7] >> 31;
        let mut different = 0;
        for (bits, word) in self.bits.iter().zip(words(scalar.as_bytes())) {
            different |= ((*bits << 1) | from_below) ^ word;
            from_below = *bits >> 31;
        }
        different.ct_eq(&0)
    }

    fn take_three_bits(&mut self) -> u8 {
        let mut from_below = self.bits[7] >> 29;
        for word in &mut self.bits {
            let top = *word >> 29;
            *word = (*word << 3) | from_below;
            from_below = top;
        }
        let [taken, ..] = from_below.to_le_bytes();
        taken
    }
}

/// The digit 2n - 7.
#[derive(Clone, Copy)]
pub(super) struct Digit {
    /// Three bits.
    n: u8,
}

impl Digit {
    /// The low and the high bit of i, where the digit without its sign is 2i + 1.
    pub(super) fn index(self) -> [Choice; 2] {
        // The digits go from 1 upwards with n from 4, and from -1 downwards with n from 3.
        [self.n, self.n >> 1].map(|bit| Choice::from((bit & 1) ^ self.sign()))
    }

    pub(super) fn is_negative(self) -> Choice {
        Choice::from(self.sign())
    }

    const fn sign(self) -> u8 {
        (self.n >> 2) ^ 1
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    /// The integer that the digits make, as the ladder puts them together.
    fn recombined(scalar: &Scalar) -> BigInt {
        let mut digits = Digits::of(scalar);
        let mut sum = BigInt::from(1);
        for _ in 0..Digits::COUNT {
            let digit = digits.next();
            let [low, high] = digit.index().map(|bit| i32::from(bit.unwrap_u8()));
            let size = 2 * (low + 2 * high) + 1;
            sum = 8 * sum + if digit.is_negative().into() { -size } else { size };
        }
        assert!(bool::from(digits.were_all_of(scalar)));
        sum - i32::from(digits.is_even().unwrap_u8())
    }

    fn assert_recombines(scalar: &Scalar) {
        let expected = BigInt::from_bytes_le(num_bigint::Sign::Plus, scalar.as_bytes());
        assert_eq!(recombined(scalar), expected);
    }

    #[test]
    fn digits_of_extreme_scalars_recombine() {
        let mut power = Scalar::ONE;
        for _ in 0..256 {
            for small in 0..20_u8 {
                assert_recombines(&(power + Scalar::from(small)));
                assert_recombines(&(power - Scalar::from(small)));
                assert_recombines(&(Scalar::from(small) - power));
            }
            power += power;
        }
        // 0 and L - 1.
        assert_recombines(&Scalar::ZERO);
        assert_recombines(&-Scalar::ONE);
    }

    #[test]
    fn one_digit_more_or_less_is_not_all() {
        let scalar = -Scalar::from(12_345_u64).invert();
        let mut digits = Digits::of(&scalar);
        for taken in 0..=2 * Digits::COUNT {
            assert_eq!(bool::from(digits.were_all_of(&scalar)), taken == Digits::COUNT, "{taken}");
            digits.next();
        }
    }

    #[test]
    fn the_digits_of_a_part_are_not_all() {
        let scalar = -Scalar::from(12_345_u64).invert();
        for len in (0..32).step_by(4) {
            let mut part = [0; 32];
            part[..len].copy_from_slice(&scalar.as_bytes()[..len]);
            let mut digits = Digits::of(&Scalar::from_bytes_mod_order(part));
            for _ in 0..Digits::COUNT {
                digits.next();
            }
            assert!(!bool::from(digits.were_all_of(&scalar)), "{len}");
        }
    }

    proptest! {
        #[test]
        fn digits_of_any_scalar_recombine(bytes: [u8; 32]) {
            assert_recombines(&Scalar::from_bytes_mod_order(bytes));
        }
    }
}
