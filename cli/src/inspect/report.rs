//! What `inspect` shows, for people and for programs.

use std::convert::Infallible;

use lockop::{AclEntry, Code, Error, Part, UserKey};
use serde_json::{Map, Value, json};

use super::certificates::Chain;
use crate::base64::{self, Decoded};
use crate::members::{Members, compact};
use crate::{apply, explain, jws, table, text};

pub(super) struct Report<'a> {
    pub(super) jws: &'a [u8],
    pub(super) now: u64,
    /// The header and the payload, as far as they are JSON objects.
    pub(super) header: Option<Members>,
    pub(super) payload: Option<Members>,
    pub(super) chain: Option<Chain>,
    /// What would be put on the ACL, if it is in order.
    pub(super) grants: Option<Vec<AclEntry>>,
    /// With an ACL: the issuer's entry, if there is one.
    pub(super) issuer: Option<Option<AclEntry>>,
    pub(super) trouble: Option<Trouble>,
}

/// Why a device refuses it, whoever has signed it.
pub(super) struct Trouble {
    pub(super) code: Code,
    /// Part and offset of what is malformed.
    pub(super) place: Option<(&'static str, usize)>,
    /// Which user object.
    pub(super) user: Option<u8>,
    /// Escaped.
    pub(super) reason: String,
}

const TIMES: [&str; 3] = ["nbf", "iat", "exp"];
/// How much of one value is shown.
const VALUE: usize = 120;
/// How much of a text that is no JSON is shown.
const BROKEN: usize = 2_000;

const PARTS: [Part; 3] = [Part::Header, Part::Payload, Part::Signature];

impl Report<'_> {
    pub(super) fn text(&self) -> String {
        let mut out = "UNVERIFIED: no signature was checked; anybody can have written all of this.\n\n".to_owned();
        let mut section = |title: &str, body: String| {
            if !body.is_empty() {
                out.push_str(&format!("{title}\n{}\n\n", body.trim_end()));
            }
        };
        section(&self.sizes(), self.segments());
        section("Header", self.members(Part::Header, self.header.as_ref()));
        section("Claims", self.members(Part::Payload, self.payload.as_ref()));
        section(&self.operation_title(), self.users());
        section("Certificates", self.chain.as_ref().map(|chain| chain.text(self.now)).unwrap_or_default());
        section("Issuer on the ACL", self.issuer.map(issuer_text).unwrap_or_default());
        out.push_str(&match &self.trouble {
            None => "Well-formed: whether it is accepted depends on signature, device, time and ACL.\n".to_owned(),
            Some(trouble) => {
                format!("A device refuses it, whoever has signed it: {}\n{}\n", trouble.code, trouble.reason)
            }
        });
        out
    }

    fn sizes(&self) -> String {
        format!("{}, {}", text::count(self.jws.len(), "byte"), text::count(self.segment_texts().len(), "segment"))
    }

    fn segment_texts(&self) -> Vec<&[u8]> {
        jws::segments(self.jws)
    }

    /// Name, text and contents of every segment, however many there are.
    fn each_segment(&self) -> impl Iterator<Item = (String, &[u8], Decoded)> {
        self.segment_texts().into_iter().enumerate().map(|(place, text)| {
            let name =
                PARTS.get(place).map_or_else(|| format!("segment {}", place + 1), |part| part.as_str().to_owned());
            (name, text, base64::decode_forgiving(text))
        })
    }

    fn segments(&self) -> String {
        let rows = self.each_segment().take(8).map(|(name, text, decoded)| {
            let bytes = match decoded.stopped {
                None => decoded.bytes.len().to_string(),
                Some(place) => format!("{}, then no base64 at character {place}", decoded.bytes.len()),
            };
            let padding = decoded.padding.as_str().to_owned();
            [name, text.len().to_string(), bytes, decoded.alphabet.as_str().to_owned(), padding]
        });
        let mut out = table::table(["segment", "characters", "bytes", "alphabet", "padding"], rows);
        if let Some(signature) = jws::part(self.jws, Part::Signature)
            && signature.bytes.len() != 64
        {
            out.push_str(&format!("\nThe signature has {} bytes; Ed25519 has 64.", signature.bytes.len()));
        }
        out
    }

    /// The members in their order, repeated ones included; if it is no JSON object, the text.
    fn members(&self, part: Part, members: Option<&Members>) -> String {
        let Some(members) = members else {
            return jws::part(self.jws, part)
                .map(|decoded| {
                    format!("no JSON object: {}", text::shorten(&text::escape_bytes(&decoded.bytes), BROKEN))
                })
                .unwrap_or_default();
        };
        let rows =
            members.iter().filter(|(name, _)| part != Part::Payload || *name != "operation").map(|(name, raw)| {
                let value = text::shorten(&text::escape(&compact(raw)), VALUE);
                let meaning = (part == Part::Payload && TIMES.contains(&name)).then(|| seconds(raw)).flatten();
                let meaning = meaning
                    .map(|time| format!("{}, {}", text::utc(time), text::relative(time, self.now)))
                    .unwrap_or_default();
                [text::shorten(&text::escape(name), VALUE), value, meaning]
            });
        table::table(["member", "value", ""], rows)
    }

    fn operation(&self) -> Option<Members> {
        self.payload.as_ref()?.object("operation")
    }

    fn operation_title(&self) -> String {
        match self.operation().and_then(|operation| operation.value("type")) {
            Some(Value::String(name)) => {
                format!("Operation {}", text::shorten(&text::escape(&name), VALUE))
            }
            _ => "Operation without type".to_owned(),
        }
    }

    fn users(&self) -> String {
        let Some(operation) = self.operation() else { return String::new() };
        let mut out = String::new();
        if let Some(Value::Array(users)) = operation.value("users") {
            let rows = users.iter().enumerate().map(|(place, user)| grant(place, user));
            out = table::table(["#", "user", "role", "start", "end", "key"], rows);
        }
        let others: Vec<_> = operation.iter().filter(|(name, _)| !["type", "users"].contains(name)).collect();
        for (name, raw) in others {
            let value = text::shorten(&text::escape(&compact(raw)), VALUE);
            out.push_str(&format!("\nunknown member {}: {value}", text::shorten(&text::escape(name), VALUE)));
        }
        out
    }

    pub(super) fn json(&self) -> Value {
        let segments = self.each_segment().map(|(name, text, decoded)| {
            json!({
                "name": name,
                "characters": text.len(),
                "bytes": decoded.bytes.len(),
                "alphabet": decoded.alphabet.as_str(),
                "padding": decoded.padding.as_str(),
                "not_base64_at": decoded.stopped,
            })
        });
        let mut claims = self.payload.as_ref().map(object);
        let operation = claims.as_mut().and_then(|claims| claims.shift_remove("operation"));
        let times = TIMES.into_iter().filter_map(|name| {
            let time = self.payload.as_ref()?.raw(name).and_then(seconds)?;
            Some((
                name.to_owned(),
                json!({ "unix": time, "utc": text::utc(time), "in_seconds": i128::from(time) - i128::from(self.now) }),
            ))
        });
        let text = |part, members: &Option<Members>| match members {
            Some(_) => None,
            None => jws::part(self.jws, part).map(|decoded| text::escape_bytes(&decoded.bytes)),
        };
        let mut json = json!({
            "verified": false,
            "well_formed": self.trouble.is_none(),
            "fault": self.trouble.as_ref().map(Trouble::json),
            "size": self.jws.len(),
            "segments": segments.collect::<Vec<_>>(),
            "signature_bytes": jws::part(self.jws, Part::Signature).map(|decoded| decoded.bytes.len()),
            "header": self.header.as_ref().map(object),
            "header_text": text(Part::Header, &self.header),
            "claims": claims,
            "payload_text": text(Part::Payload, &self.payload),
            "now": self.now,
            "times": times.collect::<Map<_, _>>(),
            "operation": operation,
            "grants": self.grants.as_ref().map(|grants| grants.iter().map(apply::kept_json).collect::<Vec<_>>()),
            "x5c": self.chain.as_ref().map(Chain::json),
        });
        if let Some(issuer) = &self.issuer {
            json["issuer_on_acl"] = json!(issuer.as_ref().map(apply::kept_json));
        }
        json
    }
}

impl Trouble {
    pub(super) fn of(jws: &[u8], error: &Error<Infallible>) -> Self {
        let place = match error {
            Error::Malformed(detail) => Some((detail.part.as_str(), detail.offset)),
            _ => None,
        };
        let user = match error {
            Error::InvalidOperation(detail) => detail.user,
            _ => None,
        };
        Self { code: error.code(), place, user, reason: explain::form(jws, error) }
    }

    fn json(&self) -> Value {
        json!({
            "code": self.code.as_str(),
            "part": self.place.map(|(part, _)| part),
            "offset": self.place.map(|(_, offset)| offset),
            "user": self.user,
            "reason": self.reason,
        })
    }
}

/// Of repeated members, JSON keeps the last; the library's fault tells that they are there.
fn object(members: &Members) -> Map<String, Value> {
    members.iter().filter_map(|(name, raw)| Some((name.to_owned(), serde_json::from_str(raw).ok()?))).collect()
}

/// A NumericDate, as far as it is written in digits.
fn seconds(raw: &str) -> Option<u64> {
    raw.split('.').next()?.parse().ok()
}

fn grant(place: usize, user: &Value) -> [String; 6] {
    let cell = |name: &str| match user.get(name) {
        None => String::new(),
        Some(Value::String(value)) => text::shorten(&text::escape(value), VALUE),
        Some(value) => text::shorten(&text::escape(&value.to_string()), VALUE),
    };
    let time = |name: &str| match user.get(name).map(Value::to_string).as_deref().and_then(seconds) {
        Some(time) => format!("{}\n{}", cell(name), text::utc(time)),
        None => cell(name),
    };
    let key = match user.get("publicKey") {
        Some(Value::String(key)) => match UserKey::from_base64(key.as_bytes()) {
            Some(key) => text::key(&key),
            None => format!("no key: {}", text::shorten(&text::escape(key), 24)),
        },
        _ => cell("publicKey"),
    };
    let name = if user.is_object() { cell("user") } else { text::shorten(&text::escape(&user.to_string()), VALUE) };
    [place.to_string(), name, cell("role"), time("start"), time("end"), key]
}

fn issuer_text(issuer: Option<AclEntry>) -> String {
    match issuer {
        None => "The issuer is not on the ACL.".to_owned(),
        Some(entry) => table::table(table::ENTRY_HEAD, [table::entry(&entry)]),
    }
}
