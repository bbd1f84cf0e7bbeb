//! The payloads of the target `signed`: a good operation in which the bytes of the input change this and that.
//!
//! Each place in it takes what it needs from the bytes. All zeros, and nothing at all, leave everything as it is.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use lockop::Uuid;

use crate::choices::{byte, pick};

const OWNER: &str = r#""a1e5d0c3-9b7f-4e2d-8c41-5f6a7b8c9d0e""#;
const GUEST: &str = r#""00000001-b0d4-4a57-9f3e-c2d1e0f4a5b6""#;
const FORMER: &str = r#""00000002-b0d4-4a57-9f3e-c2d1e0f4a5b6""#;
const NOBODY: &str = r#""00000003-b0d4-4a57-9f3e-c2d1e0f4a5b6""#;
const LOCK: &str = r#""6ba1c9f2-3d4e-4f50-8a6b-7c8d9e0f1a2b""#;

const ISSUERS: &[&str] = &[OWNER, GUEST, FORMER, NOBODY, r#""A1E5D0C3-9B7F-4E2D-8C41-5F6A7B8C9D0E""#, r#""a1e5d0c3""#];
const LOCKS: &[&str] = &[LOCK, OWNER, r#""\u0036ba1c9f2-3d4e-4f50-8a6b-7c8d9e0f1a2b""#, r#""{6ba1c9f2}""#];
const BEGINS: &[&str] = &["1699999990", "1700000060", "1700000061", "1.70000006e9", "-0", "17e8", "1700000060.9"];
const ENDS: &[&str] =
    &["1700000060", "1699999941", "1699999940", "9007199254740991", "9007199254740992", "1e15", "1e99"];
const JTIS: &[&str] = &[r#""a""#, "null", r#""""#, r#""\ud83d\ude00""#, r#""\ud83d""#, "\"\u{e9}\"", "[]"];
const TYPES: &[&str] = &[r#""BATCH_ADD_USER""#, r#""BATCH_REMOVE_USER""#, "null", r#""BATCH\u005fADD_USER""#, "{}"];
const ROLES: &[&str] = &[r#""USER""#, r#""ADMIN""#, "null", r#""admin""#, r#""\u0041DMIN""#, "0"];
const BOUNDS: &[&str] = &["null", "0", "1700000000", "1699999999.99", "9007199254740992", "-1", r#""0""#, "-0.0e5"];
const STRAYS: &[&str] =
    &["true", "[]", "{}", "[[[]]]", "1E400", r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":1}"#, "01", "\"\t\""];

/// Ed25519 keys raw and with a header, an RSA key, keys of small order, not on the curve, not canonical, and no key.
const KEYS: &[&str] = &[
    "+Kbeq/ORykMs7svzC8DUe5DUdJ1Xf6Af7Ut95JdRROI=",
    "MCowBQYDK2VwAyEA+Kbeq/ORykMs7svzC8DUe5DUdJ1Xf6Af7Ut95JdRROI=",
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlyHgDboc0K9FE3uZkSenPe3GZ094CjylsPlxMXuwJrsr1BB/ZW7RbkdQlXu/5yjagU\
     oM+N+dDuFZr3aCR0Hh51GYwgDdoqQ2I7YUKwoIz31MmePEy4Vzc2/L0PeU49qZJDyB0BpxNrPpPFF78XZ+2WjG1eF1bQeqFxnYY/MGIwFofzGV\
     7M23AjlQF3KWyYvOROZsuohzkPyjulYFkV0PXByKAv5uDXMSuUtlZ9U4kpv8U3fGrfucr9hWJIEnu+CMusDX9bqjaeF+NAsqA8W4drnekrvlp7\
     INWIC/RRgtA8opaxmJrBUha4cXqHpYIYw45OEUOnTit8mlT3aGv/ecfwIDAQAB",
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "7v///////////////////////////////////////38=",
    "AAAA",
];

/// What may stand between tokens.
const SPACES: &[&str] = &["", " ", "\r\n\t", "\u{a0}", "/**/"];

/// The payload that the bytes choose, of an operation by this issuer.
///
/// # Errors
///
/// None: there are zeros behind the last byte.
pub fn payload(choices: &mut Unstructured<'_>, iss: Uuid) -> Result<Vec<u8>> {
    // Every other input is a payload as it stands: those of the vectors, and what the fuzzer makes of them.
    if byte(choices)? % 2 == 1 {
        return Ok(choices.bytes(choices.len())?.to_vec());
    }
    let operation = operation(choices)?;
    let issuer = format!("\"{iss}\"");
    let issuers = [&[issuer.as_str()], ISSUERS].concat();
    let mut claims = vec![
        member(choices, "iss", &issuers)?,
        member(choices, "sub", LOCKS)?,
        member(choices, "nbf", BEGINS)?,
        member(choices, "iat", BEGINS)?,
        member(choices, "exp", ENDS)?,
        member(choices, "jti", JTIS)?,
        named(choices, "operation", operation)?,
    ];
    stray(choices, &mut claims)?;
    let mut payload = object(choices, claims)?;
    payload.extend(pick(choices, SPACES)?.bytes());
    Ok(payload)
}

fn operation(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let count = match byte(choices)? {
        0 => 1,
        many => usize::from(many) % 28,
    };
    let users: Vec<Vec<u8>> = (0..count).map(|number| user(choices, number)).collect::<Result<_>>()?;
    let users = [b"[", users.join(&b',').as_slice(), b"]"].concat();
    let mut members = vec![member(choices, "type", TYPES)?, named(choices, "users", users)?];
    stray(choices, &mut members)?;
    object(choices, members)
}

fn user(choices: &mut Unstructured<'_>, number: usize) -> Result<Vec<u8>> {
    let new = format!("\"{number:08x}-aaaa-4aaa-8aaa-aaaaaaaaaaaa\"");
    let key = key(choices)?;
    let mut members = vec![
        member(choices, "user", &[&new, OWNER, GUEST, "\"\""])?,
        member(choices, "publicKey", &[&key, "null"])?,
        member(choices, "role", ROLES)?,
        member(choices, "start", BOUNDS)?,
        member(choices, "end", BOUNDS)?,
    ];
    stray(choices, &mut members)?;
    object(choices, members)
}

/// A key in one of several spellings of base64, right and wrong.
fn key(choices: &mut Unstructured<'_>) -> Result<String> {
    let key = pick(choices, KEYS)?;
    let key = match byte(choices)? % 8 {
        1 => key.replace('=', ""),
        2 => key.replace('+', "-").replace('/', "_"),
        3 => key.replace('=', "").replace('+', "-").replace('/', "_"),
        4 => key.replace('+', "-"),
        5 => format!("{key}="),
        6 => key.replace('/', r"\/"),
        7 => key.replace("I=", "J="),
        _ => key.to_owned(),
    };
    Ok(format!("\"{key}\""))
}

/// A member with one of these values, or with any text at all.
fn member(choices: &mut Unstructured<'_>, name: &str, values: &[&str]) -> Result<Vec<u8>> {
    let value = match byte(choices)? {
        255 => {
            let len = usize::from(byte(choices)?);
            choices.bytes(len.min(choices.len()))?.to_vec()
        }
        254 => pick(choices, STRAYS)?.into(),
        place => values[usize::from(place) % values.len()].into(),
    };
    named(choices, name, value)
}

/// A member whose name may be spelled otherwise or be another; empty if it is left out.
fn named(choices: &mut Unstructured<'_>, name: &str, value: Vec<u8>) -> Result<Vec<u8>> {
    let (first, rest) = name.split_at(1);
    let code = first.as_bytes()[0];
    let name = match byte(choices)? {
        250 => format!("\\u{code:04x}{rest}"),
        251 => format!("{}{rest}", first.to_uppercase()),
        252 => format!("{name}\\u0000"),
        253 => return Ok(Vec::new()),
        254 => {
            let name = format!("\"{name}\":").into_bytes();
            return Ok([&name, value.as_slice(), b",", &name, &value].concat());
        }
        255 => {
            let names = format!("\"\\u{code:04x}{rest}\":null,\"{name}\":").into_bytes();
            return Ok([names, value].concat());
        }
        _ => name.to_owned(),
    };
    Ok([format!("\"{name}\":").into_bytes(), value].concat())
}

/// Perhaps one member more than there should be.
fn stray(choices: &mut Unstructured<'_>, members: &mut Vec<Vec<u8>>) -> Result<()> {
    if byte(choices)? > 240 {
        members.push(member(choices, "x", STRAYS)?);
    }
    Ok(())
}

/// An object of these members, the first of which may be any of them.
fn object(choices: &mut Unstructured<'_>, mut members: Vec<Vec<u8>>) -> Result<Vec<u8>> {
    members.retain(|member| !member.is_empty());
    let first = usize::from(byte(choices)?) % members.len().max(1);
    members.rotate_left(first);
    let space = pick(choices, SPACES)?.as_bytes();
    let between = [space, b",", space].concat();
    Ok([b"{", space, members.join(between.as_slice()).as_slice(), space, b"}"].concat())
}
