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
    assert_eq!(acl.len(), 3);
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
    for damaged in [place(1), place(2), place(2) + 20] {
        let mut chip = chip.clone();
        chip.bytes[damaged] ^= 1;
        let mounted = Acl::<WORD, PAGE>::mount(chip, 0..LEN);
        assert_eq!(mounted.map(|acl| acl.len()), Err(FlashError::Corrupt));
    }
}

/// Found by the simulation: the length of an item that power failed on reached beyond the bank.
#[test]
fn a_record_that_power_failed_on_can_say_anything() {
    let mut acl = format();
    // Until the next record is the last that there is room for.
    while acl.room() > 400 {
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
