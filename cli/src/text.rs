//! Words for people: escaped text, times, windows, keys.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use lockop::{UserKey, Window};
use serde_json::Value;
use x509_cert::der::DateTime;

/// Characters that steer a terminal or hide text from its reader: control and format characters.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Text from outside, on one line, and harmless to a terminal.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            hidden if is_hidden(hidden) => out.extend(hidden.escape_unicode()),
            shown => out.push(shown),
        }
    }
    out
}

/// As [`escape`], for bytes that may not be UTF-8.
pub(crate) fn escape_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(&escape(chunk.valid()));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Pretty JSON, harmless to a terminal. `serde_json` escapes what JSON must; here the rest of the hidden characters
/// follows. They can only stand inside strings, except for the newlines of the layout.
pub(crate) fn json(value: &Value) -> String {
    let mut out = String::new();
    for character in format!("{value:#}").chars() {
        if character != '\n' && is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

/// At most `limit` characters, and how many there were if that is not all.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((cut, _)) => format!("{}… ({} characters)", &text[..cut], text.chars().count()),
        None => text.to_owned(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Reads what [`hex`] writes, in either letter case.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |character: u8| char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some((digit(*high)? << 4) | digit(*low)?)).collect()
}

/// This computer's clock in Unix seconds.
pub(crate) fn clock() -> Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("this computer's clock is before 1970")?;
    Ok(since.as_secs())
}

/// `2023-11-14T22:13:20Z`.
pub(crate) fn utc(time: u64) -> String {
    match DateTime::from_unix_duration(Duration::from_secs(time)) {
        Ok(date) => date.to_string(),
        Err(_) => "beyond the year 9999".to_owned(),
    }
}

/// `1700000000 (2023-11-14T22:13:20Z)`.
pub(crate) fn time(time: u64) -> String {
    format!("{time} ({})", utc(time))
}

/// A number of seconds in its two largest units.
pub(crate) fn span(seconds: u64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (name, length) in units {
        if rest / length > 0 {
            parts.push(format!("{} {name}", rest / length));
        }
        rest %= length;
    }
    parts.truncate(2);
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// `in 5 s`, `5 s ago`, `now`.
pub(crate) fn relative(time: u64, now: u64) -> String {
    match time.abs_diff(now) {
        0 => "now".to_owned(),
        ahead if time > now => format!("in {}", span(ahead)),
        past => format!("{} ago", span(past)),
    }
}

pub(crate) fn window(window: &Window) -> String {
    match (window.start(), window.end()) {
        (None, None) => "always".to_owned(),
        (Some(start), None) => format!("from {}", utc(start)),
        (None, Some(end)) => format!("until {}", utc(end)),
        (Some(start), Some(end)) => format!("{} to {}", utc(start), utc(end)),
    }
}

/// What the ACL keeps of a key, abbreviated.
pub(crate) fn key(key: &UserKey) -> String {
    let start = hex(&key.as_bytes()[..6]);
    match key {
        UserKey::Ed25519(_) => format!("Ed25519 {start}…"),
        UserKey::RsaFingerprint(_) => format!("RSA, SHA-256 {start}…"),
    }
}

/// `1 user`, `2 users`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_hidden_is_left() {
        let nasty = "a\u{1b}[31m\u{9b}2J\u{7f}\u{202e}\r\n\t\0\u{e0041}é";
        assert_eq!(escape(nasty), "a\\u{1b}[31m\\u{9b}2J\\u{7f}\\u{202e}\\r\\n\\t\\u{0}\\u{e0041}é");
        assert_eq!(escape_bytes(b"ok\xff\x1b"), "ok\\xff\\u{1b}");
        let printed = json(&json!({ "a": nasty }));
        assert!(!printed.chars().any(|character| character != '\n' && is_hidden(character)), "{printed}");
        let read: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(read["a"], nasty);
    }

    #[test]
    fn times_read_well() {
        assert_eq!(time(1_700_000_000), "1700000000 (2023-11-14T22:13:20Z)");
        assert_eq!(utc((1 << 53) - 1), "beyond the year 9999");
        assert_eq!(relative(10, 10), "now");
        assert_eq!(relative(3_735, 10), "in 1 h 2 min");
        assert_eq!(relative(10, 100_010), "1 d 3 h ago");
        assert_eq!(span(0), "0 s");
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(unhex("00FFa5").as_deref(), Some(&[0, 255, 0xa5][..]));
        assert_eq!(hex(&[0, 255, 0xa5]), "00ffa5");
        assert_eq!(unhex(""), Some(Vec::new()));
        for bad in ["0", "0g", "+1", " 1", "é"] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(shorten("ééé", 3), "ééé");
        assert_eq!(shorten("éééé", 3), "ééé… (4 characters)");
    }
}
