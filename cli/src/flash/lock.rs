//! A lock on a desk, whose flash is an image.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use lockop::{AclEntry, AclStore, CommitError, Full, ReplayLog, ReplayRecord, Transaction, Uuid};

use super::args::LockArguments;
use super::geometry::Geometry;
use super::image::Image;
use super::store::{self, Fault, Shape, Store};
use super::trouble::sentence;
use crate::desk_acl::DeskAcl;

/// Which image it is, and how the lock's firmware would use it.
#[derive(Clone, Copy)]
pub(crate) struct Lock<'a> {
    pub(super) path: &'a Path,
    pub(super) geometry: &'a Geometry,
    pub(super) users: usize,
    pub(super) shape: &'static dyn Shape,
}

impl<'a> Lock<'a> {
    pub(crate) fn new(path: &'a Path, geometry: &'a Geometry, users: usize) -> Result<Self> {
        let shape = store::shape(geometry, users)
            .with_context(|| format!("--capacity is 100, 256 or 1000 for images, not {users}"))?;
        Ok(Self { path, geometry, users, shape })
    }

    pub(super) fn of(arguments: &'a LockArguments) -> Result<Self> {
        Self::new(&arguments.image, &arguments.geometry, arguments.capacity)
    }

    /// Starts it: what is done to it is done to the file.
    pub(crate) fn start(self) -> Result<Running<'a>> {
        self.mount(Image::open(self.path)?)
    }

    /// Starts it with a copy of the file's contents.
    pub(super) fn start_copy(self) -> Result<Running<'a>> {
        self.mount(Image::copy(self.path)?)
    }

    fn mount(self, image: Image) -> Result<Running<'a>> {
        let (region, len) = (self.region(&image)?, image.bytes().len());
        let explain = |fault| self.explain(&fault, &region, len);
        // On a copy first: if this is no image of such a lock, it is left as it is.
        let rehearsal = self.shape.mount(image.copied(), region.clone()).map_err(explain)?;
        let users = rehearsal.users();
        ensure!(users <= self.users, "{users} users do not fit into a lock with room for {}", self.users);
        let recovered = rehearsal.release().changed();
        let store = self.shape.mount(image, region.clone()).map_err(explain)?;
        Ok(Running { lock: self, store, recovered })
    }

    /// Makes the lock new.
    pub(super) fn format(self, image: Image) -> Result<Running<'a>> {
        let (region, len) = (self.region(&image)?, image.bytes().len());
        let store = self.shape.format(image, region.clone()).map_err(|fault| self.explain(&fault, &region, len))?;
        Ok(Running { lock: self, store, recovered: false })
    }

    fn region(self, image: &Image) -> Result<Range<u32>> {
        match &self.geometry.region {
            Some(region) => Ok(region.clone()),
            None => Ok(0..u32::try_from(image.bytes().len()).context("flash has 32-bit addresses")?),
        }
    }

    fn explain(self, fault: &Fault, region: &Range<u32>, len: usize) -> anyhow::Error {
        let why = match fault {
            Fault::Region => format!(
                "{}..{} of its {len} bytes is no region for a store: it must begin on a page of {page} bytes, be an even \
                 number of them long, and have {least} bytes or more for {users} users (--capacity)",
                region.start,
                region.end,
                page = self.geometry.page,
                least = self.shape.least(),
                users = self.users,
            ),
            fault => sentence(fault),
        };
        anyhow!("{}: {why}", self.path.display())
    }
}

/// A lock that has started.
pub(crate) struct Running<'a> {
    pub(super) lock: Lock<'a>,
    pub(super) store: Box<dyn Store>,
    /// Whether a change had been cut short, and was settled.
    pub(super) recovered: bool,
}

impl Running<'_> {
    /// All that it holds, by user.
    pub(crate) fn desk_acl(&mut self) -> Result<DeskAcl> {
        let mut entries = self.store.entries().map_err(|fault| self.trouble(&fault))?;
        entries.sort_by_key(|entry| entry.user);
        let replays = ReplayLog::restore(self.store.records().iter().copied(), self.store.horizon());
        let mut acl = DeskAcl::new(self.lock.users).with_replays(replays);
        for entry in entries {
            acl.provision(entry).map_err(|Full| self.full())?;
        }
        Ok(acl)
    }

    /// Puts entries on the ACL; if there is no room for all, none.
    pub(super) fn provision(&mut self, entries: &[AclEntry]) -> Result<()> {
        let mut rehearsal = self.desk_acl()?;
        for entry in entries {
            rehearsal.provision(*entry).map_err(|Full| self.full())?;
        }
        for entry in entries {
            self.store.provision(*entry).map_err(|error| match error {
                CommitError::Full => self.full(),
                CommitError::Store(fault) => self.trouble(&fault),
            })?;
        }
        Ok(())
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let warning = || {
            let image = self.lock.path.display();
            format!(
                "a change of {image} had been cut short: this run has settled it first, as a lock does when it starts"
            )
        };
        self.recovered.then(warning).into_iter().collect()
    }

    fn full(&self) -> anyhow::Error {
        anyhow!("the users do not fit into a lock with room for {}", self.lock.users)
    }

    pub(crate) fn trouble(&self, fault: &Fault) -> anyhow::Error {
        anyhow!("{}: {}", self.lock.path.display(), sentence(fault))
    }
}

impl AclStore for Running<'_> {
    type Error = Fault;

    fn get(&mut self, user: &Uuid) -> Result<Option<AclEntry>, Fault> {
        self.store.get(user)
    }

    fn is_replay(&mut self, record: &ReplayRecord, passed: u64) -> Result<bool, Fault> {
        self.store.is_replay(record, passed)
    }

    fn commit(&mut self, transaction: &Transaction<'_>) -> Result<(), CommitError<Fault>> {
        self.store.commit(transaction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    use lockop::acl::conformance::transaction;
    use lockop::{FlashError, Role, UserKey, Window};

    use crate::flash::chip::ChipError;

    #[test]
    fn what_does_not_reach_the_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock.img");
        let geometry = "4,1024".parse().unwrap();
        let lock = Lock::new(&path, &geometry, 100).unwrap();
        let new = lock.format(Image::erased(lock.shape.least())).unwrap();
        new.store.release().save_new(&path).unwrap();
        let before = fs::read(&path).unwrap();

        let owner = AclEntry {
            user: Uuid::from_bytes([1; 16]),
            key: UserKey::Ed25519([2; 32]),
            role: Role::Admin,
            window: Window::ALWAYS,
        };
        // Open for reading only.
        let mut running = lock.mount(Image::on(File::open(&path).unwrap()).unwrap()).unwrap();
        let record = ReplayRecord::from_parts([3; 32], 4);
        let committed = running.commit(&transaction(&[owner], &[], record));
        assert!(matches!(committed, Err(CommitError::Store(FlashError::Flash(ChipError::File(_))))), "{committed:?}");
        let message = running.provision(&[owner]).unwrap_err().to_string();
        assert!(message.contains("lock.img: it cannot be written ("), "{message}");
        assert_eq!(fs::read(&path).unwrap(), before);

        let mut running = lock.start().unwrap();
        assert!(!running.recovered);
        running.provision(&[owner]).unwrap();
        // Nobody else gets at the file before.
        drop(running);
        assert_eq!(lock.start_copy().unwrap().desk_acl().unwrap().entries(), [owner]);
    }
}
