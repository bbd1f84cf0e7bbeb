//! The features of the library as cargo knows them, so that a new feature is covered without a change here.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{capture, cargo};

/// The library's package.
pub(crate) const LIBRARY: &str = "lockop";

/// Features that a bare-metal target cannot have; features that enable one of them are found by themselves.
const HOST_ONLY: [&str; 2] = ["alloc", "std"];

/// Every feature of the library, with what it enables.
pub(crate) struct Features(BTreeMap<String, Vec<String>>);

/// A choice of features that replaces the default.
#[derive(Debug, PartialEq)]
pub(crate) struct FeatureSet(Vec<String>);

impl FeatureSet {
    /// Tells `cargo` about this set.
    pub(crate) fn apply<'a>(&self, cargo: &'a mut Command) -> &'a mut Command {
        cargo.arg("--no-default-features");
        if !self.0.is_empty() {
            cargo.args(["--features", &self.0.join(",")]);
        }
        cargo
    }
}

impl Features {
    /// Asks cargo.
    pub(crate) fn of_library() -> Result<Self> {
        let json = capture(cargo()?.args(["metadata", "--format-version=1", "--no-deps"]))?;
        Self::from_metadata(&json)
    }

    fn from_metadata(json: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(json)?;
        let package = metadata["packages"]
            .as_array()
            .and_then(|packages| packages.iter().find(|package| package["name"] == LIBRARY))
            .with_context(|| format!("cargo metadata does not list {LIBRARY}"))?;
        let features = serde_json::from_value(package["features"].clone()).context("cargo metadata: features")?;
        Ok(Self(features))
    }

    /// No feature at all, then each feature alone.
    pub(crate) fn none_and_each(&self) -> Vec<FeatureSet> {
        let each = self.names().map(|name| FeatureSet(vec![name.to_owned()]));
        std::iter::once(FeatureSet(Vec::new())).chain(each).collect()
    }

    /// All features that a bare-metal target can have.
    pub(crate) fn bare_metal(&self) -> FeatureSet {
        let possible = self.names().filter(|name| !self.needs_host(name));
        FeatureSet(possible.map(str::to_owned).collect())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        // `default` is no feature of its own: it names others.
        let names = self.0.keys().map(String::as_str);
        names.filter(|name| *name != "default")
    }

    fn needs_host(&self, feature: &str) -> bool {
        // Cargo rejects cycles other than a feature naming itself, which it ignores.
        HOST_ONLY.contains(&feature)
            || self
                .0
                .get(feature)
                .is_some_and(|enabled| enabled.iter().any(|other| other != feature && self.needs_host(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Features {
        let json = r#"{"packages": [
            {"name": "other", "features": {"x": []}},
            {"name": "lockop", "features": {
                "default": ["rsa"], "rsa": ["dep:rsa"], "std": ["alloc"], "alloc": [], "tool": ["std", "rsa"], "tables": []}}]}"#;
        Features::from_metadata(json).unwrap()
    }

    fn set(names: &[&str]) -> FeatureSet {
        FeatureSet(names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_feature_is_taken_alone() {
        let sets = example().none_and_each();
        let alone = ["alloc", "rsa", "std", "tables", "tool"].map(|name| set(&[name]));
        assert_eq!(sets[0], set(&[]));
        assert_eq!(sets[1..], alone);
    }

    #[test]
    fn bare_metal_leaves_out_what_needs_a_host() {
        assert_eq!(example().bare_metal(), set(&["rsa", "tables"]));
    }

    #[test]
    fn a_set_replaces_the_default() {
        let mut command = Command::new("cargo");
        set(&["rsa", "tables"]).apply(&mut command);
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["--no-default-features", "--features", "rsa,tables"]);
    }
}
