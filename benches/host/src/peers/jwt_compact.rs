//! jwt-compact, with the arithmetic of ed25519-compact.
//!
//! It decodes base64url without padding only.

use chrono::{DateTime, Duration, Utc};
use ed25519_compact::PublicKey;
use jwt_compact::alg::Ed25519;
use jwt_compact::{Algorithm as _, AlgorithmExt as _, Claims, TimeOptions, UntrustedToken, ValidationError};
use serde::Deserialize;

use super::Base64Ct;
use crate::Grants;
use crate::lock::Lock;
use crate::model::{Operation, User, id};
use crate::refused::Refused;

/// The claims that jwt-compact does not know.
#[derive(Deserialize)]
struct Custom {
    iss: uuid::Uuid,
    sub: uuid::Uuid,
    operation: Operation<Vec<User<Base64Ct>>>,
}

/// The whole job.
pub(crate) fn verify(jws: &str, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    let token = UntrustedToken::new(jws).map_err(|_| Refused::Malformed)?;
    let key = PublicKey::new(lock.signer);
    let token = Ed25519.validator::<Custom>(&key).validate(&token).map_err(|error| match error {
        ValidationError::InvalidSignature => Refused::Signature,
        _ => Refused::Malformed,
    })?;
    decide(token.claims(), lock, grants)
}

/// Everything but the signature.
pub(crate) fn read(jws: &str, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    let token = UntrustedToken::new(jws).map_err(|_| Refused::Malformed)?;
    if token.algorithm() != Ed25519.name() {
        return Err(Refused::Malformed);
    }
    let claims = token.deserialize_claims_unchecked::<Custom>().map_err(|_| Refused::Malformed)?;
    decide(&claims, lock, grants)
}

fn decide(claims: &Claims<Custom>, lock: &Lock, grants: &mut Grants) -> Result<(), Refused> {
    let now = time(lock.now)?;
    let leeway = Duration::seconds(lock.leeway.try_into().map_err(|_| Refused::Time)?);
    let options = TimeOptions::new(leeway, move || now);
    claims.validate_expiration(&options).map_err(|_| Refused::Time)?;
    claims.validate_maturity(&options).map_err(|_| Refused::Time)?;
    // Which it does not check.
    if claims.issued_at.is_none_or(|issued| issued > now + leeway) || claims.expiration <= claims.not_before {
        return Err(Refused::Time);
    }
    lock.permits_issuer(id(claims.custom.iss), id(claims.custom.sub))?;
    claims.custom.operation.grant(grants)
}

fn time(seconds: u64) -> Result<DateTime<Utc>, Refused> {
    let time = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.ok_or(Refused::Time)
}
