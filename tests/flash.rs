//! The store in flash, while power holds. What happens when it fails is in `sim/`.
#![cfg(all(feature = "flash", feature = "conformance"))]

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};
use lockop::acl::conformance::{self, Limits, transaction};
use lockop::acl::stored::VERSION;
use lockop::{AclEntry, AclStore, CommitError, FlashAcl, FlashError, ReplayRecord, Role, UserKey, Uuid, Window};

/// A chip in memory, which counts what is done to it.
#[derive(Clone)]
struct Chip<const WORD: usize, const PAGE: usize> {
    bytes: Vec<u8>,
    changes: usize,
}

impl<const WORD: usize, const PAGE: usize> Chip<WORD, PAGE> {
    fn new(len: u32) -> Self {
        Self { bytes: vec![0xff; len as usize], changes: 0 }
    }
}

impl<const WORD: usize, const PAGE: usize> ErrorType for Chip<WORD, PAGE> {
    type Error = NorFlashErrorKind;
}

impl<const WORD: usize, const PAGE: usize> ReadNorFlash for Chip<WORD, PAGE> {
    const READ_SIZE: usize = WORD;

    fn read(&mut self, at: u32, out: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        check_read(&*self, at, out.len())?;
        assert!(!out.is_empty(), "nothing is read at {at:#x}");
        out.copy_from_slice(&self.bytes[at as usize..][..out.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WORD: usize, const PAGE: usize> NorFlash for Chip<WORD, PAGE> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        check_erase(&*self, from, to)?;
        self.bytes[from as usize..to as usize].fill(0xff);
        self.changes += 1;
        Ok(())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        check_write(&*self, at, bytes.len())?;
        assert!(!bytes.is_empty(), "nothing is programmed at {at:#x}");
        let place = &mut self.bytes[at as usize..][..bytes.len()];
        assert!(place.iter().all(|byte| *byte == 0xff), "programmed twice at {at:#x}");
        place.copy_from_slice(bytes);
        self.changes += 1;
        Ok(())
    }
}

type Acl<const WORD: usize, const PAGE: usize> = FlashAcl<Chip<WORD, PAGE>, 40, 8>;

fn conforms<const WORD: usize, const PAGE: usize>(banks: u32) {
    let len = Acl::<WORD, PAGE>::MIN_LEN * banks;
    let fresh = || Acl::<WORD, PAGE>::format(Chip::new(len), 0..len).unwrap();
    let reopen = |acl: Acl<WORD, PAGE>| Acl::<WORD, PAGE>::mount(acl.release(), 0..len).unwrap();
    conformance::run(fresh, reopen, Limits { users: 40, replays: 8 }).unwrap();
}

#[test]
fn conforms_on_flash_of_every_shape() {
    conforms::<1, 4096>(1);
    conforms::<4, 128>(1);
    conforms::<4, 2048>(2);
    conforms::<8, 2048>(1);
    conforms::<16, 512>(1);
    conforms::<32, 256>(1);
    conforms::<32, 8192>(2);
}

const WORD: usize = 4;
const PAGE: usize = 1024;
const LEN: u32 = 2 * Acl::<WORD, PAGE>::MIN_LEN;

fn format() -> Acl<WORD, PAGE> {
    Acl::format(Chip::new(LEN), 0..LEN).unwrap()
}

fn remount(acl: Acl<WORD, PAGE>) -> Acl<WORD, PAGE> {
    Acl::mount(acl.release(), 0..LEN).unwrap()
}

fn user(number: u8) -> AclEntry {
    AclEntry {
        user: Uuid::from_bytes([number; 16]),
        key: UserKey::Ed25519([number; 32]),
        role: Role::Admin,
        window: Window::ALWAYS,
    }
}

fn sorted(acl: &mut Acl<WORD, PAGE>) -> Vec<AclEntry> {
    let mut entries = acl.entries().collect::<Result<Vec<_>, _>>().unwrap();
    entries.sort_by_key(|entry| entry.user);
    entries
}

#[test]
fn a_device_has_a_whole_life() {
    // New: nobody can sign for it yet.
    let mut acl = format();
    assert!(acl.is_empty());
    acl.provision(user(1)).unwrap();
    let record = ReplayRecord::from_parts([7; 32], 500);
    acl.commit(&transaction(&[user(2), user(3)], &[], record)).unwrap();
    assert_eq!(sorted(&mut acl), [user(1), user(2), user(3)]);

    acl = remount(acl);
    assert_eq!((acl.len(), acl.is_empty()), (3, false));
    assert!(acl.remove(&user(2).user).unwrap());
    assert!(!acl.remove(&user(2).user).unwrap());
    acl.compact().unwrap();
    acl = remount(acl);
    assert_eq!(sorted(&mut acl), [user(1), user(3)]);
    assert_eq!(acl.get(&user(2).user), Ok(None));
    assert_eq!(acl.get(&user(3).user), Ok(Some(user(3))));
    assert!(acl.is_replay(&record, 0).unwrap());

    // Handed on to the next owner.
    acl.factory_reset().unwrap();
    acl = remount(acl);
    assert!(acl.is_empty() && acl.replays().records().is_empty() && acl.entries().next().is_none());
    let flash = acl.release();
    assert!(!flash.bytes.windows(16).any(|bytes| bytes == [3; 16]), "nothing is left of the last owner's users");
}

/// As docs/flash.md says.
#[test]
fn a_small_store_takes_ten_to_sixteen_kilobytes() {
    assert_eq!(FlashAcl::<Chip<4, 256>, 32, 6>::MIN_LEN, 10_240);
    assert_eq!(FlashAcl::<Chip<4, 4096>, 32, 6>::MIN_LEN, 16_384);
}

#[test]
fn looking_changes_nothing() {
    let mut acl = format();
    acl.provision(user(1)).unwrap();
    let mut chip = acl.release();
    chip.changes = 0;
    let mut acl = Acl::<WORD, PAGE>::mount(chip, 0..LEN).unwrap();
    assert_eq!(acl.get(&user(1).user), Ok(Some(user(1))));
    assert_eq!(acl.entries().count(), 1);
    assert!(!acl.remove(&user(9).user).unwrap());
    assert_eq!(acl.release().changes, 0);
}

/// No operation makes more than 25, and a record holds no more than 32.
#[test]
fn too_much_at_once_changes_nothing() {
    let mut acl = format();
    let users: Vec<AclEntry> = (1..=33).map(user).collect();
    let names: Vec<Uuid> = users.iter().map(|entry| entry.user).collect();
    let record = ReplayRecord::from_parts([7; 32], 500);
    for (grants, removals) in [(&users[..], &[][..]), (&[], &names)] {
        let refused = acl.commit(&transaction(grants, removals, record));
        assert_eq!(refused, Err(CommitError::Store(FlashError::TooLarge)));
    }
    assert!(acl.is_empty() && !acl.is_replay(&record, 0).unwrap());
    acl.commit(&transaction(&users[..32], &[], record)).unwrap();
    acl.commit(&transaction(&[], &names[..32], record)).unwrap();
    assert!(remount(acl).is_empty());
}

#[test]
fn what_is_no_store_is_told_apart() {
    let mount = |chip: &Chip<WORD, PAGE>, region| Acl::<WORD, PAGE>::mount(chip.clone(), region).map(|acl| acl.len());
    assert_eq!(mount(&Chip::new(LEN), 0..LEN), Err(FlashError::Unformatted));
    let mut acl = format();
    acl.provision(user(1)).unwrap();
    let chip = acl.release();
    assert_eq!(mount(&chip, 0..LEN), Ok(1));

    let odd = 2 * u32::try_from(PAGE).unwrap();
    assert_eq!(mount(&chip, 0..LEN - odd), Err(FlashError::OtherFormat), "a shorter region");
    for region in [4..LEN, 0..LEN + odd, 0..LEN - 1, 0..LEN - odd / 2, 0..odd, odd..0] {
        let formatted = Acl::<WORD, PAGE>::format(chip.clone(), region.clone()).map(|acl| acl.len());
        assert_eq!(formatted, Err(FlashError::Region));
        assert_eq!(mount(&chip, region), Err(FlashError::Region));
    }
    let words = FlashAcl::<Chip<8, PAGE>, 40, 8>::mount(Chip { bytes: chip.bytes.clone(), changes: 0 }, 0..LEN);
    assert_eq!(words.map(|acl| acl.len()), Err(FlashError::OtherFormat));
}

#[test]
fn damage_is_no_answer() {
    let mut acl = format();
    acl.provision(user(1)).unwrap();
    acl.remove(&user(1).user).unwrap();
    acl.provision(user(2)).unwrap();
    let chip = acl.release();
    let place = |wanted: u8| chip.bytes.windows(16).position(|bytes| bytes == [wanted; 16]).unwrap();
    // In items, and in the checksum of the head before the first.
    for damaged in [place(1), place(2), place(2) + 20, place(1) - 7, place(1) - 4] {
        let mut chip = chip.clone();
        chip.bytes[damaged] ^= 1;
        let mounted = Acl::<WORD, PAGE>::mount(chip, 0..LEN);
        assert_eq!(mounted.map(|acl| acl.len()), Err(FlashError::Corrupt));
    }
}

/// Where the marks of a bank are, with this size of words (docs/flash.md).
const WHOLE: usize = 20;
const RETIRED: usize = WHOLE + 2 * WORD;
const SECOND: usize = LEN as usize / 2;

/// Power failed while the region was formatted: nothing was ever told of it.
#[test]
fn a_region_that_is_not_marked_as_whole_is_unformatted() {
    let mut chip = format().release();
    chip.bytes[WHOLE..][..WORD].fill(0xff);
    chip.bytes[SECOND + RETIRED..][..WORD].fill(0xff);
    assert_eq!(Acl::<WORD, PAGE>::mount(chip, 0..LEN).map(|acl| acl.len()), Err(FlashError::Unformatted));
}

/// Power failed while the flash was new: the first page of either bank can be anything, and nothing else.
#[test]
fn what_lies_further_on_is_no_new_flash() {
    let mount = |places: &[usize]| {
        let mut chip = Chip::<WORD, PAGE>::new(LEN);
        places.iter().for_each(|place| chip.bytes[*place] = 0);
        Acl::<WORD, PAGE>::mount(chip, 0..LEN).map(|acl| acl.len())
    };
    for first_page in [0, PAGE - 1, SECOND, SECOND + PAGE - 1] {
        assert_eq!(mount(&[first_page]), Err(FlashError::Unformatted), "{first_page}");
    }
    for further in [PAGE, SECOND - 1, SECOND + PAGE, 2 * SECOND - 1] {
        assert_eq!(mount(&[further]), Err(FlashError::Corrupt), "{further}");
    }
    assert_eq!(mount(&[0, SECOND]), Err(FlashError::Corrupt), "both banks");
    for bank in [0, SECOND] {
        assert_eq!(mount(&[bank + RETIRED]), Err(FlashError::Corrupt), "the other bank was in use");
    }
}

/// A restart that finds something in doubt writes it anew, so that it stays as it was told.
#[test]
fn what_is_in_doubt_is_written_anew() {
    let settles = |chip: Chip<WORD, PAGE>, users: &[AclEntry], why: &str| {
        let mut acl = Acl::<WORD, PAGE>::mount(Chip { changes: 0, ..chip }, 0..LEN).unwrap();
        assert_eq!(sorted(&mut acl), users, "{why}");
        let chip = acl.release();
        assert!(chip.changes > 0, "{why}");
        let mut acl = Acl::<WORD, PAGE>::mount(Chip { changes: 0, ..chip }, 0..LEN).unwrap();
        assert_eq!((sorted(&mut acl), acl.release().changes), (users.to_vec(), 0), "{why}: once is enough");
    };
    let mut acl = format();
    acl.provision(user(1)).unwrap();
    let chip = acl.release();
    // Erased words are at the end of the log, and the last that are not are the witness of its last record.
    let mut last = chip.clone();
    let end = SECOND - last.bytes[..SECOND].iter().rev().take_while(|byte| **byte == 0xff).count();
    last.bytes[end - WORD..end].fill(0xff);
    settles(last, &[user(1)], "a record without its witness");

    // The second bank is a copy.
    let mut acl = Acl::<WORD, PAGE>::mount(chip, 0..LEN).unwrap();
    acl.compact().unwrap();
    let copied = acl.release();
    let mut not_retired = copied.clone();
    not_retired.bytes[RETIRED..][..WORD].fill(0xff);
    let mut not_whole = not_retired.clone();
    not_whole.bytes[SECOND + WHOLE..][..WORD].fill(0xff);
    settles(not_whole, &[user(1)], "a copy that is not marked");
    let mut being_erased = not_retired.clone();
    let page = SECOND + PAGE - 1;
    being_erased.bytes[page] = 0;
    settles(being_erased, &[user(1)], "a copy that is not finished");
    // Once the first bank is retired, there is no other answer than the second.
    let mut damaged = copied;
    damaged.bytes[page] = 0;
    assert_eq!(Acl::<WORD, PAGE>::mount(damaged, 0..LEN).map(|acl| acl.len()), Err(FlashError::Corrupt));
}

/// Pages that are erased already are left alone.
#[test]
fn formatting_erases_what_is_not_erased() {
    let mut chip = Chip::<WORD, PAGE>::new(LEN);
    chip.bytes[SECOND - 1] = 0;
    let acl = Acl::<WORD, PAGE>::format(chip, 0..LEN).unwrap();
    // The first page of either bank and the last of the first; the header and two marks.
    assert_eq!(acl.release().changes, 3 + 3);
}

/// An entry of which the stored form is so much longer than the shortest.
fn longer(number: u8, by: u32) -> AclEntry {
    let bound = |len: u32| len.checked_sub(1).map(|more| 1 << (7 * more));
    let (start, end) = (bound(by / 2), bound(by.div_ceil(2)));
    // They must not be the same.
    let end = end.map(|end| end + u64::from(by.is_multiple_of(2)));
    AclEntry { window: Window::new(start, end).unwrap(), ..user(number) }
}

/// Records of every length, up to the last byte of either bank; behind the second is the end of the chip.
#[test]
fn a_bank_is_used_to_its_last_byte() {
    type Bytes = Acl<1, 1024>;
    const LEN: u32 = Bytes::MIN_LEN;
    /// A record with the shortest entry: head, item, checksum, witness.
    const SHORTEST: u32 = 8 + 2 + 53 + 4 + 1;
    let mut acl = Bytes::format(Chip::new(LEN), 0..LEN).unwrap();
    for _ in 0..2 {
        for by in 0..=16 {
            let before = acl.room();
            acl.provision(longer(1, by)).unwrap();
            assert_eq!(before - acl.room(), SHORTEST + by);
        }
        while acl.room() > 5 * (SHORTEST + 16) {
            acl.provision(user(1)).unwrap();
        }
        let mut more = acl.room() - 5 * SHORTEST;
        let users: Vec<AclEntry> = (1..=5)
            .map(|number| {
                let by = more.min(16);
                more -= by;
                longer(number, by)
            })
            .collect();
        for user in &users {
            acl.provision(*user).unwrap();
        }
        assert_eq!(acl.room(), 0);
        acl = Bytes::resume(acl.release(), 0..LEN).unwrap();
        assert_eq!(acl.entries().collect::<Result<Vec<_>, _>>().unwrap(), users);
        // There is no room for the next: it goes into the other bank.
        acl.provision(user(6)).unwrap();
        assert_eq!(acl.len(), 6);
        acl.remove(&user(6).user).unwrap();
    }
}

/// Found by the simulation: the length of an item that power failed on reached beyond the bank.
#[test]
fn a_record_that_power_failed_on_can_say_anything() {
    let mut acl = format();
    // Until the next record is the last that there is room for, to the last byte: in words of four, the shortest takes 72
    // and these a word more.
    let shortest = 72;
    while !acl.room().is_multiple_of(shortest) {
        acl.provision(longer(1, 2)).unwrap();
    }
    while acl.room() > shortest {
        acl.provision(user(1)).unwrap();
    }
    let before = acl.release();
    let mut acl = Acl::<WORD, PAGE>::resume(before.clone(), 0..LEN).unwrap();
    acl.provision(user(2)).unwrap();
    let after = acl.release();
    let changed: Vec<usize> = (0..after.bytes.len()).filter(|at| before.bytes[*at] != after.bytes[*at]).collect();
    // Behind the head of 8 bytes: tag and length of the one item, and all that follows is not there yet.
    let item = changed[0] + 8;
    let mount = |[tag, len, first]: [u8; 3]| {
        let mut chip = before.clone();
        chip.bytes[changed[0]..item].copy_from_slice(&after.bytes[changed[0]..item]);
        chip.bytes[item..item + 3].copy_from_slice(&[tag, len, first]);
        let mut acl = Acl::<WORD, PAGE>::mount(chip, 0..LEN).unwrap();
        assert_eq!(sorted(&mut acl), [user(1)], "{tag} {len} {first}");
    };
    let tag = after.bytes[item];
    for len in 0..=0xff {
        mount([tag, len, 0xff]);
        mount([tag, len, VERSION]);
    }
    for tag in 0..8 {
        for len in [0, 1, 15, 16, 17, 69, 255] {
            mount([tag, len, VERSION]);
        }
    }
}
