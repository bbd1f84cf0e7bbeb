//! Files that hold either their old contents or their new ones, whenever the process is killed.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Called before each change to the disk. Tests let it fail, to see what a kill at that point leaves behind.
pub(crate) type Checkpoint<'a> = &'a mut dyn FnMut() -> io::Result<()>;

/// Puts new contents in the place of a file, which need not exist: writes them beside it, makes them durable, renames.
///
/// If that is cut short, the old file stands, and perhaps a left-over beside it, which the next call takes away. Two
/// calls for one file must not overlap.
pub(crate) fn replace(path: &Path, contents: &[u8], checkpoint: Checkpoint<'_>) -> io::Result<()> {
    let temporary = sibling(path, ".tmp");
    checkpoint()?;
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    checkpoint()?;
    // Not the left-over of anybody, nor a link to somewhere else.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    let (first, second) = contents.split_at(contents.len() / 2);
    checkpoint()?;
    file.write_all(first)?;
    checkpoint()?;
    file.write_all(second)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    checkpoint()?;
    file.sync_all()?;
    drop(file);
    checkpoint()?;
    fs::rename(&temporary, path)?;
    checkpoint()?;
    sync_folder(path)
}

/// A path in the same folder: the file's whole name, with something behind it.
pub(crate) fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// The folder of a file.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes a rename durable. Other systems than Unix do not open folders.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_at_any_point_leaves_the_old_or_the_new_contents() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut points = 0;
        loop {
            fs::write(&path, "old").unwrap();
            let mut left = points;
            let result = replace(&path, b"new", &mut || {
                if left == 0 {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                left -= 1;
                Ok(())
            });
            let contents = fs::read_to_string(&path).unwrap();
            assert!(contents == "old" || contents == "new", "{contents}");
            if result.is_ok() {
                assert_eq!(contents, "new");
                break;
            }
            points += 1;
        }
        assert_eq!(points, 7);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no left-over");
    }

    #[test]
    fn left_overs_do_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(sibling(&path, ".tmp"), "longer than the new contents").unwrap();
        replace(&path, b"new", &mut || Ok(())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
