//! A device and the model of one, side by side: every verdict is compared, and all that is kept.

use lockop::{AclEntry, Code, ConstantTime, Device, Error, Policy, Unverified};

use crate::model::{Model, Parsed, grants};
use crate::world::{self, Acl, LOCK, ROOM, SLOTS};

/// Both of them.
pub struct Pair {
    device: Device<ConstantTime>,
    store: Acl,
    model: Model,
}

impl Pair {
    /// With these users on the ACL.
    #[must_use]
    pub fn new(policy: Policy, users: &[AclEntry]) -> Self {
        Self {
            device: Device::new(LOCK).with_policy(policy),
            store: world::acl(users),
            model: Model::new(LOCK, policy, users, ROOM, SLOTS),
        }
    }

    /// Gives both an operation: what has become of it; `None` if the model could not say, so that the two are not
    /// comparable any more.
    ///
    /// # Panics
    ///
    /// If they differ, or if a refusal has changed anything.
    pub fn apply(&mut self, jws: &[u8], now: u64) -> Option<Result<usize, Code>> {
        let before = self.store.clone();
        let got = self.device.apply(jws, now, &mut self.store);
        if let Err(error) = &got {
            // For a log on the device: it must not panic either.
            _ = (error.to_string(), error.code().as_str());
            assert_eq!(self.store.entries(), before.entries(), "changed by a refusal: {error}");
            assert_eq!(self.store.replays(), before.replays(), "changed by a refusal: {error}");
        }
        let code = got.as_ref().map(|applied| applied.users).map_err(Error::code);
        let Some(expected) = self.model.apply(jws, now) else {
            // The rows before the certificate's have been judged: it was well-formed, and supported.
            assert!(!matches!(code, Err(Code::Malformed | Code::UnsupportedAlgorithm)), "{got:?}");
            return None;
        };
        assert_eq!(code, expected, "{got:?} at {now}\n{}", jws.escape_ascii());

        let mut entries = self.store.entries().to_vec();
        entries.sort_unstable_by_key(|entry| entry.user);
        assert!(entries.iter().eq(self.model.acl.values()), "{entries:?}\n{:?}", self.model.acl);
        let replays = self.store.replays();
        let mut expiries: Vec<u64> = replays.records().iter().map(lockop::ReplayRecord::exp).collect();
        expiries.sort_unstable();
        assert_eq!((expiries, replays.horizon()), (self.model.expiries(), self.model.horizon));
        Some(expected)
    }
}

/// What tools see of an operation that nobody has verified, by this policy.
///
/// # Panics
///
/// If it is not what the model reads.
pub fn look(jws: &[u8], policy: &Policy) {
    let expected = Parsed::read(jws, policy);
    let got = Unverified::parse(jws, policy);
    if let Err(error) = &got {
        _ = error.to_string();
    }
    let (got, expected) = match (got, expected) {
        (Ok(got), Ok(expected)) => (got, expected),
        (got, expected) => {
            let (got, expected) = (got.map(drop).map_err(|error| error.code()), expected.map(drop));
            return assert_eq!(got, expected, "by {policy:?}\n{}", jws.escape_ascii());
        }
    };
    let claims = got.claims();
    assert_eq!((claims.iss, claims.sub), (expected.iss, expected.sub));
    assert_eq!((claims.nbf, claims.iat, claims.exp), (expected.nbf, expected.iat, expected.exp));
    assert_eq!(claims.jti.as_ref().map(lockop::Jti::as_str), expected.jti.as_deref());
    let operation = got.operation(&mut ConstantTime).map_err(|error| {
        _ = error.to_string();
        error.code()
    });
    let operation = operation.map(|operation| match operation {
        lockop::Operation::BatchAddUser(batch) => batch.grants().to_vec(),
        other => panic!("{other:?} is not known to the model"),
    });
    assert_eq!(operation, grants(&expected.operation), "{}", jws.escape_ascii());
}
