//! The vector files as lines that a C program can read (capi/tests/vectors.c says how).

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::codes::CODES;
use crate::command::repository;

/// Where the vector files are, from the root of the repository.
const VECTORS: &str = "tests/vectors";

/// One of every so many vectors.
pub(super) fn text(every: usize) -> Result<String> {
    let folder = repository()?.join(VECTORS);
    let files = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files: Vec<_> = files.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    ensure!(!files.is_empty(), "no vector file in {VECTORS}");
    let mut text = String::new();
    let mut number = 0;
    for file in files {
        for line in std::fs::read_to_string(&file)?.lines() {
            if number % every == 0 {
                let vector: Value = serde_json::from_str(line)?;
                write_vector(&mut text, &vector).with_context(|| vector["id"].to_string())?;
            }
            number += 1;
        }
    }
    Ok(text)
}

fn write_vector(text: &mut String, vector: &Value) -> Result<()> {
    let policy = &vector["policy"];
    let number = |value: &Value, default: u64| value.as_u64().unwrap_or(default);
    let flag = |name: &str, bit: u64| if policy[name] == true { bit } else { 0 };
    writeln!(
        text,
        "vector {} {} {} {} {} {}",
        word(&vector["id"])?,
        word(&vector["lock"])?,
        number(&policy["leeway"], 60),
        number(&policy["max_len"], 32_768),
        flag("rfc7515_only", 1) | flag("require_jti", 2),
        number(&vector["capacity"], 256),
    )?;
    for entry in vector["acl"].as_array().context("acl")? {
        write_entry(text, "entry", entry)?;
    }
    for step in vector["steps"].as_array().context("steps")? {
        let now = step["now"].as_u64().or(vector["now"].as_u64()).context("now")?;
        let jws = match step["jws"].as_str() {
            Some(jws) => jws.bytes().fold(String::new(), |mut hex, byte| {
                // Writing to a string does not fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            }),
            None => step["jws_hex"].as_str().context("jws")?.to_lowercase(),
        };
        let jws = if jws.is_empty() { "-" } else { &jws };
        writeln!(text, "apply {now} {} {jws}", code(word(&step["expect"])?)?)?;
    }
    let after = vector["acl_after"].as_array();
    for entry in after.into_iter().flatten() {
        write_entry(text, "after", entry)?;
    }
    writeln!(text, "end {}", u8::from(after.is_some()))?;
    Ok(())
}

fn write_entry(text: &mut String, what: &str, entry: &Value) -> Result<()> {
    let time = |name: &str| entry[name].as_u64().map_or_else(|| "-".to_owned(), |time| time.to_string());
    let role = entry["role"].as_str().unwrap_or("USER");
    let (user, key) = (word(&entry["user"])?, word(&entry["publicKey"])?);
    writeln!(text, "{what} {user} {role} {} {} {key}", time("start"), time("end"))?;
    Ok(())
}

/// A string without white space, which lines are split at.
fn word(value: &Value) -> Result<&str> {
    let word = value.as_str().context("not a string")?;
    ensure!(!word.is_empty() && !word.contains(char::is_whitespace), "`{word}` is not one word");
    Ok(word)
}

/// The number of an expectation; -1 for any refusal.
fn code(expect: &str) -> Result<i32> {
    if expect == "applied" {
        return Ok(0);
    }
    if expect == "rejected" {
        return Ok(-1);
    }
    let name = expect.strip_prefix("rejected:").with_context(|| expect.to_owned())?;
    let place = CODES.iter().position(|code| *code == name).with_context(|| name.to_owned())?;
    Ok(i32::try_from(place)? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_becomes_lines() {
        let vector = serde_json::json!({
            "id": "a", "lock": "L", "now": 5, "policy": {"leeway": 1, "require_jti": true},
            "acl": [{"user": "U", "publicKey": "K", "role": "ADMIN", "start": null, "end": 9}],
            "steps": [{"jws": "a.", "expect": "applied"}, {"jws_hex": "", "now": 7, "expect": "rejected:storage"}],
            "acl_after": [],
        });
        let mut text = String::new();
        write_vector(&mut text, &vector).unwrap();
        let lines = "vector a L 1 32768 2 256\nentry U ADMIN - 9 K\napply 5 0 612e\napply 7 12 -\nend 1\n";
        assert_eq!(text, lines);
        assert!(code("refused").is_err() && code("rejected:nonsense").is_err());
    }
}
