//! Rows 1 and 2 of §7: what arrives (§1), the header (§3) and the claims (§4).

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use lockop::{Code, Policy, Uuid};

use super::ensure;
use super::grants::uuid;
use crate::base64;
use crate::json::{self, Json};

/// Longest certificate of those that are read (§11).
const LONGEST_CERTIFICATE: usize = 2048;

/// An operation that is neither malformed nor unsupported.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// Who signs.
    pub iss: Uuid,
    /// The lock.
    pub sub: Uuid,
    /// Unix seconds.
    pub nbf: u64,
    /// Unix seconds.
    pub iat: u64,
    /// Unix seconds.
    pub exp: u64,
    /// The name of the operation.
    pub jti: Option<String>,
    /// What is to be done.
    pub operation: BTreeMap<String, Json>,
    /// The certificates.
    pub chain: Option<Vec<Vec<u8>>>,
    /// What was signed.
    pub signing_input: Vec<u8>,
    /// The third segment.
    pub signature: Vec<u8>,
}

impl Parsed {
    /// Reads an operation.
    ///
    /// # Errors
    ///
    /// The code: `malformed` goes before `unsupported-algorithm`.
    pub fn read(jws: &[u8], policy: &Policy) -> Result<Self, Code> {
        let (parsed, is_supported) = Self::well_formed(jws, policy).ok_or(Code::Malformed)?;
        ensure(is_supported, Code::UnsupportedAlgorithm)?;
        Ok(parsed)
    }

    fn well_formed(jws: &[u8], policy: &Policy) -> Option<(Self, bool)> {
        let segments: Vec<&[u8]> = jws.split(|byte| *byte == b'.').collect();
        let [header, payload, signature] = segments[..] else { return None };
        if jws.len() > policy.max_len {
            return None;
        }
        let signing_input = [header, b".", payload].concat();
        let decode = |segment| base64::segment(segment, policy.rfc7515_only);
        let (header, claims) = (json::read(&decode(header)?)?, json::read(&decode(payload)?)?);
        let (header, claims) = (header.as_object()?, claims.as_object()?);
        let date = |name| json::numeric_date(claims.get(name)?);
        let parsed = Self {
            iss: uuid(claims.get("iss")?)?,
            sub: uuid(claims.get("sub")?)?,
            nbf: date("nbf")?,
            iat: date("iat")?,
            exp: date("exp")?,
            jti: jti(claims.get("jti"))?,
            operation: claims.get("operation")?.as_object()?.clone(),
            chain: chain(header.get("x5c"))?,
            signing_input,
            signature: decode(signature)?,
        };
        let missing = policy.require_jti && parsed.jti.is_none();
        let supported = is_supported(header)?;
        (parsed.nbf < parsed.exp && !missing).then_some((parsed, supported))
    }
}

/// §3, rows 1 and 2
fn is_supported(header: &BTreeMap<String, Json>) -> Option<bool> {
    let alg = header.get("alg")?.as_str()?;
    let typ = header.get("typ").map_or(Some("JWT"), Json::as_str)?;
    Some(matches!(alg, "EdDSA" | "Ed25519") && typ.eq_ignore_ascii_case("JWT") && !header.contains_key("crit"))
}

fn chain(x5c: Option<&Json>) -> Option<Option<Vec<Vec<u8>>>> {
    let certificates = match x5c {
        None | Some(Json::Null) => return Some(None),
        Some(Json::Array(certificates)) if (1..=6).contains(&certificates.len()) => certificates,
        Some(_) => return None,
    };
    let der = |text: &Json| Base64::decode_vec(text.as_str()?).ok().filter(|der| !der.is_empty());
    let chain: Vec<Vec<u8>> = certificates.iter().map(der).collect::<Option<_>>()?;
    let too_long = chain.iter().take(2).any(|der| der.len() > LONGEST_CERTIFICATE);
    (!too_long).then_some(Some(chain))
}

fn jti(value: Option<&Json>) -> Option<Option<String>> {
    match value {
        None | Some(Json::Null) => Some(None),
        Some(Json::String(jti)) if (1..=128).contains(&jti.len()) => Some(Some(jti.clone())),
        Some(_) => None,
    }
}
