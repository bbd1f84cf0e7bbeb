//! `lockop demo`: the whole story on made-up keys.

mod rsa_user;

use anyhow::{Context, Result};
use ed25519_compact::{KeyPair, SecretKey, Seed};
use lockop::{AclEntry, Device, Full, Part, Policy, Role, UserKey, Uuid, Window};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use self::rsa_user::{Leaf, RsaUser};
use crate::apply::{self, APPLIED};
use crate::args::Encoding;
use crate::desk_acl::DeskAcl;
use crate::explain::Scene;
use crate::outcome::Outcome;
use crate::sign::Draft;
use crate::{base64, jws, table, text};

/// A quiet evening in November 2023.
const NOW: u64 = 1_700_000_000;
const CAPACITY: usize = 32;

/// People and locks, told apart by their last digits.
const fn uuid(kind: u8, number: u8) -> Uuid {
    Uuid::from_bytes([0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, kind, number])
}

const LOCK: Uuid = uuid(0xd0, 1);
const OTHER_LOCK: Uuid = uuid(0xd0, 2);
const OWNER: Uuid = uuid(0xa0, 1);
/// As in the certificates of `demo-keys`.
const RSA_USER: Uuid = uuid(0xa0, 2);
const GUEST: Uuid = uuid(0xb0, 1);
const STRANGER: Uuid = uuid(0xe0, 1);
/// Users of the first and of the second batch are numbered from these on.
const FIRST_BATCH: u8 = 0xc1;
const SECOND_BATCH: u8 = 0xc2;
/// The guest of the user with the RSA key.
const LAST_GUEST: u8 = 0xc3;

/// Something that is sent to the lock.
struct Act {
    title: &'static str,
    why: &'static str,
    jws: String,
    now: u64,
    expected: &'static str,
}

/// An act and what came of it.
struct Played {
    act: Act,
    verdict: &'static str,
    explanation: String,
    users: usize,
}

/// Keys: of the RSA user the same in every run, of all others made up for this one.
struct Cast {
    owner: KeyPair,
    guest: KeyPair,
    stranger: KeyPair,
    rsa_user: RsaUser,
}

/// What an act's operation says, where it is not the usual.
struct Letter<'a> {
    key: &'a SecretKey,
    x5c: Option<Vec<String>>,
    iss: Uuid,
    sub: Uuid,
    jti: &'a str,
    users: Vec<Value>,
    encoding: Encoding,
}

pub(crate) fn run() -> Result<Outcome> {
    let pair = || KeyPair::from_seed(Seed::generate());
    let cast = Cast { owner: pair(), guest: pair(), stranger: pair(), rsa_user: RsaUser::new()? };
    let mut store = DeskAcl::new(CAPACITY);
    for (user, key, role) in [(OWNER, &cast.owner, Role::Admin), (GUEST, &cast.guest, Role::User)] {
        let entry = AclEntry { user, key: UserKey::Ed25519(*key.pk), role, window: Window::ALWAYS };
        store.provision(entry).map_err(|Full| anyhow::anyhow!("no room for two users"))?;
    }
    let before = store.entries().to_vec();
    let mut played = Vec::new();
    for act in acts(&cast)? {
        let was = store.clone();
        let result = Device::new(LOCK).apply(act.jws.as_bytes(), act.now, &mut store);
        let scene = Scene { jws: act.jws.as_bytes(), lock: LOCK, now: act.now, policy: Policy::DEFAULT, store: &was };
        let unchanged = was.entries() == store.entries();
        let verdict = match &result {
            // Nothing may be changed on a refusal; if it was, this is no refusal to show.
            Err(_) if !unchanged => "changed the ACL on a refusal",
            _ => apply::verdict(&result),
        };
        let explanation = match &result {
            Ok(applied) => format!("{} put on the ACL.", text::count(applied.users, "user")),
            Err(error) => scene.explain(error),
        };
        played.push(Played { act, verdict, explanation, users: store.entries().len() });
    }
    let as_told = played.iter().all(|played| played.verdict == played.act.expected);
    Ok(Outcome {
        text: tell(&before, &played, store.entries(), as_told),
        json: json!({
            "lock": LOCK.to_string(),
            "as_told": as_told,
            "acl_before": before.iter().map(apply::kept_json).collect::<Vec<_>>(),
            "acts": played.iter().map(Played::json).collect::<Vec<_>>(),
            "acl_after": store.entries().iter().map(apply::kept_json).collect::<Vec<_>>(),
        }),
        warnings: Vec::new(),
        accepted: as_told,
    })
}

fn acts(cast: &Cast) -> Result<Vec<Act>> {
    let letter = |jti, users| Letter::new(&cast.owner.sk, jti, users);
    let batch = letter("1-batch", people(FIRST_BATCH, 25)).send()?;
    let mut acts = vec![Act {
        title: "The owner lets 25 people in, with one signed message",
        why: "The lock needs no cloud to believe this: the owner's key is on its ACL, and the signature matches.",
        jws: batch.clone(),
        now: NOW + 2,
        expected: APPLIED,
    }];
    let mut send = |title, why, jws, now, expected| acts.push(Act { title, why, jws, now, expected });
    send(
        "Somebody recorded the message and sends it once more",
        "Every byte is genuine, and yet it must not work twice: a guest removed in the meantime would be back.",
        batch.clone(),
        NOW + 5,
        "replayed",
    );
    send(
        "Somebody changes one byte: exp, to gain a few years",
        "Text and signature belong together. One bit more or less, and it is nobody's message.",
        stretch(&batch)?,
        NOW + 5,
        "unauthenticated",
    );
    send(
        "A genuine message arrives ten minutes late",
        "A message holds for a minute. Who keeps it back cannot choose the moment at which it works.",
        letter("4-late", people(SECOND_BATCH, 1)).send()?,
        NOW + 600,
        "expired",
    );
    send(
        "A genuine message for the lock next door",
        "The owner has signed it, but not for this door.",
        Letter { sub: OTHER_LOCK, ..letter("5-misdirected", people(SECOND_BATCH, 1)) }.send()?,
        NOW + 5,
        "wrong-device",
    );
    send(
        "The guest, who may only open the door, lets a friend in",
        "The signature is good and its user is on the ACL. That is not enough: only an ADMIN may change the ACL.",
        Letter { key: &cast.guest.sk, iss: GUEST, ..letter("6-guest", people(SECOND_BATCH, 1)) }.send()?,
        NOW + 5,
        "forbidden",
    );
    send(
        "A stranger signs with a key of their own",
        "A good signature of somebody whom the lock does not know is worth nothing.",
        Letter { key: &cast.stranger.sk, iss: STRANGER, ..letter("7-stranger", people(SECOND_BATCH, 1)) }.send()?,
        NOW + 5,
        "unauthenticated",
    );
    send(
        "The stranger signs in the owner's name",
        "To the outside this is the same verdict, after the same work: nobody can probe who is on the ACL.",
        Letter { key: &cast.stranger.sk, ..letter("8-forged", people(SECOND_BATCH, 1)) }.send()?,
        NOW + 5,
        "unauthenticated",
    );
    send(
        "The owner lets in 25 more, but there is room for 5",
        "All or nothing: five people with a key and twenty in the rain would be nobody's intention.",
        letter("9-too-many", people(SECOND_BATCH, 25)).send()?,
        NOW + 5,
        "acl-full",
    );
    send(
        "The vendor's app sends one more, for one day, in its own spelling",
        "Its base64 has another alphabet and padding. The signature covers the text as sent, so the lock reads both.",
        Letter { encoding: Encoding::Base64, ..letter("10-app", day_guest()) }.send()?,
        NOW + 5,
        APPLIED,
    );
    send(
        "The owner makes a user with an RSA key an ADMIN, too",
        "Most of the vendor's users have such a key. The lock keeps 32 bytes of it, its SHA-256: as many as of any key.",
        letter("11-rsa-user", rsa_admin(&cast.rsa_user)).send()?,
        NOW + 5,
        APPLIED,
    );
    send(
        "The RSA user lets somebody in, signing with a leaf key that holds for a week",
        "The message brings the leaf's certificate and the RSA key that signed it; the ACL vouches for that key.",
        Letter::with_leaf(&cast.rsa_user.leaf, "12-leaf", people(LAST_GUEST, 1)).send()?,
        NOW + 10,
        APPLIED,
    );
    send(
        "A forger has made a leaf certificate that says the same",
        "Anybody can write the RSA user's name into a certificate. Only the RSA key can sign it.",
        Letter::with_leaf(&cast.rsa_user.forged_leaf, "13-forged-leaf", people(LAST_GUEST, 2)).send()?,
        NOW + 10,
        "unauthenticated",
    );
    Ok(acts)
}

impl<'a> Letter<'a> {
    /// As the owner writes it.
    const fn new(key: &'a SecretKey, jti: &'a str, users: Vec<Value>) -> Self {
        Self { key, x5c: None, iss: OWNER, sub: LOCK, jti, users, encoding: Encoding::Base64url }
    }

    /// In the RSA user's name, by the vendor's app.
    fn with_leaf(leaf: &'a Leaf, jti: &'a str, users: Vec<Value>) -> Self {
        let x5c = Some(leaf.x5c.clone());
        Self { x5c, iss: RSA_USER, encoding: Encoding::Base64, ..Self::new(&leaf.key, jti, users) }
    }

    fn send(&self) -> Result<String> {
        let users = RawValue::from_string(serde_json::to_string(&self.users)?)?;
        let draft = Draft {
            iss: self.iss,
            sub: self.sub,
            nbf: NOW,
            iat: NOW,
            exp: NOW + 60,
            jti: Some(self.jti),
            users: &users,
            x5c: self.x5c.clone(),
            encoding: self.encoding,
        };
        Ok(draft.sign(self.key)?.jws)
    }
}

/// New users with new keys.
fn people(kind: u8, number: u8) -> Vec<Value> {
    (1..=number).map(|number| json!({ "user": uuid(kind, number).to_string(), "publicKey": new_key() })).collect()
}

fn day_guest() -> Vec<Value> {
    let user = uuid(SECOND_BATCH, 1).to_string();
    vec![json!({ "user": user, "publicKey": new_key(), "start": NOW, "end": NOW + 86_400 })]
}

fn rsa_admin(user: &RsaUser) -> Vec<Value> {
    vec![json!({ "user": RSA_USER.to_string(), "publicKey": user.public_key, "role": "ADMIN" })]
}

fn new_key() -> String {
    base64::encode(KeyPair::from_seed(Seed::generate()).pk.as_ref(), Encoding::Base64)
}

/// The message with one digit of `exp` changed, and the old signature.
fn stretch(jws: &str) -> Result<String> {
    let mut payload = jws::part(jws.as_bytes(), Part::Payload).context("the message has a payload")?.bytes;
    let name = b"\"exp\":1";
    let place = payload.windows(name.len()).position(|window| window == name).context("the message has exp")?;
    payload[place + name.len() - 1] = b'2';
    let (header, rest) = jws.split_once('.').context("the message has a header")?;
    let (_, signature) = rest.split_once('.').context("the message has a signature")?;
    Ok(format!("{header}.{}.{signature}", base64::encode(&payload, Encoding::Base64url)))
}

impl Played {
    fn json(&self) -> Value {
        json!({
            "title": self.act.title,
            "why": self.act.why,
            "now": self.act.now,
            "jws": self.act.jws,
            "expected": self.act.expected,
            "verdict": self.verdict,
            "explanation": self.explanation,
            "users_on_acl": self.users,
        })
    }
}

fn tell(before: &[AclEntry], played: &[Played], after: &[AclEntry], as_told: bool) -> String {
    let mut out = format!(
        "A door lock, {LOCK}, has a list of who may do what: its ACL, with room for {CAPACITY} users.\n\
         It changes the list if a signed message of an ADMIN on it says so, and for no other reason.\n\n\
         The ACL at first: the owner, who is an ADMIN, and a guest\n{}\n\n",
        table::acl(before),
    );
    for (number, played) in (1..).zip(played) {
        let Act { title, why, jws, expected, .. } = &played.act;
        out.push_str(&format!("{number}. {title} ({} bytes)\n   {why}\n   => {}", jws.len(), played.verdict));
        if played.verdict != *expected {
            out.push_str(&format!(" (this should have been {expected})"));
        }
        out.push_str(&format!("\n      {}\n\n", played.explanation));
    }
    out.push_str(&format!("The ACL at last: {}\n{}\n\n", text::count(after.len(), "user"), table::acl(after),));
    out.push_str(if as_told {
        "Every verdict was as it should be. To try it with keys of your own: lockop keygen, sign, inspect, apply.\n"
    } else {
        "NOT every verdict was as it should be.\n"
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_is_as_told() {
        let outcome = run().unwrap();
        assert!(outcome.accepted, "{}", outcome.text);
        assert_eq!(outcome.json["acts"].as_array().unwrap().len(), 13);
        assert_eq!(outcome.json["acl_after"].as_array().unwrap().len(), 30);
    }

    #[test]
    fn stretching_changes_one_byte() {
        let key = KeyPair::from_seed(Seed::new([1; 32]));
        let letter = Letter::new(&key.sk, "j", Vec::new());
        let jws = letter.send().unwrap();
        let changed = stretch(&jws).unwrap();
        let payload = |jws: &str| jws::part(jws.as_bytes(), Part::Payload).unwrap().bytes;
        let (old, new) = (payload(&jws), payload(&changed));
        assert_eq!(old.len(), new.len());
        assert_eq!(old.iter().zip(&new).filter(|(old, new)| old != new).count(), 1);
    }
}
