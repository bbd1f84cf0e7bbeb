//! Records: what becomes durable together.

use embedded_storage::nor_flash::NorFlash;

use super::checksum::{self, Running};
use super::error::{FlashError, Outcome};
use super::item::Item;
use super::layout::{BLOCK, CRC_LEN, HEAD_LEN, Layout, MAX_ITEM_LEN, narrow};
use super::medium::{Bank, Medium};
use super::reader::Reader;

/// A bank whose headers are good, up to where it is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    pub(super) bank: Bank,
    pub(super) generation: u32,
    /// Where the next record goes.
    pub(super) end: u32,
    /// How many users are on the ACL.
    pub(super) users: u16,
}

/// Where a record is, and what its head says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) start: u32,
    /// Bytes of items.
    pub(super) len: u16,
    /// How many users are on the ACL after it.
    pub(super) users: u16,
}

impl Record {
    /// Where its items begin.
    const fn items<F: NorFlash>(&self) -> u32 {
        self.start + Layout::<F>::HEAD
    }

    /// Where the word is that is programmed when all else is.
    pub(super) const fn witness<F: NorFlash>(&self) -> u32 {
        self.end::<F>() - Layout::<F>::UNIT
    }

    /// Where the next record may begin.
    pub(super) const fn end<F: NorFlash>(&self) -> u32 {
        self.start + Layout::<F>::record(self.len as u32)
    }

    /// The head, and the checksum so far.
    fn head(&self, generation: u32) -> ([u8; HEAD_LEN], Running) {
        let mut checksum = checksum::start();
        checksum.update(&generation.to_le_bytes());
        checksum.update(&self.start.to_le_bytes());
        let mut head = [0; HEAD_LEN];
        head[..2].copy_from_slice(&self.len.to_le_bytes());
        head[2..4].copy_from_slice(&self.users.to_le_bytes());
        checksum.update(&head[..4]);
        head[4..].copy_from_slice(&checksum.clone().finalize().to_le_bytes());
        (head, checksum)
    }
}

/// Is told of each item and of its place. What it is told holds only if the walk ends well.
pub(super) type Visit<'v> = dyn FnMut(u32, Item<'_>) + 'v;

impl<F: NorFlash> Medium<F> {
    /// The record that begins here, if its head is good.
    pub(super) fn record_at(&mut self, log: &Log, start: u32) -> Outcome<Option<Record>, F> {
        if start + Layout::<F>::HEAD > self.bank_len {
            return Ok(None);
        }
        let mut bytes = [0; BLOCK];
        self.read(log.bank, start, bytes.get_mut(..Layout::<F>::HEAD as usize).unwrap_or_default())?;
        let [len_low, len_high, users_low, users_high, ..] = bytes;
        let len = u16::from_le_bytes([len_low, len_high]);
        let record = Record { start, len, users: u16::from_le_bytes([users_low, users_high]) };
        let good = bytes.starts_with(&record.head(log.generation).0) && record.end::<F>() <= self.bank_len;
        Ok(good.then_some(record))
    }

    /// Whether a record is whole, after its items have been told.
    pub(super) fn read_record(&mut self, log: &Log, record: &Record, visit: &mut Visit<'_>) -> Outcome<bool, F> {
        let (_, mut checksum) = record.head(log.generation);
        let mut place = record.items::<F>();
        let end = place + u32::from(record.len);
        let mut reader = Reader::new(log.bank, place, end);
        let mut buffer = [0; MAX_ITEM_LEN];
        while place < end {
            let Some(bytes) = reader.item(self, &mut buffer)? else { return Ok(false) };
            checksum.update(bytes);
            let Some((&[tag, _], contents)) = bytes.split_first_chunk() else { return Ok(false) };
            let Some(item) = Item::of(tag, contents) else { return Ok(false) };
            visit(place, item);
            place += narrow(bytes.len());
        }
        let mut crc = [0; CRC_LEN as usize];
        reader.take(self, &mut crc)?;
        Ok(place == end && crc == checksum.finalize().to_le_bytes())
    }

    /// Tells all items of a log in their order.
    pub(super) fn walk(&mut self, log: &Log, visit: &mut Visit<'_>) -> Outcome<(), F> {
        let mut at = Layout::<F>::LOG;
        while at < log.end {
            let record = self.record_at(log, at)?.ok_or(FlashError::Corrupt)?;
            if !self.read_record(log, &record, visit)? {
                return Err(FlashError::Corrupt);
            }
            at = record.end::<F>();
        }
        Ok(())
    }

    /// An item in a log that has been walked.
    pub(super) fn item_at<'b>(
        &mut self,
        log: &Log,
        place: u32,
        buffer: &'b mut [u8; MAX_ITEM_LEN],
    ) -> Outcome<&'b [u8], F> {
        Reader::new(log.bank, place, log.end).item(self, buffer)?.ok_or(FlashError::Corrupt)
    }

    /// Programs a record behind a log, and makes it part of the log when it is durable. `items` tells its items to the
    /// function that it is given; it is called twice and must tell the same.
    ///
    /// With [`FlashError::TooLarge`], nothing was programmed.
    pub(super) fn append(&mut self, log: &mut Log, users: u16, items: &mut Tell<'_, F>) -> Outcome<(), F> {
        let mut len = 0;
        items(self, &mut |_, item| {
            len += item.len();
            Ok(())
        })?;
        let record = Record { start: log.end, len: u16::try_from(len).map_err(|_| FlashError::TooLarge)?, users };
        if record.end::<F>() > self.bank_len {
            return Err(FlashError::TooLarge);
        }
        let mut writer = Writer::begin(self, log, &record)?;
        items(self, &mut |medium, item| writer.push(medium, item))?;
        writer.finish(self)?;
        if !self.read_record(log, &record, &mut |_, _| {})? {
            return Err(FlashError::Worn);
        }
        self.mark(log.bank, record.witness::<F>())?;
        *log = Log { end: record.end::<F>(), users, ..*log };
        Ok(())
    }
}

/// Tells the items of a record.
type Tell<'t, F> = dyn FnMut(&mut Medium<F>, &mut Take<'_, F>) -> Outcome<(), F> + 't;

/// Takes the bytes of an item.
pub(super) type Take<'t, F> = dyn FnMut(&mut Medium<F>, &[u8]) -> Outcome<(), F> + 't;

/// Programs the items of a record in whole words.
struct Writer {
    bank: Bank,
    at: u32,
    block: [u8; BLOCK],
    filled: usize,
    checksum: Running,
}

impl Writer {
    /// Programs the head.
    fn begin<F: NorFlash>(medium: &mut Medium<F>, log: &Log, record: &Record) -> Outcome<Self, F> {
        let (head, checksum) = record.head(log.generation);
        let mut block = [0xff; BLOCK];
        if let Some(place) = block.first_chunk_mut() {
            *place = head;
        }
        medium.program(log.bank, record.start, block.get(..Layout::<F>::HEAD as usize).unwrap_or_default())?;
        Ok(Self { bank: log.bank, at: record.items::<F>(), block: [0xff; BLOCK], filled: 0, checksum })
    }

    fn push<F: NorFlash>(&mut self, medium: &mut Medium<F>, bytes: &[u8]) -> Outcome<(), F> {
        self.checksum.update(bytes);
        self.put(medium, bytes)
    }

    fn put<F: NorFlash>(&mut self, medium: &mut Medium<F>, bytes: &[u8]) -> Outcome<(), F> {
        for byte in bytes {
            if let Some(place) = self.block.get_mut(self.filled) {
                *place = *byte;
                self.filled += 1;
            }
            if self.filled == BLOCK {
                self.flush(medium)?;
            }
        }
        Ok(())
    }

    fn flush<F: NorFlash>(&mut self, medium: &mut Medium<F>) -> Outcome<(), F> {
        let words = self.block.get(..self.filled.next_multiple_of(F::WRITE_SIZE)).unwrap_or_default();
        medium.program(self.bank, self.at, words)?;
        self.at += narrow(words.len());
        self.block = [0xff; BLOCK];
        self.filled = 0;
        Ok(())
    }

    /// Programs the checksum and what is left.
    fn finish<F: NorFlash>(mut self, medium: &mut Medium<F>) -> Outcome<(), F> {
        let crc = self.checksum.clone().finalize().to_le_bytes();
        self.put(medium, &crc)?;
        if self.filled > 0 { self.flush(medium) } else { Ok(()) }
    }
}
