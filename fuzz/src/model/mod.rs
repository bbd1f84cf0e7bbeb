//! The whole job of a device (docs/operation.md), said once more: with serde_json, std's collections, dalek and x509-cert.
//!
//! It is written in the order of the page, and looks at nothing of the library but its plain types.

mod grants;
mod parsed;

use std::collections::BTreeMap;

use lockop::{AclEntry, Code, Policy, Role, UserKey, Uuid};

pub use grants::grants;
pub use parsed::Parsed;

use crate::key;
use crate::leaf::{Circumstances, bound_key};

/// A device and its store.
#[derive(Debug, Clone)]
pub struct Model {
    /// The lock.
    pub lock: Uuid,
    /// The policy.
    pub policy: Policy,
    /// The ACL.
    pub acl: BTreeMap<Uuid, AclEntry>,
    /// Users that fit on the ACL.
    pub room: usize,
    /// Replay records that fit in the store.
    pub slots: usize,
    /// What is known of the operations that have been applied.
    pub records: Vec<Record>,
    /// The latest `exp` of a record that has made room.
    pub horizon: Option<u64>,
    /// Of several records that expire at the same time, any may have made room: these.
    doubtful: Vec<Identity>,
}

/// What keeps an operation from being applied again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    identity: Identity,
    /// When the operation expires.
    pub exp: u64,
}

/// §8
#[derive(Debug, Clone, PartialEq, Eq)]
enum Identity {
    Jti(Uuid, String),
    SigningInput(Vec<u8>),
}

/// What should become of an operation: how many users it puts on the ACL, or the code.
type Outcome = Result<usize, Code>;

impl Model {
    /// A device with these users on its ACL.
    #[must_use]
    pub fn new(lock: Uuid, policy: Policy, acl: &[AclEntry], room: usize, slots: usize) -> Self {
        let acl = acl.iter().map(|entry| (entry.user, *entry)).collect();
        Self { lock, policy, acl, room, slots, records: Vec::new(), horizon: None, doubtful: Vec::new() }
    }

    /// Applies an operation, or does not; `None` if the model cannot say which, and then nothing is changed.
    pub fn apply(&mut self, jws: &[u8], now: u64) -> Option<Outcome> {
        self.try_apply(jws, now).map_or_else(|stop| stop.map(Err), |users| Some(Ok(users)))
    }

    /// With `None` as the error where the model cannot say.
    fn try_apply(&mut self, jws: &[u8], now: u64) -> Result<usize, Option<Code>> {
        let leeway = self.policy.leeway;
        // Rows 1 and 2
        let parsed = Parsed::read(jws, &self.policy)?;
        // Row 3
        let issuer = self.acl.get(&parsed.iss).copied();
        let signing_key = signing_key(&parsed, issuer.map(|issuer| issuer.key), now, leeway)?;
        ensure(key::verifies(&signing_key, &parsed.signing_input, &parsed.signature), Code::Unauthenticated)?;
        let issuer = issuer.ok_or(Code::Unauthenticated)?;
        // Rows 4 to 6
        ensure(parsed.sub == self.lock, Code::WrongDevice)?;
        ensure(now.saturating_add(leeway) >= parsed.nbf.max(parsed.iat), Code::NotYetValid)?;
        ensure(now < parsed.exp.saturating_add(leeway), Code::Expired)?;
        let begun = issuer.window.start().is_none_or(|start| start <= now);
        let ended = issuer.window.end().is_some_and(|end| end <= now);
        ensure(issuer.role == Role::Admin && begun && !ended, Code::Forbidden)?;
        // Row 7
        let identity = match &parsed.jti {
            Some(jti) => Identity::Jti(parsed.iss, jti.clone()),
            None => Identity::SigningInput(parsed.signing_input.clone()),
        };
        let counts = |record: &Record| record.identity == identity && now < record.exp.saturating_add(leeway);
        ensure(self.horizon.is_none_or(|horizon| horizon < parsed.exp), Code::Replayed)?;
        if self.doubtful.contains(&identity) {
            return Err(None);
        }
        ensure(!self.records.iter().any(counts), Code::Replayed)?;
        // Rows 8 and 9
        let grants = grants(&parsed.operation)?;
        // Row 10
        let new = grants.iter().filter(|grant| !self.acl.contains_key(&grant.user)).count();
        ensure(self.acl.len() + new <= self.room, Code::AclFull)?;
        self.acl.extend(grants.iter().map(|grant| (grant.user, *grant)));
        self.remember(Record { identity, exp: parsed.exp });
        Ok(grants.len())
    }

    /// §8
    fn remember(&mut self, record: Record) {
        if self.records.len() == self.slots
            && let Some(first) = self.records.iter().map(|record| record.exp).min()
        {
            let (gone, kept): (Vec<_>, Vec<_>) = self.records.drain(..).partition(|record| record.exp == first);
            self.records = kept;
            if gone.len() > 1 {
                self.doubtful.extend(gone.iter().map(|record| record.identity.clone()));
            }
            // All but one of them, whichever that is: their `exp` counts, and their identities are in doubt.
            self.records.extend(gone.into_iter().skip(1));
            self.horizon = self.horizon.max(Some(first));
        }
        self.records.push(record);
    }

    /// When the recorded operations expire, in order.
    #[must_use]
    pub fn expiries(&self) -> Vec<u64> {
        let mut expiries: Vec<u64> = self.records.iter().map(|record| record.exp).collect();
        expiries.sort_unstable();
        expiries
    }
}

/// The key that must have signed (§6).
fn signing_key(parsed: &Parsed, anchor: Option<UserKey>, now: u64, leeway: u64) -> Result<[u8; 32], Option<Code>> {
    match (&parsed.chain, anchor) {
        (None, Some(UserKey::Ed25519(key))) => Ok(key),
        (None, _) => Err(Some(Code::Unauthenticated)),
        (Some(chain), _) => {
            let next = chain.get(1).map(Vec::as_slice);
            let circumstances = Circumstances { now, leeway, iss: parsed.iss, anchor, next };
            bound_key(&chain[0], &circumstances).map_err(|_| Some(Code::Unauthenticated))?.ok_or(None)
        }
    }
}

fn ensure(good: bool, otherwise: Code) -> Result<(), Code> {
    if good { Ok(()) } else { Err(otherwise) }
}
