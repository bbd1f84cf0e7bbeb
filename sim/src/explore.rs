//! All the cuts of a script, or some of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bench::{Bench, Breach, Verdict};
use crate::case::{Case, Event};
use crate::model::{Op, State};
use crate::nor::{Nor, Plan};
use crate::rng::Rng;
use crate::script::Script;
use crate::subject::Subject;
use crate::tear::{KINDS, Tear};
use crate::trial::{Mounted, Trial};

/// Which cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Tears of each step: all kinds if there are no more of them.
    pub tears: usize,
    /// After each cut, every step of mounting is cut too, with so many tears.
    pub mount_tears: usize,
    /// For each operation, so many chains of two to four random faults.
    pub chains: usize,
    /// Of each operation, so many calls fail without a power failure.
    pub failures: usize,
}

/// What was explored.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// Operations.
    pub ops: u64,
    /// Different steps in which power was lost first.
    pub points: u64,
    /// Power failures.
    pub cuts: u64,
    /// Of these, the ones during a recovery or during what followed it.
    pub deep: u64,
    /// Failures of the flash without one of power.
    pub failures: u64,
    /// Steps of the dearest operation.
    pub worst_op: u64,
    /// Steps, calls and bytes of the dearest recoveries.
    pub worst_mount: Mounted,
}

impl Report {
    /// Both.
    pub fn add(&mut self, other: &Self) {
        self.ops += other.ops;
        self.points += other.points;
        self.cuts += other.cuts;
        self.deep += other.deep;
        self.failures += other.failures;
        self.worst_op = self.worst_op.max(other.worst_op);
        self.mounted(other.worst_mount);
    }

    fn mounted(&mut self, mounted: Mounted) {
        let worst = &mut self.worst_mount;
        worst.steps = worst.steps.max(mounted.steps);
        worst.calls = worst.calls.max(mounted.calls);
        worst.read_bytes = worst.read_bytes.max(mounted.read_bytes);
    }
}

/// Failures of one job after which it stops.
const MOST_FAILURES: usize = 200;

/// What was found, and the line that finds it again.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What the store did wrong.
    pub breach: Breach,
    /// When.
    pub case: Case,
}

/// A script on a store, some of its operations being looked at.
pub struct Explorer<S> {
    case: Case,
    extent: Extent,
    random: Rng,
    report: Report,
    failed: Vec<Failure>,
    subject: std::marker::PhantomData<S>,
}

/// An operation, and the flash as it was before.
struct Before {
    nor: Nor,
    op: Op,
    old: Option<State>,
    new: Option<State>,
}

impl<S: Subject> Explorer<S> {
    /// For cases like this one.
    #[must_use]
    pub fn new(case: Case, extent: Extent, seed: u64) -> Self {
        let report = Report::default();
        Self { case, extent, random: Rng::new(seed), report, failed: Vec::new(), subject: std::marker::PhantomData }
    }

    /// Runs the script up to the end of `ops`, and looks at these.
    ///
    /// With it come the first failures.
    #[must_use]
    pub fn run(mut self, ops: std::ops::Range<usize>) -> (Report, Vec<Failure>) {
        if let Err(failure) = self.run_all(ops) {
            self.failed.push(*failure);
        }
        (self.report, self.failed)
    }

    /// Goes on after a failure, so that one bug does not hide another; but not for ever.
    fn note(&mut self, result: Result<(), Box<Failure>>) -> Result<(), Box<Failure>> {
        match result {
            Err(failure) if self.failed.len() < MOST_FAILURES => self.failed.push(*failure),
            result => return result,
        }
        Ok(())
    }

    fn run_all(&mut self, ops: std::ops::Range<usize>) -> Result<(), Box<Failure>> {
        let all = self.case.script.ops(S::USERS);
        let mut bench = Bench::<S>::new(self.case.spare, self.case.lenient);
        for (index, op) in all.iter().enumerate().take(ops.end) {
            self.case.op = index;
            if !ops.contains(&index) {
                self.guard(&[], || bench.run(op))?;
                continue;
            }
            let before =
                Before { nor: bench.chip.nor().clone(), op: op.clone(), old: bench.state.clone(), new: bench.next(op) };
            bench.chip.nor_mut().start_journal();
            let calls = bench.chip.nor().counters().calls;
            self.guard(&[], || bench.run(op))?;
            let journal = bench.chip.nor_mut().take_journal();
            let calls = bench.chip.nor().counters().calls - calls;
            self.report.ops += 1;
            self.report.worst_op = self.report.worst_op.max(journal.len() as u64);
            self.cut_everywhere(&before, &journal)?;
            for _ in 0..self.extent.chains {
                let result = self.chain(&before, &journal);
                self.note(result)?;
            }
            for _ in 0..self.extent.failures {
                let result = self.failure(&before, index, &all, calls);
                self.note(result)?;
            }
        }
        Ok(())
    }

    fn guard<T>(&self, events: &[Event], run: impl FnOnce() -> Verdict<T>) -> Result<T, Box<Failure>> {
        let verdict = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(Breach(format!("the store panics: {}", text.unwrap_or_default())))
        });
        verdict.map_err(|breach| {
            let case = Case { events: events.to_vec(), ..self.case.clone() };
            Box::new(Failure { breach, case })
        })
    }

    fn cut_everywhere(&mut self, before: &Before, journal: &[crate::nor::Step]) -> Result<(), Box<Failure>> {
        let mut nor = before.nor.clone();
        for (step, place) in journal.iter().zip(0..) {
            self.report.points += 1;
            let first = self.random.below(KINDS - 1);
            for turn in 0..self.extent.tears.min(KINDS - 1) {
                // That a step is whole is that the next has not begun: looked at behind the last only.
                let tear = Tear::nth((first + turn) % (KINDS - 1), &mut self.random);
                let mut torn = nor.clone();
                torn.redo(step, tear);
                let result = self.judge(torn, before, Event::Op(place, tear));
                self.note(result)?;
            }
            nor.redo(step, Tear::Whole);
            if place + 1 == journal.len() as u64 {
                let result = self.judge(nor.clone(), before, Event::Op(place, Tear::Whole));
                self.note(result)?;
            }
        }
        Ok(())
    }

    fn judge(&mut self, torn: Nor, before: &Before, event: Event) -> Result<(), Box<Failure>> {
        self.report.cuts += 1;
        let keep = (self.extent.mount_tears > 0).then(|| torn.clone());
        let trial = Trial::<S>::cut(torn, &before.op, before.old.clone(), before.new.clone());
        let mounted = self.guard(&[event], || trial.finish())?;
        self.report.mounted(mounted);
        let Some(torn) = keep else { return Ok(()) };
        for step in 0..mounted.steps {
            let first = self.random.below(KINDS);
            for turn in 0..self.extent.mount_tears.min(KINDS) {
                let tear = Tear::nth((first + turn) % KINDS, &mut self.random);
                let again = Event::Mount(step, tear);
                self.report.cuts += 1;
                self.report.deep += 1;
                let mut trial = Trial::<S>::cut(torn.clone(), &before.op, before.old.clone(), before.new.clone());
                let result = self.guard(&[event, again], || {
                    trial.happen(again)?;
                    trial.finish()
                });
                let result = result.map(|mounted| self.report.mounted(mounted));
                self.note(result)?;
            }
        }
        Ok(())
    }

    /// A cut, and up to three more in what comes after it.
    fn chain(&mut self, before: &Before, journal: &[crate::nor::Step]) -> Result<(), Box<Failure>> {
        if journal.is_empty() {
            return Ok(());
        }
        let place = self.random.below(journal.len());
        let tear = Tear::any(&mut self.random);
        let mut nor = before.nor.clone();
        for step in &journal[..place] {
            nor.redo(step, Tear::Whole);
        }
        nor.redo(&journal[place], tear);
        let mut trial = Trial::<S>::cut(nor, &before.op, before.old.clone(), before.new.clone());
        let mut events = vec![Event::Op(place as u64, tear)];
        self.report.cuts += 1;
        for _ in 0..1 + self.random.below(3) {
            let tear = Tear::any(&mut self.random);
            let event = if self.random.one_in(3) {
                // In the middle of a batch, most often.
                Event::Retry(self.random.below(journal.len() + 4) as u64, tear)
            } else {
                let steps = self.steps_of_mounting(&trial);
                if steps == 0 && self.random.one_in(2) {
                    continue;
                }
                Event::Mount(self.random.below(steps + 1) as u64, tear)
            };
            events.push(event);
            self.report.cuts += 1;
            self.report.deep += 1;
            self.guard(&events, || trial.happen(event))?;
        }
        let mounted = self.guard(&events, || trial.finish())?;
        self.report.mounted(mounted);
        Ok(())
    }

    /// Steps that mounting would take now.
    fn steps_of_mounting(&self, trial: &Trial<S>) -> usize {
        let chip = crate::port::Chip::new(trial.chip.nor().clone());
        let before = chip.nor().counters().steps;
        let region = chip.nor().region();
        // What comes of it is judged elsewhere.
        let _ = catch_unwind(AssertUnwindSafe(|| S::mount(&chip, region).is_ok()));
        let steps = chip.nor().counters().steps - before;
        usize::try_from(steps).unwrap_or_default()
    }

    /// A call that fails, and what may follow.
    fn failure(&mut self, before: &Before, index: usize, all: &[Op], calls: u64) -> Result<(), Box<Failure>> {
        if calls == 0 || before.old.is_none() {
            return Ok(());
        }
        // The store as it was before the operation, in all that it has in RAM, is only to be had by a restart.
        let mut bench = Bench::<S>::new(self.case.spare, self.case.lenient);
        bench.chip = crate::port::Chip::new(before.nor.clone());
        bench.state.clone_from(&before.old);
        self.guard(&[], || bench.run(&Op::Restart))?;
        let mut trial = Trial::<S>::live(bench, &all[index]);
        let tear = Tear::any(&mut self.random);
        let call = self.random.next() % calls;
        // Most calls that write a batch are long, most others short.
        let done = if self.random.one_in(2) { 0 } else { self.random.below(64) };
        let mut events = vec![match self.random.below(5) {
            0 => Event::Blind(call, done, tear),
            _ => Event::Fail(call, done, tear),
        }];
        let tear = Tear::any(&mut self.random);
        let is_live = matches!(events[0], Event::Fail(..));
        let near = self.random.below(60) as u64;
        match self.random.below(6) {
            0 => events.push(Event::Mount(near, tear)),
            1 => events.push(Event::MountFail(near, 0, tear)),
            2 if is_live => events.push(Event::Look(near, tear)),
            3 if is_live => events.push(Event::Op(near, tear)),
            4 if is_live => events.push(Event::Fail(self.random.next() % calls, 0, tear)),
            _ => {}
        }
        self.report.failures += 1;
        let case = self.case.clone();
        // A restart came before: the line says so.
        self.case.events = Vec::new();
        let verdict = (|| {
            for (count, event) in events.iter().enumerate() {
                self.guard(&events[..=count], || trial.happen(*event))?;
            }
            self.guard(&events, || trial.finish())
        })();
        self.case = case;
        verdict.map(|mounted| self.report.mounted(mounted))
    }
}

/// Runs one case as its line says it, cutting power for real, and tells what happens.
///
/// # Errors
///
/// The breach.
pub fn replay<S: Subject>(case: &Case, trace: bool) -> Verdict<Mounted> {
    let all = case.script.ops(S::USERS);
    let mut bench = Bench::<S>::new(case.spare, case.lenient);
    for op in all.iter().take(case.op) {
        bench.run(op)?;
    }
    if let Some(damage) = case.damage {
        return crate::damage::judge(&bench, damage).map(|_| Mounted::default());
    }
    let Some(op) = all.get(case.op) else { return Err(Breach("the script has no such operation".to_owned())) };
    if case.events.is_empty() {
        return bench.run(op).map(|()| Mounted::default());
    }
    let first_fails = matches!(case.events.first(), Some(Event::Fail(..) | Event::Blind(..)));
    if first_fails && bench.store.is_some() {
        bench.run(&Op::Restart)?;
    }
    bench.chip.nor_mut().plan(Plan::Sound);
    let mut trial = Trial::live(bench, op);
    if trace {
        trial.set_trace();
    }
    for event in &case.events {
        trial.happen(*event)?;
    }
    trial.finish()
}

/// The case of a script on a geometry, before anything has happened.
#[must_use]
pub fn case(geometry: &str, spare: usize, lenient: bool, script: Script) -> Case {
    Case { geometry: geometry.to_owned(), spare, lenient, script, op: 0, events: Vec::new(), damage: None }
}
