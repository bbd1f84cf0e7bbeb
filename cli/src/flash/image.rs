//! The bytes of an image file, and how they are changed.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::input;

/// The whole image is in memory. If it is open for changes, every change reaches the file before the next is made, as
/// on a chip: whoever is killed, or loses power, leaves what a device would leave.
#[derive(Debug)]
pub(crate) struct Image {
    bytes: Vec<u8>,
    /// Locked as long as it is open.
    file: Option<File>,
    changed: bool,
}

impl Image {
    /// An erased one, in memory only.
    pub(super) fn erased(len: u32) -> Self {
        Self { bytes: vec![0xff; len as usize], file: None, changed: false }
    }

    /// Opens a file for changes.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let open = || -> Result<Self> {
            let file = OpenOptions::new().read(true).write(true).open(path)?;
            locked(file.lock())?;
            Self::on(file)
        };
        open().with_context(|| format!("cannot open {}", path.display()))
    }

    /// An open file.
    pub(super) fn on(file: File) -> Result<Self> {
        Ok(Self { bytes: input::read_all(&file)?, file: Some(file), changed: false })
    }

    /// Reads a file that nobody changes meanwhile: what is done to the copy does not reach it.
    pub(super) fn copy(path: &Path) -> Result<Self> {
        let copy = || -> Result<Self> {
            let file = File::open(path)?;
            locked(file.lock_shared())?;
            Ok(Self { bytes: input::read_all(&file)?, file: None, changed: false })
        };
        copy().with_context(|| format!("cannot read {}", path.display()))
    }

    /// A copy in memory.
    pub(super) fn copied(&self) -> Self {
        Self { bytes: self.bytes.clone(), file: None, changed: false }
    }

    /// Writes a new file.
    pub(super) fn save_new(&self, path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(&self.bytes)?;
        file.sync_all()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether anything was programmed or erased.
    pub(super) const fn changed(&self) -> bool {
        self.changed
    }

    /// Replaces bytes that are there.
    pub(super) fn replace(&mut self, at: u32, new: &[u8]) -> io::Result<()> {
        let place = self.bytes.get_mut(at as usize..).and_then(|rest| rest.get_mut(..new.len()));
        let place = place.ok_or(io::ErrorKind::UnexpectedEof)?;
        self.changed = true;
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(at.into()))?;
            file.write_all(new)?;
            file.sync_data()?;
        }
        place.copy_from_slice(new);
        Ok(())
    }
}

/// Some network file systems have no locks.
fn locked(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        result => result,
    }
}
