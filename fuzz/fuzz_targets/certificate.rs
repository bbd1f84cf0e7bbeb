//! Certificates: the library's own DER reader, and what it lets be bound to the issuer (§6).

#![no_main]

use base64ct::{Base64, Encoding};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use lockop::{ConstantTime, Policy, Unverified, UserKey};
use lockop_fuzz::certificate_input::CertificateInput;
use lockop_fuzz::changed_der::change_der;
use lockop_fuzz::key::places_of_rsa_key;
use lockop_fuzz::leaf::{Circumstances, bound_key};
use lockop_fuzz::{base64, world};

/// Longest certificate that is read (§11).
const LONGEST: usize = 2048;

/// What stands before the key in an Ed25519 SubjectPublicKeyInfo.
const ED25519: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

fuzz_target!(|bytes: &[u8]| {
    let Some(input) = CertificateInput::read(bytes) else { return };
    let jws = jws(&input);
    let readable = |der: &[u8]| (1..=LONGEST).contains(&der.len());
    let expected = readable(input.leaf) && (input.next.is_empty() || readable(input.next));
    let parsed = Unverified::parse(jws.as_bytes(), &Policy::DEFAULT);
    assert_eq!(parsed.is_ok(), expected, "{parsed:?}");
    let Ok(unverified) = parsed else { return };

    // The anchors are found by looking for bytes, so that no parser decides which leaf is tried.
    let own = behind(input.leaf, ED25519).and_then(|key| key.first_chunk()).copied();
    let anchors = [
        None,
        Some(UserKey::Ed25519(input.anchor)),
        own.map(UserKey::Ed25519),
        places_of_rsa_key(input.next).find_map(UserKey::from_bytes),
    ];
    let now = u64::from(input.now);
    for anchor in anchors {
        let bound = unverified.leaf_is_bound(anchor.as_ref(), now, &Policy::DEFAULT, &mut ConstantTime);
        let next = Some(input.next).filter(|next| !next.is_empty());
        let circumstances = Circumstances { now, leeway: world::LEEWAY, iss: input.iss, anchor, next };
        let expected = match bound_key(input.leaf, &circumstances) {
            // Beyond what x509-cert reads, the library is believed.
            Ok(None) => bound,
            Ok(Some(_)) => Some(true),
            Err(_) => Some(false),
        };
        assert_eq!(bound, expected, "{anchor:?} {:?}", bound_key(input.leaf, &circumstances));
        assert_ne!(bound, None, "there is a chain");
    }
});

// Most changes are made inside one of the certificates.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    changed(&data[..size], seed)
        .filter(|changed| changed.len() <= max_size)
        .map(|changed| {
            data[..changed.len()].copy_from_slice(&changed);
            changed.len()
        })
        .unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

/// Every eighth change is the fuzzer's own.
fn changed(bytes: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mutate = |buffer: &mut [u8], len| {
        let room = buffer.len();
        fuzzer_mutate(buffer, len, room)
    };
    let input = CertificateInput::read(bytes)?;
    match seed >> 29 {
        0 => None,
        1 => CertificateInput { next: &change_der(input.next, seed, &mutate), ..input }.write(),
        _ => CertificateInput { leaf: &change_der(input.leaf, seed, &mutate), ..input }.write(),
    }
}

fn jws(input: &CertificateInput<'_>) -> String {
    let chain: Vec<String> = [input.leaf, input.next]
        .iter()
        .enumerate()
        .filter(|(place, der)| *place == 0 || !der.is_empty())
        .map(|(_, der)| format!("\"{}\"", Base64::encode_string(der)))
        .collect();
    let header = format!(r#"{{"alg":"EdDSA","typ":"JWT","x5c":[{}]}}"#, chain.join(","));
    let payload =
        format!(r#"{{"iss":"{}","sub":"{}","nbf":0,"iat":0,"exp":9,"operation":{{}}}}"#, input.iss, world::LOCK);
    format!("{}.{}.AAAA", base64::encode(header.as_bytes()), base64::encode(payload.as_bytes()))
}

/// What stands behind the first place where `words` is.
fn behind<'a>(bytes: &'a [u8], words: &[u8]) -> Option<&'a [u8]> {
    let place = bytes.windows(words.len()).position(|window| window == words)?;
    bytes.get(place + words.len()..)
}
