//! The target `signed`: several operations on one device, nearly all of them really signed, so that what is behind the
//! signature is reached.

use base64ct::{Base64, Encoding};
use ed25519_dalek::Signer;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use lockop::{AclEntry, Policy, Uuid};

use crate::base64::{self, SPELLINGS, Spelling};
use crate::beside::{Pair, look};
use crate::choices::{byte, mostly, pick};
use crate::made_leaf;
use crate::skeleton::payload;
use crate::world::{self, FORMER, GUEST, NOW, OWNER, ROOM, RSA_OWNER};

/// What stands in front of a payload to make it the owner's only operation, signed as it stands.
pub const AS_IT_STANDS: [u8; 15] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

const SIGNERS: &[Uuid] = &[OWNER, GUEST, FORMER, RSA_OWNER];

/// Headers without certificates.
const HEADERS: &[&str] = &[
    r#"{"alg":"EdDSA","typ":"JWT"}"#,
    r#"{"kid":"x","x5c":null,"typ":"jwt","alg":"Ed25519"}"#,
    r#"{"alg":"none"}"#,
    r#"{"alg":"EdDSA","crit":null}"#,
    r#"{"typ":"JWT"}"#,
    r#"{"alg":"EdDSA","typ":null}"#,
    r#"{"alg":"EdDSA","x5c":[]}"#,
];

/// Around the bounds of the skeleton's times.
const TIMES: &[u64] = &[
    NOW,
    NOW + 1,
    NOW + 59,
    NOW + 60,
    NOW + 61,
    NOW + 119,
    NOW + 120,
    NOW + 121,
    NOW - 60,
    NOW - 61,
    0,
    60,
    u64::MAX - 60,
    u64::MAX,
];

/// # Panics
///
/// If the library and the model differ.
pub fn judge(input: &[u8]) {
    run(&mut Unstructured::new(input)).expect("there are zeros behind the last byte");
}

fn run(choices: &mut Unstructured<'_>) -> Result<()> {
    let policy = Policy {
        leeway: mostly(choices, &[60, 0, 59, 1 << 53, u64::MAX])?,
        rfc7515_only: byte(choices)? > 240,
        require_jti: byte(choices)? > 240,
        max_len: mostly(choices, &[32_768, 700, 1200])?,
    };
    let mut users = world::USERS.to_vec();
    let others = mostly(choices, &[0, ROOM - users.len(), ROOM - users.len() - 1])?;
    let guest = users[1];
    users.extend((0..others).map(|number| {
        let user = Uuid::from_bytes([0xee; 16].map(|byte| byte ^ u8::try_from(number).unwrap_or(0)));
        AclEntry { user, ..guest }
    }));
    let mut pair = Pair::new(policy, &users);
    let mut earlier: Vec<Vec<u8>> = Vec::new();
    let mut last = None;
    for _ in 0..=byte(choices)? % 8 {
        let now = mostly(choices, TIMES)?;
        let again = byte(choices)?;
        let jws = match earlier.get(usize::from(again) % 8) {
            Some(jws) if again >= 128 => jws.clone(),
            _ => made(choices)?,
        };
        last = pair.apply(&jws, now);
        if last.is_none() {
            return Ok(());
        }
        earlier.push(jws);
    }
    if let Some(jws) = earlier.last() {
        look(jws, &policy);
        // What has been applied is a replay.
        if let Some(Ok(_)) = last {
            _ = pair.apply(jws, NOW);
        }
    }
    Ok(())
}

/// An operation.
fn made(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let signer = mostly(choices, SIGNERS)?;
    let has_chain = byte(choices)? >= 128;
    let (header, key) = if has_chain {
        let key = mostly(choices, &[world::leaf_key(), world::signing_key(signer)])?;
        (header_with(&made_leaf::chain(choices, signer)?, choices)?, key)
    } else {
        (mostly(choices, HEADERS)?.to_owned(), world::signing_key(signer))
    };
    // Most signatures are good: the wrong ones all end at the same place.
    let (spoil, respell) = (byte(choices)?, byte(choices)?);
    let spelling = pick(choices, &SPELLINGS)?;
    let payload = payload(choices, signer)?;
    // Either all three segments are in one spelling, or the header and the signature are in the plainest.
    let around = if respell % 2 == 0 { spelling } else { SPELLINGS[0] };
    let payload = respelled(&(spelling.encode)(&payload), respell);
    let input = format!("{}.{payload}", (around.encode)(header.as_bytes()));
    let mut signature = key.sign(input.as_bytes()).to_bytes();
    signature[usize::from(spoil) % 64] ^= u8::from(spoil > 248);
    let signature = signed(&signature, around, respell);
    Ok(format!("{input}.{signature}").into_bytes())
}

fn header_with(chain: &[Vec<u8>], choices: &mut Unstructured<'_>) -> Result<String> {
    let mut entries: Vec<String> = chain.iter().map(|der| Base64::encode_string(der)).collect();
    match byte(choices)? {
        0..200 => {}
        200..210 => entries.extend(["AA==".to_owned(), "AAAA".to_owned()]),
        210..220 => entries.extend(std::iter::repeat_n("AAAA".to_owned(), 5)),
        220..230 => entries.push(String::new()),
        230..240 => entries.push("AA".to_owned()),
        // Two bytes and one more than are read; too long where nothing is read.
        240..248 => entries.insert(0, Base64::encode_string(&[0; 2049])),
        248.. => entries.extend(["AAAA".to_owned(), Base64::encode_string(&[0; 2049])]),
    }
    Ok(format!(r#"{{"alg":"EdDSA","x5c":["{}"],"typ":"JWT"}}"#, entries.join("\",\"")))
}

/// The segment spelled otherwise, rightly or wrongly.
fn respelled(segment: &str, how: u8) -> String {
    match how {
        244 => format!("{segment}="),
        245 => segment.replace('_', "/"),
        246 => format!("{segment}\n"),
        247 => segment.replacen('A', "B", 1),
        248 => segment.replacen("Q=", "R=", 1),
        249 => format!("{segment}.{segment}"),
        _ => segment.to_owned(),
    }
}

/// The third segment, of which the last bits may be others, or of another length.
fn signed(signature: &[u8; 64], spelling: Spelling, how: u8) -> String {
    match how {
        250 => (spelling.encode)(&signature[..63]),
        251 => base64::encode(&[&signature[..], &[0]].concat()),
        252 => format!("{}A", base64::encode(signature)),
        253 => String::new(),
        _ => (spelling.encode)(signature),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that choose policy, ACL, number of operations, time, and that the first operation is none of the earlier ones.
    const BEFORE: usize = 8;

    fn applied(input: &[u8]) -> usize {
        let jws = made(&mut Unstructured::new(&input[BEFORE..])).unwrap();
        let mut acl = world::acl(world::USERS.as_slice());
        lockop::Device::new(world::LOCK).apply(&jws, NOW, &mut acl).map_or(0, |applied| applied.users)
    }

    #[test]
    fn nothing_chosen_is_an_operation_in_order() {
        assert_eq!(applied(&[0; 14]), 1);
        judge(&[]);
    }

    #[test]
    fn chains_in_order_are_bound() {
        // Of the owner, and of the one whose key is RSA.
        assert_eq!(applied(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 128]), 1);
        assert_eq!(applied(&[0, 0, 0, 0, 0, 0, 0, 0, 255, 3, 128]), 1);
    }

    #[test]
    fn a_payload_is_taken_as_it_stands() {
        let bytes = [&AS_IT_STANDS[..], b"{}"].concat();
        let jws = made(&mut Unstructured::new(&bytes[BEFORE..])).unwrap();
        assert_eq!(jws.split(|byte| *byte == b'.').nth(1), Some(&b"e30"[..]));
    }

    #[test]
    fn the_two_agree() {
        for first in 0..=255_u8 {
            let bytes: Vec<u8> = (0..=255_u8).map(|place| place.wrapping_mul(first) ^ (place >> 3)).collect();
            judge(&bytes);
        }
    }
}
