//! jwt-simple, in pure Rust.
//!
//! It decodes base64url without padding only, and nothing without its signature but the header.

use jwt_simple::prelude::{Duration, Ed25519PublicKey, EdDSAPublicKeyLike as _, UnixTimeStamp, VerificationOptions};
use jwt_simple::reexports::ct_codecs::{Base64 as Codec, Decoder as _};
use jwt_simple::{Error, JWTError};
use serde::Deserialize;

use super::uuid;
use crate::Grants;
use crate::lock::Lock;
use crate::model::{Base64, Operation, User};
use crate::refused::Refused;

/// The decoder that jwt-simple uses itself.
struct Decoder;

impl Base64 for Decoder {
    fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        Codec::decode(buffer, text, None).ok()
    }
}

/// The claims that jwt-simple does not know.
#[derive(Deserialize)]
struct Custom {
    operation: Operation<Vec<User<Decoder>>>,
}

/// The whole job.
pub(crate) fn verify(jws: &str, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    let options = VerificationOptions {
        artificial_time: Some(UnixTimeStamp::from_secs(lock.now)),
        time_tolerance: Some(Duration::from_secs(lock.leeway)),
        // Its default is less than a header with four certificates.
        max_header_length: Some(32_768),
        ..VerificationOptions::default()
    };
    let key = Ed25519PublicKey::from_bytes(&lock.signer).map_err(|_| Refused::Signature)?;
    let claims = key.verify_token::<Custom>(jws, Some(options)).map_err(|error| reason(&error))?;
    // Absent, they are not checked.
    if claims.issued_at.is_none() || claims.expires_at <= claims.invalid_before || claims.invalid_before.is_none() {
        return Err(Refused::Time);
    }
    lock.permits_issuer(uuid(claims.issuer.as_deref())?, uuid(claims.subject.as_deref())?)?;
    claims.custom.operation.grant(grants)
}

fn reason(error: &Error) -> Refused {
    match error.downcast_ref() {
        Some(JWTError::InvalidSignature) => Refused::Signature,
        Some(JWTError::TokenHasExpired | JWTError::TokenNotValidYet | JWTError::ClockDrift) => Refused::Time,
        _ => Refused::Malformed,
    }
}

/// The arithmetic alone, as jwt-simple has it: the check of the key, and ed25519-compact's verification.
pub(crate) fn arithmetic(jws: &str, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    Ed25519PublicKey::from_bytes(&lock.signer).map_err(|_| Refused::Signature)?;
    super::serde_json::arithmetic(jws, lock, grants)
}
