//! serde_json, base64ct and ed25519-compact: what one writes oneself where there is a heap.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use ed25519_compact::{PublicKey, Signature};
use serde::Deserialize;

use super::{Base64Ct, Claims};
use crate::Grants;
use crate::lock::Lock;
use crate::model::User;
use crate::refused::Refused;

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
    let header = E::decode_vec(header).map_err(|_| Refused::Malformed)?;
    let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| Refused::Malformed)?;
    if header.alg != "EdDSA" || header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
        return Err(Refused::Malformed);
    }
    let signature = decode_signature::<E>(signature)?;
    if verified {
        PublicKey::new(lock.signer).verify(message, &signature).map_err(|_| Refused::Signature)?;
    }
    let payload = E::decode_vec(payload).map_err(|_| Refused::Malformed)?;
    let claims: Claims<Vec<User<Base64Ct>>> = serde_json::from_slice(&payload).map_err(|_| Refused::Malformed)?;
    lock.permits(&claims.claimed())?;
    claims.operation.grant(grants)
}

/// The arithmetic alone.
pub(crate) fn arithmetic(jws: &str, lock: &Lock, _: &mut Grants) -> Result<(), Refused> {
    let (message, signature) = jws.rsplit_once('.').ok_or(Refused::Malformed)?;
    let signature = decode_signature::<Base64UrlUnpadded>(signature)?;
    PublicKey::new(lock.signer).verify(message, &signature).map_err(|_| Refused::Signature)
}

/// Of 64 bytes.
pub(super) fn decode_signature<E: Encoding>(text: &str) -> Result<Signature, Refused> {
    let mut bytes = [0; Signature::BYTES];
    match E::decode(text, &mut bytes) {
        Ok(decoded) if decoded.len() == Signature::BYTES => Ok(Signature::new(bytes)),
        _ => Err(Refused::Malformed),
    }
}
