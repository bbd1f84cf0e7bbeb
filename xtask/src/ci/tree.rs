//! What must not be in the repository.

use anyhow::{Context, Result, ensure};

use crate::command::{output, program, repository};

/// Paths that only exist on the machine of whoever wrote them. (Written so that they do not find themselves.)
const MACHINE_PATHS: &str = r"/(root|home|Users|wor[k])/|[.][.]/shared";

/// Checks the files that are in the repository or about to be.
pub(super) fn check() -> Result<()> {
    let paths = grep(&["--extended-regexp", "-e", MACHINE_PATHS])?;
    ensure!(paths.is_empty(), "paths of a machine:\n{}", paths.join("\n"));

    let mut code = grep(&["--word-regexp", "-e", "unsafe", "--", "src"])?;
    code.retain(|hit| !is_comment(hit));
    ensure!(code.is_empty(), "unsafe in the library:\n{}", code.join("\n"));

    let library = repository()?.join("src/lib.rs");
    let library = std::fs::read_to_string(library).context("src/lib.rs")?;
    ensure!(library.lines().any(forbids_unsafe), "src/lib.rs does not say #![forbid(unsafe_code)]");
    Ok(())
}

/// The lines that match, each with its file and number.
fn grep(arguments: &[&str]) -> Result<Vec<String>> {
    let found = output(
        program("git")?
            // Also what is not yet added, but nothing that is ignored.
            .args(["grep", "--untracked", "-I", "--line-number", "--no-color"])
            .args(arguments),
    )?;
    // 1 means that nothing matches; more, that git could not look.
    ensure!(
        matches!(found.status.code(), Some(0 | 1)),
        "git grep: {}",
        String::from_utf8_lossy(&found.stderr).trim_end()
    );
    let lines = String::from_utf8_lossy(&found.stdout);
    Ok(lines.lines().map(str::to_owned).collect())
}

/// Whether a hit, `file:number:line`, is a comment that takes the whole line.
fn is_comment(hit: &str) -> bool {
    let line = hit.splitn(3, ':').nth(2).unwrap_or(hit);
    line.trim_start().starts_with("//")
}

fn forbids_unsafe(line: &str) -> bool {
    let lints = line.trim_start().strip_prefix("#![forbid(").and_then(|rest| rest.split_once(")]"));
    lints.is_some_and(|(lints, _)| lints.split(',').any(|lint| lint.trim() == "unsafe_code"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_comments_may_say_it() {
        assert!(is_comment("src/a.rs:1:    /// No unsafe here."));
        assert!(!is_comment("src/a.rs:1:    unsafe { f() } // why"));
    }

    #[test]
    fn the_attribute_is_recognised() {
        assert!(forbids_unsafe("#![forbid(unsafe_code)]"));
        assert!(forbids_unsafe("#![forbid(missing_docs, unsafe_code)]"));
        assert!(!forbids_unsafe("// #![forbid(unsafe_code)]"));
        assert!(!forbids_unsafe("#![deny(unsafe_code)]"));
    }
}
