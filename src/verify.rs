//! The pipeline: every step consumes the state before it, and only the last state can be committed.
//!
//! ```text
//! bytes ─parse─► Unverified ─authenticate─► Authentic ─authorize─► Authorized ─commit─► Applied
//!        rows 1, 2           row 3                    rows 4 to 9             row 10
//! ```

use core::hint::black_box;

use subtle::{Choice, ConstantTimeEq};

use crate::acl::{AclEntry, AclStore, CommitError, Role, Transaction};
use crate::claims::Claims;
use crate::error::{Error, Fault, Malformed, ParseError, Part, UnsupportedAlgorithm};
use crate::json::{Names, Reader};
use crate::jws::base64::Spelling;
use crate::jws::compact::{self, Compact};
use crate::jws::header::{Header, X5c};
use crate::keys::UserKey;
use crate::operation::{Located, Operation, OperationError};
use crate::policy::Policy;
use crate::replay::ReplayRecord;
use crate::signature::{Ed25519, FALLBACK_KEY, Signature};
use crate::uuid::Uuid;
use crate::verdict::Verdict;
#[cfg(feature = "x5c")]
use crate::x5c::{self, Clock};

/// A lock: its ID, its policy, and the arithmetic that it verifies with.
///
/// It holds no state that an operation changes: that is in the [store](AclStore).
#[derive(Debug, Clone, Copy)]
pub struct Device<V> {
    id: Uuid,
    policy: Policy,
    ed25519: V,
}

#[cfg(feature = "constant-time")]
impl Device<crate::signature::ConstantTime> {
    /// A device with the default policy that verifies in constant time.
    #[must_use]
    pub const fn new(id: Uuid) -> Self {
        Self::with_backend(id, crate::signature::ConstantTime)
    }
}

impl<V> Device<V> {
    /// A device with the default policy and a signature backend of its own.
    #[must_use]
    pub const fn with_backend(id: Uuid, ed25519: V) -> Self {
        Self { id, policy: Policy::DEFAULT, ed25519 }
    }

    /// The same device with another policy.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// The lock's ID.
    #[must_use]
    pub const fn id(&self) -> &Uuid {
        &self.id
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Reads a compact JWS by this device's policy: rows 1 and 2 of §7.
    ///
    /// # Errors
    ///
    /// As [`Unverified::parse`].
    pub fn parse<'a>(&self, jws: &'a [u8]) -> Result<Unverified<'a>, ParseError> {
        Unverified::parse(jws, &self.policy)
    }
}

impl<V: Ed25519> Device<V> {
    /// Verifies an operation and applies it: the whole job.
    ///
    /// `jws` is the body of the request as it arrived, and `now` the time in Unix seconds. Nobody may write to `jws`
    /// while this runs.
    ///
    /// # Errors
    ///
    /// The first reason to refuse, in the order of §7. Nothing has been changed then; what [`Error::Storage`] leaves
    /// behind is the store's to settle (§10).
    pub fn apply<S: AclStore>(&mut self, jws: &[u8], now: u64, store: &mut S) -> Result<Applied, Error<S::Error>> {
        let unverified = self.parse(jws)?;
        let authentic = self.authenticate(unverified, now, store)?;
        self.finish(authentic, now)
    }

    /// The steps behind the verification, with a stack frame of their own: a batch of grants and the curve
    /// arithmetic are not there at the same time.
    #[inline(never)]
    fn finish<S: AclStore>(
        &mut self,
        mut authentic: Authentic<'_, '_, S>,
        now: u64,
    ) -> Result<Applied, Error<S::Error>> {
        let mut operation = Operation::EMPTY;
        let (replay, genuine) = self.decide(&mut authentic, now, &mut operation)?;
        commit(authentic.claims, &operation, replay, authentic.store, genuine)
    }

    /// Verifies that the issuer is on the ACL and has signed (§6): row 3 of §7.
    ///
    /// `now` is in Unix seconds, for the validity of a leaf certificate. The store stays borrowed until the operation is
    /// committed or dropped: nothing on the ACL can change between the verdict and the change that it allows.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`]; [`Error::Lookup`] if the store fails, after the same work.
    pub fn authenticate<'a, 's, S: AclStore>(
        &mut self,
        unverified: Unverified<'a>,
        now: u64,
        store: &'s mut S,
    ) -> Result<Authentic<'a, 's, S>, Error<S::Error>> {
        let iss = unverified.claims.iss;
        // A store that gives another user's entry has given none.
        let looked_up = store.get(&iss).map(|entry| entry.filter(|entry| entry.user == iss));
        let anchor = looked_up.as_ref().ok().and_then(Option::as_ref).map(|issuer| &issuer.key);
        let (key, bound) = unverified.signing_key(anchor, now, self.policy.leeway, &mut self.ed25519);

        // Before the claims are moved: what a disturbed copy says is compared with this.
        let replay = ReplayRecord::of(&unverified.claims, unverified.signing_input);
        let Unverified { claims, operation, signing_input, signature, .. } = unverified;
        let verified = self.ed25519.verdict(&key, signing_input, &signature.bytes);
        // One verdict, at the end, formed without branching on its parts (§9). It stays with the operation, and every
        // later step looks at it again.
        let genuine = verified.and(bound).and(Verdict::once(signature.right_length));
        match looked_up {
            Ok(Some(issuer)) if genuine.holds() => {
                Ok(Authentic { claims, operation, signing_input, issuer, store, genuine, replay })
            }
            Ok(_) => Err(Error::Unauthenticated),
            Err(error) => Err(Error::Lookup(error)),
        }
    }

    /// Checks device, time, rights and replay, and reads the operation: rows 4 to 9 of §7.
    ///
    /// # Errors
    ///
    /// The first of these rows that refuses; [`Error::Storage`] if the replay records cannot be read.
    pub fn authorize<'s, S: AclStore>(
        &mut self,
        mut authentic: Authentic<'_, 's, S>,
        now: u64,
    ) -> Result<Authorized<'s, S>, Error<S::Error>> {
        let mut operation = Operation::EMPTY;
        let (replay, genuine) = self.decide(&mut authentic, now, &mut operation)?;
        Ok(Authorized { claims: authentic.claims, operation, replay, store: authentic.store, genuine })
    }

    /// Rows 4 to 9 of §7. The operation is read to where it will stay.
    ///
    /// The verdict is that of the signature and, found out once more, that of these rows: the decisions above it are
    /// single branches, and nobody knows better whether one of them was skipped.
    fn decide<S: AclStore>(
        &mut self,
        authentic: &mut Authentic<'_, '_, S>,
        now: u64,
        operation: &mut Operation,
    ) -> Result<(ReplayRecord, Verdict), Error<S::Error>> {
        let Authentic { claims, issuer, genuine, replay, .. } = authentic;
        if !genuine.holds() {
            return Err(Error::Unauthenticated);
        }
        if claims.sub != self.id {
            return Err(Error::WrongDevice);
        }
        let latest = now.saturating_add(self.policy.leeway);
        if latest < claims.nbf || latest < claims.iat {
            return Err(Error::NotYetValid);
        }
        if now >= claims.exp.saturating_add(self.policy.leeway) {
            return Err(Error::Expired);
        }
        if !issuer.is_active_admin(now) {
            return Err(Error::Forbidden);
        }
        let passed = now.saturating_sub(self.policy.leeway);
        if authentic.store.is_replay(replay, passed).map_err(Error::Storage)? {
            return Err(Error::Replayed);
        }
        authentic.operation.contents(operation, &mut self.ed25519)?;
        let authorized = self.is_authorized(black_box(claims), black_box(issuer), black_box(now));
        let again = ReplayRecord::of(black_box(claims), black_box(authentic.signing_input));
        let passed = black_box(now).saturating_sub(black_box(self.policy.leeway));
        let is_new = again.id().ct_eq(replay.id())
            & again.exp().ct_eq(&replay.exp())
            & is_not(authentic.store.is_replay(&again, passed).map_err(Error::Storage)?);
        let genuine = authentic.genuine.and(Verdict::new(authorized, is_new));
        Ok((again, genuine))
    }

    /// Rows 4 to 6 of §7 once more, and the issuer's name, in other words and without branches.
    #[inline(never)]
    fn is_authorized(&self, claims: &Claims, issuer: &AclEntry, now: u64) -> Choice {
        let leeway = self.policy.leeway;
        let early = claims.nbf.max(claims.iat).saturating_sub(now);
        let device = claims.sub.as_bytes().ct_eq(self.id.as_bytes());
        let time = is_not(early > leeway) & is_not(now.saturating_sub(leeway) >= claims.exp);
        let admin = is_not(issuer.role == Role::User);
        let start = is_not(issuer.window.start().is_some_and(|start| start > now));
        let end = is_not(issuer.window.end().is_some_and(|end| end <= now));
        let same_user = issuer.user.as_bytes().ct_eq(claims.iss.as_bytes());
        device & time & admin & start & end & same_user
    }
}

fn is_not(condition: bool) -> Choice {
    !Choice::from(u8::from(condition))
}

/// Row 10 of §7.
fn commit<S: AclStore>(
    claims: Claims,
    operation: &Operation,
    replay: ReplayRecord,
    store: &mut S,
    genuine: Verdict,
) -> Result<Applied, Error<S::Error>> {
    if !genuine.holds() {
        return Err(Error::Unauthenticated);
    }
    let grants = match operation {
        Operation::BatchAddUser(batch) => batch.grants(),
    };
    let transaction = Transaction { grants, removals: &[], replay };
    store.commit(&transaction).map_err(|error| match error {
        CommitError::Full => Error::AclFull,
        CommitError::Store(error) => Error::Storage(error),
    })?;
    Ok(Applied { claims, operation: operation.name(), users: grants.len() })
}

/// A well-formed operation of which nothing is known to be true.
///
/// It can be looked at, and given to [`Device::authenticate`]. A device reads it with [`Device::parse`].
#[derive(Debug, Clone, Copy)]
pub struct Unverified<'a> {
    claims: Claims,
    operation: Located<'a>,
    signing_input: &'a [u8],
    signature: Signature,
    x5c: Option<X5c<'a>>,
}

impl<'a> Unverified<'a> {
    /// Reads a compact JWS by any policy: rows 1 and 2 of §7. For tools; a device reads by its own policy, with
    /// [`Device::parse`].
    ///
    /// # Errors
    ///
    /// [`ParseError::Malformed`] if any part of it is malformed; only else [`ParseError::UnsupportedAlgorithm`].
    pub fn parse(jws: &'a [u8], policy: &Policy) -> Result<Self, ParseError> {
        let (parsed, unsupported) = Self::parse_all(jws, policy).map_err(ParseError::Malformed)?;
        match unsupported {
            Some(detail) => Err(ParseError::UnsupportedAlgorithm(detail)),
            None => Ok(parsed),
        }
    }

    fn parse_all(jws: &'a [u8], policy: &Policy) -> Result<(Self, Option<UnsupportedAlgorithm>), Malformed> {
        if jws.len() > policy.max_len {
            return Err(Malformed { part: Part::Input, fault: Fault::TooLong, offset: jws.len() });
        }
        let spelling = if policy.rfc7515_only { Spelling::Rfc7515 } else { Spelling::Either };
        let compact = Compact::split(jws)?;
        let header = read_segment(Part::Header, compact.header, spelling, Header::read)?;
        let (claims, operation) =
            read_segment(Part::Payload, compact.payload, spelling, |reader| Claims::read(reader, policy))?;
        let signature = compact.signature(spelling)?;
        let signing_input = compact.signing_input;
        Ok((Self { claims, operation, signing_input, signature, x5c: header.x5c }, header.unsupported))
    }

    /// What the issuer, whoever that is, claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The key that must have signed, and whether it is bound to the issuer, whose key on the ACL is `anchor` (§6).
    fn signing_key<V: Ed25519>(
        &self,
        anchor: Option<&UserKey>,
        now: u64,
        leeway: u64,
        ed25519: &mut V,
    ) -> ([u8; 32], Verdict) {
        match (&self.x5c, anchor) {
            #[cfg(feature = "x5c")]
            (Some(x5c), _) => x5c::signing_key(x5c, &self.claims.iss, anchor, Clock { now, leeway }, ed25519),
            // Without certificates, only an Ed25519 key on the ACL can have signed.
            (None, Some(UserKey::Ed25519(key))) => (*key, Verdict::once(1.into())),
            _ => {
                let _ = (now, leeway, ed25519);
                (FALLBACK_KEY, Verdict::NO)
            }
        }
    }

    /// Whether the leaf certificate in `x5c` is in order and bound to the issuer, whose key on the ACL is `anchor`
    /// (§6), at a time in Unix seconds; `None` where there are no certificates. For tools that show it to people: the
    /// operation's own signature is not looked at.
    #[cfg(feature = "x5c")]
    #[must_use]
    pub fn leaf_is_bound<V: Ed25519>(
        &self,
        anchor: Option<&UserKey>,
        now: u64,
        policy: &Policy,
        ed25519: &mut V,
    ) -> Option<bool> {
        let clock = Clock { now, leeway: policy.leeway };
        let bound = |x5c| x5c::signing_key(x5c, &self.claims.iss, anchor, clock, ed25519).1.holds();
        self.x5c.as_ref().map(bound)
    }

    /// Reads the contents of the operation without any verification: for tools that show it to people. It cannot be
    /// committed.
    ///
    /// # Errors
    ///
    /// Rows 8 and 9 of §7.
    pub fn operation<V: Ed25519>(&self, ed25519: &mut V) -> Result<Operation, OperationError> {
        let mut operation = Operation::EMPTY;
        self.operation.contents(&mut operation, ed25519)?;
        Ok(operation)
    }
}

/// Reads one segment as JSON, and says where it went wrong.
fn read_segment<'a, T>(
    part: Part,
    segment: &'a [u8],
    spelling: Spelling,
    read: impl FnOnce(&mut Reader<'a, '_>) -> Result<T, Fault>,
) -> Result<T, Malformed> {
    let mut names = Names::new();
    let mut reader = Reader::new(compact::check(part, segment, spelling)?, &mut names);
    read(&mut reader).map_err(|fault| Malformed { part, fault, offset: reader.position() })
}

/// An operation that its issuer, a user on the ACL, has signed. Only [`Device::authenticate`] makes one.
#[derive(Debug)]
pub struct Authentic<'a, 's, S> {
    claims: Claims,
    operation: Located<'a>,
    signing_input: &'a [u8],
    issuer: AclEntry,
    store: &'s mut S,
    genuine: Verdict,
    replay: ReplayRecord,
}

impl<S> Authentic<'_, '_, S> {
    /// What the issuer claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The issuer, as on the ACL.
    #[must_use]
    pub const fn issuer(&self) -> &AclEntry {
        &self.issuer
    }
}

/// An operation that may be applied to this device now. Only [`Device::authorize`] makes one.
///
/// It is for now: time is not looked at again when it is committed.
#[derive(Debug)]
pub struct Authorized<'s, S> {
    claims: Claims,
    operation: Operation,
    replay: ReplayRecord,
    store: &'s mut S,
    genuine: Verdict,
}

impl<S: AclStore> Authorized<'_, S> {
    /// What the issuer claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What will be done.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Applies the operation, all of it or nothing: row 10 of §7.
    ///
    /// # Errors
    ///
    /// [`Error::AclFull`] or [`Error::Storage`].
    pub fn commit(self) -> Result<Applied, Error<S::Error>> {
        commit(self.claims, &self.operation, self.replay, self.store, self.genuine)
    }
}

/// An operation that has been applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Applied {
    /// Who had it applied, and until when it counts as a replay.
    pub claims: Claims,
    /// Its `type`.
    pub operation: &'static str,
    /// How many users it has put on the ACL or replaced there.
    pub users: usize,
}

#[cfg(test)]
mod tests;
