//! Signed operations, for devices that know the issuer and for others.

use std::fmt::Write as _;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use crate::points::{off_curve, small_order};
use crate::signer::{Chosen, join, key_pair, plus_l, split};

/// The header of every token without a certificate, and the payload of all.
const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT"}"#;
const PAYLOAD: &str = concat!(
    r#"{"iss":"a0a0a0a0-a0a0-40a0-80a0-a0a0a0a0a000","sub":"d0d0d0d0-d0d0-40d0-80d0-d0d0d0d0d000","#,
    r#""nbf":1699999999,"iat":1699999999,"exp":1700000060,"jti":"e0e0e0e0-e0e0-40e0-80e0-e0e0e0e0e000","#,
    r#""operation":{"type":"BATCH_ADD_USER","users":[]}}"#
);

/// A certificate of the key pair [`LEAF`], signed by [`ISSUER`].
pub(crate) const LEAF_CERTIFICATE: &str = "../benches/target/certificates/ed25519-leaf.der";

/// The key pairs of the issuer, and of the leaf.
const ISSUER: u8 = 0xff;
const LEAF: u8 = 0xfe;

/// One token.
struct Token {
    name: &'static str,
    jws: String,
    anchor: String,
    accepted: bool,
}

/// The constants of the module `device`.
pub(crate) fn rust() -> String {
    let mut rust = String::new();
    let (plain, with_leaf) = (plain(), with_leaf());
    for (constant, what, tokens) in [
        ("TOKENS", "Every case of a device that authenticates", &plain),
        ("LEAF_TOKENS", "Every case with a leaf certificate, which has its own signature", &with_leaf),
    ] {
        writeln!(rust, "/// {what}. The first is accepted.\npub static {constant}: &[Token] = &[").expect("memory");
        for Token { name, jws, anchor, accepted } in tokens {
            writeln!(rust, "    Token {{ name: {name:?}, jws: b{jws:?}, anchor: {anchor}, accepted: {accepted} }},")
                .expect("memory");
        }
        rust.push_str("];\n");
    }
    let longest = plain.iter().chain(&with_leaf).map(|token| token.jws.len()).max().expect("a token");
    writeln!(rust, "/// Length of the longest token in bytes.\npub const JWS_LEN: usize = {longest};").expect("memory");
    rust
}

/// Tokens without a certificate: the key on the ACL must have signed.
fn plain() -> Vec<Token> {
    let input = signing_input(HEADER);
    let keys = key_pair(ISSUER);
    let good = *keys.sk.sign(&input, None);
    let (r, s) = split(good);
    let token = |name, signature: &[u8], anchor: &str| {
        let jws = format!("{input}.{}", segment(signature));
        Token { name, jws, anchor: anchor.to_owned(), accepted: false }
    };
    let known = &anchor(*keys.pk);
    // The verification itself says yes to that.
    let fallback = Chosen { secret: Scalar::ONE, torsion: EdwardsPoint::identity() };
    let by_fallback = fallback.sign(Scalar::from(7_u8), EdwardsPoint::identity(), input.as_bytes());
    vec![
        Token { accepted: true, ..token("signed by the issuer", &good, known) },
        token("R, bit 0", &flipped(good, 0), known),
        token("R, bit 255", &flipped(good, 255), known),
        token("S, bit 0", &flipped(good, 256), known),
        token("S, bit 255", &flipped(good, 511), known),
        token("S + L", &join(r, plus_l(s, 1)), known),
        token("signature all ones", &[0xff; 64], known),
        token("signature all zeros", &[0; 64], known),
        token("R of small order", &join(small_order()[1], s), known),
        token("R not on the curve", &join(off_curve()[0], s), known),
        token("signature of 63 bytes", &good[..63], known),
        token("signature of 1 byte", &good[..1], known),
        token("another key on the ACL", &good, &anchor(*key_pair(1).pk)),
        token("key on the ACL not on the curve", &good, &anchor(off_curve()[0])),
        token("key on the ACL of small order", &good, &anchor(small_order()[1])),
        token("unknown issuer", &good, "Anchor::Nobody"),
        token("unknown issuer, wrong signature", &flipped(good, 0), "Anchor::Nobody"),
        token("unknown issuer, signed with the fallback key", &by_fallback, "Anchor::Nobody"),
        token("issuer has an RSA key", &good, "Anchor::Rsa"),
        token("the store gives another user", &good, "Anchor::AnotherUser"),
        token("the store fails", &good, "Anchor::Failure"),
    ]
}

/// Tokens with a leaf certificate, whose signature is its last 64 bytes; the leaf's key must have signed the token.
fn with_leaf() -> Vec<Token> {
    let der = std::fs::read(LEAF_CERTIFICATE).unwrap_or_else(|error| panic!("{LEAF_CERTIFICATE}: {error}"));
    let (tbs, good) = der.split_at(der.len() - 64);
    let good: [u8; 64] = good.try_into().expect("64 bytes");
    let (r, s) = split(good);
    let signed_by = |name, leaf_signature: [u8; 64], anchor: &str, number: u8| {
        let certificate = Base64::encode_string(&[tbs, &leaf_signature].concat());
        let input = signing_input(&format!(r#"{{"alg":"EdDSA","typ":"JWT","x5c":["{certificate}"]}}"#));
        let jws = format!("{input}.{}", segment(&*key_pair(number).sk.sign(&input, None)));
        Token { name, jws, anchor: anchor.to_owned(), accepted: false }
    };
    let token = |name, leaf_signature, anchor: &str| signed_by(name, leaf_signature, anchor, LEAF);
    let known = &anchor(*key_pair(ISSUER).pk);
    vec![
        Token { accepted: true, ..token("leaf signed by the issuer", good, known) },
        token("leaf, R, bit 0", flipped(good, 0), known),
        token("leaf, R, bit 255", flipped(good, 255), known),
        token("leaf, S, bit 0", flipped(good, 256), known),
        token("leaf, S + L", join(r, plus_l(s, 1)), known),
        token("leaf, signature all ones", [0xff; 64], known),
        token("leaf, signature all zeros", [0; 64], known),
        token("leaf, R of small order", join(small_order()[1], s), known),
        signed_by("good leaf, but the issuer has signed", good, known, ISSUER),
        signed_by("wrong leaf, and somebody has signed", flipped(good, 0), known, 1),
        Token { accepted: true, ..token("leaf's own key on the ACL", good, &anchor(*key_pair(LEAF).pk)) },
        token("another key on the ACL", good, &anchor(*key_pair(1).pk)),
        token("key on the ACL not on the curve", good, &anchor(off_curve()[0])),
        token("key on the ACL of small order", good, &anchor(small_order()[1])),
        token("unknown issuer", good, "Anchor::Nobody"),
        token("unknown issuer, wrong leaf", flipped(good, 0), "Anchor::Nobody"),
        token("issuer has an RSA key", good, "Anchor::Rsa"),
        token("the store gives another user", good, "Anchor::AnotherUser"),
        token("the store fails", good, "Anchor::Failure"),
    ]
}

fn signing_input(header: &str) -> String {
    format!("{}.{}", segment(header.as_bytes()), segment(PAYLOAD.as_bytes()))
}

fn anchor(key: [u8; 32]) -> String {
    format!("Anchor::Ed25519({key:?})")
}

fn flipped(mut signature: [u8; 64], bit: usize) -> [u8; 64] {
    signature[bit / 8] ^= 1 << (bit % 8);
    signature
}

fn segment(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
