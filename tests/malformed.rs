//! One wrong byte anywhere, and no operation is left (§1, §2).

mod common;

use base64ct::{Base64UrlUnpadded, Encoding};
use common::*;
use lockop::{Code, Policy, Unverified};
use serde_json::json;

/// What the parser says of two JSON texts. The signature is of the right length, and nobody looks at it.
fn parse(header: &[u8], payload: &[u8]) -> Result<(), Code> {
    let [header, payload, signature] = [header, payload, &[0; 64]].map(Base64UrlUnpadded::encode_string);
    let jws = format!("{header}.{payload}.{signature}");
    Unverified::parse(jws.as_bytes(), &Policy::DEFAULT).map(|_| ()).map_err(|error| error.code())
}

/// Every member that is read, members that are not, and white space wherever it may be.
const HEADER: &[u8] =
    br#" { "alg" : "EdDSA" , "typ" : "JWT" , "x5c" : [ "AAAA" , "AAA=" ] , "kid" : { "a" : [ 1 , null ] } } "#;

/// A short operation with every kind of value.
fn payload() -> Vec<u8> {
    let mut claims = claims(json!({"users": [
        {"user": guest(0), "publicKey": guest_key(0), "role": "ADMIN", "start": 1.5e3, "end": null},
        {"user": guest(1), "publicKey": guest_key(1), "role": null, "start": null, "end": NOW},
    ], "type": "BATCH_ADD_USER"}));
    claims["more"] = json!({"a": [true, false, null, {"b": "\u{e9}\u{10ffff}"}], "c\"\\": -1.5});
    let text = serde_json::to_string_pretty(&claims).unwrap();
    // Escapes of every kind, which `serde_json` does not make.
    text.replace("first", r"\u0066\ud83d\ude00\/\b\f\n\r\t\\").into_bytes()
}

#[test]
fn what_is_cut_off_is_malformed() {
    let payload = payload();
    assert_eq!(parse(HEADER, &payload), Ok(()));
    for end in 0..HEADER.trim_ascii_end().len() {
        assert_eq!(parse(&HEADER[..end], &payload), Err(Code::Malformed), "header, {end}");
    }
    for end in 0..payload.len() {
        assert_eq!(parse(HEADER, &payload[..end]), Err(Code::Malformed), "payload, {end}");
    }
}

/// No control character stands in JSON, neither in strings nor elsewhere; nor does a byte that is no UTF-8.
#[test]
fn one_byte_that_json_has_nowhere_is_malformed() {
    let payload = payload();
    for bad in [0, 1, 0x0b, 0x1f, 0xc0, 0xff] {
        for place in 0..HEADER.len() {
            let mut header = HEADER.to_vec();
            header[place] = bad;
            assert_eq!(parse(&header, &payload), Err(Code::Malformed), "header, {place}: {bad:x}");
        }
        for place in 0..payload.len() {
            let mut payload = payload.clone();
            payload[place] = bad;
            assert_eq!(parse(HEADER, &payload), Err(Code::Malformed), "payload, {place}: {bad:x}");
        }
    }
}

/// Also in what makes an operation unsupported or invalid: row 1 of §7 goes before the others.
#[test]
fn what_is_malformed_is_nothing_else() {
    let header = br#"{"alg":"none","typ":"x","crit":["a",{"b":[1]}]}"#;
    let mut claims = claims(json!({"type": [{"a": 1}, null], "users": 5}));
    claims["sub"] = guest(9).into();
    let payload = claims.to_string().into_bytes();
    assert_eq!(parse(header, &payload), Err(Code::UnsupportedAlgorithm));
    for place in 0..header.len() {
        let mut header = *header;
        header[place] = 1;
        assert_eq!(parse(&header, &payload), Err(Code::Malformed), "header, {place}");
    }
    for place in 0..payload.len() {
        let mut payload = payload.clone();
        payload[place] = 1;
        assert_eq!(parse(header, &payload), Err(Code::Malformed), "payload, {place}");
    }
}

/// Outside of strings, JSON has a letter in its words and in its exponents, and nowhere else.
#[test]
fn a_letter_before_any_byte_outside_of_strings_is_malformed() {
    let payload = payload();
    let (mut in_string, mut escaped) = (false, false);
    for place in 0..payload.len() {
        if !in_string {
            let payload = [&payload[..place], b"x", &payload[place..]].concat();
            assert_eq!(parse(HEADER, &payload), Err(Code::Malformed), "{place}");
        }
        in_string ^= payload[place] == b'"' && !escaped;
        escaped = payload[place] == b'\\' && !escaped;
    }
}
