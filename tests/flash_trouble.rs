//! The store in flash when its driver fails, or flash does not hold what is programmed: the call fails, and a restart shows
//! all of what it was to change or nothing of it (§10).
#![cfg(all(feature = "flash", feature = "conformance"))]

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use lockop::acl::conformance::transaction;
use lockop::{AclEntry, AclStore, CommitError, FlashAcl, FlashError, ReplayRecord, Role, UserKey, Uuid, Window};

/// What becomes of a call of the driver.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// It fails, this once.
    Fails,
    /// It fails, and so does every later one until the restart.
    Dies,
    /// It succeeds, but nothing was programmed.
    Forgets,
}

#[derive(Clone)]
struct Chip {
    bytes: Vec<u8>,
    calls: usize,
    /// What becomes of which call.
    fault: Option<(usize, Fault)>,
}

impl Chip {
    fn new() -> Self {
        Self { bytes: vec![0xff; LEN as usize], calls: 0, fault: None }
    }

    /// The next call, if it is not one that fails; whether it is one to forget.
    fn call(&mut self) -> Result<bool, NorFlashErrorKind> {
        let call = self.calls;
        self.calls += 1;
        match self.fault {
            Some((at, Fault::Fails)) if at == call => Err(NorFlashErrorKind::Other),
            Some((at, Fault::Dies)) if at <= call => Err(NorFlashErrorKind::Other),
            Some((at, Fault::Forgets)) => Ok(at == call),
            _ => Ok(false),
        }
    }

    fn restarted(self) -> Self {
        Self { calls: 0, fault: None, ..self }
    }
}

impl ErrorType for Chip {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 4;

    fn read(&mut self, at: u32, out: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        self.call()?;
        out.copy_from_slice(&self.bytes[at as usize..][..out.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 1024;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        // Flash that forgets to erase is flash that was programmed: the simulation has that.
        self.call()?;
        self.bytes[from as usize..to as usize].fill(0xff);
        Ok(())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        if !self.call()? {
            let place = self.bytes[at as usize..].iter_mut();
            place.zip(bytes).for_each(|(place, byte)| *place &= byte);
        }
        Ok(())
    }
}

type Acl = FlashAcl<Chip, 40, 8>;
type Trouble = FlashError<NorFlashErrorKind>;

const FAILED: Trouble = FlashError::Flash(NorFlashErrorKind::Other);
const LEN: u32 = Acl::MIN_LEN;
const RECORD: ReplayRecord = ReplayRecord::from_parts([7; 32], 500);

fn user(number: u8) -> AclEntry {
    AclEntry {
        user: Uuid::from_bytes([number; 16]),
        key: UserKey::Ed25519([number; 32]),
        role: Role::User,
        window: Window::ALWAYS,
    }
}

fn store(result: Result<(), CommitError<Trouble>>) -> Result<(), Trouble> {
    result.map_err(|error| match error {
        CommitError::Store(error) => error,
        CommitError::Full => panic!("there is room"),
    })
}

/// Changes, each with the users that are there after it.
type Change = (fn(&mut Acl) -> Result<(), Trouble>, &'static [u8]);

const CHANGES: [Change; 7] = [
    (|acl| store(acl.provision(user(1))), &[1]),
    (|acl| store(acl.commit(&transaction(&[user(2), user(3)], &[], RECORD))), &[1, 2, 3]),
    (|acl| acl.remove(&user(2).user).map(|_| ()), &[1, 3]),
    (Acl::compact, &[1, 3]),
    (|acl| store(acl.provision(user(4))), &[1, 3, 4]),
    (|acl| acl.get(&user(4).user).map(|_| ()), &[1, 3, 4]),
    (Acl::factory_reset, &[]),
];

/// The users that a restart finds.
fn users(chip: Chip) -> Result<Vec<u8>, Trouble> {
    let mut acl = Acl::mount(chip.restarted(), 0..LEN)?;
    let mut users: Vec<u8> = acl.entries().map(|entry| entry.unwrap().user.as_bytes()[0]).collect();
    users.sort_unstable();
    Ok(users)
}

/// Makes one change after another until one of them fails: the chip then, and what may be on it.
fn until_trouble(fault: Option<(usize, Fault)>) -> (Chip, [&'static [u8]; 2], Option<Trouble>) {
    let mut chip = Acl::format(Chip::new(), 0..LEN).unwrap().release();
    let mut before: &[u8] = &[];
    (chip.calls, chip.fault) = (0, fault);
    let mut acl = match Acl::mount(chip.clone(), 0..LEN) {
        Ok(acl) => acl,
        Err(trouble) => return (chip, [before, before], Some(trouble)),
    };
    for (change, after) in CHANGES {
        if let Err(trouble) = change(&mut acl) {
            // Nothing goes on without the driver.
            if fault.is_some_and(|(_, fault)| fault == Fault::Dies) {
                assert!(acl.compact().is_err() && acl.is_replay(&RECORD, 0).is_err());
            }
            return (acl.release(), [before, after], Some(trouble));
        }
        before = after;
    }
    (acl.release(), [before, before], None)
}

#[test]
fn a_call_that_fails_changes_all_or_nothing() {
    let (chip, expected, trouble) = until_trouble(None);
    assert_eq!((users(chip.clone()).unwrap().as_slice(), trouble), (expected[0], None));
    for call in 0..chip.calls {
        for fault in [Fault::Fails, Fault::Dies] {
            let (chip, expected, trouble) = until_trouble(Some((call, fault)));
            // What has been made already is no failure, if all that is left is to say so on flash: the next call does, and
            // takes flash that it cannot say it on for worn.
            let known = matches!(trouble, Some(FAILED | FlashError::Worn)) || fault == Fault::Fails;
            assert!(known, "{fault:?} {call}: {trouble:?}");
            let users = users(chip).unwrap();
            assert!(expected.contains(&&users[..]), "{fault:?} {call}: {users:?}, not {expected:?}");
        }
    }
}

#[test]
fn what_is_not_programmed_is_noticed() {
    let (chip, ..) = until_trouble(None);
    let mut noticed = 0;
    for call in 0..chip.calls {
        let (chip, expected, trouble) = until_trouble(Some((call, Fault::Forgets)));
        assert!(matches!(trouble, None | Some(FlashError::Worn | FlashError::Corrupt)), "{call}: {trouble:?}");
        noticed += usize::from(trouble.is_some());
        // A hole in what was programmed is nothing that power leaves: where it is before the rest, a restart tells nothing.
        let users = users(chip);
        let as_expected = users.as_ref().is_ok_and(|users| expected.contains(&&users[..]));
        assert!(
            as_expected || (trouble.is_some() && users == Err(FlashError::Corrupt)),
            "{call}: {users:?}, not {expected:?}"
        );
    }
    assert!(noticed > 20, "{noticed}");
}

/// A restart may itself be cut short, at any call, and the next one is none the worse for it.
#[test]
fn a_restart_that_fails_can_be_done_again() {
    let (chip, ..) = until_trouble(None);
    for call in (0..chip.calls).step_by(3) {
        let (chip, expected, _) = until_trouble(Some((call, Fault::Dies)));
        let whole = Acl::mount(chip.clone().restarted(), 0..LEN).unwrap().release();
        for call in (0..whole.calls).step_by(5).chain(whole.calls.saturating_sub(9)..whole.calls) {
            for fault in [Fault::Fails, Fault::Dies] {
                let chip = Chip { fault: Some((call, fault)), ..chip.clone().restarted() };
                match Acl::mount(chip, 0..LEN) {
                    Err(trouble) => assert_eq!(trouble, FAILED, "{call}"),
                    Ok(acl) => {
                        let users = users(acl.release()).unwrap();
                        assert!(expected.contains(&&users[..]), "{call}: {users:?}, not {expected:?}");
                    }
                }
            }
        }
        let users = users(chip).unwrap();
        assert!(expected.contains(&&users[..]), "{call}: {users:?}, not {expected:?}");
    }
}

/// A chip whose log has no room for another change, and the owner on it.
fn full() -> Chip {
    let mut acl = Acl::format(Chip::new(), 0..LEN).unwrap();
    while acl.room() > 100 {
        acl.provision(user(1)).unwrap();
    }
    acl.release().restarted()
}

#[test]
fn a_change_that_has_to_make_room_first_is_made_or_not() {
    let full = full();
    let provision = |fault| {
        let mut acl = Acl::resume(Chip { fault, ..full.clone() }, 0..LEN)?;
        let result = store(acl.provision(user(2)));
        Ok::<_, Trouble>((acl.release(), result))
    };
    let (whole, _) = provision(None).unwrap();
    assert_eq!(users(whole.clone()), Ok(vec![1, 2]));
    let mut failed = 0;
    for call in 0..whole.calls {
        for fault in [Fault::Fails, Fault::Dies] {
            let Ok((chip, result)) = provision(Some((call, fault))) else { continue };
            let users = users(chip).unwrap();
            failed += usize::from(result.is_err());
            assert!(users == [1, 2] || (result.is_err() && users == [1]), "{fault:?} {call}: {users:?}");
        }
    }
    assert!(failed > 0);
}

#[test]
fn formatting_flash_that_is_full_leaves_nothing_of_it() {
    let full = full();
    let whole = Acl::format(full.clone(), 0..LEN).unwrap().release();
    assert!(!whole.bytes.windows(16).any(|bytes| bytes == [1; 16]));
    for call in 0..whole.calls {
        let failed =
            Acl::format(Chip { fault: Some((call, Fault::Fails)), ..full.clone() }, 0..LEN).map(|acl| acl.len());
        assert_eq!(failed, Err(FAILED), "{call}");
    }
    assert_eq!(users(whole), Ok(vec![]));
}

/// Flash that was never formatted, or was being formatted, is told from a driver that fails.
#[test]
fn what_cannot_be_read_is_not_unformatted() {
    let touched = |places: &[u32]| {
        let mut chip = Chip::new();
        places.iter().for_each(|place| chip.bytes[*place as usize] = 0);
        chip
    };
    let second = LEN / 2;
    for places in [&[][..], &[0], &[64], &[second], &[0, second], &[2000], &[0, 2000]] {
        let chip = touched(places);
        let mut whole = chip.clone();
        whole.fault = Some((usize::MAX, Fault::Fails));
        let trouble = Acl::mount(whole, 0..LEN).map(|acl| acl.len()).unwrap_err();
        assert!(matches!(trouble, FlashError::Unformatted | FlashError::Corrupt), "{places:?}: {trouble:?}");
        let resumed = Acl::resume(chip.clone(), 0..LEN).map(|acl| acl.len());
        assert_eq!(resumed, Err(trouble));
        for call in 0..400 {
            let chip = Chip { fault: Some((call, Fault::Fails)), ..chip.clone() };
            let failed = Acl::mount(chip, 0..LEN).map(|acl| acl.len()).unwrap_err();
            // Calls that are not reached do not fail.
            assert!(failed == FAILED || failed == trouble, "{places:?}, {call}: {failed:?}");
        }
    }
}

/// What a sleep has not interrupted is as good as settled.
#[test]
fn a_lock_that_resumes_goes_on() {
    let (chip, ..) = until_trouble(None);
    for call in (0..chip.calls).step_by(7) {
        let (chip, expected, _) = until_trouble(Some((call, Fault::Dies)));
        let mut acl = Acl::resume(chip.restarted(), 0..LEN).unwrap();
        acl.provision(user(9)).unwrap();
        let users = users(acl.release()).unwrap();
        assert!(expected.contains(&users.strip_suffix(&[9]).unwrap()), "{call}: {users:?}, not {expected:?}");
    }
}

/// Nobody is given an answer by flash that cannot be read.
#[test]
fn reading_that_fails_is_no_answer() {
    let ask = |fault| {
        let mut acl = Acl::format(Chip::new(), 0..LEN).unwrap();
        (1..=3).for_each(|number| acl.provision(user(number)).unwrap());
        let mut acl = Acl::mount(acl.release().restarted(), 0..LEN).unwrap();
        acl.get(&user(1).user).unwrap();
        let mut chip = acl.release();
        (chip.calls, chip.fault) = (0, None);
        let mut acl = Acl::resume(chip, 0..LEN).unwrap();
        let asked = acl.entries().count();
        assert_eq!(asked, 3);
        let mut chip = acl.release();
        let calls = chip.calls;
        (chip.calls, chip.fault) = (0, fault);
        (Acl::mount(chip, 0..LEN), calls)
    };
    let (_, calls) = ask(None);
    let (mut mounted, mut failed) = (0, 0);
    for call in 0..calls {
        let Ok(mut acl) = ask(Some((call, Fault::Dies))).0 else { continue };
        mounted += 1;
        let entries: Vec<_> = acl.entries().collect();
        let good = entries.iter().take_while(|entry| entry.is_ok()).count();
        // The first failure is the last that is told.
        assert!(entries.len() == good + usize::from(good < 3), "{entries:?}");
        failed += usize::from(acl.get(&user(3).user).is_err());
    }
    assert!(mounted > 0 && failed > 0, "{mounted} {failed}");
    let mut chip = Chip::new();
    chip.fault = Some((0, Fault::Dies));
    assert_eq!(Acl::format(chip, 0..LEN).map(|acl| acl.len()), Err(FAILED));
}

/// To find 32 entries, the log is read once, as it is to find one.
#[test]
fn entries_are_found_32_at_a_time() {
    let mut acl = Acl::format(Chip::new(), 0..LEN).unwrap();
    (1..=33).for_each(|number| acl.provision(user(number)).unwrap());
    let mut chip = acl.release();
    let mut calls = |ask: fn(&mut Acl)| {
        chip.calls = 0;
        let mut acl = Acl::resume(chip.clone(), 0..LEN).unwrap();
        ask(&mut acl);
        acl.release().calls
    };
    let one = calls(|acl| assert!(acl.get(&user(1).user).unwrap().is_some()));
    assert_eq!(calls(|acl| assert!(acl.entries().next().is_some())), one);
}
