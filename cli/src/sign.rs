//! Makes signed operations in the two spellings of §1.

use std::fmt::Write;

use anyhow::{Context, Result};
use ed25519_compact::SecretKey;
use lockop::Uuid;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::args::Encoding;
use crate::base64;
use crate::members::Members;

/// What is to be signed.
#[derive(Debug, Clone)]
pub(crate) struct Draft<'a> {
    pub(crate) iss: Uuid,
    pub(crate) sub: Uuid,
    pub(crate) nbf: u64,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
    pub(crate) jti: Option<&'a str>,
    /// A JSON array. It is passed on as it is: whoever wants to sign nonsense can.
    pub(crate) users: &'a RawValue,
    /// Certificates in base64.
    pub(crate) x5c: Option<Vec<String>>,
    pub(crate) encoding: Encoding,
}

/// Members in the SDK's order, which is as good as any other for RFC 7515. The outer `Option` is whether the member is
/// there at all: the SDK writes `null` for what is not set.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5c: Option<Option<&'a [String]>>,
    typ: &'static str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    sub: String,
    nbf: u64,
    iat: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<Option<&'a str>>,
    operation: Operation<'a>,
}

#[derive(Serialize)]
struct Operation<'a> {
    #[serde(rename = "type")]
    operation_type: &'static str,
    users: &'a RawValue,
}

/// A signed operation, and its payload in JSON.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) jws: String,
    pub(crate) claims: String,
}

impl Draft<'_> {
    pub(crate) fn sign(&self, key: &SecretKey) -> Result<Signed> {
        let explicit = self.encoding == Encoding::Base64;
        let completed;
        let users = if explicit {
            completed = with_nulls(self.users)?;
            &*completed
        } else {
            self.users
        };
        let x5c = self.x5c.as_deref();
        let header = Header { alg: "EdDSA", x5c: (explicit || x5c.is_some()).then_some(x5c), typ: "JWT" };
        let claims = Claims {
            iss: self.iss.to_string(),
            sub: self.sub.to_string(),
            nbf: self.nbf,
            iat: self.iat,
            exp: self.exp,
            jti: (explicit || self.jti.is_some()).then_some(self.jti),
            operation: Operation { operation_type: "BATCH_ADD_USER", users },
        };
        let claims = serde_json::to_string(&claims)?;
        let encode = |bytes: &[u8]| base64::encode(bytes, self.encoding);
        let mut jws = format!("{}.{}", encode(&serde_json::to_vec(&header)?), encode(claims.as_bytes()));
        let signature = key.sign(&jws, None);
        write!(jws, ".{}", encode(signature.as_ref()))?;
        Ok(Signed { jws, claims })
    }
}

/// The users as the SDK writes them: members in its order, the optional ones always there.
fn with_nulls(users: &RawValue) -> Result<Box<RawValue>> {
    let users: Vec<&RawValue> = serde_json::from_str(users.get()).context("the users are no JSON array")?;
    let users: Result<Vec<_>> = users.into_iter().map(user_with_nulls).collect();
    Ok(RawValue::from_string(format!("[{}]", users?.join(",")))?)
}

fn user_with_nulls(user: &RawValue) -> Result<String> {
    const REQUIRED: [&str; 2] = ["user", "publicKey"];
    const OPTIONAL: [&str; 3] = ["role", "start", "end"];
    let Some(members) = Members::parse(user.get().as_bytes()) else {
        return Ok(user.get().to_owned());
    };
    let mut ordered: Vec<(&str, &str)> = Vec::new();
    for name in REQUIRED.into_iter().chain(OPTIONAL) {
        let before = ordered.len();
        ordered.extend(members.iter().filter(|member| member.0 == name));
        if ordered.len() == before && OPTIONAL.contains(&name) {
            ordered.push((name, "null"));
        }
    }
    ordered.extend(members.iter().filter(|(name, _)| !REQUIRED.contains(name) && !OPTIONAL.contains(name)));
    let members: Result<Vec<_>, _> =
        ordered.into_iter().map(|(name, value)| Ok(format!("{}:{value}", serde_json::to_string(name)?))).collect();
    members.map(|members| format!("{{{}}}", members.join(","))).map_err(|error: serde_json::Error| error.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws;
    use ed25519_compact::{KeyPair, Seed};
    use lockop::Part;

    fn signed(users: &str, jti: Option<&str>, encoding: Encoding) -> (String, String, String) {
        let users = RawValue::from_string(users.to_owned()).unwrap();
        let key = KeyPair::from_seed(Seed::new([7; 32]));
        let draft = Draft {
            iss: Uuid::from_bytes([0xaa; 16]),
            sub: Uuid::from_bytes([0xbb; 16]),
            nbf: 5,
            iat: 6,
            exp: 7,
            jti,
            users: &users,
            x5c: None,
            encoding,
        };
        let signed = draft.sign(&key.sk).unwrap();
        let text = |part| String::from_utf8(jws::part(&signed.jws.clone().into_bytes(), part).unwrap().bytes).unwrap();
        let (input, signature) = jws::signed(signed.jws.as_bytes()).unwrap();
        key.pk.verify(input, &ed25519_compact::Signature::new(signature)).unwrap();
        assert_eq!(text(Part::Payload), signed.claims);
        (signed.jws.clone(), text(Part::Header), text(Part::Payload))
    }

    const IDS: &str = r#""iss":"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa","sub":"bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb""#;

    #[test]
    fn the_recipes_spelling_leaves_out_what_is_not_set() {
        let (jws, header, payload) = signed(r#"[ {"end": 1e3, "user": 5} ]"#, None, Encoding::Base64url);
        assert_eq!(header, r#"{"alg":"EdDSA","typ":"JWT"}"#);
        let operation = r#"{"type":"BATCH_ADD_USER","users":[ {"end": 1e3, "user": 5} ]}"#;
        assert_eq!(payload, format!(r#"{{{IDS},"nbf":5,"iat":6,"exp":7,"operation":{operation}}}"#));
        assert!(!jws.contains(['+', '/', '=']));
    }

    #[test]
    fn the_sdks_spelling_writes_null() {
        let users = r#"[{"x": 1, "end": 9, "user": "u", "user": "v"}, 3]"#;
        let (jws, header, payload) = signed(users, None, Encoding::Base64);
        assert_eq!(header, r#"{"alg":"EdDSA","x5c":null,"typ":"JWT"}"#);
        let users = r#"[{"user":"u","user":"v","role":null,"start":null,"end":9,"x":1},3]"#;
        let operation = format!(r#"{{"type":"BATCH_ADD_USER","users":{users}}}"#);
        assert_eq!(payload, format!(r#"{{{IDS},"nbf":5,"iat":6,"exp":7,"jti":null,"operation":{operation}}}"#));
        assert!(jws.ends_with("=="), "64 bytes need two signs of padding");
    }

    #[test]
    fn an_id_is_quoted() {
        let (_, _, payload) = signed("[]", Some("a\"\u{1b}"), Encoding::Base64url);
        assert!(payload.contains(r#""jti":"a\"\u001b""#), "{payload}");
    }
}
