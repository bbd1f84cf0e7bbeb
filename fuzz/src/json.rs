//! Strict JSON (§2), by serde_json.
//!
//! serde_json is as strict as RFC 8259, lone surrogates included, but for repeated names and depth, which are counted here.
//! Each container is read by itself, with the texts of what it holds: so a number is its text, and no object is taken for
//! one of serde_json's own.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting (§2).
const MAX_DEPTH: usize = 16;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number as it is written.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; the order of its members carries no meaning.
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// The string that this is.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The members, if this is an object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }
}

/// Reads JSON text; `None` if it is `malformed`.
#[must_use]
pub fn read(text: &[u8]) -> Option<Json> {
    value(serde_json::from_slice(text).ok()?, 1)
}

fn value(raw: &RawValue, depth: usize) -> Option<Json> {
    let text = raw.get();
    Some(match text.as_bytes().first()? {
        b'n' => Json::Null,
        b't' | b'f' => Json::Bool,
        b'"' => Json::String(serde_json::from_str(text).ok()?),
        b'{' | b'[' if depth > MAX_DEPTH => return None,
        b'[' => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Json::Array(elements.into_iter().map(|raw| value(raw, depth + 1)).collect::<Option<_>>()?)
        }
        b'{' => {
            let members = serde_json::Deserializer::from_str(text).deserialize_map(Members).ok()?;
            let mut object = BTreeMap::new();
            for (name, raw) in members {
                if object.insert(name, value(raw, depth + 1)?).is_some() {
                    return None;
                }
            }
            Json::Object(object)
        }
        _ => Json::Number(text.to_owned()),
    })
}

/// Reads an object as it is written.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// A NumericDate (§2): any number from 0 to less than 2^53, its fraction cut off.
#[must_use]
pub fn numeric_date(value: &Json) -> Option<u64> {
    let Json::Number(number) = value else { return None };
    let text = number.to_lowercase();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));

    let digits = format!("{whole}{fraction}");
    if digits.chars().all(|digit| digit == '0') {
        return Some(0);
    }
    if negative {
        return None;
    }
    // No text here has so many digits that a larger exponent could make a difference.
    let limit = 1_000_000;
    let exponent = exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { -limit } else { limit });
    let point = i64::try_from(whole.len()).ok()? + exponent.clamp(-limit, limit);
    let Ok(point) = usize::try_from(point) else { return Some(0) };

    // Zeros in front, which are no digits of the integer, are as many at most as there are digits.
    let integer: String = digits.chars().chain(std::iter::repeat('0')).take(point.min(digits.len() + 17)).collect();
    let integer = integer.trim_start_matches('0');
    match integer.len() {
        0 => Some(0),
        1..=16 => integer.parse().ok().filter(|value| *value < 1 << 53),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_and_depth_are_counted() {
        let private = r#"{"$serde_json::private::Number":"1"}"#;
        for good in [r#"{"a":1,"b":[{"a":1.5e9}]}"#, &nested(16), r#""\ud83d\ude00""#, "-1", "1e999", "null", private] {
            assert!(read(good.as_bytes()).is_some(), "{good}");
        }
        assert!(read(private.as_bytes()).unwrap().as_object().is_some());
        for bad in [
            r#"{"a":1,"\u0061":2}"#,
            &nested(17),
            &nested(1000),
            r#""\ud83d""#,
            r#"["\ud83d"]"#,
            r#"{"\ud83d":1}"#,
            "01",
            "{} {}",
            "[1,]",
            "\u{feff}{}",
            "",
        ] {
            assert!(read(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    fn nested(depth: usize) -> String {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth))
    }

    #[test]
    fn numbers_are_exact() {
        let zeros = "0".repeat(400);
        for (text, expected) in [
            ("0", Some(0)),
            ("-0.0e5", Some(0)),
            ("-0.5", None),
            ("-1", None),
            ("1.7e9", Some(1_700_000_000)),
            ("17E+8", Some(1_700_000_000)),
            ("1700000000.9", Some(1_700_000_000)),
            ("17000000009e-1", Some(1_700_000_000)),
            ("9007199254740991.999999999999999999999999", Some((1 << 53) - 1)),
            ("9007199254740992", None),
            ("99999999999999999999999999999999999999999", None),
            ("1e-99999999999999999999", Some(0)),
            ("1e99999999999999999999", None),
            ("0e99999999999999999999", Some(0)),
            (&format!("0.{zeros}5e401"), Some(5)),
            (&format!("5{zeros}e-400"), Some(5)),
            ("\"1\"", None),
        ] {
            assert_eq!(numeric_date(&read(text.as_bytes()).unwrap()), expected, "{text}");
        }
    }
}
