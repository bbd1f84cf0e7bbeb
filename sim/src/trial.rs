//! One or more faults, and the judgement of what the store made of them.

use std::ops::Range;

use crate::bench::{Bench, Breach, Verdict, breach, check_misuse, next, same};
use crate::case::Event;
use crate::model::{Op, State, perform};
use crate::nor::{Nor, NorError, Plan};
use crate::port::Chip;
use crate::script::{entry, record};
use crate::subject::{Fault, Subject};

/// A store that something happens to while it does an operation.
pub struct Trial<S> {
    /// Its flash.
    pub chip: Chip,
    region: Range<u32>,
    /// None while there is no power.
    store: Option<S>,
    op: Op,
    old: Option<State>,
    new: Option<State>,
    /// Whether it may be that the operation is done, and that it is not.
    may: May,
    /// The store is still there that has answered with an error.
    has_failed: bool,
    /// Operations that followed the first.
    followed: u64,
    trace: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    Old,
    New,
    Either,
}

/// What mounting cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mounted {
    /// Units programmed and pages erased.
    pub steps: u64,
    /// Calls of any kind.
    pub calls: u64,
    /// Bytes read.
    pub read_bytes: u64,
}

impl<S: Subject> Trial<S> {
    /// From a bench that has come as far as this operation.
    #[must_use]
    pub fn live(bench: Bench<S>, op: &Op) -> Self {
        let new = bench.next(op);
        let Bench { chip, region, store, state, .. } = bench;
        Self {
            chip,
            region,
            store,
            op: op.clone(),
            old: state,
            new,
            may: May::Old,
            has_failed: false,
            followed: 0,
            trace: false,
        }
    }

    /// From what a power failure during the operation left of the flash.
    #[must_use]
    pub fn cut(nor: Nor, op: &Op, old: Option<State>, new: Option<State>) -> Self {
        let region = nor.region();
        Self {
            chip: Chip::new(nor),
            region,
            store: None,
            op: op.clone(),
            old,
            new,
            may: May::Either,
            has_failed: false,
            followed: 0,
            trace: false,
        }
    }

    /// Prints what happens.
    pub fn set_trace(&mut self) {
        self.trace = true;
        self.chip.nor_mut().set_trace();
    }

    fn say(&self, text: impl FnOnce() -> String) {
        if self.trace {
            println!("{}", text());
        }
    }

    /// Lets one thing happen.
    ///
    /// # Errors
    ///
    /// What the store does wrong meanwhile.
    pub fn happen(&mut self, event: Event) -> Verdict {
        self.say(|| format!("{event}: {}", self.op));
        match event {
            Event::Op(after, tear) => {
                self.begin_op();
                self.chip.nor_mut().plan(Plan::Cut { after, tear });
                self.cut_op()
            }
            Event::Mount(after, tear) => {
                self.power_cycle();
                self.chip.nor_mut().plan(Plan::Cut { after, tear });
                let mounted = S::mount(&self.chip, self.region.clone());
                let lost = self.chip.nor().is_off();
                self.power_cycle();
                match mounted {
                    Err(fault) if !lost => self.expect_unformatted(&fault),
                    _ => check_misuse(&self.chip),
                }
            }
            Event::Retry(after, tear) => {
                self.look()?;
                self.begin_op();
                self.chip.nor_mut().plan(Plan::Cut { after, tear });
                self.cut_op()
            }
            Event::Fail(after, done, tear) => {
                self.begin_op();
                self.chip.nor_mut().plan(Plan::Fail { after, done, tear });
                self.failing_op()
            }
            Event::Blind(after, done, tear) => {
                self.begin_op();
                self.chip.nor_mut().plan(Plan::Fail { after, done, tear });
                self.failing_op()?;
                self.power_cycle();
                check_misuse(&self.chip)
            }
            Event::MountFail(after, done, tear) => {
                self.power_cycle();
                self.chip.nor_mut().plan(Plan::Fail { after, done, tear });
                let mounted = S::mount(&self.chip, self.region.clone());
                self.chip.nor_mut().plan(Plan::Sound);
                match mounted {
                    Ok(_) | Err(Fault::Flash(NorError::Io)) => check_misuse(&self.chip),
                    Err(fault) => self.expect_unformatted(&fault),
                }
            }
            Event::Look(after, tear) => {
                self.chip.nor_mut().plan(Plan::Cut { after, tear });
                let looked = match &mut self.store {
                    Some(store) => State::of(store).map(|_| ()),
                    None => Ok(()),
                };
                let lost = self.chip.nor().is_off();
                self.power_cycle();
                match looked {
                    Err(fault) if !lost => breach(format!("the store cannot be read: {fault}")),
                    _ => check_misuse(&self.chip),
                }
            }
        }
    }

    /// What is done is not done again.
    fn begin_op(&mut self) {
        if self.may == May::New {
            self.go_on();
        }
    }

    /// All that is in RAM goes.
    fn power_cycle(&mut self) {
        self.store = None;
        self.has_failed = false;
        self.chip.nor_mut().restart();
    }

    /// The operation, in which power may be lost.
    fn cut_op(&mut self) -> Verdict {
        let done = self.perform();
        let lost = self.chip.nor().is_off();
        self.may = match done {
            Ok(()) => May::New,
            Err(_) if lost => May::Either,
            Err(Fault::Full) if self.old == self.new => May::Either,
            Err(fault) => return breach(format!("{}: {fault}", self.op)),
        };
        self.power_cycle();
        check_misuse(&self.chip)
    }

    /// The operation, in which the flash may fail.
    fn failing_op(&mut self) -> Verdict {
        let done = self.perform();
        self.chip.nor_mut().plan(Plan::Sound);
        self.may = match &done {
            Ok(()) => May::New,
            // Or what the store says when it has taken note of the failure, such as that the flash is worn out.
            Err(Fault::Flash(NorError::Io) | Fault::Other(_)) => May::Either,
            Err(Fault::Full) if self.old == self.new => May::Either,
            Err(fault) => return breach(format!("{}, when the flash failed once: {fault}", self.op)),
        };
        // A factory reset is the exception: it may have come as far as that nothing is told any more.
        self.has_failed = self.may == May::Either && self.store.is_some() && self.op != Op::FactoryReset;
        self.say(|| format!("  the store answers {done:?}"));
        check_misuse(&self.chip)
    }

    fn perform(&mut self) -> Result<(), Fault> {
        let Self { chip, region, store, op, .. } = self;
        match op {
            Op::Format => {
                *store = None;
                *store = Some(S::format(chip, region.clone())?);
            }
            Op::Restart => {
                *store = None;
                *store = Some(S::mount(chip, region.clone())?);
            }
            op => match store {
                Some(store) => perform(store, op)?,
                None => return Err(Fault::Unformatted),
            },
        }
        Ok(())
    }

    /// Mounts, if there is no store, and sees whether the operation is done. From then on, that is certain.
    fn look(&mut self) -> Verdict {
        let found = match self.mount()? {
            None => None,
            Some(store) => match State::of(store) {
                Ok(state) => Some(state),
                Err(fault) => return breach(format!("the store cannot be read: {fault}")),
            },
        };
        check_misuse(&self.chip)?;
        let seen = match self.may {
            May::Old | May::Either if found == self.old => May::Old,
            // An error must not change what is seen, unless by a restart.
            May::Either if self.has_failed => return breach(self.wrong("after an error", found.as_ref())),
            May::New | May::Either if found == self.new => May::New,
            May::Old => return breach(self.wrong("it has changed since it was seen as before", found.as_ref())),
            May::New => return breach(self.wrong("it has changed since it was done", found.as_ref())),
            May::Either => return breach(self.wrong("neither as before nor as after", found.as_ref())),
        };
        // What is unformatted is formatted again, whatever it may look like later.
        self.may = if found.is_none() { May::Either } else { seen };
        self.has_failed = false;
        self.say(|| format!("  the operation is {}", if seen == May::New { "done" } else { "not done" }));
        Ok(())
    }

    fn wrong(&self, what: &str, found: Option<&State>) -> String {
        let against = |known: Option<&State>| match (found, known) {
            (Some(found), Some(known)) => found.difference(known),
            (None, _) => "it is unformatted".to_owned(),
            (_, None) => "that was unformatted".to_owned(),
        };
        format!("{what}: against before: {}; against after: {}", against(self.old.as_ref()), against(self.new.as_ref()))
    }

    /// The store, mounted if it is not; none if nothing was ever committed.
    fn mount(&mut self) -> Verdict<Option<&mut S>> {
        if self.store.is_none() {
            match S::mount(&self.chip, self.region.clone()) {
                Ok(store) => self.store = Some(store),
                Err(fault) => self.expect_unformatted(&fault)?,
            }
        }
        Ok(self.store.as_mut())
    }

    fn expect_unformatted(&self, fault: &Fault) -> Verdict {
        let before_format = self.old.is_none() && self.may != May::New;
        if *fault == Fault::Unformatted && before_format { Ok(()) } else { breach(format!("mounting: {fault}")) }
    }

    /// The operation is done; another follows.
    fn go_on(&mut self) {
        let state = self.new.clone().unwrap_or_default();
        let first = state.users.values().next();
        let last = state.users.values().next_back().filter(|last| Some(*last) != first);
        let first = first.copied().unwrap_or_else(|| entry(0, 1));
        let window = entry(0, 3).window;
        let changed =
            lockop::AclEntry { window: if first.window == window { lockop::Window::ALWAYS } else { window }, ..first };
        self.followed += 1;
        self.op = Op::Commit {
            grants: vec![changed],
            removals: last.map(|last| last.user).into_iter().collect(),
            replay: record((1 << 60) + self.followed, (1 << 40) + self.followed),
        };
        self.old = Some(state);
        self.new = next::<S>(self.old.as_ref(), &self.op);
        self.may = May::Old;
    }

    /// After all that has happened: what is there must be all or nothing of it, stay so, and be of use.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn finish(mut self) -> Verdict<Mounted> {
        let before = self.chip.nor().counters();
        let was_off = self.store.is_none();
        if was_off {
            self.mount()?;
        }
        let after = self.chip.nor().counters();
        self.look()?;
        if was_off {
            self.power_cycle();
            self.look().map_err(|Breach(text)| Breach(format!("after a second restart: {text}")))?;
        }
        self.redeliver()?;
        self.go_on();
        self.redeliver().map_err(|Breach(text)| Breach(format!("the next operation: {text}")))?;
        self.power_cycle();
        self.look().map_err(|Breach(text)| Breach(format!("after the last restart: {text}")))?;
        Ok(Mounted {
            steps: after.steps - before.steps,
            calls: after.calls - before.calls,
            read_bytes: after.read_bytes - before.read_bytes,
        })
    }

    /// The operation comes again: it is refused as a replay if it was done, and is done now if it was not.
    fn redeliver(&mut self) -> Verdict {
        let full = matches!(self.op, Op::Commit { .. } | Op::Provision(_)) && self.old == self.new;
        if let (Op::Commit { replay, .. }, Some(store)) = (&self.op, &mut self.store) {
            let expected = match self.may {
                May::New => self.new.as_ref(),
                _ => self.old.as_ref(),
            };
            let expected = expected.is_some_and(|state| state.is_replay(replay));
            match store.is_replay(replay, 0) {
                Ok(found) if found == expected => {}
                other => return breach(format!("`is_replay` of its record answers {other:?}, not {expected}")),
            }
        }
        if self.may != May::New {
            match self.perform() {
                Ok(()) => {}
                Err(Fault::Full) if full => {}
                Err(fault) => return breach(format!("again, {}: {fault}", self.op)),
            }
            self.may = May::New;
            check_misuse(&self.chip)?;
            if let (Some(store), Some(new)) = (&mut self.store, &self.new) {
                same(store, new).map_err(|Breach(text)| Breach(format!("done again, {}: {text}", self.op)))?;
            }
        }
        let Some(store) = &mut self.store else { return breach("there is no store") };
        let state = self.new.clone().unwrap_or_default();
        if let Op::Commit { grants, removals, .. } = &self.op {
            let named = grants.iter().map(|grant| grant.user).take(1).chain(removals.iter().copied().take(1));
            for user in named {
                if store.get(&user).ok() != Some(state.users.get(user.as_bytes()).copied()) {
                    return breach("`get` of a user of the operation answers something else");
                }
            }
        }
        Ok(())
    }
}
