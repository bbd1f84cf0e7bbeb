//! What a device should say to an operation (§4, §5, §7, §8), in the order of §7.

use lockop::{AclEntry, Code, Role, UserKey, Uuid, Window};
use serde_json::{Map, Value};

use crate::world::{LEEWAY, LOCK, NOW, ROOM};
use crate::{base64, json, key};

/// What the operation is, apart from its payload.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    /// What the header alone calls for.
    pub header: Option<Code>,
    /// Whose key has signed; `None` if the signature is wrong.
    pub signer: Option<Uuid>,
}

/// The entries that an operation should put on the ACL, or the code that it should be refused with.
///
/// # Errors
///
/// The code.
pub fn verdict(payload: &[u8], envelope: Envelope, acl: &[AclEntry]) -> Result<Vec<AclEntry>, Code> {
    // Rows 1 and 2: all that is malformed goes before what is unsupported.
    let claims = Claims::read(payload).ok_or(Code::Malformed)?;
    envelope.header.map_or(Ok(()), Err)?;
    // Row 3
    let issuer = acl.iter().find(|entry| entry.user == claims.iss).ok_or(Code::Unauthenticated)?;
    ensure(envelope.signer == Some(claims.iss), Code::Unauthenticated)?;
    // Rows 4 to 6
    ensure(claims.sub == LOCK, Code::WrongDevice)?;
    ensure(NOW + LEEWAY >= claims.nbf.max(claims.iat), Code::NotYetValid)?;
    ensure(NOW < claims.exp + LEEWAY, Code::Expired)?;
    ensure(issuer.role == Role::Admin && issuer.window.contains(NOW), Code::Forbidden)?;
    // Rows 8 and 9
    match claims.operation.get("type") {
        Some(Value::String(name)) if name == "BATCH_ADD_USER" => {}
        Some(Value::String(_)) => return Err(Code::UnsupportedOperation),
        _ => return Err(Code::InvalidOperation),
    }
    let grants = grants(&claims.operation).ok_or(Code::InvalidOperation)?;
    // Row 10
    let new = grants.iter().filter(|grant| acl.iter().all(|entry| entry.user != grant.user)).count();
    ensure(acl.len() + new <= ROOM, Code::AclFull)?;
    Ok(grants)
}

fn ensure(good: bool, otherwise: Code) -> Result<(), Code> {
    if good { Ok(()) } else { Err(otherwise) }
}

/// §4
struct Claims {
    iss: Uuid,
    sub: Uuid,
    nbf: u64,
    iat: u64,
    exp: u64,
    operation: Map<String, Value>,
}

impl Claims {
    fn read(payload: &[u8]) -> Option<Self> {
        let Value::Object(claims) = json::read(payload)? else { return None };
        let date = |name| json::numeric_date(claims.get(name)?);
        let claims = Self {
            iss: uuid(claims.get("iss")?)?,
            sub: uuid(claims.get("sub")?)?,
            nbf: date("nbf")?,
            iat: date("iat")?,
            exp: date("exp")?,
            operation: match (claims.get("jti"), claims.get("operation")?) {
                (None | Some(Value::Null), Value::Object(operation)) => operation.clone(),
                (Some(Value::String(jti)), Value::Object(operation)) if (1..=128).contains(&jti.len()) => {
                    operation.clone()
                }
                _ => return None,
            },
        };
        (claims.nbf < claims.exp).then_some(claims)
    }
}

/// §5
fn grants(operation: &Map<String, Value>) -> Option<Vec<AclEntry>> {
    only(operation, &["type", "users"])?;
    let Value::Array(users) = operation.get("users")? else { return None };
    let grants: Vec<AclEntry> = users.iter().map(grant).collect::<Option<_>>()?;
    let repeated = (1..grants.len()).any(|place| grants[..place].iter().any(|it| it.user == grants[place].user));
    ((1..=25).contains(&grants.len()) && !repeated).then_some(grants)
}

fn grant(user: &Value) -> Option<AclEntry> {
    let Value::Object(user) = user else { return None };
    only(user, &["user", "publicKey", "role", "start", "end"])?;
    let bound = |name| match user.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => json::numeric_date(value).map(Some),
    };
    let (start, end): (Option<u64>, Option<u64>) = (bound("start")?, bound("end")?);
    if start.zip(end).is_some_and(|(start, end)| end <= start) {
        return None;
    }
    let Value::String(text) = user.get("publicKey")? else { return None };
    let key = key::user_key(&base64::decode(text.as_bytes())?)?;
    if let UserKey::Ed25519(key) = &key
        && !key::is_good_ed25519(key)
    {
        return None;
    }
    let role = match user.get("role") {
        None | Some(Value::Null) => Role::User,
        Some(Value::String(role)) if role == "USER" => Role::User,
        Some(Value::String(role)) if role == "ADMIN" => Role::Admin,
        Some(_) => return None,
    };
    Some(AclEntry { user: uuid(user.get("user")?)?, key, role, window: Window::new(start, end)? })
}

fn only(object: &Map<String, Value>, known: &[&str]) -> Option<()> {
    object.keys().all(|name| known.contains(&name.as_str())).then_some(())
}

/// The 36-character form (RFC 9562 §4), in either letter case.
fn uuid(value: &Value) -> Option<Uuid> {
    let Value::String(text) = value else { return None };
    let shape: String =
        text.chars().map(|character| if character.is_ascii_hexdigit() { 'x' } else { character }).collect();
    if shape != "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" {
        return None;
    }
    let number = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    Some(Uuid::from_bytes(number.to_be_bytes()))
}
