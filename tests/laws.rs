//! Laws that hold for every operation, not only for those somebody thought of.

mod common;

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};
use common::*;
use lockop::{AclEntry, AclStore, Role, UserKey, Uuid, Window};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;
use std::collections::HashMap;

/// A user of a batch, before anybody has spelled it.
#[derive(Debug, Clone)]
struct User {
    number: usize,
    admin: Option<bool>,
    start: Option<u64>,
    /// Seconds after `start`, or after 0.
    length: Option<u64>,
}

impl User {
    fn entry(&self) -> AclEntry {
        AclEntry {
            user: uuid(&guest(self.number)),
            key: UserKey::Ed25519(*key_pair(100 + u8::try_from(self.number).unwrap()).pk),
            role: if self.admin == Some(true) { Role::Admin } else { Role::User },
            window: Window::new(self.start, self.end()).unwrap(),
        }
    }

    fn json(&self) -> serde_json::Value {
        let role = self.admin.map(|admin| if admin { "ADMIN" } else { "USER" });
        json!({"user": guest(self.number), "publicKey": guest_key(self.number), "role": role,
            "start": self.start, "end": self.end()})
    }

    fn end(&self) -> Option<u64> {
        self.length.map(|length| self.start.unwrap_or(0) + length)
    }
}

fn users() -> impl Strategy<Value = Vec<User>> {
    let user = (any::<Option<bool>>(), proptest::option::of(0..1_u64 << 52), proptest::option::of(1..1_u64 << 40));
    (proptest::collection::vec(user, 1..=25), 0..100_usize).prop_map(|(users, first)| {
        let numbered = users.into_iter().enumerate();
        numbered.map(|(place, (admin, start, length))| User { number: first + place, admin, start, length }).collect()
    })
}

/// A source of choices of spelling: the same numbers give the same spelling.
struct Pen {
    choices: Vec<Index>,
    next: usize,
}

impl Pen {
    fn below(&mut self, bound: usize) -> usize {
        self.next += 1;
        self.choices[self.next % self.choices.len()].index(bound.max(1) * 31 + self.next) % bound.max(1)
    }

    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n\t", "\r\n  "][self.below(5)]
    }

    /// A string with some of its characters escaped.
    fn string(&mut self, text: &str) -> String {
        let mut spelled = String::from("\"");
        for character in text.chars() {
            let units = character.encode_utf16(&mut [0; 2]).to_vec();
            match self.below(6) {
                0 => spelled.extend(units.iter().map(|unit| format!("\\u{unit:04x}"))),
                1 => spelled.extend(units.iter().map(|unit| format!("\\u{unit:04X}"))),
                2 if character == '/' => spelled += "\\/",
                _ => spelled.push(character),
            }
        }
        spelled + "\""
    }

    /// A UUID in some letter case.
    fn uuid(&mut self, text: &str) -> String {
        let text = if self.below(2) == 0 { text.to_uppercase() } else { text.to_owned() };
        self.string(&text)
    }

    /// A number in some form with the same integer part.
    fn number(&mut self, value: u64) -> String {
        match self.below(6) {
            0 => format!("{value}.{}", ["0", "5", "99999999999999999999"][self.below(3)]),
            1 => format!("{value}{}", ["e0", "E+00", "e-0"][self.below(3)]),
            // Appending digits to 0 would make it a leading zero.
            2 if value > 0 => format!("{value}000e-3"),
            3 if value > 0 => format!("{value}{}e-40", "0".repeat(40)),
            4 => {
                let digits = value.to_string();
                let (first, rest) = digits.split_at(1);
                format!("{first}.{rest}0e{}", rest.len())
            }
            _ => value.to_string(),
        }
    }

    /// An object with its members in some order, with some white space.
    fn object(&mut self, mut members: Vec<(&str, String)>) -> String {
        let mut text = String::from("{");
        while !members.is_empty() {
            let (name, value) = members.remove(self.below(members.len()));
            text += &format!("{}{}{}:{}{value}", self.space(), self.string(name), self.space(), self.space());
            text += self.space();
            text += if members.is_empty() { "" } else { "," };
        }
        text + "}"
    }

    fn user(&mut self, user: &User) -> String {
        let key = &*key_pair(100 + u8::try_from(user.number).unwrap()).pk;
        let spki = [&b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"[..], key].concat();
        let key = match self.below(2) {
            0 => key.to_vec(),
            _ => spki,
        };
        let key = self.base64(&key);
        let mut members = vec![("user", self.uuid(&guest(user.number))), ("publicKey", self.string(&key))];
        match user.admin {
            Some(true) => members.push(("role", self.string("ADMIN"))),
            Some(false) => members.push(("role", self.string("USER"))),
            None if self.below(2) == 0 => members.push(("role", "null".into())),
            None => {}
        }
        for (name, time) in [("start", user.start), ("end", user.end())] {
            match time {
                Some(time) => members.push((name, self.number(time))),
                None if self.below(2) == 0 => members.push((name, "null".into())),
                None => {}
            }
        }
        self.object(members)
    }

    /// One of the four spellings of base64 that §1 allows.
    fn base64(&mut self, bytes: &[u8]) -> String {
        [
            Base64::encode_string,
            Base64Unpadded::encode_string,
            Base64Url::encode_string,
            Base64UrlUnpadded::encode_string,
        ][self.below(4)](bytes)
    }

    fn payload(&mut self, users: &[User]) -> String {
        let users: Vec<String> = users.iter().map(|user| self.user(user)).collect();
        let separator = format!("{},{}", self.space(), self.space());
        let users = format!("[{}{}{}]", self.space(), users.join(&separator), self.space());
        let operation = vec![("type", self.string("BATCH_ADD_USER")), ("users", users)];
        let operation = self.object(operation);
        let mut members = vec![
            ("iss", self.uuid(OWNER)),
            ("sub", self.uuid(LOCK)),
            ("nbf", self.number(NOW)),
            ("iat", self.number(NOW)),
            ("exp", self.number(NOW + 60)),
            ("operation", operation),
            ("jti", self.string("é/€😀 first")),
        ];
        if self.below(2) == 0 {
            members.push(("ext", r#"[{"a":[null,{"a":1e999}]},"\ud83d\ude00",-0.0]"#.into()));
        }
        format!("{}{}{}", self.space(), self.object(members), self.space())
    }

    fn jws(&mut self, users: &[User]) -> String {
        let mut header = vec![("alg", self.string(["EdDSA", "Ed25519"][users.len() % 2]))];
        match self.below(3) {
            0 => header.push(("typ", self.string(["JWT", "jwt", "Jwt"][users.len() % 3]))),
            1 => header.extend([("kid", "[1]".to_owned()), ("x5c", "null".to_owned())]),
            _ => {}
        }
        let header = self.object(header);
        let header = self.base64(header.as_bytes());
        let payload = self.payload(users);
        let signing_input = format!("{header}.{}", self.base64(payload.as_bytes()));
        let signature = key_pair(1).sk.sign(&signing_input, None);
        format!("{signing_input}.{}", self.base64(&*signature))
    }
}

fn pen() -> impl Strategy<Value = Pen> {
    proptest::collection::vec(any::<Index>(), 64).prop_map(|choices| Pen { choices, next: 0 })
}

impl core::fmt::Debug for Pen {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pen")
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Member order, white space, escapes, alphabet, padding and form of numbers carry no meaning.
    #[test]
    fn every_spelling_gives_the_same_grants(users in users(), mut pen in pen()) {
        let mut acl = acl();
        let jws = pen.jws(&users);
        prop_assert_eq!(verdict(&mut acl, &jws, NOW), Ok(users.len()), "{}", jws);
        let expected: Vec<AclEntry> = std::iter::once(owner()).chain(users.iter().map(User::entry)).collect();
        prop_assert_eq!(acl.entries(), expected);
        // All spellings have the same identity.
        let again = pen.jws(&users);
        prop_assert_eq!(verdict(&mut acl, &again, NOW), Err(lockop::Error::Replayed));
    }

    /// No byte of a signed operation can be changed, but for another spelling of the same signature.
    #[test]
    fn any_changed_byte_is_refused(users in users(), mut pen in pen(), place: Index, byte: u8) {
        let jws = pen.jws(&users);
        let mut changed = jws.clone().into_bytes();
        let place = place.index(changed.len());
        prop_assume!(changed[place] != byte);
        changed[place] = byte;
        let signature = |jws: &[u8]| -> Option<Vec<u8>> {
            let text = core::str::from_utf8(jws).ok()?.rsplit('.').next()?;
            let text = text.replace('-', "+").replace('_', "/");
            Base64Unpadded::decode_vec(text.trim_end_matches('=')).ok()
        };
        let signed = jws.rfind('.').unwrap();
        prop_assume!(place <= signed || signature(&changed) != signature(jws.as_bytes()));

        let mut acl = acl();
        prop_assert!(device().apply(&changed, NOW, &mut acl).is_err());
        prop_assert_eq!(acl.entries(), [owner()]);
        prop_assert!(acl.replays().records().is_empty());
    }

    /// Bytes cut off, added or doubled are refused as well.
    #[test]
    fn any_other_length_is_refused(users in users(), mut pen in pen(), at: Index, insert in any::<Option<u8>>()) {
        let jws = pen.jws(&users).into_bytes();
        let at = at.index(jws.len() - 2);
        let changed = match insert {
            Some(byte) => [&jws[..at], &[byte], &jws[at..]].concat(),
            None => [&jws[..at], &jws[at + 1..]].concat(),
        };
        prop_assert!(device().apply(&changed, NOW, &mut acl()).is_err());
        prop_assert!(device().apply(&jws[..at], NOW, &mut acl()).is_err());
    }

    /// No input at all makes the device panic, or apply anything.
    #[test]
    fn no_input_is_applied_unsigned(segments in proptest::collection::vec(".{0,200}", 0..5), raw: Vec<u8>) {
        let encoded: Vec<String> = segments.iter().map(|text| Base64UrlUnpadded::encode_string(text.as_bytes())).collect();
        for input in [segments.join(".").into_bytes(), encoded.join(".").into_bytes(), raw] {
            prop_assert!(device().apply(&input, NOW, &mut acl()).is_err());
        }
    }

    /// The store in RAM does what a map does.
    #[test]
    fn the_ram_store_agrees_with_a_model(
        steps in proptest::collection::vec((select(vec!["batch", "provision", "remove"]), users()), 1..30),
    ) {
        let mut acl = acl();
        let mut model = HashMap::from([(owner().user, owner())]);
        for (number, (step, users)) in steps.iter().enumerate() {
            let entries: Vec<AclEntry> = users.iter().map(User::entry).collect();
            match *step {
                "batch" => {
                    let users: Vec<serde_json::Value> = users.iter().map(User::json).collect();
                    let mut claims = claims(json!({"type": "BATCH_ADD_USER", "users": users}));
                    claims["jti"] = number.to_string().into();
                    let mut next = model.clone();
                    next.extend(entries.iter().map(|entry| (entry.user, *entry)));
                    let fits = next.len() <= 64;
                    prop_assert_eq!(verdict(&mut acl, &sign(&claims), NOW).is_ok(), fits);
                    if fits {
                        model = next;
                    }
                }
                "provision" => {
                    let entry = entries[0];
                    let fits = model.len() < 64 || model.contains_key(&entry.user);
                    prop_assert_eq!(acl.provision(entry).is_ok(), fits);
                    if fits {
                        model.insert(entry.user, entry);
                    }
                }
                _ => prop_assert_eq!(acl.remove(&entries[0].user), model.remove(&entries[0].user).is_some()),
            }
            prop_assert_eq!(acl.entries().len(), model.len());
            for number in 0..130 {
                let user: Uuid = uuid(&guest(number));
                prop_assert_eq!(acl.get(&user).unwrap(), model.get(&user).copied());
            }
        }
    }
}

#[cfg(feature = "postcard")]
mod stored {
    use super::*;
    use lockop::ReplayRecord;
    use lockop::acl::stored::{
        MAX_ENTRY_LEN, MAX_RECORD_LEN, decode_entry, decode_record, encode_entry, encode_record,
    };

    proptest! {
        #[test]
        fn stored_entries_are_read_back(user in users(), key: [u8; 32], rsa: bool) {
            let key = if rsa { UserKey::RsaFingerprint(key) } else { UserKey::Ed25519(key) };
            let entry = AclEntry { key, ..user[0].entry() };
            let mut buffer = [0; MAX_ENTRY_LEN];
            let bytes = encode_entry(&entry, &mut buffer).unwrap();
            prop_assert_eq!(decode_entry(bytes), Ok(entry));
        }

        #[test]
        fn stored_records_are_read_back(id: [u8; 32], exp in 0..1_u64 << 53) {
            let record = ReplayRecord::from_parts(id, exp);
            let mut buffer = [0; MAX_RECORD_LEN];
            let bytes = encode_record(&record, &mut buffer).unwrap();
            prop_assert_eq!(decode_record(bytes), Ok(record));
        }

        /// What can be decoded is encoded to the same bytes: no value has two stored forms.
        #[test]
        fn nothing_has_two_stored_forms(mut bytes in proptest::collection::vec(any::<u8>(), 30..80), small: bool) {
            bytes[0] = 1;
            if small && bytes.len() > 52 {
                (bytes[17], bytes[50], bytes[51]) = (bytes[17] % 2, bytes[50] % 2, bytes[51] % 2);
            }
            if let Ok(entry) = decode_entry(&bytes) {
                let mut again = [0; MAX_ENTRY_LEN];
                prop_assert_eq!(encode_entry(&entry, &mut again), Ok(&bytes[..]));
            }
            if let Ok(record) = decode_record(&bytes) {
                let mut again = [0; MAX_RECORD_LEN];
                prop_assert_eq!(encode_record(&record, &mut again), Ok(&bytes[..]));
            }
        }
    }
}
