//! The flash model keeps its own rules: without that, nothing that the simulation says is worth anything.

use lockop_sim::nor::{Misuse, Nor, NorError, Plan, Shape, Step};
use lockop_sim::rng::Rng;
use lockop_sim::tear::{KINDS, Tear};

const SHAPE: Shape = Shape { read: 4, write: 8, erase: 64, len: 256 };

/// Erased, the second and third page writable.
fn nor() -> Nor {
    Nor::new(SHAPE, 64..192)
}

fn contents(nor: &mut Nor, start: u32, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    nor.read(start, &mut bytes).unwrap();
    bytes
}

#[test]
fn programming_makes_zeros_and_erasing_makes_ones() {
    let mut nor = nor();
    assert_eq!(contents(&mut nor, 64, 16), [0xff; 16]);
    nor.write(64, &[0x5a; 16]).unwrap();
    assert_eq!(contents(&mut nor, 64, 16), [0x5a; 16]);
    nor.erase(64, 128).unwrap();
    assert_eq!(contents(&mut nor, 64, 16), [0xff; 16]);
    let counters = nor.counters();
    assert_eq!((counters.programs, counters.erases, counters.steps), (2, 1, 3));
    assert_eq!((counters.reads, counters.read_bytes), (3, 48));
    assert_eq!(nor.wear(), [0, 1, 0, 0]);
}

#[test]
fn a_unit_is_programmed_once() {
    let mut nor = nor();
    nor.write(72, &[0xff; 8]).unwrap();
    let twice = Misuse::ProgrammedTwice(72);
    assert_eq!(nor.write(64, &[0; 16]), Err(NorError::Misuse(twice)), "even if it was programmed with ones");
    assert_eq!(nor.misuse(), Some(twice), "and it is not forgotten");
    nor.erase(64, 128).unwrap();
    nor.write(72, &[0; 8]).unwrap();
}

#[test]
fn calls_are_aligned_and_within_the_region() {
    type Call = fn(&mut Nor) -> Result<(), NorError>;
    let cases: [(Call, Misuse); 8] = [
        (|nor| nor.read(2, &mut [0; 4]), Misuse::NotAligned),
        (|nor| nor.read(0, &mut [0; 3]), Misuse::NotAligned),
        (|nor| nor.read(256, &mut [0; 4]), Misuse::OutOfBounds),
        (|nor| nor.write(68, &[0; 8]), Misuse::NotAligned),
        (|nor| nor.write(64, &[0; 4]), Misuse::NotAligned),
        (|nor| nor.write(56, &[0; 16]), Misuse::OutOfBounds),
        (|nor| nor.erase(64, 96), Misuse::NotAligned),
        (|nor| nor.erase(128, 256), Misuse::OutOfBounds),
    ];
    for (number, (call, misuse)) in cases.into_iter().enumerate() {
        let mut nor = nor();
        assert_eq!(call(&mut nor), Err(NorError::Misuse(misuse)), "{number}");
        assert_eq!(nor.misuse(), Some(misuse), "{number}");
    }
}

#[test]
fn a_cut_stops_everything_until_the_restart() {
    let mut nor = nor();
    nor.plan(Plan::Cut { after: 1, tear: Tear::Nothing });
    assert_eq!(nor.write(64, &[0; 24]), Err(NorError::PowerLost));
    assert_eq!(nor.read(64, &mut [0; 4]), Err(NorError::PowerLost));
    assert_eq!(nor.erase(64, 128), Err(NorError::PowerLost));
    nor.restart();
    assert_eq!(contents(&mut nor, 64, 24), [[0; 8], [0xff; 8], [0xff; 8]].concat());
    nor.write(72, &[0; 8]).unwrap();
}

#[test]
fn every_tear_stays_between_before_and_after_or_says_why() {
    let mut random = Rng::new(1);
    for round in 0..20 * KINDS {
        let tear = Tear::nth(round, &mut random);
        let mut nor = nor();
        nor.plan(Plan::Cut { after: 0, tear });
        nor.write(64, &[0x0f; 8]).unwrap_err();
        nor.restart();
        for _ in 0..10 {
            let now = contents(&mut nor, 64, 8);
            let between = now.iter().all(|byte| byte & 0x0f == 0x0f);
            assert!(between || matches!(tear, Tear::Garbage(_)), "{tear}: {now:x?}");
        }
        // Whatever it reads as: it has been programmed, unless the step had not begun.
        assert_eq!(nor.clone().write(64, &[0x0f; 8]).is_ok(), tear == Tear::Nothing, "{tear}");
        // Only zeros may follow, if it was not complete; and then they are there.
        let zeros = nor.write(64, &[0; 8]).is_ok();
        assert!(zeros == (tear != Tear::Whole) || matches!(tear, Tear::Call(_)), "{tear}");
        assert!(!zeros || (0..10).all(|_| contents(&mut nor, 64, 8) == [0; 8]), "{tear}");
        nor.erase(64, 128).unwrap();
        assert!(nor.is_sound());
        assert_eq!(contents(&mut nor, 64, 8), [0xff; 8], "{tear}");
        nor.write(64, &[0; 8]).unwrap();
    }
}

#[test]
fn every_torn_erase_must_be_done_again() {
    let mut random = Rng::new(2);
    for round in 0..20 * KINDS {
        let tear = Tear::nth(round, &mut random);
        let mut nor = nor();
        nor.write(64, &[0x33; 64]).unwrap();
        nor.plan(Plan::Cut { after: 0, tear });
        nor.erase(64, 192).unwrap_err();
        nor.restart();
        assert_eq!(contents(&mut nor, 128, 64), [0xff; 64], "the next page has not been reached");
        assert_eq!(nor.write(64, &[0x33; 8]).is_ok(), tear == Tear::Whole, "{tear}");
        nor.erase(64, 128).unwrap();
        nor.write(64, &[0x33; 8]).unwrap();
        assert_eq!(contents(&mut nor, 64, 8), [0x33; 8], "{tear}");
    }
}

#[test]
fn what_flickers_reads_differently_until_it_settles() {
    let read_often = |tear| {
        let mut nor = nor();
        nor.plan(Plan::Cut { after: 0, tear });
        nor.write(64, &[0; 8]).unwrap_err();
        nor.restart();
        (0..40).map(|_| contents(&mut nor, 64, 8)).collect::<Vec<_>>()
    };
    let reads = read_often(Tear::Flicker(7));
    assert!((1..40).all(|turn| reads[turn] != reads[turn - 1]));
    let reads = read_often(Tear::Settle { reads: 3, seed: 7, after: false });
    assert!(reads[..3].iter().all(|read| *read != [0xff; 8]) && reads[3..].iter().all(|read| *read == [0xff; 8]));
    let reads = read_often(Tear::Settle { reads: 3, seed: 7, after: true });
    assert!(reads[..3].iter().all(|read| *read != [0; 8]) && reads[3..].iter().all(|read| *read == [0; 8]));
}

#[test]
fn a_failing_call_leaves_power_on() {
    let mut nor = nor();
    nor.plan(Plan::Fail { after: 1, done: 1, tear: Tear::Bits(1) });
    assert_eq!(contents(&mut nor, 64, 4), [0xff; 4]);
    assert_eq!(nor.write(64, &[0; 24]), Err(NorError::Io));
    assert_eq!(contents(&mut nor, 64, 8), [0; 8], "one unit was done");
    assert_eq!(contents(&mut nor, 80, 8), [0xff; 8], "the third was not");
    nor.plan(Plan::Fail { after: 0, done: 0, tear: Tear::Nothing });
    assert_eq!(nor.read(64, &mut [0; 4]), Err(NorError::Io));
    nor.read(64, &mut [0; 4]).unwrap();
}

/// The simulation takes steps from a journal and tears them afterwards; that must be the same as cutting them off.
#[test]
fn a_journal_brings_back_every_cut() {
    let script = |nor: &mut Nor| {
        nor.write(64, &[0x11; 32])?;
        nor.erase(128, 192)?;
        nor.write(128, &[0x22; 16])?;
        nor.erase(64, 128)
    };
    let mut whole = nor();
    whole.start_journal();
    script(&mut whole).unwrap();
    let journal: Vec<Step> = whole.take_journal();
    assert_eq!(journal.len(), 4 + 1 + 2 + 1);
    let mut random = Rng::new(3);
    for round in 0..4 * KINDS {
        for place in 0..journal.len() {
            let tear = Tear::nth(round, &mut random);
            let mut cut = nor();
            cut.plan(Plan::Cut { after: place as u64, tear });
            assert_eq!(script(&mut cut), Err(NorError::PowerLost));
            cut.restart();
            let mut redone = nor();
            for step in &journal[..place] {
                redone.redo(step, Tear::Whole);
            }
            redone.redo(&journal[place], tear);
            for _ in 0..8 {
                assert_eq!(contents(&mut cut, 64, 128), contents(&mut redone, 64, 128), "{tear} in step {place}");
            }
            for start in (64..192).step_by(8) {
                let both = (cut.write(start, &[0; 8]), redone.write(start, &[0; 8]));
                assert_eq!(both.0, both.1, "{tear} in step {place}");
            }
        }
    }
}
