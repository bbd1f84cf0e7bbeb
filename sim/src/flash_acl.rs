//! `FlashAcl` as a store under test.

use std::ops::Range;

use lockop::acl::{FlashError, Transaction};
use lockop::{AclEntry, AclStore, CommitError, FlashAcl, ReplayRecord, Uuid};

use crate::nor::NorError;
use crate::port::{Chip, Port};
use crate::subject::{Fault, Subject};

impl From<FlashError<NorError>> for Fault {
    fn from(error: FlashError<NorError>) -> Self {
        match error {
            FlashError::Flash(error) => Self::Flash(error),
            FlashError::Corrupt => Self::Corrupt,
            FlashError::Unformatted => Self::Unformatted,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<CommitError<FlashError<NorError>>> for Fault {
    fn from(error: CommitError<FlashError<NorError>>) -> Self {
        match error {
            CommitError::Full => Self::Full,
            CommitError::Store(error) => error.into(),
        }
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize, const USERS: usize, const REPLAYS: usize> Subject
    for FlashAcl<Port<READ, WRITE, ERASE>, USERS, REPLAYS>
{
    const USERS: usize = USERS;
    const REPLAYS: usize = REPLAYS;
    const SIZES: (usize, usize, usize) = (READ, WRITE, ERASE);
    const MIN_LEN: u32 = Self::MIN_LEN;

    fn format(chip: &Chip, region: Range<u32>) -> Result<Self, Fault> {
        Ok(Self::format(Port::new(chip), region)?)
    }

    fn mount(chip: &Chip, region: Range<u32>) -> Result<Self, Fault> {
        Ok(Self::mount(Port::new(chip), region)?)
    }

    fn provision(&mut self, entry: AclEntry) -> Result<(), Fault> {
        Ok(self.provision(entry)?)
    }

    fn remove(&mut self, user: &Uuid) -> Result<bool, Fault> {
        Ok(self.remove(user)?)
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), Fault> {
        Ok(AclStore::commit(self, transaction)?)
    }

    fn factory_reset(&mut self) -> Result<(), Fault> {
        Ok(self.factory_reset()?)
    }

    fn compact(&mut self) -> Result<(), Fault> {
        Ok(self.compact()?)
    }

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Fault> {
        Ok(AclStore::get(self, user)?)
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Fault> {
        Ok(AclStore::is_replay(self, record, passed)?)
    }

    fn entries(&mut self) -> Result<Vec<AclEntry>, Fault> {
        Ok(self.entries().collect::<Result<_, _>>()?)
    }

    fn users(&self) -> usize {
        self.len()
    }

    fn replays(&self) -> (Vec<ReplayRecord>, Option<u64>) {
        let replays = self.replays();
        (replays.records().to_vec(), replays.horizon())
    }
}
