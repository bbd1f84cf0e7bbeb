//! The format of docs/flash.md, version 1, written down here a second time: flash that one version of lockop has written,
//! the next ones must read.
#![cfg(all(feature = "flash", feature = "conformance"))]

use core::convert::Infallible;

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use lockop::acl::conformance::transaction;
use lockop::{AclEntry, AclStore, FlashAcl, ReplayRecord, Role, UserKey, Uuid, Window};

struct Chip(Vec<u8>);

impl ErrorType for Chip {
    type Error = Infallible;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    fn read(&mut self, at: u32, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&self.0[at as usize..][..out.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 2048;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        self.0[from as usize..to as usize].fill(0xff);
        Ok(())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Infallible> {
        self.0[at as usize..][..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}

type Acl = FlashAcl<Chip, 32, 6>;

const LEN: u32 = Acl::MIN_LEN;
const BANK: usize = LEN as usize / 2;

/// CRC-32C, bit by bit.
fn crc(bytes: &[u8]) -> [u8; 4] {
    let step = |crc: u32| (0..8).fold(crc, |crc, _| (crc >> 1) ^ (0x82f6_3b78 * (crc & 1)));
    (!bytes.iter().fold(!0, |crc, byte| step(crc ^ u32::from(*byte)))).to_le_bytes()
}

/// Padded to words of 8 bytes.
fn words(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(8), 0xff);
    bytes
}

/// A bank as docs/flash.md has it; of each record its items and how many users there are after it.
fn bank(generation: u8, sure: bool, records: &[(Vec<Vec<u8>>, u8)]) -> Vec<u8> {
    let mut header =
        [&b"lkop"[..], &[1, 8, 0, 0, generation, 0, 0, 0], &u32::try_from(BANK).unwrap().to_le_bytes()].concat();
    header.extend(crc(&header));
    let mut bank = words(header);
    bank.extend([0; 8]);
    bank.extend([if sure { 0 } else { 0xff }; 8]);
    bank.extend([0xff; 8]);
    for (items, users) in records {
        let items = items.concat();
        let start = u32::try_from(bank.len()).unwrap().to_le_bytes();
        let covered = [&[generation, 0, 0, 0][..], &start].concat();
        let len = u16::try_from(items.len()).unwrap().to_le_bytes();
        let head = [len[0], len[1], *users, 0];
        let of_head = crc(&[&covered[..], &head].concat());
        let of_all = crc(&[&covered[..], &head, &items].concat());
        bank.extend([head, of_head].concat());
        bank.extend(words([&items[..], &of_all].concat()));
        bank.extend([0; 8]);
    }
    bank.resize(BANK, 0xff);
    bank
}

/// A bank that is erased, but for its mark.
fn retired() -> Vec<u8> {
    let mut bank = vec![0xff; BANK];
    bank[24 + 16..24 + 24].fill(0);
    bank
}

const ADMIN: AclEntry = AclEntry {
    user: Uuid::from_bytes([1; 16]),
    key: UserKey::Ed25519([2; 32]),
    role: Role::Admin,
    window: Window::ALWAYS,
};
const RECORD: ReplayRecord = ReplayRecord::from_parts([7; 32], 300);

fn guest() -> AclEntry {
    AclEntry {
        user: Uuid::from_bytes([3; 16]),
        key: UserKey::RsaFingerprint([4; 32]),
        role: Role::User,
        window: Window::new(Some(1), Some(128)).unwrap(),
    }
}

// Items as docs/flash.md and `acl::stored` have them.

fn admin_item() -> Vec<u8> {
    [&[1, 53, 1][..], &[1; 16], &[0], &[2; 32], &[1, 0, 0]].concat()
}

fn guest_item() -> Vec<u8> {
    [&[1, 56, 1][..], &[3; 16], &[1], &[4; 32], &[0, 1, 1, 1, 0x80, 0x01]].concat()
}

fn record_item() -> Vec<u8> {
    [&[3, 35, 1][..], &[7; 32], &[0xac, 0x02]].concat()
}

fn removal_item() -> Vec<u8> {
    [&[2, 16][..], &[3; 16]].concat()
}

fn no_horizon_item() -> Vec<u8> {
    vec![4, 2, 1, 0]
}

/// Flash after each of three changes, with the users on it: two have been added, one removed again, all copied.
fn images() -> [(Vec<u8>, Vec<AclEntry>); 3] {
    let added = [(vec![admin_item()], 1), (vec![guest_item(), record_item()], 2)];
    let [first, second] = added.clone();
    let removed = [first, second, (vec![removal_item()], 1)];
    let mut former = bank(1, true, &removed);
    former[24 + 16..24 + 24].fill(0);
    let copy = bank(2, false, &[(vec![no_horizon_item()], 1), (vec![record_item()], 1), (vec![admin_item()], 1)]);
    [
        ([bank(1, false, &added), retired()].concat(), vec![ADMIN, guest()]),
        ([bank(1, false, &removed), retired()].concat(), vec![ADMIN]),
        ([former, copy].concat(), vec![ADMIN]),
    ]
}

fn assert_same(flash: &[u8], expected: &[u8]) {
    let difference = flash.iter().zip(expected).position(|(this, that)| this != that);
    assert_eq!((difference, flash.len()), (None, expected.len()));
}

#[test]
fn what_is_written_is_the_documented_format() {
    let [added, removed, copied] = images().map(|(bytes, _)| bytes);
    let mut acl = Acl::format(Chip(vec![0xff; LEN as usize]), 0..LEN).unwrap();
    acl.provision(ADMIN).unwrap();
    acl.commit(&transaction(&[guest()], &[], RECORD)).unwrap();
    let flash = acl.release();
    assert_same(&flash.0, &added);
    let mut acl = Acl::resume(flash, 0..LEN).unwrap();
    acl.remove(&guest().user).unwrap();
    let flash = acl.release();
    assert_same(&flash.0, &removed);
    let mut acl = Acl::resume(flash, 0..LEN).unwrap();
    acl.compact().unwrap();
    assert_same(&acl.release().0, &copied);
}

#[test]
fn what_the_documented_format_says_is_read() {
    for (bytes, users) in images() {
        let mut acl = Acl::mount(Chip(bytes.clone()), 0..LEN).unwrap();
        assert_eq!(acl.len(), users.len());
        assert_eq!(acl.entries().collect::<Result<Vec<_>, _>>().unwrap(), users);
        assert_eq!(acl.is_replay(&RECORD, 0), Ok(true));
        // Nothing of it is in doubt.
        assert_same(&acl.release().0, &bytes);
    }
}
