//! Rows 8 and 9 of §7: what is inside `operation` (§5).

use std::collections::BTreeMap;

use lockop::{AclEntry, Code, Role, UserKey, Uuid, Window};

use crate::json::{self, Json};
use crate::{base64, key};

/// The entries that an operation should put on the ACL.
///
/// # Errors
///
/// The code.
pub fn grants(operation: &BTreeMap<String, Json>) -> Result<Vec<AclEntry>, Code> {
    match operation.get("type").and_then(Json::as_str) {
        Some("BATCH_ADD_USER") => batch(operation).ok_or(Code::InvalidOperation),
        Some(_) => Err(Code::UnsupportedOperation),
        None => Err(Code::InvalidOperation),
    }
}

fn batch(operation: &BTreeMap<String, Json>) -> Option<Vec<AclEntry>> {
    only(operation, &["type", "users"])?;
    let Json::Array(users) = operation.get("users")? else { return None };
    let grants: Vec<AclEntry> = users.iter().map(grant).collect::<Option<_>>()?;
    let repeated = (1..grants.len()).any(|place| grants[..place].iter().any(|it| it.user == grants[place].user));
    ((1..=25).contains(&grants.len()) && !repeated).then_some(grants)
}

fn grant(user: &Json) -> Option<AclEntry> {
    let user = user.as_object()?;
    only(user, &["user", "publicKey", "role", "start", "end"])?;
    let bound = |name| match user.get(name) {
        None | Some(Json::Null) => Some(None),
        Some(value) => json::numeric_date(value).map(Some),
    };
    let (start, end): (Option<u64>, Option<u64>) = (bound("start")?, bound("end")?);
    if start.zip(end).is_some_and(|(start, end)| end <= start) {
        return None;
    }
    let key = key::user_key(&base64::decode(user.get("publicKey")?.as_str()?.as_bytes())?)?;
    if let UserKey::Ed25519(key) = &key
        && !key::is_good_ed25519(key)
    {
        return None;
    }
    let role = match user.get("role") {
        None | Some(Json::Null) => Role::User,
        Some(Json::String(role)) if role == "USER" => Role::User,
        Some(Json::String(role)) if role == "ADMIN" => Role::Admin,
        Some(_) => return None,
    };
    Some(AclEntry { user: uuid(user.get("user")?)?, key, role, window: Window::new(start, end)? })
}

fn only(object: &BTreeMap<String, Json>, known: &[&str]) -> Option<()> {
    object.keys().all(|name| known.contains(&name.as_str())).then_some(())
}

/// The 36-character form (RFC 9562 §4), in either letter case.
pub(super) fn uuid(value: &Json) -> Option<Uuid> {
    let text = value.as_str()?;
    let shape: String =
        text.chars().map(|character| if character.is_ascii_hexdigit() { 'x' } else { character }).collect();
    if shape != "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" {
        return None;
    }
    let number = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    Some(Uuid::from_bytes(number.to_be_bytes()))
}
