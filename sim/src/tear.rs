//! What an interrupted step leaves behind.

use std::fmt;
use std::str::FromStr;

use crate::rng::Rng;

/// What a write unit, or a page, is like when power was lost while it was programmed, or erased.
///
/// "Before" and "after" are what it held before the step and would have held after it. Whatever a tear leaves, the unit
/// counts as programmed and the page as not erased, unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tear {
    /// The step had not begun: as before, and still fit to be programmed.
    Nothing,
    /// The step was complete, but nobody was told.
    Whole,
    /// This many 256ths of it, from its start, are as after: bits of a unit, bytes of a page.
    Prefix(u8),
    /// Of the bits that should change, a random half has.
    Bits(u32),
    /// Random bytes.
    Garbage(u32),
    /// It reads as erased, but it is not fit to be programmed.
    Weak,
    /// The bits that should change read at random, again at each read, until it is erased.
    Flicker(u32),
    /// They read at random so many times, then for ever as before or as after.
    Settle {
        /// Reads of it that are answered at random.
        reads: u8,
        /// Of the random answers.
        seed: u32,
        /// How it ends.
        after: bool,
    },
    /// All units of the call that was interrupted are as before, as after, or torn, each at random: the contract of
    /// `NorFlash::write` says no more. For an erase, the same as [`Bits`](Self::Bits).
    Call(u32),
}

impl fmt::Display for Tear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Whole => f.write_str("whole"),
            Self::Prefix(part) => write!(f, "prefix.{part}"),
            Self::Bits(seed) => write!(f, "bits.{seed}"),
            Self::Garbage(seed) => write!(f, "garbage.{seed}"),
            Self::Weak => f.write_str("weak"),
            Self::Flicker(seed) => write!(f, "flicker.{seed}"),
            Self::Settle { reads, seed, after } => {
                write!(f, "settle.{reads}.{seed}.{}", if *after { "after" } else { "before" })
            }
            Self::Call(seed) => write!(f, "call.{seed}"),
        }
    }
}

impl FromStr for Tear {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split('.').collect();
        let number = |word: &str| word.parse::<u32>().map_err(|error| format!("{text}: {error}"));
        let small = |word: &str| word.parse::<u8>().map_err(|error| format!("{text}: {error}"));
        Ok(match words.as_slice() {
            ["nothing"] => Self::Nothing,
            ["whole"] => Self::Whole,
            ["prefix", part] => Self::Prefix(small(part)?),
            ["bits", seed] => Self::Bits(number(seed)?),
            ["garbage", seed] => Self::Garbage(number(seed)?),
            ["weak"] => Self::Weak,
            ["flicker", seed] => Self::Flicker(number(seed)?),
            ["settle", reads, seed, end @ ("before" | "after")] => {
                Self::Settle { reads: small(reads)?, seed: number(seed)?, after: *end == "after" }
            }
            ["call", seed] => Self::Call(number(seed)?),
            _ => return Err(format!("no such tear: {text}")),
        })
    }
}

/// How many different tears [`nth`](Tear::nth) makes.
pub const KINDS: usize = 12;

impl Tear {
    /// A tear of each kind in turn, with random details.
    pub fn nth(kind: usize, random: &mut Rng) -> Self {
        let seed = random.seed();
        let reads = u8::try_from(2 + random.below(6)).unwrap_or(2);
        match kind % KINDS {
            0 => Self::Nothing,
            1 => Self::Prefix(128),
            2 => Self::Prefix(random.byte()),
            3 => Self::Bits(seed),
            4 => Self::Garbage(seed),
            5 => Self::Weak,
            6 => Self::Flicker(seed),
            7 => Self::Settle { reads: 1, seed, after: true },
            8 => Self::Settle { reads: 1, seed, after: false },
            9 => Self::Settle { reads, seed, after: seed.is_multiple_of(2) },
            10 => Self::Call(seed),
            _ => Self::Whole,
        }
    }

    /// Any tear.
    pub fn any(random: &mut Rng) -> Self {
        let kind = random.below(KINDS);
        Self::nth(kind, random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        let mut random = Rng::new(1);
        for kind in 0..4 * KINDS {
            let tear = Tear::nth(kind, &mut random);
            assert_eq!(tear.to_string().parse(), Ok(tear));
        }
        assert!("settle.1.2.sideways".parse::<Tear>().is_err());
    }
}
