//! Strict JSON (§2), by serde_json.
//!
//! serde_json is as strict as RFC 8259, lone surrogates included, but for repeated names and depth, which are counted here.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Deepest nesting (§2).
const MAX_DEPTH: usize = 16;

/// Reads JSON text; `None` if it is `malformed`.
#[must_use]
pub fn read(text: &[u8]) -> Option<Value> {
    let Depth(depth) = serde_json::from_slice(text).ok()?;
    if depth > MAX_DEPTH {
        return None;
    }
    serde_json::from_slice(text).ok()
}

/// Whether serde_json could take an object for one of its numbers, for which it has a member name of its own.
#[must_use]
pub fn is_ambiguous(text: &[u8]) -> bool {
    text.windows(10).any(|word| word == b"serde_json")
}

/// How deeply a value nests. Reading it fails where a member name is repeated.
struct Depth(usize);

impl<'de> Deserialize<'de> for Depth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DepthVisitor)
    }
}

struct DepthVisitor;

impl<'de> Visitor<'de> for DepthVisitor {
    type Value = Depth;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated names")
    }

    fn visit_unit<E>(self) -> Result<Depth, E> {
        Ok(Depth(0))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Depth, E> {
        Ok(Depth(0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Depth, E> {
        Ok(Depth(0))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Depth, E> {
        Ok(Depth(0))
    }

    fn visit_str<E>(self, _: &str) -> Result<Depth, E> {
        Ok(Depth(0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Depth, A::Error> {
        let mut inside = 0;
        while let Some(Depth(depth)) = elements.next_element()? {
            inside = inside.max(depth);
        }
        Ok(Depth(inside + 1))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Depth, A::Error> {
        let (mut names, mut inside) = (HashSet::new(), 0);
        while let Some(name) = members.next_key::<String>()? {
            // Other numbers come as an object with a name of serde_json's own, which is no nesting.
            if name == "$serde_json::private::Number" {
                members.next_value::<String>()?;
                return Ok(Depth(0));
            }
            if !names.insert(name) {
                return Err(serde::de::Error::custom("a repeated name"));
            }
            let Depth(depth) = members.next_value()?;
            inside = inside.max(depth);
        }
        Ok(Depth(inside + 1))
    }
}

/// A NumericDate (§2): any number from 0 to less than 2^53, its fraction cut off.
#[must_use]
pub fn numeric_date(value: &Value) -> Option<u64> {
    let Value::Number(number) = value else { return None };
    let text = number.to_string().to_lowercase();
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

    let integer: String = digits.chars().chain(std::iter::repeat('0')).take(point).collect();
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
        for good in [r#"{"a":1,"b":[{"a":1.5e9}]}"#, &nested(16), r#""\ud83d\ude00""#, "-1", "1e999", "null"] {
            assert!(read(good.as_bytes()).is_some(), "{good}");
        }
        for bad in [r#"{"a":1,"\u0061":2}"#, &nested(17), &nested(1000), r#""\ud83d""#, "01", "{} {}", "\u{feff}{}", ""]
        {
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
