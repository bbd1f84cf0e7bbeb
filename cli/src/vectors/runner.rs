//! Applies the steps of a vector to one device, through the public API.

use lockop::{AclEntry, Device, Error, Full};

use super::model::{Expect, Vector};
use crate::apply::{self, APPLIED};
use crate::desk_acl::DeskAcl;
use crate::text;

/// The first difference between a vector and the library.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Which step, from 1; `None`: the ACL at the end.
    pub(super) step: Option<usize>,
    pub(super) expected: String,
    pub(super) got: String,
    /// What the library says about it.
    pub(super) reason: Option<String>,
}

impl Difference {
    pub(super) fn place(&self) -> String {
        self.step.map_or_else(|| "acl_after".to_owned(), |step| format!("step {step}"))
    }
}

/// Runs a vector; `None` if all is as expected.
pub(super) fn run(vector: &Vector) -> Option<Difference> {
    let mut store = DeskAcl::new(vector.capacity);
    for entry in &vector.acl {
        if let Err(Full) = store.provision(*entry) {
            return Some(difference(None, "room for the acl", "none", None));
        }
    }
    let mut device = Device::new(vector.lock).with_policy(vector.policy);
    for (number, step) in (1..).zip(&vector.steps) {
        let result = device.apply(&step.jws, step.now, &mut store);
        let as_expected = match (&result, step.expect) {
            (Ok(_), Expect::Applied) | (Err(_), Expect::Rejected) => true,
            (Err(error), Expect::RejectedAs(code)) => error.code() == code,
            _ => false,
        };
        if !as_expected {
            let verdict = apply::verdict(&result);
            let got = if verdict == APPLIED { verdict.to_owned() } else { format!("rejected:{verdict}") };
            let reason = result.err().as_ref().map(Error::to_string);
            return Some(difference(Some(number), &step.expect.to_string(), &got, reason));
        }
    }
    let expected = vector.acl_after.as_ref()?;
    let (expected, got) = compare(expected, store.entries())?;
    Some(difference(None, &expected, &got, None))
}

fn difference(step: Option<usize>, expected: &str, got: &str, reason: Option<String>) -> Difference {
    Difference { step, expected: expected.to_owned(), got: got.to_owned(), reason }
}

/// Compares two ACLs by user: the first user who differs, as expected and as it is.
fn compare(expected: &[AclEntry], got: &[AclEntry]) -> Option<(String, String)> {
    let users = expected.iter().chain(got).map(|entry| entry.user);
    let find = |acl: &[AclEntry], user| acl.iter().find(|entry| entry.user == user).copied();
    users.into_iter().find_map(|user| {
        let (expected, got) = (find(expected, user), find(got, user));
        (expected != got).then(|| (show(user, expected), show(user, got)))
    })
}

fn show(user: lockop::Uuid, entry: Option<AclEntry>) -> String {
    let bound = |time: Option<u64>| time.map_or_else(|| "null".to_owned(), |time| time.to_string());
    match entry {
        None => format!("no {user}"),
        Some(AclEntry { key, role, window, .. }) => {
            let (role, start, end) = (role.as_str(), bound(window.start()), bound(window.end()));
            format!("{user} {role} [{start}, {end}) {}", text::key(&key))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockop::{Role, UserKey, Uuid, Window};

    const fn entry(user: u8) -> AclEntry {
        AclEntry {
            user: Uuid::from_bytes([user; 16]),
            key: UserKey::Ed25519([user; 32]),
            role: Role::User,
            window: Window::ALWAYS,
        }
    }

    #[test]
    fn acls_are_compared_as_sets_and_whole() {
        assert_eq!(compare(&[entry(1), entry(2)], &[entry(2), entry(1)]), None);
        assert!(compare(&[entry(1)], &[entry(1), entry(2)]).is_some(), "one too many");
        assert!(compare(&[entry(1), entry(2)], &[entry(1)]).is_some(), "one missing");
        for other in [
            AclEntry { role: Role::Admin, ..entry(1) },
            AclEntry { key: UserKey::RsaFingerprint([1; 32]), ..entry(1) },
            AclEntry { window: Window::new(None, Some(5)).unwrap(), ..entry(1) },
        ] {
            assert!(compare(&[entry(1)], &[other]).is_some());
        }
    }

    #[test]
    fn every_kind_of_difference_is_found() {
        let vector = |expect: &str, after: &str| {
            let line = format!(
                r#"{{"id": "v", "lock": "00000000-0000-4000-8000-000000000001", "now": 5, "acl": [],
                    "steps": [{{"jws": "a", "expect": "{expect}"}}]{after}}}"#
            );
            run(&Vector::parse(line.as_bytes()).unwrap())
        };
        assert_eq!(vector("rejected", r#", "acl_after": []"#), None);
        assert_eq!(vector("rejected:malformed", ""), None);
        let wrong = vector("rejected:expired", "").unwrap();
        assert_eq!((wrong.step, &*wrong.expected, &*wrong.got), (Some(1), "rejected:expired", "rejected:malformed"));
        assert_eq!(vector("applied", "").unwrap().step, Some(1));
        let user = r#"{"user": "00000000-0000-4000-8000-000000000002", "publicKey": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}"#;
        assert_eq!(vector("rejected", &format!(r#", "acl_after": [{user}]"#)).unwrap().step, None);
    }
}
