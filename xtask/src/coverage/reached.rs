//! What is reached of the library, and what is not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::export::{Counts, FileCounts, Span};
use super::source::Sources;

/// How many of how many.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub(super) reached: usize,
    pub(super) all: usize,
}

impl Share {
    fn of(reached: impl Iterator<Item = bool>) -> Self {
        reached.fold(Self::default(), |share, reached| Self {
            reached: share.reached + usize::from(reached),
            all: share.all + 1,
        })
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self { reached: self.reached + other.reached, all: self.all + other.all }
    }
}

/// Lines, regions (expressions, early returns by `?` among them) and sides of branches.
pub(super) type Shares = [Share; 3];

/// The counts of the library's own files, without their tests.
pub(super) struct Reached<'a>(BTreeMap<&'a str, Parts>);

struct Parts {
    /// By the rule of llvm-cov: a line counts as often as the regions that begin on it, or else as the smallest around it.
    lines: BTreeMap<usize, bool>,
    regions: BTreeMap<Span, bool>,
    branches: BTreeMap<(Span, bool), bool>,
}

/// A line of which something is reached by nothing.
#[derive(Debug, PartialEq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) text: String,
    /// What of the line; nothing, if it is all of it.
    pub(super) parts: Vec<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}  {}", self.file, self.line, self.text)?;
        if self.parts.is_empty() { Ok(()) } else { write!(f, "  [{}]", self.parts.join("; ")) }
    }
}

impl<'a> Reached<'a> {
    pub(super) fn of(counts: &'a Counts, sources: &Sources) -> Self {
        let files = counts.files.iter().map(|(name, counts)| (name.as_str(), Parts::of(name, counts, sources)));
        Self(files.filter(|(_, parts)| !parts.regions.is_empty()).collect())
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&'a str, Shares)> {
        self.0.iter().map(|(name, parts)| (*name, parts.shares()))
    }

    /// Every line of which something is reached by nothing.
    pub(super) fn unreached(&self, sources: &Sources) -> Vec<Place> {
        self.0.iter().flat_map(|(file, parts)| parts.unreached(file, sources)).collect()
    }
}

impl Parts {
    fn of(file: &str, counts: &FileCounts, sources: &Sources) -> Self {
        let own = |span: &Span| sources.has(file, *span);
        let regions: BTreeMap<_, _> =
            counts.regions.iter().filter(|(span, _)| own(span)).map(|(span, count)| (*span, *count > 0)).collect();
        let branches = counts.branches.iter().filter(|(span, _)| own(span));
        let branches =
            branches.flat_map(|(span, sides)| [((*span, true), sides[0] > 0), ((*span, false), sides[1] > 0)]);
        let mut lines = BTreeMap::new();
        for line in regions.keys().flat_map(|span| span.0..=span.2) {
            lines.entry(line).or_insert_with(|| is_reached(line, &regions));
        }
        Self { lines, branches: branches.collect(), regions }
    }

    fn shares(&self) -> Shares {
        [
            Share::of(self.lines.values().copied()),
            Share::of(self.regions.values().copied()),
            Share::of(self.branches.values().copied()),
        ]
    }

    fn unreached(&self, file: &str, sources: &Sources) -> Vec<Place> {
        let mut parts: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (span, _) in self.regions.iter().filter(|(_, reached)| !**reached) {
            parts.entry(span.0).or_default().push(sources.part(file, *span));
        }
        for ((span, side), _) in self.branches.iter().filter(|(_, reached)| !**reached) {
            parts.entry(span.0).or_default().push(format!("never {side}: {}", sources.part(file, *span)));
        }
        let whole: BTreeSet<usize> =
            self.lines.iter().filter(|(_, reached)| !**reached).map(|(line, _)| *line).collect();
        // A line that holds nothing but a brace has nothing to say.
        let has_words = |line: &usize| sources.line(file, *line).contains(char::is_alphanumeric);
        let lines: BTreeSet<usize> = parts.keys().chain(&whole).copied().filter(has_words).collect();
        let place = |line: usize| Place {
            file: file.to_owned(),
            line,
            text: sources.line(file, line).to_owned(),
            parts: parts.remove(&line).filter(|_| !whole.contains(&line)).unwrap_or_default(),
        };
        lines.into_iter().map(place).collect()
    }
}

fn is_reached(line: usize, regions: &BTreeMap<Span, bool>) -> bool {
    let mut beginning = regions.iter().filter(|(span, _)| span.0 == line).map(|(_, reached)| *reached).peekable();
    if beginning.peek().is_some() {
        return beginning.any(|reached| reached);
    }
    let around = regions.iter().filter(|(span, _)| (span.0..=span.2).contains(&line));
    // The innermost begins last, and of those that begin together it ends first.
    let innermost = around.max_by_key(|(span, _)| ((span.0, span.1), std::cmp::Reverse((span.2, span.3))));
    innermost.is_some_and(|(_, reached)| *reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_as_what_begins_on_it_or_else_as_what_is_around_it() {
        let regions = [((1, 1, 9, 2), true), ((3, 5, 6, 6), false), ((7, 5, 7, 9), false), ((7, 10, 7, 12), true)];
        let regions = regions.into_iter().collect();
        let reached = [1, 2, 3, 4, 6, 7, 8, 9].map(|line| is_reached(line, &regions));
        assert_eq!(reached, [true, true, false, false, false, true, true, true]);
    }
}
