//! Operations that really are signed, so that what is behind the signature is reached: the verdict is that of the model.

#![no_main]

use ed25519_dalek::Signer;
use libfuzzer_sys::fuzz_target;
use lockop::{Code, Uuid};
use lockop_fuzz::base64::{self, SPELLINGS};
use lockop_fuzz::json;
use lockop_fuzz::skeleton::{Choices, payload};
use lockop_fuzz::verdict::{Envelope, verdict};
use lockop_fuzz::world::{self, FORMER, GUEST, NOW, OWNER};

/// Headers, and what each of them alone calls for.
const HEADERS: &[(&str, Option<Code>)] = &[
    (r#"{"alg":"EdDSA","typ":"JWT"}"#, None),
    (r#"{"kid":"x","x5c":null,"typ":"jwt","alg":"Ed25519"}"#, None),
    (r#"{"alg":"none"}"#, Some(Code::UnsupportedAlgorithm)),
    (r#"{"alg":"EdDSA","crit":null}"#, Some(Code::UnsupportedAlgorithm)),
    (r#"{"typ":"JWT"}"#, Some(Code::Malformed)),
];

/// The limit of the default policy.
const LONGEST: usize = 32_768;

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::new(bytes);
    let (header, header_code) = choices.pick(HEADERS);
    let signer = choices.pick(&[OWNER, GUEST, FORMER]);
    // Most signatures are good: the wrong ones all end at the same place.
    let spoil = choices.byte() > 250;
    let (respell, spelling) = (choices.byte(), choices.pick(&SPELLINGS));
    let payload = payload(&mut choices);
    // serde_json would read some objects as numbers: nothing can be said about those.
    if json::is_ambiguous(&payload) {
        return;
    }
    let segment = respelled(&(spelling.encode)(&payload), respell);
    let jws = sign(&base64::encode(header.as_bytes()), &segment, signer, spoil);

    let mut acl = world::acl(&world::users());
    let before = acl.clone();
    let envelope = Envelope { header: header_code, signer: (!spoil).then_some(signer) };
    let expected = match base64::decode(segment.as_bytes()) {
        Some(payload) if jws.len() <= LONGEST => verdict(&payload, envelope, before.entries()),
        _ => Err(Code::Malformed),
    };
    let got = world::device().apply(jws.as_bytes(), NOW, &mut acl);
    let got_code = got.as_ref().map(|applied| applied.users).map_err(lockop::Error::code);
    let expected_code = expected.as_ref().map(Vec::len).map_err(|code| *code);
    assert_eq!(got_code, expected_code, "{got:?}\n{}", payload.escape_ascii());

    let Ok(grants) = expected else {
        assert_eq!(acl.entries(), before.entries(), "changed by a refusal");
        assert_eq!(acl.replays(), before.replays(), "changed by a refusal");
        return;
    };
    let mut model = before;
    for grant in &grants {
        model.provision(*grant).expect("the model has counted");
    }
    assert_eq!(acl.entries(), model.entries());
    // Who has changed their own entry may be nobody who can sign any more.
    if grants.iter().any(|grant| grant.user == signer) {
        return;
    }
    // §8
    let again = world::device().apply(jws.as_bytes(), NOW, &mut acl).map_err(|error| error.code());
    assert_eq!(again.err(), Some(Code::Replayed));
});

/// The segment spelled otherwise, rightly or wrongly.
fn respelled(segment: &str, how: u8) -> String {
    match how {
        250 => format!("{segment}="),
        251 => segment.replace('_', "/"),
        252 => format!("{segment}\n"),
        253 => segment.replacen('A', "B", 1),
        254 => segment.replacen("Q=", "R=", 1),
        255 => format!("{segment}.{segment}"),
        _ => segment.to_owned(),
    }
}

fn sign(header: &str, payload: &str, signer: Uuid, spoil: bool) -> String {
    let input = format!("{header}.{payload}");
    let mut signature = world::signing_key(signer).sign(input.as_bytes()).to_bytes();
    signature[0] ^= u8::from(spoil);
    format!("{input}.{}", base64::encode(&signature))
}
