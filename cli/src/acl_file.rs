//! The ACL file of `apply`, and the file next to it that remembers what was applied.
//!
//! The ACL file is a plain array, so the replay records need a file of their own, and two files cannot be replaced at
//! once. The one with the records decides: it takes the new ACL along as `pending`, and its renaming is the commit.
//! Whoever finds a pending ACL writes it to the ACL file first. So neither is ever seen without the other.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lockop::{AclEntry, Full, ReplayLog, ReplayRecord};
use serde::{Deserialize, Serialize};

use crate::acl_json::{self, EntryJson};
use crate::atomic_write::{self, Checkpoint};
use crate::desk_acl::{DeskAcl, REPLAYS};
use crate::{input, text};

/// Both files, open for a change.
#[derive(Debug)]
pub(crate) struct AclFile {
    path: PathBuf,
    entries: Vec<EntryJson>,
    replays: ReplayLog<REPLAYS>,
    /// Held until the change is over: two changes of one ACL must not overlap.
    _lock: Option<File>,
}

/// The file next to the ACL file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sidecar {
    records: Vec<RecordJson>,
    horizon: Option<u64>,
    pending: Option<Vec<EntryJson>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordJson {
    id: String,
    exp: u64,
}

impl AclFile {
    /// Opens an ACL file, and completes a change that was cut short.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, &mut || Ok(()))
    }

    fn open_with(path: &Path, checkpoint: Checkpoint<'_>) -> Result<Self> {
        // A link stays a link: the file that it leads to is replaced.
        let path = path.canonicalize().with_context(|| format!("cannot read {}", path.display()))?;
        let lock = lock(&path).with_context(|| format!("cannot lock the folder of {}", path.display()))?;
        let mut sidecar = Sidecar::read(&path)?;
        let replays = sidecar.replays()?;
        let entries = match sidecar.pending.take() {
            Some(pending) => {
                write_acl(&path, &pending, checkpoint)
                    .and_then(|()| sidecar.write(&path, checkpoint))
                    .with_context(|| format!("cannot complete the last change of {}", path.display()))?;
                pending
            }
            None => read_acl(&path)?,
        };
        Ok(Self { path, entries, replays, _lock: lock })
    }

    /// The ACL as a device with room for so many users has it.
    pub(crate) fn store(&self, capacity: usize) -> Result<DeskAcl> {
        let what = || format!("{} is no ACL", self.path.display());
        let entries = acl_json::entries(&self.entries).with_context(what)?;
        let mut store = DeskAcl::new(capacity).with_replays(self.replays.clone());
        for entry in &entries {
            store.provision(*entry).map_err(|Full| {
                anyhow::anyhow!("{} users do not fit into a device with room for {capacity}", entries.len())
            })?;
        }
        Ok(store)
    }

    pub(crate) fn entries(&self) -> &[EntryJson] {
        &self.entries
    }

    /// Makes a new ACL and new replay records durable, together.
    ///
    /// An error means that nothing was changed. What goes wrong after the commit is told in the result: the next run
    /// completes it.
    pub(crate) fn commit(
        self,
        entries: Vec<EntryJson>,
        replays: &ReplayLog<REPLAYS>,
    ) -> io::Result<Result<(), io::Error>> {
        self.commit_with(entries, replays, &mut || Ok(()))
    }

    fn commit_with(
        self,
        entries: Vec<EntryJson>,
        replays: &ReplayLog<REPLAYS>,
        checkpoint: Checkpoint<'_>,
    ) -> io::Result<Result<(), io::Error>> {
        let mut sidecar = Sidecar::of(replays);
        sidecar.pending = Some(entries);
        if let Err(error) = sidecar.write(&self.path, checkpoint) {
            // Perhaps it was only the last step that failed, behind the renaming.
            let committed = Sidecar::read(&self.path).is_ok_and(|sidecar| sidecar.pending.is_some());
            return if committed { Ok(Err(error)) } else { Err(error) };
        }
        let entries = sidecar.pending.take().unwrap_or_default();
        Ok(write_acl(&self.path, &entries, checkpoint).and_then(|()| sidecar.write(&self.path, checkpoint)))
    }
}

/// The ACL of a file, for looking at: nothing is changed, a pending ACL counts.
pub(crate) fn read(path: &Path) -> Result<Vec<AclEntry>> {
    let path = path.canonicalize().with_context(|| format!("cannot read {}", path.display()))?;
    let list = match Sidecar::read(&path)?.pending {
        Some(pending) => pending,
        None => read_acl(&path)?,
    };
    acl_json::entries(&list).with_context(|| format!("{} is no ACL", path.display()))
}

impl Sidecar {
    fn path(acl: &Path) -> PathBuf {
        atomic_write::sibling(acl, ".replay")
    }

    /// An absent file is one without records.
    fn read(acl: &Path) -> Result<Self> {
        let path = Self::path(acl);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is no file of replay records", path.display())),
        }
    }

    fn of(log: &ReplayLog<REPLAYS>) -> Self {
        let records =
            log.records().iter().map(|record| RecordJson { id: text::hex(record.id()), exp: record.exp() }).collect();
        Self { records, horizon: log.horizon(), pending: None }
    }

    fn replays(&self) -> Result<ReplayLog<REPLAYS>> {
        let records = self.records.iter().map(|json| {
            let id = text::unhex(&json.id).and_then(|id| id.try_into().ok());
            let id = id.with_context(|| format!("the replay record `{}` is not 32 bytes in hexadecimal", json.id))?;
            Ok(ReplayRecord::from_parts(id, json.exp))
        });
        Ok(ReplayLog::restore(records.collect::<Result<Vec<_>>>()?, self.horizon))
    }

    fn write(&self, acl: &Path, checkpoint: Checkpoint<'_>) -> io::Result<()> {
        write_json(&Self::path(acl), self, checkpoint)
    }
}

fn read_acl(path: &Path) -> Result<Vec<EntryJson>> {
    let bytes = input::read(path)?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON array of ACL entries", path.display()))
}

fn write_acl(path: &Path, entries: &[EntryJson], checkpoint: Checkpoint<'_>) -> io::Result<()> {
    write_json(path, entries, checkpoint)
}

fn write_json<T: Serialize + ?Sized>(path: &Path, value: &T, checkpoint: Checkpoint<'_>) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    atomic_write::replace(path, &text, checkpoint)
}

/// Locks the folder: the files themselves are replaced, and a lock on what was replaced keeps nobody out. Other systems
/// than Unix do not open folders.
#[cfg(unix)]
fn lock(path: &Path) -> Result<Option<File>> {
    let folder = File::open(atomic_write::folder(path))?;
    match folder.lock() {
        // Some network file systems have no locks.
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error.into()),
        _ => Ok(Some(folder)),
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the signature of the other")]
fn lock(_path: &Path) -> Result<Option<File>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(user: u8) -> EntryJson {
        EntryJson {
            user: format!("00000000-0000-4000-8000-0000000000{user:02x}"),
            public_key: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned(),
            role: Some("USER".to_owned()),
            start: None,
            end: None,
        }
    }

    fn record(id: u8) -> ReplayRecord {
        ReplayRecord::from_parts([id; 32], 1_700_000_000)
    }

    /// Lets `points` checkpoints pass, and kills at the next.
    fn killer(points: usize) -> impl FnMut() -> io::Result<()> {
        let mut left = points;
        move || {
            if left == 0 {
                return Err(io::Error::other("killed"));
            }
            left -= 1;
            Ok(())
        }
    }

    fn fresh(folder: &Path) -> PathBuf {
        let path = folder.join("acl.json");
        for file in fs::read_dir(folder).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        fs::write(&path, serde_json::to_vec(&[entry(1)]).unwrap()).unwrap();
        path
    }

    fn change(path: &Path, checkpoint: Checkpoint<'_>) -> io::Result<Result<(), io::Error>> {
        let file = AclFile::open(path).unwrap();
        let mut replays = file.replays.clone();
        replays.insert(record(7));
        file.commit_with(vec![entry(1), entry(2)], &replays, checkpoint)
    }

    /// Whether the change is visible; grants and record must be so together.
    fn changed(file: &AclFile) -> bool {
        let granted = file.entries.len() == 2;
        assert_eq!(file.replays.contains(&record(7), 0), granted, "grants and record go together");
        assert_eq!(serde_json::to_string(&file.entries).unwrap(), {
            let on_disk: Vec<EntryJson> = read_acl(&file.path).unwrap();
            serde_json::to_string(&on_disk).unwrap()
        });
        granted
    }

    #[test]
    fn a_kill_at_any_point_shows_all_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (mut nothing, mut all) = (0, 0);
        for point in 0.. {
            let path = fresh(folder.path());
            let result = change(&path, &mut killer(point));
            // Also whoever reads without completing.
            let seen = read(&path).unwrap().len() == 2;
            let visible = changed(&AclFile::open(&path).unwrap());
            assert_eq!(seen, visible);
            match result {
                Ok(Ok(())) => break,
                Err(_) => assert!(!visible),
                Ok(Err(_)) => assert!(visible),
            }
            *(if visible { &mut all } else { &mut nothing }) += 1;
        }
        assert_eq!((nothing, all), (6, 15));
    }

    #[test]
    fn a_kill_while_completing_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        // Point 6 is the first after the commit.
        for point in 6..21 {
            for again in 0.. {
                let path = fresh(folder.path());
                assert!(change(&path, &mut killer(point)).unwrap().is_err());
                let done = AclFile::open_with(&path, &mut killer(again)).is_ok();
                assert!(changed(&AclFile::open(&path).unwrap()));
                if done {
                    break;
                }
            }
        }
    }

    #[test]
    fn a_failure_before_the_commit_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = fresh(folder.path());
        // Where the temporary file should be, there is something that cannot be taken away.
        fs::create_dir(atomic_write::sibling(&path, ".replay.tmp")).unwrap();
        let file = AclFile::open(&path).unwrap();
        let replays = file.replays.clone();
        assert!(file.commit(vec![entry(1), entry(2)], &replays).is_err());
        assert_eq!(read(&path).unwrap().len(), 1);
        fs::remove_dir(atomic_write::sibling(&path, ".replay.tmp")).unwrap();
        assert!(!changed(&AclFile::open(&path).unwrap()));
    }

    #[test]
    fn records_and_horizon_survive() {
        let folder = tempfile::tempdir().unwrap();
        let path = fresh(folder.path());
        let replays = ReplayLog::restore([record(1), record(2)], Some(55));
        let file = AclFile::open(&path).unwrap();
        file.commit(vec![entry(3)], &replays).unwrap().unwrap();
        let file = AclFile::open(&path).unwrap();
        assert_eq!(file.replays, replays);
        assert_eq!(file.entries(), [entry(3)]);
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }

    #[test]
    fn broken_records_are_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        for broken in [
            "",
            "{}",
            r#"{"records": [{"id": "00", "exp": 1}], "horizon": null, "pending": null}"#,
            r#"{"records": [], "horizon": null, "pending": null, "more": 1}"#,
        ] {
            let path = fresh(folder.path());
            fs::write(Sidecar::path(&path), broken).unwrap();
            assert!(AclFile::open(&path).is_err(), "{broken}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let path = fresh(folder.path());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.json");
        symlink(&path, &link).unwrap();
        change(&link, &mut || Ok(())).unwrap().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(changed(&AclFile::open(&link).unwrap()));
    }
}
