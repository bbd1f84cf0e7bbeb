//! Instructions of one call on the host, exactly, under callgrind.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{capture, program};
use crate::debian;

/// Finds callgrind, or installs it.
pub(crate) fn ready() -> Result<()> {
    if !debian::on_path("valgrind") {
        debian::ensure_packages("counting instructions on the host", &["valgrind"])?;
    }
    Ok(())
}

/// What the program spends in its function `counted_call`: nothing else of it counts. callgrind's own output goes to `out`.
pub(crate) fn of_counted_call<S: AsRef<OsStr>>(path: &Path, arguments: &[S], out: &Path) -> Result<u64> {
    capture(
        program("valgrind")?
            .args(["--tool=callgrind", "--toggle-collect=*counted_call*"])
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(path)
            .args(arguments),
    )?;
    let text = std::fs::read_to_string(out).with_context(|| out.display().to_string())?;
    total(&text).context("callgrind has counted nothing")
}

/// What callgrind has counted; never zero, which would be a function that it has not found.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals:"))?;
    line.trim().parse().ok().filter(|total| *total > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read() {
        assert_eq!(total("version: 1\nevents: Ir\nfn=(0)\n0 12\ntotals: 12\n"), Some(12));
        assert_eq!(total("totals: 0\n"), None);
        assert_eq!(total("events: Ir\n"), None);
    }
}
