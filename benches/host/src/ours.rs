//! lockop.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use lockop::{AclEntry, ConstantTime, Device, Ed25519, Error, Operation, Policy, RamAcl, Unverified, UserKey};
use subtle::Choice;

use crate::Grants;
use crate::fixtures::Case;
use crate::job::Job;
use crate::lock::{Claimed, Lock};
use crate::refused::Refused;

/// Room for the issuer and a whole batch.
pub type Store = RamAcl<32, 4>;

/// Verifies in constant time, and takes every user's key for a good one: no peer looks at those.
#[derive(Debug, Clone, Copy, Default)]
pub struct UncheckedKeys;

impl Ed25519 for UncheckedKeys {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        ConstantTime.verify(key, message, signature)
    }

    fn is_valid_key(&mut self, _: &[u8; 32]) -> bool {
        true
    }
}

/// Says yes to everything: what is left is all but the arithmetic.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unchecked;

impl Ed25519 for Unchecked {
    fn verify(&mut self, _: &[u8; 32], _: &[u8], _: &[u8; 64]) -> Choice {
        Choice::from(1)
    }

    fn is_valid_key(&mut self, _: &[u8; 32]) -> bool {
        true
    }
}

/// A store on which only the issuer is.
#[must_use]
pub fn store(lock: &Lock) -> Store {
    let mut store = Store::new();
    store.provision(lock.issuer).expect("an empty store");
    store
}

/// What a device does: all of docs/operation.md, certificates, replay and commit included.
pub(crate) fn apply<V: Ed25519 + Default + 'static>(case: &Case, jws: &'static str) -> Box<dyn Job> {
    let lock = case.lock();
    Box::new(Apply { device: Device::with_backend(lock.id, V::default()), store: store(&lock), now: lock.now, jws })
}

struct Apply<V> {
    device: Device<V>,
    store: Store,
    now: u64,
    jws: &'static str,
}

impl<V: Ed25519> Job for Apply<V> {
    fn run(&mut self) -> Result<(), Refused> {
        match self.device.apply(self.jws.as_bytes(), self.now, &mut self.store) {
            Ok(_) => Ok(()),
            Err(Error::Unauthenticated) => Err(Refused::Signature),
            Err(Error::WrongDevice) => Err(Refused::Device),
            Err(Error::Expired | Error::NotYetValid) => Err(Refused::Time),
            Err(Error::Forbidden) => Err(Refused::Role),
            Err(_) => Err(Refused::Malformed),
        }
    }

    fn grants(&self) -> &[AclEntry] {
        // The first is the issuer.
        self.store.entries().get(1..).unwrap_or_default()
    }
}

/// What the peers do: without certificates it is [`apply`]; with them, the signature under the leaf's key alone, which a
/// device has no use for and so is put together here.
pub(crate) fn as_peers<V: Ed25519 + Default + 'static>(case: &Case, jws: &'static str) -> Box<dyn Job> {
    if case.chain {
        Box::new(LeafAlone { backend: V::default(), jws, lock: case.lock(), grants: Grants::new() })
    } else {
        apply::<V>(case, jws)
    }
}

struct LeafAlone<V> {
    backend: V,
    jws: &'static str,
    lock: Lock,
    grants: Grants,
}

impl<V: Ed25519> Job for LeafAlone<V> {
    fn run(&mut self) -> Result<(), Refused> {
        let parsed = Unverified::parse(self.jws.as_bytes(), &Policy::DEFAULT).map_err(|_| Refused::Malformed)?;
        let (message, signature) = signed(self.jws).ok_or(Refused::Malformed)?;
        if !bool::from(self.backend.verify(&self.lock.signer, message, &signature)) {
            return Err(Refused::Signature);
        }
        let lockop::Claims { iss, sub, nbf, iat, exp, .. } = *parsed.claims();
        self.lock.permits(&Claimed { iss, sub, nbf, iat, exp })?;
        let Ok(Operation::BatchAddUser(batch)) = parsed.operation(&mut self.backend) else {
            return Err(Refused::Malformed);
        };
        self.grants.extend_from_slice(batch.grants()).map_err(|_| Refused::Malformed)
    }

    fn grants(&self) -> &[AclEntry] {
        &self.grants
    }
}

/// What is signed, and the signature.
#[must_use]
pub fn signed(jws: &str) -> Option<(&[u8], [u8; 64])> {
    let (message, text) = jws.rsplit_once('.')?;
    let mut signature = [0; 64];
    // 64 bytes always have padding where there is any.
    let decode = if text.ends_with('=') { Base64::decode } else { Base64UrlUnpadded::decode };
    let decoded = decode(text, &mut signature);
    (decoded.ok()?.len() == 64).then_some((message.as_bytes(), signature))
}

/// The arithmetic alone.
pub(crate) fn arithmetic(jws: &str, lock: &Lock, _: &mut Grants) -> Result<(), Refused> {
    let (message, signature) = signed(jws).ok_or(Refused::Malformed)?;
    let genuine: bool = ConstantTime.verify(&lock.signer, message, &signature).into();
    if genuine { Ok(()) } else { Err(Refused::Signature) }
}

/// Whether the users' Ed25519 keys are points of the curve, and not of small order: what no peer looks at.
pub(crate) fn judge_keys(case: &Case, jws: &'static str) -> Box<dyn Job> {
    let parsed = Unverified::parse(jws.as_bytes(), &Policy::DEFAULT).expect("well-formed");
    let Ok(Operation::BatchAddUser(batch)) = parsed.operation(&mut Unchecked) else { panic!("{}", case.name) };
    Box::new(JudgeKeys { grants: batch.grants().iter().copied().collect() })
}

struct JudgeKeys {
    grants: Grants,
}

impl Job for JudgeKeys {
    fn run(&mut self) -> Result<(), Refused> {
        let good = self.grants.iter().all(|grant| match &grant.key {
            UserKey::Ed25519(key) => ConstantTime.is_valid_key(key),
            UserKey::RsaFingerprint(_) => true,
        });
        if good { Ok(()) } else { Err(Refused::Malformed) }
    }

    fn grants(&self) -> &[AclEntry] {
        &self.grants
    }
}

/// From the users' keys to what the ACL keeps of them, which is this code in every contestant: for RSA keys, DER and
/// SHA-256.
pub(crate) fn key_forms(_: &Case, jws: &'static str) -> Box<dyn Job> {
    let payload = jws.split('.').nth(1).expect("a payload");
    let payload = Base64UrlUnpadded::decode_vec(payload).expect("base64url");
    let payload: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
    let users = payload["operation"]["users"].as_array().expect("users");
    let key =
        |user: &serde_json::Value| Base64::decode_vec(user["publicKey"].as_str().expect("a key")).expect("base64");
    Box::new(KeyForms { keys: users.iter().map(key).collect() })
}

struct KeyForms {
    keys: Vec<Vec<u8>>,
}

impl Job for KeyForms {
    fn run(&mut self) -> Result<(), Refused> {
        let keys = self.keys.iter().filter_map(|key| std::hint::black_box(UserKey::from_bytes(key)));
        if keys.count() == self.keys.len() { Ok(()) } else { Err(Refused::Malformed) }
    }

    fn grants(&self) -> &[AclEntry] {
        &[]
    }
}
