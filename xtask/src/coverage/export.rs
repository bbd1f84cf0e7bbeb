//! What `llvm-cov export` tells, as far as it is asked here.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

/// A part of the source, from its first character to the one behind its last: line, column, line, column.
pub(super) type Span = (usize, usize, usize, usize);

/// A region of code, not of a macro's expansion, nor a gap, nor what a branch spans.
const CODE: usize = 0;

/// How often each part of each file was executed, by all instances of generic code and all programs together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) files: BTreeMap<String, FileCounts>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct FileCounts {
    pub(super) regions: BTreeMap<Span, usize>,
    /// How often a condition was true, and how often false.
    pub(super) branches: BTreeMap<Span, [usize; 2]>,
}

#[derive(Deserialize)]
struct Export {
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    functions: Vec<Function>,
}

#[derive(Deserialize)]
struct Function {
    filenames: Vec<String>,
    /// Span, count, file, file of the expansion, kind.
    regions: Vec<[usize; 8]>,
    /// Span, count of true, count of false, file, file of the expansion, kind.
    branches: Vec<[usize; 9]>,
}

impl Counts {
    /// Adds what one export says of files in `folder`; their names are kept without it.
    pub(super) fn add(&mut self, json: &str, folder: &str) -> Result<()> {
        let export: Export = serde_json::from_str(json).context("llvm-cov export")?;
        for function in export.data.iter().flat_map(|data| &data.functions) {
            let name = |file: usize| function.filenames.get(file)?.strip_prefix(folder)?.strip_prefix('/');
            for [a, b, c, d, count, file, _, kind] in &function.regions {
                let Some(file) = name(*file).filter(|_| *kind == CODE) else { continue };
                *self.file(file).regions.entry((*a, *b, *c, *d)).or_default() += count;
            }
            for [a, b, c, d, if_true, if_false, file, ..] in &function.branches {
                let Some(file) = name(*file) else { continue };
                let sides = self.file(file).branches.entry((*a, *b, *c, *d)).or_default();
                *sides = [sides[0] + if_true, sides[1] + if_false];
            }
        }
        Ok(())
    }

    fn file(&mut self, name: &str) -> &mut FileCounts {
        self.files.entry(name.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_generic_code_are_added_up() {
        let function = |count: u32| {
            format!(
                r#"{{"name": "f", "count": 1, "filenames": ["/r/src/a.rs", "/elsewhere/b.rs"],
                    "regions": [[1, 2, 3, 4, {count}, 0, 0, 0], [1, 2, 3, 4, 9, 0, 0, 3], [5, 1, 5, 2, 9, 1, 0, 0]],
                    "branches": [[1, 2, 1, 9, {count}, 0, 0, 0, 4]]}}"#
            )
        };
        let json = format!(r#"{{"data": [{{"functions": [{}, {}]}}]}}"#, function(0), function(2));
        let mut counts = Counts::default();
        counts.add(&json, "/r").unwrap();
        let a = FileCounts {
            regions: [((1, 2, 3, 4), 2)].into_iter().collect(),
            branches: [((1, 2, 1, 9), [2, 0])].into_iter().collect(),
        };
        assert_eq!(counts, Counts { files: [("src/a.rs".to_owned(), a)].into_iter().collect() });
    }
}
