//! Files and standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Nothing that this tool reads is as large; what has no end is not read for ever.
pub(crate) const LIMIT: u64 = 256 * 1024 * 1024;

/// Reads a file, or standard input if it is `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        return read_all(io::stdin().lock()).context("cannot read standard input");
    }
    File::open(path).map_err(Into::into).and_then(read_all).with_context(|| format!("cannot read {}", path.display()))
}

pub(crate) fn read_all(from: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes)?;
    ensure!(u64::try_from(bytes.len()).is_ok_and(|len| len <= LIMIT), "more than {LIMIT} bytes");
    Ok(bytes)
}

/// Reads a captured JWS: white space at its end is no part of it, since editors and shells put a newline there.
pub(crate) fn captured(path: Option<&Path>) -> Result<Vec<u8>> {
    let mut bytes = read(path.unwrap_or(Path::new("-")))?;
    bytes.truncate(bytes.trim_ascii_end().len());
    Ok(bytes)
}
