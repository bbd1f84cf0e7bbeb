//! Something that can be run and measured.

use lockop::AclEntry;

use crate::fixtures::Case;
use crate::lock::Lock;
use crate::refused::Refused;
use crate::{Grants, peers};

/// One run of one contestant.
pub trait Job {
    /// Does all of it: this is what is measured. A job runs once.
    ///
    /// # Errors
    ///
    /// If the operation is refused.
    fn run(&mut self) -> Result<(), Refused>;

    /// What was granted.
    fn grants(&self) -> &[AclEntry];
}

/// A contestant, in one of the ways in which it is measured.
#[derive(Clone, Copy)]
pub struct Row {
    /// For people.
    pub name: &'static str,
    /// Whether it reads the SDK's encoding: padded, in the standard alphabet.
    pub reads_sdk: bool,
    /// A job on a text, which is the case's or another that should be refused.
    pub prepare: fn(&'static Case, &'static str) -> Box<dyn Job>,
}

/// A peer's job: its adapter, and what that is given.
pub(crate) struct PeerJob {
    adapter: peers::Adapter,
    jws: &'static str,
    lock: Lock,
    grants: Grants,
}

impl PeerJob {
    pub(crate) fn boxed(adapter: peers::Adapter, case: &Case, jws: &'static str) -> Box<dyn Job> {
        Box::new(Self { adapter, jws, lock: case.lock(), grants: Grants::new() })
    }
}

impl Job for PeerJob {
    fn run(&mut self) -> Result<(), Refused> {
        (self.adapter)(self.jws, &self.lock, &mut self.grants)
    }

    fn grants(&self) -> &[AclEntry] {
        &self.grants
    }
}
