//! A yes that one skipped instruction does not make of a no: see docs/fault-injection.md.
//!
//! `black_box` keeps the compiler from working a copy out from the other, which would leave one of them. That is its best
//! effort, and no promise: what shows that it has worked is `cargo xtask skip`, on the image itself.

use core::hint::black_box;

use subtle::Choice;

/// Whether something holds, as it was found out in two ways. It holds only if both say so.
///
/// Each answer is a word, and all of its bits differ between yes and no; most words are neither, and those do not hold.
/// What is left in a register or in memory when an instruction is skipped is hardly ever a yes, and never two.
///
/// There are no branches in making and joining verdicts, so that nothing shows which part of one does not hold (§9).
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    first: u32,
    second: u32,
}

/// What `first` is if it holds; if not, the complement.
const FIRST: u32 = 0x3ca5_965a;
/// The same of `second`. Half of its bits differ from the other's.
const SECOND: u32 = 0x690f_c3f0;

impl Verdict {
    /// What does not hold.
    pub const NO: Self = Self { first: !FIRST, second: !SECOND };

    /// From two answers to the same question, which should have been found out in different ways, or at least one after
    /// the other.
    #[inline]
    #[must_use]
    pub fn new(first: Choice, second: Choice) -> Self {
        Self { first: encoded(FIRST, first), second: encoded(SECOND, second) }
    }

    /// From one answer, which is then a single place to aim a glitch at.
    #[inline]
    #[must_use]
    pub fn once(answer: Choice) -> Self {
        Self::new(answer, black_box(answer))
    }

    /// Whether both hold.
    #[inline]
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            first: FIRST ^ ((self.first ^ FIRST) | (other.first ^ FIRST)),
            second: SECOND ^ ((self.second ^ SECOND) | (other.second ^ SECOND)),
        }
    }

    /// Whether one of them holds.
    #[cfg(any(test, feature = "x5c"))]
    #[inline]
    #[must_use]
    pub(crate) const fn or(self, other: Self) -> Self {
        Self {
            first: FIRST ^ ((self.first ^ FIRST) & (other.first ^ FIRST)),
            second: SECOND ^ ((self.second ^ SECOND) & (other.second ^ SECOND)),
        }
    }

    /// Looks twice: two branches, each of which a no takes.
    #[inline(always)]
    pub(crate) fn holds(self) -> bool {
        self.misses() == 0 && self.misses() == 0
    }

    /// The bits in which the answers are not yes.
    #[inline(always)]
    fn misses(self) -> u32 {
        let Self { first, second } = black_box(self);
        (first ^ FIRST) | (second ^ SECOND)
    }
}

/// `yes`, or its complement.
#[inline]
fn encoded(yes: u32, choice: Choice) -> u32 {
    // 0 or all ones; something else if `choice` is neither 0 nor 1 because its making was disturbed.
    let mask = 0_u32.wrapping_sub(u32::from(black_box(choice).unwrap_u8()));
    !yes ^ mask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(first: u8, second: u8) -> Verdict {
        Verdict::new(first.into(), second.into())
    }

    #[test]
    fn only_two_yes_hold() {
        assert!(verdict(1, 1).holds());
        for (first, second) in [(0, 0), (0, 1), (1, 0)] {
            let refused = verdict(first, second);
            assert!(!refused.holds(), "{refused:x?}");
            assert!(refused.or(verdict(1, 1)).holds() && verdict(1, 1).or(refused).holds());
            assert!(!refused.or(Verdict::NO).holds() && !Verdict::NO.or(refused).holds());
            for other in [verdict(1, 1), refused] {
                assert!(!refused.and(other).holds() && !other.and(refused).holds(), "{refused:x?} {other:x?}");
            }
        }
        assert!(verdict(1, 1).and(verdict(1, 1)).holds());
    }

    #[test]
    fn a_yes_in_each_half_of_two_verdicts_is_no_yes() {
        assert!(!verdict(0, 1).and(verdict(1, 0)).holds());
    }

    #[test]
    fn yes_is_far_from_no_and_from_what_is_left_in_registers() {
        let (yes, no) = (verdict(1, 1), verdict(0, 0));
        assert_eq!((yes.first ^ no.first, yes.second ^ no.second), (u32::MAX, u32::MAX));
        assert_eq!((yes.first ^ yes.second).count_ones(), 16);
        assert_eq!((Verdict::NO.first, Verdict::NO.second), (no.first, no.second));
        for word in [0, 1, 0xff, u32::MAX, FIRST, SECOND, !FIRST, !SECOND] {
            let same = Verdict { first: word, second: word };
            assert!(!same.holds() && !same.and(yes).holds(), "{word:x}");
        }
    }

    #[test]
    fn one_wrong_bit_is_a_no() {
        for bit in 0..32 {
            let (mut first, mut second) = (verdict(1, 1), verdict(1, 1));
            first.first ^= 1 << bit;
            second.second ^= 1 << bit;
            assert!(!first.holds() && !second.holds(), "{bit}");
            assert!(!first.and(verdict(1, 1)).holds() && !verdict(1, 1).and(second).holds(), "{bit}");
            for wrong in [first, second] {
                assert!(!wrong.or(wrong).holds() && !wrong.or(Verdict::NO).holds(), "{bit}");
            }
        }
    }
}
