//! The library's source, without what is there for its tests alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::export::Span;
use crate::command::repository;

/// Files, from the root of the repository, that are only compiled for tests. (The other modules of tests are at the ends of
/// the files that they test.)
const TESTS: &str = "tests.rs";

/// The lines of each file that are not tests.
pub(super) struct Sources(BTreeMap<String, Vec<String>>);

impl Sources {
    pub(super) fn of_library() -> Result<Self> {
        let mut sources = Self(BTreeMap::new());
        sources.folder(&repository()?, Path::new("src"))?;
        Ok(sources)
    }

    fn folder(&mut self, root: &Path, folder: &Path) -> Result<()> {
        let there = root.join(folder);
        for entry in fs::read_dir(&there).with_context(|| there.display().to_string())? {
            let path = folder.join(entry?.file_name());
            if root.join(&path).is_dir() {
                self.folder(root, &path)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with(TESTS) {
                let text = fs::read_to_string(root.join(&path)).with_context(|| path.display().to_string())?;
                self.0.insert(path.display().to_string(), without_tests(&text));
            }
        }
        Ok(())
    }

    /// Whether something is in a file of the library, and not among its tests.
    pub(super) fn has(&self, file: &str, span: Span) -> bool {
        self.0.get(file).is_some_and(|lines| span.0 <= lines.len())
    }

    /// A line, counted from 1, without the white space around it.
    pub(super) fn line(&self, file: &str, line: usize) -> &str {
        self.0.get(file).and_then(|lines| lines.get(line.wrapping_sub(1))).map_or("", |line| line.trim())
    }

    /// What a span is of its first line.
    pub(super) fn part(&self, file: &str, span: Span) -> String {
        let line = self.0.get(file).and_then(|lines| lines.get(span.0.wrapping_sub(1))).map_or("", String::as_str);
        let end = if span.2 == span.0 { span.3 - 1 } else { usize::MAX };
        line.chars().take(end).skip(span.1 - 1).collect()
    }
}

/// The lines before the module of tests.
fn without_tests(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let is_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{');
    let end = lines.windows(2).position(is_tests).unwrap_or(lines.len());
    lines[..end].iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_no_part_of_it() {
        let text = "#[cfg(test)]\nuse a;\n  let x = y?;\n\n#[cfg(test)]\nmod tests {\n    use b;\n}\n";
        let lines = without_tests(text);
        assert_eq!(lines, ["#[cfg(test)]", "use a;", "  let x = y?;", ""]);
        let sources = Sources([("a.rs".to_owned(), lines)].into_iter().collect());
        assert!(
            sources.has("a.rs", (4, 1, 9, 1))
                && !sources.has("a.rs", (5, 1, 5, 2))
                && !sources.has("b.rs", (1, 1, 1, 1))
        );
        assert_eq!(sources.line("a.rs", 3), "let x = y?;");
        assert_eq!(sources.part("a.rs", (3, 12, 3, 13)), "?");
        assert_eq!(sources.part("a.rs", (3, 7, 4, 1)), "x = y?;");
    }
}
