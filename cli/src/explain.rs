//! From a verdict to what to look at: one plain sentence.
//!
//! A device answers with the code alone. On a desk the ACL and the operation lie open, so more can be said; none of it
//! takes part in the decision, which the library has made.

use std::fmt::Debug;

use lockop::{
    AclEntry, Claims, ConstantTime, Ed25519, Error, Fault, InvalidOperation, Malformed, Part, Policy, Role,
    UnsupportedAlgorithm, Unverified, UserKey, Uuid,
};

use crate::base64::{Alphabet, Decoded, Padding};
use crate::binding::{Binding, Subject};
use crate::desk_acl::DeskAcl;
use crate::inspect::certificates;
use crate::members::{Members, compact};
use crate::{jws, text};

/// What an operation came upon.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) jws: &'a [u8],
    pub(crate) lock: Uuid,
    pub(crate) now: u64,
    pub(crate) policy: Policy,
    /// As it was before, which after a refusal is as it is.
    pub(crate) store: &'a DeskAcl,
}

impl Scene<'_> {
    /// What the operation claims, if it is well-formed.
    pub(crate) fn claims(&self) -> Option<Claims> {
        Unverified::parse(self.jws, &self.policy).ok().map(|unverified| *unverified.claims())
    }

    /// Why it was refused. What comes from outside is escaped.
    pub(crate) fn explain<E: Debug>(&self, error: &Error<E>) -> String {
        let claims = self.claims();
        claims.and_then(|claims| self.explain_claims(error, &claims)).unwrap_or_else(|| form(self.jws, error))
    }

    fn explain_claims<E>(&self, error: &Error<E>, claims: &Claims) -> Option<String> {
        Some(match error {
            Error::Unauthenticated => self.unauthenticated(claims),
            Error::WrongDevice => {
                format!("The operation is for {} (sub), and this device is {}.", claims.sub, self.lock)
            }
            Error::NotYetValid => self.not_yet_valid(claims),
            Error::Expired => {
                let end = claims.exp.saturating_add(self.policy.leeway);
                format!(
                    "It expired {} ago: exp {} + leeway {} s, and now is {}.",
                    text::span(self.now.saturating_sub(end)),
                    text::time(claims.exp),
                    self.policy.leeway,
                    text::time(self.now),
                )
            }
            Error::Forbidden => self.forbidden(claims)?,
            Error::Replayed => self.replayed(claims),
            Error::AclFull => format!(
                "There are {} on the ACL and room for {}: the new ones do not fit, so none was taken.",
                text::count(self.store.entries().len(), "user"),
                self.store.capacity(),
            ),
            _ => return None,
        })
    }

    fn issuer(&self, claims: &Claims) -> Option<&AclEntry> {
        self.store.entries().iter().find(|entry| entry.user == claims.iss)
    }

    fn unauthenticated(&self, claims: &Claims) -> String {
        let Some(issuer) = self.issuer(claims) else {
            return format!("The issuer {} is not on the ACL.", claims.iss);
        };
        let Some((_, signature)) = jws::signed(self.jws) else {
            return "The signature is not 64 bytes long.".to_owned();
        };
        let chain = jws::header(self.jws).map(|header| certificates::texts(&header)).unwrap_or_default();
        if let Some(leaf) = chain.first() {
            return self.unauthenticated_leaf(leaf, issuer, &signature);
        }
        let UserKey::Ed25519(key) = &issuer.key else {
            return format!(
                "The issuer {} has an RSA key on the ACL and there is no x5c: an RSA user must send a certificate chain.",
                claims.iss
            );
        };
        if !ConstantTime.is_valid_key(key) {
            return format!(
                "The key of the issuer {} on the ACL is no key that anything could be signed with.",
                claims.iss
            );
        }
        match self.signer(&signature) {
            Some(user) => {
                format!("Not {} has signed this, as iss says, but {user}, who is on the ACL, too.", claims.iss)
            }
            None => format!(
                "The signature does not match the key of the issuer {} on the ACL ({}): the text was changed after \
                 signing, or signed with another key.",
                claims.iss,
                text::key(&issuer.key),
            ),
        }
    }

    /// What is wrong with the certificates, or with the signature of the leaf's key.
    fn unauthenticated_leaf(&self, leaf: &str, issuer: &AclEntry, signature: &[u8; 64]) -> String {
        let key = certificates::parse(leaf).ok().as_ref().and_then(certificates::ed25519_key);
        // Whoever changes the leaf has changed what was signed, so the signature is looked at first.
        let forged = key.is_some_and(|key| !self.signed_with(&key, signature));
        match self.binding(issuer) {
            Some(Binding::NotBound(reason)) if !forged => {
                format!("The leaf certificate (x5c[0]) is not bound to the issuer {}: {reason}.", issuer.user)
            }
            binding => {
                let bound = if matches!(binding, Some(Binding::Bound)) { ", which is bound to the issuer" } else { "" };
                format!(
                    "The signature does not match the key of the leaf certificate (x5c[0]){bound}: the text was changed \
                     after signing, or signed with another key.",
                )
            }
        }
    }

    fn binding(&self, issuer: &AclEntry) -> Option<Binding> {
        let unverified = Unverified::parse(self.jws, &self.policy).ok()?;
        let anchor = Some(&issuer.key);
        Subject { jws: self.jws, unverified: &unverified, anchor, now: self.now, policy: &self.policy }.binding()
    }

    fn signed_with(&self, key: &[u8; 32], signature: &[u8; 64]) -> bool {
        jws::signed(self.jws).is_some_and(|(input, _)| ConstantTime.verify(key, input, signature).into())
    }

    /// Whose key on the ACL the signature matches.
    fn signer(&self, signature: &[u8; 64]) -> Option<Uuid> {
        let matches = |entry: &&AclEntry| match &entry.key {
            UserKey::Ed25519(key) => self.signed_with(key, signature),
            UserKey::RsaFingerprint(_) => false,
        };
        self.store.entries().iter().find(matches).map(|entry| entry.user)
    }

    fn not_yet_valid(&self, claims: &Claims) -> String {
        let (name, time) = if claims.nbf >= claims.iat { ("nbf", claims.nbf) } else { ("iat", claims.iat) };
        let latest = self.now.saturating_add(self.policy.leeway);
        format!(
            "It is {} too early: {name} is {}, and now is {} with a leeway of {} s.",
            text::span(time.saturating_sub(latest)),
            text::time(time),
            text::time(self.now),
            self.policy.leeway,
        )
    }

    fn forbidden(&self, claims: &Claims) -> Option<String> {
        let issuer = self.issuer(claims)?;
        Some(if issuer.role == Role::Admin {
            format!(
                "The issuer {} is an ADMIN, but not active now ({}): {}.",
                issuer.user,
                text::time(self.now),
                text::window(&issuer.window),
            )
        } else {
            format!("The issuer {} is a {} on the ACL; only an ADMIN may change it.", issuer.user, issuer.role.as_str())
        })
    }

    fn replayed(&self, claims: &Claims) -> String {
        match self.store.replays().horizon() {
            Some(horizon) if claims.exp <= horizon => format!(
                "It expires at {}, and the records of operations that expire by {} have made room for later ones: \
                 nobody can tell any more whether it was applied.",
                text::time(claims.exp),
                text::time(horizon),
            ),
            _ => match &claims.jti {
                Some(jti) => format!(
                    "An operation of {} with the jti \"{}\" has been applied before.",
                    claims.iss,
                    text::escape_bytes(jti.as_bytes()),
                ),
                None => "This very operation (it has no jti) has been applied before.".to_owned(),
            },
        }
    }
}

/// Why the form of an operation, whoever has signed it, was refused: the form of the JWS, or of what is to be done.
/// What comes from outside is escaped.
pub(crate) fn form<E: Debug>(jws: &[u8], error: &Error<E>) -> String {
    match error {
        Error::Malformed(detail) => malformed(jws, detail),
        Error::UnsupportedAlgorithm(detail) => unsupported_algorithm(jws, *detail),
        Error::UnsupportedOperation => unsupported_operation(jws),
        Error::InvalidOperation(detail) => invalid_operation(jws, detail),
        // Nothing about the form: the library's own words.
        _ => text::escape(&error.to_string()),
    }
}

/// What was malformed, and the text around it.
fn malformed(jws: &[u8], detail: &Malformed) -> String {
    let mut out = text::escape(&detail.to_string());
    if let Some(decoded) = jws::part(jws, detail.part) {
        if let Some(hint) = encoding_hint(&decoded, detail.fault) {
            out.push_str(&format!(" ({hint})"));
        } else if detail.part != Part::Signature
            && let Some((before, after)) = decoded.bytes.split_at_checked(detail.offset)
        {
            let before = text::escape_bytes(&before[before.len().saturating_sub(32)..]);
            let after = text::escape_bytes(&after[..after.len().min(16)]);
            out.push_str(&format!(" (here: {before}▸{after})"));
        }
    }
    out
}

/// What is wrong with the base64 of a segment, if that is the fault: a text inside the header may be meant, too.
fn encoding_hint(decoded: &Decoded, fault: Fault) -> Option<String> {
    match (fault, decoded.stopped) {
        (Fault::Base64Alphabet, Some(place)) => Some(format!("no base64 at character {place}")),
        (Fault::Base64Alphabet, None) if decoded.alphabet == Alphabet::Mixed => {
            Some("`+` or `/` as well as `-` or `_`".to_owned())
        }
        (Fault::Base64Padding, _) if decoded.padding != Padding::NotNeeded => {
            Some(format!("padding: {}", decoded.padding.as_str()))
        }
        _ => None,
    }
}

fn unsupported_algorithm(jws: &[u8], detail: UnsupportedAlgorithm) -> String {
    let name = match detail {
        UnsupportedAlgorithm::Alg => "alg",
        UnsupportedAlgorithm::Typ => "typ",
        UnsupportedAlgorithm::Crit => "crit",
    };
    let value = jws::header(jws).and_then(|header| header.raw(name).map(shown));
    format!("{detail}; the header says {name} {}.", value.as_deref().unwrap_or("nothing"))
}

fn unsupported_operation(jws: &[u8]) -> String {
    let value = operation(jws).and_then(|operation| operation.raw("type").map(shown));
    format!("operation.type is {}, and only \"BATCH_ADD_USER\" is known.", value.as_deref().unwrap_or("unknown"))
}

/// What is wrong inside the operation, and the user object that it is in.
fn invalid_operation(jws: &[u8], detail: &InvalidOperation) -> String {
    let user = detail.user.and_then(|place| {
        let users = operation(jws)?.value("users")?;
        users.get(usize::from(place)).map(|user| shown(&user.to_string()))
    });
    match user {
        Some(user) => format!("{detail}; it is {user}"),
        None => detail.to_string(),
    }
}

fn operation(jws: &[u8]) -> Option<Members> {
    jws::payload(jws)?.object("operation")
}

/// A JSON value from outside.
fn shown(raw: &str) -> String {
    text::shorten(&text::escape(&compact(raw)), 200)
}
