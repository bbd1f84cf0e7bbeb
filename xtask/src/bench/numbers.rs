//! What was counted.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::MANIFEST;
use crate::command::{capture, program, repository};

/// Where the counts are left, from the root of the repository.
pub(super) const FILE: &str = "target/bench-count.json";

/// The packages that have a say in the numbers.
const PEERS: [&str; 8] = [
    "jsonwebtoken",
    "jwt-compact",
    "jwt-simple",
    "serde_json",
    "serde-json-core",
    "base64ct",
    "ed25519-compact",
    "ed25519-dalek",
];

/// All counts, and what they are of.
#[derive(Serialize, Deserialize)]
pub(super) struct Numbers {
    /// The compiler.
    pub(super) compiler: String,
    /// The peers, each with its version.
    pub(super) peers: Vec<String>,
    pub(super) counts: Vec<Count>,
}

/// One call.
#[derive(Serialize, Deserialize)]
pub(super) struct Count {
    pub(super) table: String,
    pub(super) case: String,
    /// Length of what it reads, in bytes.
    pub(super) input: u64,
    pub(super) row: String,
    pub(super) instructions: u64,
}

impl Numbers {
    /// Nothing but what is counted with.
    pub(super) fn new() -> Result<Self> {
        let compiler = capture(program("rustc")?.arg("--version"))?.trim().to_owned();
        let lock = repository()?.join(MANIFEST).with_file_name("Cargo.lock");
        let lock = std::fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
        Ok(Self { compiler, peers: versions(&lock)?, counts: Vec::new() })
    }

    /// Those that were counted last.
    pub(super) fn last() -> Result<Self> {
        let text = std::fs::read_to_string(repository()?.join(FILE));
        let text = text.with_context(|| format!("{FILE}: run `cargo xtask bench-count` first"))?;
        serde_json::from_str(&text).context(FILE)
    }

    /// Leaves them for the next time.
    pub(super) fn save(&self) -> Result<()> {
        std::fs::write(repository()?.join(FILE), serde_json::to_string_pretty(self)? + "\n").context(FILE)
    }

    /// One of them, if it was counted.
    pub(super) fn find(&self, table: &str, case: &str, row: &str) -> Option<u64> {
        let same = |count: &&Count| count.table == table && count.case == case && count.row == row;
        self.counts.iter().find(same).map(|count| count.instructions)
    }

    /// One of them, which must be there.
    pub(super) fn get(&self, table: &str, case: &str, row: &str) -> Result<u64> {
        self.find(table, case, row).with_context(|| format!("not counted: {table}, {case}: {row}"))
    }

    /// Bytes of a case.
    pub(super) fn input(&self, case: &str) -> Result<u64> {
        let count = self.counts.iter().find(|count| count.case == case);
        Ok(count.with_context(|| format!("not counted: {case}"))?.input)
    }
}

/// The peers' versions; of a package that is there twice, both.
fn versions(lock: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(lock)?;
    let of = |name: &'static str| lock.package.iter().filter(move |package| package.name == name);
    Ok(PEERS.into_iter().flat_map(of).map(|package| format!("{} {}", package.name, package.version)).collect())
}

#[cfg(test)]
pub(super) fn sample(counts: &[(&str, &str, &str, u64)]) -> Numbers {
    let count = |(table, case, row, instructions): &(&str, &str, &str, u64)| Count {
        table: (*table).to_owned(),
        case: (*case).to_owned(),
        input: 1000,
        row: (*row).to_owned(),
        instructions: *instructions,
    };
    Numbers { compiler: "rustc".to_owned(), peers: Vec::new(), counts: counts.iter().map(count).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock =
            "[[package]]\nname = \"serde_json\"\nversion = \"1.2.3\"\n[[package]]\nname = \"x\"\nversion = \"1.0.0\"\n";
        assert_eq!(versions(lock).unwrap(), ["serde_json 1.2.3"]);
    }
}
