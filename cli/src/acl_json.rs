//! ACL entries in JSON: of ACL files and of vectors.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use lockop::{AclEntry, Role, UserKey, Uuid, Window};
use serde::{Deserialize, Serialize};

/// One entry. The key's text is kept as it came: the ACL of a device keeps the fingerprint of an RSA key only, from which
/// no file could be written.
///
/// An unknown member is an error: it might be a restriction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EntryJson {
    pub(crate) user: String,
    pub(crate) public_key: String,
    #[serde(default)]
    pub(crate) role: Option<String>,
    #[serde(default)]
    pub(crate) start: Option<u64>,
    #[serde(default)]
    pub(crate) end: Option<u64>,
}

impl EntryJson {
    /// The JSON of an entry whose key has this text.
    pub(crate) fn of(entry: &AclEntry, public_key: String) -> Self {
        Self {
            user: entry.user.to_string(),
            public_key,
            role: Some(entry.role.as_str().to_owned()),
            start: entry.window.start(),
            end: entry.window.end(),
        }
    }

    /// What a device keeps of it. Whether an Ed25519 key is a good one is not judged: vectors have bad ones on purpose.
    pub(crate) fn entry(&self) -> Result<AclEntry> {
        let user = Uuid::from_text(self.user.as_bytes()).with_context(|| format!("`{}` is no UUID", self.user))?;
        let key = UserKey::from_base64(self.public_key.as_bytes())
            .with_context(|| format!("the publicKey of {user} is none of the three key forms"))?;
        let role = match &self.role {
            None => Role::User,
            Some(role) => {
                Role::from_text(role.as_bytes()).with_context(|| format!("the role of {user} is `{role}`"))?
            }
        };
        let window = Window::new(self.start, self.end)
            .with_context(|| format!("the start and end of {user} are out of range or out of order"))?;
        Ok(AclEntry { user, key, role, window })
    }
}

/// What a device keeps of a whole ACL.
pub(crate) fn entries(list: &[EntryJson]) -> Result<Vec<AclEntry>> {
    let mut users = BTreeSet::new();
    list.iter()
        .map(|json| {
            let entry = json.entry()?;
            ensure!(users.insert(entry.user), "{} stands on the ACL twice", entry.user);
            Ok(entry)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    fn parse(json: &str) -> Result<AclEntry> {
        serde_json::from_str::<EntryJson>(json)?.entry()
    }

    #[test]
    fn the_last_three_members_are_optional() {
        let user = "00000000-0000-4000-8000-0000000000AB";
        let short = parse(&format!(r#"{{"user": "{user}", "publicKey": "{KEY}"}}"#)).unwrap();
        let long = parse(&format!(
            r#"{{"end": null, "start": null, "role": "USER", "publicKey": "{KEY}", "user": "{user}"}}"#
        ))
        .unwrap();
        assert_eq!(short, long);
        let json = EntryJson::of(&short, KEY.to_owned());
        assert_eq!(
            serde_json::to_string(&json).unwrap(),
            format!(
                r#"{{"user":"{}","publicKey":"{KEY}","role":"USER","start":null,"end":null}}"#,
                user.to_lowercase()
            )
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let good = format!(r#""user": "00000000-0000-4000-8000-000000000001", "publicKey": "{KEY}""#);
        assert!(parse(&format!("{{{good}}}")).is_ok());
        for more in [
            r#""days": ["MON"]"#,
            r#""role": "OWNER""#,
            r#""role": 1"#,
            r#""start": 1.5"#,
            r#""start": -1"#,
            r#""start": 9007199254740992"#,
            r#""start": 5, "end": 5"#,
            r#""start": 5, "start": 5"#,
        ] {
            assert!(parse(&format!("{{{good}, {more}}}")).is_err(), "{more}");
        }
        assert!(parse(r#"{"user": "00000000-0000-4000-8000-000000000001", "publicKey": "AAAA"}"#).is_err());
        assert!(parse(&format!(r#"{{"user": "1", "publicKey": "{KEY}"}}"#)).is_err());
        assert!(parse(r#"{"user": "00000000-0000-4000-8000-000000000001"}"#).is_err());
    }

    #[test]
    fn nobody_stands_on_an_acl_twice() {
        let entry = |user: &str| EntryJson {
            user: user.to_owned(),
            public_key: KEY.to_owned(),
            role: None,
            start: None,
            end: None,
        };
        let (a, b) = ("00000000-0000-4000-8000-0000000000aa", "00000000-0000-4000-8000-0000000000bb");
        assert_eq!(entries(&[entry(a), entry(b)]).unwrap().len(), 2);
        assert!(entries(&[entry(a), entry(&a.to_uppercase())]).is_err());
    }
}
