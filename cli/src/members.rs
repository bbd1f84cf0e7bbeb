//! The members of a JSON object as they were written: in their order, repeated ones and odd numbers included.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Debug, Clone)]
pub(crate) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    pub(crate) fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Names, and values in raw JSON.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.get()))
    }

    /// The first member of this name, in raw JSON.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(candidate, value)| (candidate == name).then_some(value))
    }

    /// The first member of this name.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.raw(name).and_then(|raw| serde_json::from_str(raw).ok())
    }

    /// The first member of this name, if it is an object.
    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        self.raw(name).and_then(|raw| Self::parse(raw.as_bytes()))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// A raw JSON text on one line without needless white space, if it is JSON.
pub(crate) fn compact(raw: &str) -> String {
    serde_json::from_str::<Value>(raw).map_or_else(|_| raw.to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_kept_as_written() {
        let members = Members::parse(br#" {"b": 1.50e3, "a": [1, 2], "b": "x", "\u0063": null} "#).unwrap();
        let all: Vec<_> = members.iter().collect();
        assert_eq!(all, [("b", "1.50e3"), ("a", "[1, 2]"), ("b", "\"x\""), ("c", "null")]);
        assert_eq!(compact(members.raw("a").unwrap()), "[1,2]");
        assert!(Members::parse(b"[1]").is_none());
        assert!(Members::parse(b"{\"a\": 1").is_none());
    }
}
