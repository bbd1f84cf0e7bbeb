//! jsonwebtoken, with RustCrypto's arithmetic.
//!
//! Its own checks of time read the system's clock, which is not the lock's: they are switched off, and made by hand. It
//! decodes base64url without padding only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};

use super::Claims;
use crate::Grants;
use crate::lock::Lock;
use crate::model::{Base64, User};
use crate::refused::Refused;

type Payload = Claims<Vec<User<Decoder>>>;

/// The decoder that jsonwebtoken uses itself.
struct Decoder;

impl Base64 for Decoder {
    fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let len = STANDARD.decode_slice(text, buffer).ok()?;
        buffer.get(..len)
    }
}

/// The whole job.
pub(crate) fn verify(jws: &str, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_ed_der(&lock.signer);
    let token = decode::<Payload>(jws, &key, &validation).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => Refused::Signature,
        _ => Refused::Malformed,
    })?;
    decide(&token.claims, lock, grants)
}

/// Everything but the signature.
pub(crate) fn read(jws: &str, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    let token = insecure_decode::<Payload>(jws).map_err(|_| Refused::Malformed)?;
    if token.header.alg != Algorithm::EdDSA {
        return Err(Refused::Malformed);
    }
    decide(&token.claims, lock, grants)
}

fn decide(claims: &Payload, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    lock.permits(&claims.claimed())?;
    claims.operation.grant(grants)
}

/// The arithmetic alone: the signature of a JWS, with nothing decoded but itself.
pub(crate) fn arithmetic(jws: &str, lock: &Lock, _: &mut Grants) -> Result<(), Refused> {
    let (message, signature) = jws.rsplit_once('.').ok_or(Refused::Malformed)?;
    let key = DecodingKey::from_ed_der(&lock.signer);
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, Algorithm::EdDSA) {
        Ok(true) => Ok(()),
        _ => Err(Refused::Signature),
    }
}
