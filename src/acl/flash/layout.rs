//! Where things lie in a bank (docs/flash.md).

use core::marker::PhantomData;

use embedded_storage::nor_flash::NorFlash;

use crate::acl::stored::{MAX_ENTRY_LEN, MAX_HORIZON_LEN, MAX_RECORD_LEN};
use crate::operation::MAX_USERS;

/// Flash is read and programmed through buffers of this many bytes.
pub(super) const BLOCK: usize = 64;
/// A bank's header without padding.
pub(super) const HEADER_LEN: usize = 20;
/// A record's head without padding.
pub(super) const HEAD_LEN: usize = 8;
/// The checksum behind a record's items.
pub(super) const CRC_LEN: u32 = 4;
/// Tag and length of an item.
pub(super) const TAG_LEN: usize = 2;
/// The longest item.
pub(super) const MAX_ITEM_LEN: usize = TAG_LEN + MAX_ENTRY_LEN;
/// How many items a record of a compacted bank has at most.
pub(super) const ITEMS_PER_RECORD: usize = 32;

/// Sizes that follow from the words of the flash.
pub(super) struct Layout<F>(PhantomData<F>);

impl<F: NorFlash> Layout<F> {
    /// What is programmed at once, in bytes.
    pub(super) const UNIT: u32 = narrow(F::WRITE_SIZE);
    /// What is erased at once, in bytes.
    pub(super) const PAGE: u32 = narrow(F::ERASE_SIZE);
    /// A bank's header with its padding.
    pub(super) const HEADER: u32 = Self::padded(narrow(HEADER_LEN));
    /// The word that says that the header is whole.
    pub(super) const WHOLE: u32 = Self::HEADER;
    /// The word that says so again, before the other bank is touched.
    pub(super) const SURE: u32 = Self::WHOLE + Self::UNIT;
    /// The word that says that the other bank is in use.
    pub(super) const RETIRED: u32 = Self::SURE + Self::UNIT;
    /// Where a bank's records begin.
    pub(super) const LOG: u32 = Self::RETIRED + Self::UNIT;
    /// A record's head with its padding.
    pub(super) const HEAD: u32 = Self::padded(narrow(HEAD_LEN));

    /// What the flash must be like, at compile time.
    pub(super) const FITS: () = {
        assert!(BLOCK.is_multiple_of(F::WRITE_SIZE), "flash words of more than 64 bytes, or of an odd size");
        assert!(F::WRITE_SIZE.is_multiple_of(F::READ_SIZE), "flash is read in larger pieces than it is written");
        assert!(F::ERASE_SIZE.is_multiple_of(F::WRITE_SIZE), "pages are not made of words");
        assert!(Self::LOG <= Self::PAGE, "a page has no room for the headers");
    };

    /// Rounded up to whole words.
    pub(super) const fn padded(len: u32) -> u32 {
        len.next_multiple_of(Self::UNIT)
    }

    /// What a record with so many bytes of items takes, its witness included.
    pub(super) const fn record(items: u32) -> u32 {
        Self::HEAD + Self::padded(items + CRC_LEN) + Self::UNIT
    }

    /// What a bank must have room for: everybody and everything that it keeps, and one more transaction.
    pub(super) const fn bank(users: usize, replays: usize) -> u32 {
        let kept = Self::records(replays, MAX_RECORD_LEN)
            + Self::record(narrow(TAG_LEN + MAX_HORIZON_LEN))
            + Self::records(users, MAX_ENTRY_LEN);
        let transaction = MAX_USERS * (MAX_ITEM_LEN + TAG_LEN + 16) + TAG_LEN + MAX_RECORD_LEN;
        (Self::LOG + kept + Self::record(narrow(transaction))).next_multiple_of(Self::PAGE)
    }

    /// What so many items of this length take in a compacted bank.
    const fn records(items: usize, len: usize) -> u32 {
        let len = len + TAG_LEN;
        let full = narrow(items / ITEMS_PER_RECORD) * Self::record(narrow(ITEMS_PER_RECORD * len));
        full + Self::record(narrow(items % ITEMS_PER_RECORD * len))
    }
}

/// Sizes are far below 2^32: flash has 32-bit addresses.
#[expect(clippy::cast_possible_truncation, reason = "asserted; try_from is not const")]
pub(super) const fn narrow(size: usize) -> u32 {
    assert!(size <= u32::MAX as usize, "sizes have 32 bits");
    size as u32
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use embedded_storage::nor_flash::{ErrorType, ReadNorFlash};

    use super::*;

    /// Flash of which only the sizes matter.
    struct Chip<const WORD: usize, const PAGE: usize>;

    impl<const WORD: usize, const PAGE: usize> ErrorType for Chip<WORD, PAGE> {
        type Error = Infallible;
    }

    impl<const WORD: usize, const PAGE: usize> ReadNorFlash for Chip<WORD, PAGE> {
        const READ_SIZE: usize = 1;

        fn read(&mut self, _: u32, _: &mut [u8]) -> Result<(), Infallible> {
            Ok(())
        }

        fn capacity(&self) -> usize {
            0
        }
    }

    impl<const WORD: usize, const PAGE: usize> NorFlash for Chip<WORD, PAGE> {
        const WRITE_SIZE: usize = WORD;
        const ERASE_SIZE: usize = PAGE;

        fn erase(&mut self, _: u32, _: u32) -> Result<(), Infallible> {
            Ok(())
        }

        fn write(&mut self, _: u32, _: &[u8]) -> Result<(), Infallible> {
            Ok(())
        }
    }

    /// By the lengths in docs/flash.md, with words and pages of one byte, so that nothing is hidden by rounding. An empty
    /// record stands where none is left over.
    #[test]
    fn a_bank_has_room_for_what_it_must_hold() {
        type Bytes = Layout<Chip<1, 1>>;
        let headers = 20 + 1 + 1 + 1;
        // Head, items, checksum, witness.
        let record = |items: u32| 8 + items + 4 + 1;
        let (entry, removal, replay, horizon) = (2 + 69, 2 + 16, 2 + 43, 2 + 12);
        let batch = record(25 * (entry + removal) + replay);
        assert_eq!(Bytes::LOG, headers);
        assert_eq!(MAX_ITEM_LEN, 71);
        assert_eq!(Bytes::bank(0, 0), headers + record(horizon) + 2 * record(0) + batch);
        assert_eq!(
            Bytes::bank(70, 33),
            headers
                + (record(horizon) + record(32 * replay) + record(replay))
                + (2 * record(32 * entry) + record(6 * entry))
                + batch
        );
    }

    #[test]
    fn whole_words_and_pages_are_counted() {
        type Words = Layout<Chip<16, 128>>;
        assert_eq!([Words::HEADER, Words::WHOLE, Words::SURE, Words::RETIRED, Words::LOG], [32, 32, 48, 64, 80]);
        assert_eq!([0, 12, 13].map(Words::record), [16 + 16 + 16, 16 + 16 + 16, 16 + 32 + 16]);
        let bytes = Layout::<Chip<1, 1>>::bank(40, 8);
        let bank = Words::bank(40, 8);
        assert!(bank.is_multiple_of(128) && bank > bytes && bank < bytes + 512, "{bank} {bytes}");
    }
}
