//! What nothing can reach, and why: `xtask/exceptions/coverage.toml`.

use anyhow::{Context, Result};
use serde::Deserialize;

use super::reached::Place;
use crate::command::repository;

/// From the root of the repository.
pub(super) const FILE: &str = "xtask/exceptions/coverage.toml";

/// Every exception.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exceptions {
    #[serde(default)]
    unreached: Vec<Exception>,
}

/// Lines of a file, for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    file: String,
    /// As they are in the file, without the white space around them: their numbers would not hold for long.
    lines: Vec<String>,
    because: String,
}

impl Exceptions {
    pub(super) fn read() -> Result<Self> {
        let text = std::fs::read_to_string(repository()?.join(FILE)).context(FILE)?;
        toml::from_str(&text).context(FILE)
    }

    /// Why this is reached by nothing, if that is known.
    pub(super) fn reason(&self, place: &Place) -> Option<&str> {
        let same = |exception: &&Exception| exception.file == place.file && exception.lines.contains(&place.text);
        self.unreached.iter().find(same).map(|exception| exception.because.as_str())
    }

    /// The exceptions that are none, because something reaches them or they are not there any more.
    pub(super) fn without(&self, explained: &[Place]) -> Vec<String> {
        let lines = self.unreached.iter().flat_map(|one| one.lines.iter().map(|line| (&one.file, line)));
        let stale = lines.filter(|(file, line)| !explained.iter().any(|p| p.file == **file && p.text == **line));
        stale.map(|(file, line)| format!("{file}: {line}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_that_is_none_is_found_out() {
        let text = "[[unreached]]\nfile = 'a.rs'\nlines = ['x?;', 'y?;']\nbecause = 'it is so'\n";
        let exceptions: Exceptions = toml::from_str(text).unwrap();
        let place = |file: &str, text: &str| Place { file: file.into(), line: 7, text: text.into(), parts: Vec::new() };
        assert_eq!(exceptions.reason(&place("a.rs", "x?;")), Some("it is so"));
        assert_eq!(exceptions.reason(&place("b.rs", "x?;")), None);
        assert_eq!(exceptions.reason(&place("a.rs", "z?;")), None);
        assert_eq!(exceptions.without(&[place("a.rs", "x?;"), place("b.rs", "y?;")]), ["a.rs: y?;"]);
    }
}
