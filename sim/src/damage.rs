//! Flash that changes at rest: found out or harmless, but never an older state.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bench::{Bench, Verdict, breach};
use crate::case::{Case, Damage};
use crate::explore::Failure;
use crate::model::State;
use crate::nor::Nor;
use crate::port::Chip;
use crate::rng::Rng;
use crate::subject::{Fault, Subject};

/// How damage showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Not: everything is as it was.
    Harmless,
    /// Mounting, or a look at everything, was refused.
    Refused,
    /// As an older state: see `ends_the_log`.
    Older,
}

/// Does the damage to a copy of the bench's flash, and judges what a store makes of it.
///
/// # Errors
///
/// If the store shows anything else than the state it had (but see [`Shown::Older`]), or calls flash unformatted that holds something.
pub fn judge<S: Subject>(bench: &Bench<S>, damage: Damage) -> Verdict<Shown> {
    let mut nor = bench.chip.nor().clone();
    inflict(&mut nor, damage);
    let state = bench.state.clone().unwrap_or_default();
    if ends_the_log(&nor, damage) {
        return cut_short(bench, &Chip::new(nor), &state);
    }
    let chip = Chip::new(nor);
    let mut store = match S::mount(&chip, bench.region.clone()) {
        Ok(store) => store,
        Err(Fault::Corrupt | Fault::Other(_)) => return Ok(Shown::Refused),
        // Firmware would format what it takes for new, and forget what it must not forget.
        Err(Fault::Unformatted) if state.is_empty() => return Ok(Shown::Refused),
        Err(fault) => return breach(format!("mounting damaged flash: {fault}")),
    };
    // One by one, as a device asks: an error for one user must not be an older entry of another.
    let mut refused = false;
    for entry in state.users.values() {
        match store.get(&entry.user) {
            Ok(Some(found)) if found == *entry => {}
            Ok(Some(_)) => return breach("damage brings back another entry of a user"),
            Ok(None) => return breach("damage makes a user unknown, without an error"),
            Err(_) => refused = true,
        }
    }
    match State::of(&mut store) {
        Ok(found) if found == state => Ok(if refused { Shown::Refused } else { Shown::Harmless }),
        Ok(found) => breach(format!("damage shows another state: {}", found.difference(&state))),
        Err(Fault::Corrupt | Fault::Other(_)) => {
            let (found, horizon) = store.replays();
            for record in found {
                if !state.is_replay(&record) {
                    return breach("damage brings back a replay record that made room");
                }
            }
            if horizon != state.horizon() {
                return breach("damage moves the horizon, without an error from mounting");
            }
            Ok(Shown::Refused)
        }
        Err(fault) => breach(format!("reading damaged flash: {fault}")),
    }
}

/// Whether the damage is a page that was erased cleanly, behind which its half of the region is erased too. If the log
/// ended there, it looks as if its last records had never been written: docs/flash.md says that this cannot be found.
fn ends_the_log(nor: &Nor, damage: Damage) -> bool {
    let Damage::Page(page, 0xff) = damage else { return false };
    let region = nor.region();
    let [start, end] = [region.start, region.end].map(|place| usize::try_from(place).unwrap_or_default());
    let behind = start + (page + 1) * nor.shape().erase;
    let half = start + (end - start) / 2;
    let end = if behind <= half { half } else { end };
    nor.bytes()[behind..end].iter().all(|byte| *byte == 0xff)
}

/// Such a store must still be of one piece: what it shows, if anything, is all of what it once was.
fn cut_short<S: Subject>(bench: &Bench<S>, chip: &Chip, state: &State) -> Verdict<Shown> {
    let found = S::mount(chip, bench.region.clone()).and_then(|mut store| State::of(&mut store));
    match found {
        Ok(found) if found == *state => Ok(Shown::Harmless),
        Ok(found) if bench.past.contains(&found) => Ok(Shown::Older),
        Ok(found) => breach(format!("a log cut short shows what never was: {}", found.difference(state))),
        Err(Fault::Corrupt | Fault::Other(_)) => Ok(Shown::Refused),
        Err(Fault::Unformatted) if state.is_empty() => Ok(Shown::Refused),
        Err(fault) => breach(format!("mounting flash with a page erased: {fault}")),
    }
}

fn inflict(nor: &mut Nor, damage: Damage) {
    let start = usize::try_from(nor.region().start).unwrap_or_default();
    let page = nor.shape().erase;
    match damage {
        Damage::Bit(place) => nor.damage(start + place / 8, |bytes| bytes[0] ^= 1 << (place % 8), 1),
        Damage::Page(index, 0xff) => nor.wipe(start + index * page),
        Damage::Page(index, byte) => nor.damage(start + index * page, |bytes| bytes.fill(byte), page),
        Damage::Noise(index, seed) => {
            let mut random = Rng::new(u64::from(seed));
            nor.damage(start + index * page, |bytes| bytes.fill_with(|| random.byte()), page);
        }
    }
}

/// What is damaged, of each state that a script passes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Every bit and every page after each operation; or else a number of random places.
    pub random: Option<usize>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// Damages done.
    pub damages: u64,
    /// Of these, found out.
    pub refused: u64,
    /// Of these, such as cannot be found out: see [`Shown::Older`].
    pub older: u64,
}

/// Failures after which it stops.
const MOST_FAILURES: usize = 20;

/// Damages what a script leaves after each of its operations.
#[must_use]
pub fn survey<S: Subject>(case: Case, extent: Extent, seed: u64) -> (Report, Vec<Failure>) {
    let mut survey = Survey {
        bench: Bench::<S>::new(case.spare, case.lenient),
        case,
        report: Report::default(),
        failures: Vec::new(),
    };
    let mut random = Rng::new(seed);
    for op in survey.case.script.ops(S::USERS) {
        if survey.failures.len() >= MOST_FAILURES {
            break;
        }
        if let Err(breach) = survey.bench.run(&op) {
            survey.failures.push(Failure { breach, case: survey.case.clone() });
            break;
        }
        survey.case.op += 1;
        let region = survey.bench.region.end - survey.bench.region.start;
        let bytes = usize::try_from(region).unwrap_or_default();
        let page = survey.bench.chip.nor().shape().erase;
        for page in 0..bytes / page {
            survey.damage(Damage::Page(page, 0xff));
            survey.damage(Damage::Page(page, 0));
            survey.damage(Damage::Noise(page, random.seed()));
        }
        match extent.random {
            Some(places) => (0..places).for_each(|_| survey.damage(Damage::Bit(random.below(bytes * 8)))),
            None => (0..bytes * 8).for_each(|place| survey.damage(Damage::Bit(place))),
        }
    }
    (survey.report, survey.failures)
}

struct Survey<S> {
    bench: Bench<S>,
    case: Case,
    report: Report,
    failures: Vec<Failure>,
}

impl<S: Subject> Survey<S> {
    fn damage(&mut self, damage: Damage) {
        let verdict = catch_unwind(AssertUnwindSafe(|| judge(&self.bench, damage)));
        self.report.damages += 1;
        match verdict.unwrap_or_else(|_| breach("the store panics on damaged flash")) {
            Ok(shown) => {
                self.report.refused += u64::from(shown == Shown::Refused);
                self.report.older += u64::from(shown == Shown::Older);
            }
            Err(breach) => {
                let case = Case { damage: Some(damage), ..self.case.clone() };
                self.failures.push(Failure { breach, case });
            }
        }
    }
}
