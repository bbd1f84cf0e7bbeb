//! Operations that a device must refuse, each made so that as little as possible stands between it and the ACL.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use crate::arithmetic;
use crate::operation::Encoding::Rfc7515;
use crate::operation::Keys::Ed25519;
use crate::operation::{DEVICE, ISSUER, NOW, Operation, key_pair};
use crate::signer::{LeafSignature, Signer, issuer};

/// An operation, and the device that must refuse it.
pub struct Forgery {
    pub name: &'static str,
    /// `good`: nothing is wrong with it. `forged`: nobody on the ACL has signed it. `arithmetic`: the same, and what is
    /// disturbed is the arithmetic. `refused`: somebody has.
    pub class: &'static str,
    pub device: [u8; 16],
    pub now: u64,
    pub acl: Vec<User>,
    /// Whether it was applied before.
    pub again: bool,
    pub jws: String,
}

/// A user on the ACL.
pub struct User {
    pub user: [u8; 16],
    /// In a form of `publicKey`.
    pub key: Vec<u8>,
    pub admin: bool,
    pub start: Option<u64>,
    pub end: Option<u64>,
}

/// A signature: R, S.
type Signature = ([u8; 32], Scalar);

/// The ends of the order that a point can have: y = 1.
const NEUTRAL: [u8; 32] = {
    let mut y = [0; 32];
    y[0] = 1;
    y
};

/// y = p + 1: the neutral point again, but not canonical, so that no table of points of small order has it.
const NEUTRAL_NOT_CANONICAL: [u8; 32] = {
    let mut y = [0xff; 32];
    y[0] = 0xee;
    y[31] = 0x7f;
    y
};

/// Every forgery; the first one is none.
pub fn all(x5c: bool) -> Vec<Forgery> {
    let (sample, signature) = sample(Signer::Issuer);
    let refused = |name, change: fn(&mut Forgery)| {
        let mut forgery = Forgery { class: "refused", ..forged(name, &sample, &signature) };
        change(&mut forgery);
        forgery
    };
    let mut all = vec![refused("good", |f| f.class = "good")];

    // Wrong signatures.
    for (name, place) in [("r-flipped", 0), ("s-flipped", 32)] {
        let mut wrong = signature;
        wrong[place] ^= 1;
        all.push(forged(name, &sample, &wrong));
    }
    all.push(forged("r-first-byte", &sample, &almost(&sample, 0)));
    all.push(forged("r-last-byte", &sample, &almost(&sample, 31)));

    // R = [S]B: right if a skip made k or A vanish from the equation.
    let s = Scalar::from(1_234_567_u64);
    all.push(forged("r-of-s", &sample, &bytes((EdwardsPoint::mul_base(&s).compress().0, s))));

    // Right if the arithmetic is disturbed.
    let disturbed = arithmetic::signatures(&sample);
    all.extend(disturbed.iter().map(|(name, wrong)| Forgery { class: "arithmetic", ..forged(name, &sample, wrong) }));

    // The base point as a key, whose private key is 1, where the issuer has no key.
    let for_base_point = bytes(sign(&ED25519_BASEPOINT_POINT.compress().0, Scalar::ONE, &sample));
    all.push(Forgery {
        acl: vec![User { user: one_bit_off(ISSUER, 15), ..admin() }],
        ..forged("unknown-issuer", &sample, &for_base_point)
    });
    all.push(Forgery {
        acl: vec![User { key: Signer::LeafOfRsa.issuer_key(), ..admin() }],
        ..forged("rsa-issuer", &sample, &for_base_point)
    });

    // Keys with which anyone can sign. No operation can put them on the ACL.
    for (name, key, private) in [
        ("small-order-key", NEUTRAL, Scalar::ZERO),
        ("not-canonical-key", NEUTRAL_NOT_CANONICAL, Scalar::ZERO),
        ("key-off-the-curve", off_the_curve(), Scalar::ONE),
    ] {
        let signature = bytes(sign(&key, private, &sample));
        all.push(Forgery { acl: vec![User { key: key.to_vec(), ..admin() }], ..forged(name, &sample, &signature) });
    }

    // A user who is no ADMIN, in the name of one who is.
    let guest = key_pair(7);
    let signed_by_guest = guest.sk.sign(&sample, None);
    let guest = User { user: one_bit_off(ISSUER, 0), key: guest.pk.to_vec(), admin: false, ..admin() };
    all.push(Forgery { acl: vec![guest, admin()], ..forged("users-key", &sample, &signed_by_guest) });

    if x5c {
        all.extend([("own-leaf", Signer::LeafOfEd25519), ("own-leaf-rsa", Signer::LeafOfRsa)].map(|(name, signer)| {
            let jws = operation(signer).sign_with_leaf(LeafSignature::Flipped);
            let acl = vec![User { key: signer.issuer_key(), ..admin() }];
            Forgery { jws, acl, ..forged(name, &sample, &signature) }
        }));
    }

    // Good signatures.
    all.extend([
        refused("wrong-device-first", |f| f.device = one_bit_off(DEVICE, 0)),
        refused("wrong-device-last", |f| f.device = one_bit_off(DEVICE, 15)),
        refused("not-yet-valid", |f| f.now = NOW - 62),
        refused("expired", |f| f.now = NOW + 120),
        refused("no-admin", |f| f.acl[0].admin = false),
        refused("admin-not-yet", |f| f.acl[0].start = Some(NOW + 1)),
        refused("admin-no-more", |f| f.acl[0].end = Some(NOW)),
        refused("replayed", |f| f.again = true),
    ]);
    all
}

fn operation(signer: Signer) -> Operation {
    Operation { users: 1, keys: Ed25519, signer, encoding: Rfc7515 }
}

/// A signing input, and its good signature.
fn sample(signer: Signer) -> (String, [u8; 64]) {
    operation(signer).signed_batch()
}

fn forged(name: &'static str, input: &str, signature: &[u8; 64]) -> Forgery {
    let jws = format!("{input}.{}", operation(Signer::Issuer).encode(signature));
    Forgery { name, class: "forged", device: DEVICE, now: NOW, acl: vec![admin()], again: false, jws }
}

fn admin() -> User {
    User { user: ISSUER, key: issuer().pk.to_vec(), admin: true, start: None, end: None }
}

fn one_bit_off(mut uuid: [u8; 16], place: usize) -> [u8; 16] {
    uuid[place] ^= 1;
    uuid
}

/// k of RFC 8032 §5.1.7.
fn challenge(r: &[u8; 32], key: &[u8; 32], input: &str) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(input);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

/// Signs for a key whose private scalar is known.
fn sign(key: &[u8; 32], private: Scalar, input: &str) -> Signature {
    let nonce = Scalar::from(1_234_567_u64);
    let r = EdwardsPoint::mul_base(&nonce).compress().0;
    (r, nonce + challenge(&r, key, input) * private)
}

fn bytes((r, s): Signature) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&r);
    bytes[32..].copy_from_slice(s.as_bytes());
    bytes
}

/// A signature by nobody, whose R is equal to what the equation gives at one byte: found by trying one S after another.
fn almost(input: &str, place: usize) -> [u8; 64] {
    let key: [u8; 32] = *issuer().pk;
    let a = CompressedEdwardsY(key).decompress().expect("the issuer's key");
    let r = EdwardsPoint::mul_base(&Scalar::from(89_u64)).compress().0;
    let mut s = Scalar::from(1_000_u64);
    let mut expected = EdwardsPoint::mul_base(&s) - a * challenge(&r, &key, input);
    while expected.compress().0[place] != r[place] {
        s += Scalar::ONE;
        expected += ED25519_BASEPOINT_POINT;
    }
    bytes((r, s))
}

/// A canonical y of no point: the verifier then calculates with the fallback, whose private key is 1.
fn off_the_curve() -> [u8; 32] {
    let candidates = (2..=u8::MAX).map(|low| {
        let mut y = [0; 32];
        y[0] = low;
        y
    });
    candidates.into_iter().find(|y| CompressedEdwardsY(*y).decompress().is_none()).expect("half of them are none")
}
