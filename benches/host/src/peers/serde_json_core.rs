//! serde-json-core, heapless, base64ct and ed25519-compact: what one writes oneself where there is no heap.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use ed25519_compact::PublicKey;
use lockop::MAX_USERS;
use serde::Deserialize;

use super::serde_json::decode_signature;
use super::{Base64Ct, Claims};
use crate::Grants;
use crate::lock::Lock;
use crate::model::User;
use crate::refused::Refused;

/// What 32,768 bytes of base64 decode to at most.
const MAX_DECODED_LEN: usize = 24_576;

/// The protected header; other members are ignored.
#[derive(Deserialize)]
struct Header<'a> {
    alg: &'a str,
    typ: Option<&'a str>,
}

/// The whole job.
pub(crate) fn verify(jws: &str, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    either(jws, lock, grants, true)
}

/// Everything but the signature.
pub(crate) fn read(jws: &str, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    either(jws, lock, grants, false)
}

/// The two families of clients: 64 bytes of signature always have padding where there is any.
fn either(jws: &str, lock: &Lock, grants: &mut Grants, verified: bool) -> Result<(), Refused> {
    if jws.ends_with('=') {
        job::<Base64>(jws, lock, grants, verified)
    } else {
        job::<Base64UrlUnpadded>(jws, lock, grants, verified)
    }
}

fn job<E: Encoding>(jws: &str, lock: &Lock, grants: &mut Grants, verified: bool) -> Result<(), Refused> {
    let (message, signature) = jws.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(Refused::Malformed)?;
    let mut buffer = [0; MAX_DECODED_LEN];
    let header: Header<'_> = json(E::decode(header, &mut buffer).map_err(|_| Refused::Malformed)?)?;
    if header.alg != "EdDSA" || header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
        return Err(Refused::Malformed);
    }
    let signature = decode_signature::<E>(signature)?;
    if verified {
        PublicKey::new(lock.signer).verify(message, &signature).map_err(|_| Refused::Signature)?;
    }
    let payload = E::decode(payload, &mut buffer).map_err(|_| Refused::Malformed)?;
    let claims: Claims<heapless::Vec<User<Base64Ct>, MAX_USERS>> = json(payload)?;
    lock.permits(&claims.claimed())?;
    claims.operation.grant(grants)
}

/// All of `text`, but white space at its end, is one value.
fn json<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Refused> {
    let (value, len) = serde_json_core::from_slice(text).map_err(|_| Refused::Malformed)?;
    if text[len..].trim_ascii().is_empty() { Ok(value) } else { Err(Refused::Malformed) }
}
