//! `cargo xtask fuzz --minimise`: what fuzzing has found, in as few inputs as libFuzzer can tell, to be checked in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{Fuzzer, Target, made};
use crate::command::{output, repository, shown};

/// The most that is kept of a target: so many inputs, and so many bytes together.
const MOST_INPUTS: usize = 150;
const MOST_BYTES: usize = 200_000;

impl Fuzzer {
    /// Writes to `fuzz/corpus` what the seeds and regressions do not reach, of all that has been found and kept; of what
    /// is too much, the longest is left out.
    pub(super) fn minimise(&self, target: &Target) -> Result<()> {
        let kept = repository()?.join("fuzz/corpus").join(target.name);
        let found = self.folder.join("corpus").join(target.name);
        let regressions = repository()?.join("fuzz/regressions").join(target.name);
        let merged = self.folder.join("minimised").join(target.name);
        _ = fs::remove_dir_all(&merged);
        made(merged.clone())?;
        // libFuzzer adds to the first folder what is not reached from there.
        let given = [self.folder.join("seeds").join(target.name), regressions];
        for file in files(&given)? {
            fs::copy(&file, merged.join(name(&file)?))?;
        }
        let before = files(std::slice::from_ref(&merged))?;

        let mut merge = self.program(target.name)?;
        merge.args(["-set_cover_merge=1", "-timeout=10", "-rss_limit_mb=2048"]);
        merge.arg(format!("-max_len={}", target.max_len)).arg(&merged);
        merge.args([&found, &kept].into_iter().filter(|folder| folder.is_dir()));
        println!("$ {}", shown(&merge));
        let output = output(&mut merge)?;
        ensure!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));

        let mut new = files(std::slice::from_ref(&merged))?;
        new.retain(|file| !before.contains(file));
        let mut inputs: Vec<(PathBuf, Vec<u8>)> =
            new.into_iter().map(|file| Ok((file.clone(), fs::read(file)?))).collect::<Result<_>>()?;
        let all = inputs.len();
        fit(&mut inputs);
        _ = fs::remove_dir_all(&kept);
        for (file, input) in &inputs {
            fs::write(made(kept.clone())?.join(name(file)?), input)?;
        }
        let bytes: usize = inputs.iter().map(|(_, input)| input.len()).sum();
        println!("{}: {} of {all} inputs kept, {bytes} bytes", target.name, inputs.len());
        Ok(())
    }
}

/// Leaves the shortest inputs that are not too many.
fn fit<T: Ord>(inputs: &mut Vec<(T, Vec<u8>)>) {
    inputs.sort_by(|(name, input), (other_name, other)| (input.len(), name).cmp(&(other.len(), other_name)));
    inputs.truncate(MOST_INPUTS);
    let mut bytes = 0;
    inputs.retain(|(_, input)| {
        bytes += input.len();
        bytes <= MOST_BYTES
    });
}

/// What is in those of the folders that there are.
fn files(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            files.push(entry?.path());
        }
    }
    files.sort();
    Ok(files)
}

fn name(file: &Path) -> Result<&std::ffi::OsStr> {
    file.file_name().with_context(|| format!("no file: {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_are_left() {
        let mut inputs: Vec<(usize, Vec<u8>)> = (0..200).map(|number| (number, vec![0; 5000 - number])).collect();
        fit(&mut inputs);
        assert_eq!(inputs.first().map(|(number, _)| *number), Some(199));
        assert_eq!(inputs.len(), 41);
        let mut inputs: Vec<(usize, Vec<u8>)> = (0..200).map(|number| (number, vec![0])).collect();
        fit(&mut inputs);
        assert_eq!(inputs.len(), MOST_INPUTS);
    }
}
