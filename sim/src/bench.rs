//! A store on its chip, beside its model.

use std::marker::PhantomData;
use std::ops::Range;

use crate::model::{Op, State, perform};
use crate::nor::Nor;
use crate::port::Chip;
use crate::subject::{Fault, Subject};

/// What a store did wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach(pub String);

/// A breach, if there is no success.
pub type Verdict<T = ()> = Result<T, Breach>;

/// A breach with this text.
///
/// # Errors
///
/// Always.
pub fn breach<T>(text: impl Into<String>) -> Verdict<T> {
    Err(Breach(text.into()))
}

/// A store that runs a script without any fault, and what it should hold.
pub struct Bench<S> {
    /// Its flash.
    pub chip: Chip,
    /// Where it may write.
    pub region: Range<u32>,
    /// The store; none before it was formatted.
    pub store: Option<S>,
    /// What it should hold; none before it was formatted.
    pub state: Option<State>,
    /// What it held before, in turn.
    pub past: Vec<State>,
    kind: PhantomData<S>,
}

impl<S: Subject> Bench<S> {
    /// Erased flash.
    #[must_use]
    pub fn new(spare: usize, lenient: bool) -> Self {
        let (shape, region) = S::shape_and_region(spare);
        let mut nor = Nor::new(shape, region.clone());
        if lenient {
            nor.be_lenient();
        }
        Self { chip: Chip::new(nor), region, store: None, state: None, past: Vec::new(), kind: PhantomData }
    }

    /// What the operation should make of it: the same, if its users do not fit.
    #[must_use]
    pub fn next(&self, op: &Op) -> Option<State> {
        next::<S>(self.state.as_ref(), op)
    }

    /// Does one operation and compares. Restarts are made here.
    ///
    /// # Errors
    ///
    /// If the store does not do as the model.
    pub fn run(&mut self, op: &Op) -> Verdict {
        let fits = self.state.clone().unwrap_or_default().after(op, S::USERS, S::REPLAYS).is_some();
        let next = self.next(op);
        let done = match op {
            Op::Format => S::format(&self.chip, self.region.clone()).map(|store| self.store = Some(store)),
            Op::Restart => {
                self.store = None;
                self.chip.nor_mut().restart();
                S::mount(&self.chip, self.region.clone()).map(|store| self.store = Some(store))
            }
            op => match &mut self.store {
                Some(store) => perform(store, op),
                None => return breach("the script begins without `format`"),
            },
        };
        match done {
            Ok(()) if fits => {}
            Err(Fault::Full) if !fits => {}
            Ok(()) => return breach(format!("{op}: more users than fit, but no `Full`")),
            Err(fault) => return breach(format!("{op}: {fault}")),
        }
        self.past.extend(std::mem::replace(&mut self.state, next));
        self.check(op)
    }

    /// Compares store and model.
    ///
    /// # Errors
    ///
    /// If they differ, or the store broke a rule of the flash.
    pub fn check(&mut self, op: &Op) -> Verdict {
        check_misuse(&self.chip)?;
        if let (Some(store), Some(state)) = (&mut self.store, &self.state) {
            same(store, state).map_err(|Breach(text)| Breach(format!("after {op}: {text}")))?;
        }
        Ok(())
    }
}

/// What an operation makes of a state: the same, if its users do not fit.
#[must_use]
pub fn next<S: Subject>(state: Option<&State>, op: &Op) -> Option<State> {
    match (state, op) {
        (_, Op::Format) => Some(State::default()),
        (None, _) => None,
        (Some(state), op) => Some(state.after(op, S::USERS, S::REPLAYS).unwrap_or_else(|| state.clone())),
    }
}

/// Whether the store holds this.
///
/// # Errors
///
/// If not.
pub fn same<S: Subject>(store: &mut S, state: &State) -> Verdict {
    match State::of(store) {
        Ok(found) if found == *state => Ok(()),
        Ok(found) => breach(format!("not what was committed: {}", found.difference(state))),
        Err(fault) => breach(format!("the store cannot be read: {fault}")),
    }
}

/// Whether the store kept the rules of the flash.
///
/// # Errors
///
/// If not.
pub fn check_misuse(chip: &Chip) -> Verdict {
    match chip.nor().misuse() {
        Some(misuse) => breach(crate::nor::NorError::Misuse(misuse).to_string()),
        None => Ok(()),
    }
}
