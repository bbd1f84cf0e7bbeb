//! The peers, each as a competent user of it would do this job.

pub(crate) mod jsonwebtoken;
pub(crate) mod jwt_compact;
pub(crate) mod jwt_simple;
pub(crate) mod serde_json;
pub(crate) mod serde_json_core;

use lockop::Uuid;
use serde::Deserialize;

use crate::Grants;
use crate::lock::{Claimed, Lock};
use crate::model::{Base64, Operation, id};
use crate::refused::Refused;

/// Reads a JWS and checks it; what it grants is put into the empty `Grants`.
pub(crate) type Adapter = fn(&str, &Lock, &mut Grants) -> Result<(), Refused>;

/// The payload, for peers who leave the registered claims to their user.
#[derive(Deserialize)]
#[serde(bound(deserialize = "V: Deserialize<'de>"))]
pub(crate) struct Claims<V> {
    iss: uuid::Uuid,
    sub: uuid::Uuid,
    nbf: u64,
    iat: u64,
    exp: u64,
    operation: Operation<V>,
}

impl<V> Claims<V> {
    fn claimed(&self) -> Claimed {
        Claimed { iss: id(self.iss), sub: id(self.sub), nbf: self.nbf, iat: self.iat, exp: self.exp }
    }
}

/// A UUID that a peer gives as text.
fn uuid(text: Option<&str>) -> Result<Uuid, Refused> {
    let uuid = text.and_then(|text| uuid::Uuid::try_parse(text).ok());
    uuid.map(id).ok_or(Refused::Malformed)
}

/// The decoder of the crate base64ct.
pub(crate) struct Base64Ct;

impl Base64 for Base64Ct {
    fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        <base64ct::Base64 as base64ct::Encoding>::decode(text, buffer).ok()
    }
}
