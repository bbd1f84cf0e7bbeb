//! What can go wrong with a store in flash.

use core::fmt;

use embedded_storage::nor_flash::ErrorType;

/// Why a store in flash has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FlashError<E> {
    /// The driver of the flash failed.
    Flash(E),
    /// What was programmed does not read back: the flash is worn out.
    Worn,
    /// What was committed is damaged. Nothing of it is told: a part could be more than its owner wanted to grant.
    Corrupt,
    /// Nothing was ever committed here: [`format`](super::FlashAcl::format) it.
    Unformatted,
    /// Written in another version of the format, or in a region or words of another size.
    OtherFormat,
    /// The region does not lie on pages, is no even number of pages, or is smaller than
    /// [`MIN_LEN`](super::FlashAcl::MIN_LEN).
    Region,
    /// More than 32 grants or 32 removals at once.
    TooLarge,
}

impl<E: fmt::Debug> fmt::Display for FlashError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => write!(f, "the flash failed: {error:?}"),
            Self::Worn => f.write_str("what was programmed does not read back"),
            Self::Corrupt => f.write_str("what was committed is damaged"),
            Self::Unformatted => f.write_str("nothing was ever committed here"),
            Self::OtherFormat => f.write_str("written in another format, region or word size"),
            Self::Region => f.write_str("the region is not on pages, not an even number of them, or too small"),
            Self::TooLarge => f.write_str("more changes at once than a record can hold"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for FlashError<E> {}

/// A result, or what went wrong on flash of this kind.
pub(super) type Outcome<T, F> = Result<T, FlashError<<F as ErrorType>::Error>>;
