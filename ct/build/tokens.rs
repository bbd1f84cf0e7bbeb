//! Signed operations, for devices that know the issuer and for others.

use std::fmt::Write as _;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use crate::points::{off_curve, small_order};
use crate::signer::{Chosen, key_pair, plus_l, split};

/// The header and the payload, which every token shares.
const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT"}"#;
const PAYLOAD: &str = concat!(
    r#"{"iss":"a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0","sub":"d0d0d0d0-d0d0-d0d0-d0d0-d0d0d0d0d0d0","#,
    r#""nbf":1699999999,"iat":1699999999,"exp":1700000060,"jti":"e0e0e0e0-e0e0-e0e0-e0e0-e0e0e0e0e0e0","#,
    r#""operation":{"type":"BATCH_ADD_USER","users":[]}}"#
);

/// The user who signs, and another.
const ISSUER: [u8; 16] = [0xa0; 16];
const OTHER: [u8; 16] = [0xb0; 16];

/// The issuer's keys.
const KEYS: u8 = 0xff;

/// The constants of the module `token`.
pub(crate) fn rust() -> String {
    let input = format!("{}.{}", segment(HEADER.as_bytes()), segment(PAYLOAD.as_bytes()));
    let keys = key_pair(KEYS);
    let good = *keys.sk.sign(&input, None);
    let (r, s) = split(good);
    let mut rust = String::from(
        "/// Every case of a device that authenticates. The first is accepted.\npub static TOKENS: &[Token] = &[\n",
    );
    let mut token = |name: &str, signature: &[u8], anchor: &str, accepted: bool| {
        let jws = format!("{input}.{}", segment(signature));
        writeln!(rust, "    Token {{ name: {name:?}, jws: b{jws:?}, anchor: {anchor}, accepted: {accepted} }},")
            .expect("memory");
    };
    let known = format!("Anchor::Ed25519({:?})", *keys.pk);
    let with_s = |s: [u8; 32]| [r, s].concat();
    let with_r = |r: [u8; 32]| [r, s].concat();
    let with_bit = |bit: usize| {
        let mut signature = good;
        signature[bit / 8] ^= 1 << (bit % 8);
        signature
    };

    token("signed by the issuer", &good, &known, true);
    token("R, bit 0", &with_bit(0), &known, false);
    token("R, bit 255", &with_bit(255), &known, false);
    token("S, bit 0", &with_bit(256), &known, false);
    token("S, bit 255", &with_bit(511), &known, false);
    token("S + L", &with_s(plus_l(s, 1)), &known, false);
    token("signature all ones", &[0xff; 64], &known, false);
    token("signature all zeros", &[0; 64], &known, false);
    token("R of small order", &with_r(small_order()[1]), &known, false);
    token("R not on the curve", &with_r(off_curve()[0]), &known, false);
    token("signature of 63 bytes", &good[..63], &known, false);
    token("signature of 1 byte", &good[..1], &known, false);

    let key = |key: [u8; 32]| format!("Anchor::Ed25519({key:?})");
    token("another key on the ACL", &good, &key(*key_pair(1).pk), false);
    token("key on the ACL not on the curve", &good, &key(off_curve()[0]), false);
    token("key on the ACL of small order", &good, &key(small_order()[1]), false);
    token("unknown issuer", &good, "Anchor::Nobody", false);
    token("unknown issuer, wrong signature", &with_bit(0), "Anchor::Nobody", false);
    // The verification itself says yes to that.
    let fallback = Chosen { secret: Scalar::ONE, torsion: EdwardsPoint::identity() };
    let by_fallback = fallback.sign(Scalar::from(7_u8), EdwardsPoint::identity(), input.as_bytes());
    token("unknown issuer, signed with the fallback key", &by_fallback, "Anchor::Nobody", false);
    token("issuer has an RSA key", &good, "Anchor::Rsa", false);
    token("the store gives another user", &good, "Anchor::AnotherUser", false);
    token("the store fails", &good, "Anchor::Failure", false);

    rust.push_str("];\n");
    write!(
        rust,
        "/// Length of the longest token in bytes.\n\
         pub const JWS_LEN: usize = {};\n\
         /// The user who signs.\n\
         const ISSUER: [u8; 16] = {ISSUER:?};\n\
         /// Another user.\n\
         const OTHER: [u8; 16] = {OTHER:?};\n",
        input.len() + 1 + 86
    )
    .expect("memory");
    rust
}

fn segment(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
