//! The certificates that the vectors of `x5c` vary, and tokens that carry them.

use curve25519_dalek::edwards::EdwardsPoint;

use crate::b64;
use crate::case::{APPLIED, Topic};
use crate::der::{seq, split, tlv};
use crate::keys::{Key, seed, spki};
use crate::oid;
use crate::points;
use crate::rsa_key::{RsaKey, sha256};
use crate::text::{Obj, array, quote};
use crate::token::Token;
use crate::world::{ADMIN, Entry, NOW, admin, admin_key, claims, guest, header};
use crate::x509::{
    CRITICAL, Cert, DIGITAL_SIGNATURE, Signer, constraints, ed25519, extension, name, sha256_with_rsa, usage, utc,
    utf8, version,
};

/// Code of every failure in the chain.
pub(crate) const NO: &str = "unauthenticated";

/// `NOW` for the certificates, whose times may be before 1970.
pub(crate) fn now() -> i64 {
    i64::try_from(NOW).expect("this century")
}

const DAY: i64 = 86400;

/// The key that signs the operations.
pub(crate) fn leaf_key() -> Key {
    Key::named("leaf")
}

/// The ADMIN with the RSA key of the chains.
pub(crate) fn rsa_admin() -> Entry {
    admin().key(&RsaKey::user().spki())
}

/// A small leaf certificate, to be signed with Ed25519.
pub(crate) fn leaf() -> Cert {
    Cert {
        version: version(2),
        serial: tlv(0x02, &[0x2a]),
        inner: ed25519(),
        issuer: name(&[utf8(&oid::UID, ADMIN)]),
        validity: [utc(now() - DAY), utc(now() + 6 * DAY)],
        subject: name(&[utf8(&oid::X500_UNIQUE_ID, "x")]),
        key: spki(&leaf_key().public()),
        extensions: vec![constraints(&[0x30, 0]), usage(&DIGITAL_SIGNATURE)],
        outer: ed25519(),
    }
}

/// A small leaf certificate, to be signed with RSA.
pub(crate) fn rsa_leaf() -> Cert {
    leaf().algorithm(&sha256_with_rsa())
}

/// A small certificate of an RSA key; nothing but the key matters, so a stranger signs it.
pub(crate) fn user(key: &RsaKey) -> Cert {
    Cert {
        subject: name(&[utf8(&oid::UID, ADMIN)]),
        issuer: name(&[utf8(&oid::COMMON_NAME, "CA")]),
        key: key.spki(),
        extensions: vec![],
        ..leaf()
    }
}

/// Signed by the stranger that signs `user`.
pub(crate) fn by_stranger(cert: &Cert) -> Vec<u8> {
    cert.by(&Signer::Edwards(&Key::named("intermediate")))
}

/// Path (b): signed by the Ed25519 key of the ADMIN.
pub(crate) fn by_admin(cert: &Cert) -> Vec<u8> {
    cert.by(&Signer::Edwards(&admin_key()))
}

/// Path (c): signed by the RSA key of the ADMIN.
pub(crate) fn by_user(cert: &Cert) -> Vec<u8> {
    cert.by(&Signer::Rsa(&RsaKey::user()))
}

/// The shortest chain of path (c) below this leaf.
pub(crate) fn with_user(leaf: Vec<u8>) -> Vec<Vec<u8>> {
    vec![leaf, by_stranger(&user(&RsaKey::user()))]
}

/// The raw value of `x5c` of the certificates.
pub(crate) fn x5c(chain: &[Vec<u8>]) -> String {
    array(&chain.iter().map(|der| quote(&b64::std(der))).collect::<Vec<_>>())
}

/// The header with a raw value of `x5c`.
pub(crate) fn head(raw: &str) -> Obj {
    header().with("x5c", raw)
}

/// A token with the chain, signed by the leaf's key.
pub(crate) fn token(chain: &[Vec<u8>]) -> Token {
    token_raw(&x5c(chain))
}

/// A token with a raw value of `x5c`, signed by the leaf's key.
pub(crate) fn token_raw(raw: &str) -> Token {
    Token::header(&head(raw)).by(leaf_key())
}

/// A token with the chain and other claims, signed by the leaf's key.
pub(crate) fn token_claims(chain: &[Vec<u8>], claims: &Obj) -> Token {
    Token::raw(head(&x5c(chain)).render(), claims.render()).by(leaf_key())
}

/// A leaf of path (b) that the default device accepts.
pub(crate) fn ok(t: &mut Topic, tail: &str, note: &str, cert: &Cert) {
    t.ok(&format!("x5c-{tail}"), note, &token(&[by_admin(cert)]));
}

/// A leaf of path (b) that it refuses.
pub(crate) fn no(t: &mut Topic, tail: &str, note: &str, cert: &Cert) {
    t.no(&format!("x5c-{tail}"), note, NO, &token(&[by_admin(cert)]));
}

/// A chain that a device with the RSA key on its ACL accepts.
pub(crate) fn rsa_ok(t: &mut Topic, tail: &str, note: &str, chain: &[Vec<u8>]) {
    let case = t.case(&format!("x5c-{tail}"), note).acl(&[rsa_admin()]);
    t.push(case.step(&token(chain).jws(), APPLIED).grants(&[guest(1)]));
}

/// A chain that it refuses.
pub(crate) fn rsa_no(t: &mut Topic, tail: &str, note: &str, chain: &[Vec<u8>]) {
    let case = t.case(&format!("x5c-{tail}"), note).acl(&[rsa_admin()]);
    t.push(case.step(&token(chain).jws(), NO));
}

/// A certificate with a series of serial numbers, until one fits.
pub(crate) fn grind<T>(cert: &Cert, fits: impl Fn(&Cert) -> Option<T>) -> T {
    let try_serial = |n: u16| {
        let serial = tlv(0x02, &[&[0x40], &n.to_be_bytes()[..]].concat());
        fits(&Cert { serial, ..cert.clone() })
    };
    (0..5000).find_map(try_serial).expect("one of a few hundred fits")
}

/// An operation that a forger signs for a key of small order: the equation holds.
pub(crate) fn forged(chain: &[Vec<u8>], public: &[u8; 32]) -> Vec<u8> {
    let nonce = points::scalar("forger");
    let r = EdwardsPoint::mul_base(&nonce).compress().0;
    let attempt = |n: u32| {
        let token = token_claims(chain, &claims().with_str("jti", &format!("ground-{n}")));
        // With h = 0 modulo 8, h A vanishes and S B = R holds for anyone's R.
        let holds = points::octant(&r, public, &token.signing_input())? == 0;
        holds.then(|| token.jws_with(&points::join(&r, &nonce.to_bytes())))
    };
    (0..10_000).find_map(attempt).expect("one in eight fits")
}

/// The chain of §6: leaf, user certificate, intermediate and root, each with a real signature and of
/// the size of the published example.
pub(crate) fn real() -> Vec<Vec<u8>> {
    let (user, intermediate, root) = (RsaKey::user(), RsaKey::intermediate(), RsaKey::root());
    let uid = name(&[utf8(&oid::UID, ADMIN)]);
    let (intermediate_name, root_name) = (authority_name("Users CA"), authority_name("Root CA"));
    let serial = |name: &str| tlv(0x02, &[&[0x41], &seed(name)[..15]].concat());
    let common = Cert { serial: serial("root"), issuer: root_name.clone(), ..rsa_leaf() };
    let certificate = |cert: Cert, key: &RsaKey, size: usize| {
        // In place of policies and distribution points, which are of no interest here.
        let padded = |long: usize, short: usize| {
            let [long, short] = [vec![0x55; long], vec![0x55; short]];
            let cert = cert.clone().extended(extension(&oid::unknown(1), &[], &long));
            cert.extended(extension(&oid::unknown(2), &[], &short))
        };
        let signature = vec![0; key.size()];
        (0..500)
            .flat_map(|long| (0..4).map(move |short| padded(long, short)))
            .find(|cert| cert.with(&signature).len() == size)
            .unwrap_or_else(|| panic!("{} is not {size}", padded(0, 0).with(&signature).len()))
            .by(&Signer::Rsa(key))
    };
    let root_cert = Cert {
        subject: root_name.clone(),
        validity: [utc(now() - 2000 * DAY), utc(now() + 5000 * DAY)],
        key: root.spki(),
        extensions: vec![constraints(&[0x30, 3, 1, 1, 0xff]), usage(&[3, 2, 1, 6]), key_id(&root.spki())],
        ..common.clone()
    };
    let intermediate_cert = Cert {
        serial: serial("intermediate"),
        subject: intermediate_name.clone(),
        validity: [utc(now() - 1000 * DAY), utc(now() + 2000 * DAY)],
        key: intermediate.spki(),
        extensions: vec![
            constraints(&[0x30, 6, 1, 1, 0xff, 2, 1, 1]),
            usage(&[3, 2, 1, 6]),
            key_id(&intermediate.spki()),
            authority(&root.spki(), &root_name, &serial("root")),
        ],
        ..common.clone()
    };
    let user_cert = Cert {
        serial: serial("user"),
        issuer: intermediate_name,
        subject: uid.clone(),
        validity: [utc(now() - 10 * DAY), utc(now() + 80 * DAY)],
        key: user.spki(),
        extensions: vec![
            constraints(&[0x30, 3, 1, 1, 0xff]),
            usage(&[3, 2, 2, 4]),
            key_id(&user.spki()),
            authority(&intermediate.spki(), &root_name, &serial("intermediate")),
        ],
        ..common
    };
    vec![
        real_leaf().by(&Signer::Rsa(&user)),
        certificate(user_cert, &intermediate, 1201),
        certificate(intermediate_cert, &root, 1472),
        certificate(root_cert, &root, 1368),
    ]
}

/// A leaf with the fields and the size of the published example, to be signed with RSA.
pub(crate) fn real_leaf() -> Cert {
    let issuer = name(&[utf8(&oid::UID, ADMIN)]);
    let above = authority_name("Users CA");
    Cert {
        serial: tlv(0x02, &[&[0x41], &seed("serial of the leaf")[..15]].concat()),
        subject: name(&[utf8(&oid::X500_UNIQUE_ID, "some phone:b6e1d2f0-4c3a-4b5d-8e7f-9a0b1c2d3e4f")]),
        extensions: vec![
            constraints(&[0x30, 0]),
            usage(&DIGITAL_SIGNATURE),
            key_id(&spki(&leaf_key().public())),
            authority(&RsaKey::user().spki(), &above, &tlv(0x02, &[&[0x41], &seed("user")[..15]].concat())),
        ],
        issuer,
        ..rsa_leaf()
    }
}

fn authority_name(common: &str) -> Vec<u8> {
    name(&[utf8(&oid::ORGANIZATION, "Example"), utf8(&oid::COMMON_NAME, common)])
}

/// subjectKeyIdentifier of a key.
pub(crate) fn key_id(spki: &[u8]) -> Vec<u8> {
    extension(&oid::SUBJECT_KEY_ID, &[], &tlv(0x04, &sha256(spki)[..20]))
}

/// authorityKeyIdentifier with all three of its parts.
fn authority(spki: &[u8], issuer: &[u8], serial: &[u8]) -> Vec<u8> {
    let (_, number, _) = split(serial);
    let parts = [tlv(0x80, &sha256(spki)[..20]), tlv(0xa1, &tlv(0xa4, issuer)), tlv(0x82, number)];
    extension(&oid::AUTHORITY_KEY_ID, &[], &seq(&parts))
}

/// An extension that nobody knows and that need not be known.
pub(crate) fn harmless(n: u8) -> Vec<u8> {
    extension(&oid::unknown(n), &[], b"\x05\x00")
}

/// The same, to be refused.
pub(crate) fn critical(kind: &[u8], value: &[u8]) -> Vec<u8> {
    extension(kind, &CRITICAL, value)
}

/// A certificate of exactly this many bytes.
pub(crate) fn filled(cert: &Cert, size: usize, sign: impl Fn(&Cert) -> Vec<u8>) -> Vec<u8> {
    let with = |n: usize| sign(&cert.clone().extended(extension(&oid::unknown(9), &[], &vec![0x55; n])));
    let short = with(1000).len() - 1000;
    [0, 1, 2, 3, 4]
        .iter()
        .map(|n| with(size - short - n))
        .find(|der| der.len() == size)
        .expect("lengths of lengths do not jump here")
}
