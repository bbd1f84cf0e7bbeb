//! §6: who signed, and the edge cases of Ed25519.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;

use crate::b64;
use crate::case::{APPLIED, Topic};
use crate::keys::{Key, rsa, spki};
use crate::points::{self, OddKey, add_order, join};
use crate::text::{array, quote};
use crate::token::Token;
use crate::world::{ADMIN, Entry, STRANGER, admin, admin_key, claims, guest, guest_id, guest_key, header};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s6-signature");
    flips(&mut t);
    scalars(&mut t);
    messages(&mut t);
    who(&mut t);
    small_order_keys(&mut t);
    odd_r(&mut t);
    mixed(&mut t);
    t
}

/// Code of every failure here.
const NO: &str = "unauthenticated";

fn parts(signature: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (r, s) = signature.split_at(32);
    (r.try_into().expect("32 bytes"), s.try_into().expect("32 bytes"))
}

fn flips(t: &mut Topic) {
    let token = Token::good();
    let right = token.signature();
    t.ok("good", "§6: the signature that the next ones spoil", &token);
    for bit in
        [0, 1, 7, 8, 63, 100, 128, 200, 254, 255, 256, 257, 263, 300, 320, 383, 384, 450, 500, 507, 508, 509, 510, 511]
    {
        let mut signature = right;
        signature[bit / 8] ^= 1 << (bit % 8);
        let note = "§6: one flipped bit of R or S";
        t.no_jws(&format!("flip-bit-{bit}"), note, NO, &token.jws_with(&signature));
    }
}

fn scalars(t: &mut Topic) {
    let token = Token::good();
    let (r, s) = parts(&token.signature());
    for times in 1..=14 {
        let Some(more) = add_order(&s, times) else { break };
        let note = "§6: S < L: the equation holds, but S is too large";
        t.no_jws(&format!("s-plus-{times}-l"), note, NO, &token.jws_with(&join(&r, &more)));
    }
    let mut less = points::L;
    less[0] -= 1;
    let mut identity = [0; 32];
    identity[0] = 1;
    for (tail, r, s) in [
        ("s-equals-l", r, points::L),
        ("s-l-minus-1", r, less),
        ("s-0", r, [0; 32]),
        ("s-all-ones", r, [0xff; 32]),
        ("s-2-pow-253", r, {
            let mut s = [0; 32];
            s[31] = 0x20;
            s
        }),
        ("all-zeros", [0; 32], [0; 32]),
        ("all-ones", [0xff; 32], [0xff; 32]),
        ("identity-and-0", identity, [0; 32]),
        ("identity-and-l", identity, points::L),
        ("r-and-r", r, r),
        ("swapped", s, r),
        ("s-big-endian", r, {
            let mut s = s;
            s.reverse();
            s
        }),
        ("s-negated", r, (-Scalar::from_bytes_mod_order(s)).to_bytes()),
        (
            "r-negated",
            {
                let mut r = r;
                r[31] ^= 0x80;
                r
            },
            s,
        ),
    ] {
        t.no_jws(tail, "§6: not the signature", NO, &token.jws_with(&join(&r, &s)));
    }
    let signature = token.signature();
    for (tail, bytes) in [
        ("63-bytes", signature[..63].to_vec()),
        ("65-bytes", [&signature[..], &[0]].concat()),
        ("twice", [signature, signature].concat()),
        ("hex", signature.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect()),
        ("with-message", [&signature[..], &token.signing_input()].concat()),
    ] {
        let note = "§11: not 64 bytes is a wrong signature";
        t.no_jws(tail, note, NO, &token.jws_with(&bytes));
    }
}

fn messages(t: &mut Topic) {
    let token = Token::good();
    let (head, body) = (header().render(), claims().render());
    let other_head = Token::header(&header().with_str("kid", "a"));
    let other_body = Token::claims(&claims().with("x", "1"));
    let sign = |message: &[u8]| admin_key().sign(message);
    let input = token.signing_input();
    for (tail, message) in [
        ("other-header", other_head.signing_input()),
        ("other-payload", other_body.signing_input()),
        ("payload-only", b64::url(body.as_bytes()).into_bytes()),
        ("header-only", b64::url(head.as_bytes()).into_bytes()),
        ("decoded", format!("{head}.{body}").into_bytes()),
        ("dot-after", [&input[..], b"."].concat()),
        ("no-dot", input.iter().copied().filter(|b| *b != b'.').collect()),
        ("newline-after", [&input[..], b"\n"].concat()),
        ("empty", Vec::new()),
        ("other-spelling", Token::good().spelled(b64::Spelling::StdPad).signing_input()),
        ("digest", ed25519_compact::sha512::Hash::hash(&input).to_vec()),
    ] {
        let note = "§6: a signature over something else";
        let jws = token.jws_with(&sign(&message));
        t.no_jws(&format!("over-{tail}"), note, NO, &jws);
    }
    let key = points::mixed("of another scheme", 0);
    let acl = [Entry::new(ADMIN, &key.public, "ADMIN")];
    let nonce = points::scalar("nonce");
    let r = EdwardsPoint::mul_base(&nonce).compress().0;
    for (tail, flag, prehash) in [("ed25519ctx", 0, false), ("ed25519ph", 1, true)] {
        let mut dom = b"SigEd25519 no Ed25519 collisions".to_vec();
        dom.extend_from_slice(&[flag, 3, b'j', b'w', b's']);
        let message = if prehash { ed25519_compact::sha512::Hash::hash(&input).to_vec() } else { input.clone() };
        let h = Scalar::from_bytes_mod_order_wide(&points::digest(&dom, &r, &key.public, &message));
        let signature = join(&r, &(nonce + h * key.secret).to_bytes());
        let case = t.case(tail, "§3, §6: pure Ed25519, no other scheme of RFC 8032").acl(&acl);
        t.push(case.step(&token.jws_with(&signature), NO));
    }
    let signature = points::sign(&key, &nonce, &r, &input);
    let case = t.case("any-nonce", "§6: any nonce will do, a verifier cannot tell").acl(&acl);
    t.push(case.step(&token.jws_with(&signature), APPLIED).grants(&[guest(1)]));
}

fn who(t: &mut Topic) {
    let acl = [admin(), guest(1).role("ADMIN"), guest(2)];
    let note = "§6: the key of the issuer, not of somebody else on the ACL";
    for n in [1, 2] {
        let case = t.case(&format!("by-guest-{n}"), note).acl(&acl);
        t.push(case.step(&Token::good().by(guest_key(n)).jws(), NO));
    }
    let case = t.case("iss-exchanged", note).acl(&acl);
    let token = Token::claims(&claims().with_str("iss", &guest_id(1)));
    t.push(case.step(&token.jws(), NO));
    let stranger = Token::claims(&claims().with_str("iss", STRANGER));
    let note = "§7: the issuer is unknown to the ACL";
    t.no("unknown-issuer", note, NO, &stranger);
    let by = Token::claims(&claims().with_str("iss", STRANGER)).by(Key::named("stranger"));
    t.no("unknown-issuer-own-key", note, NO, &by);
    let by = Token::claims(&claims().with_str("iss", &guest_id(1))).by(guest_key(1));
    let note = "§7: a key that the operation itself grants is none yet";
    t.no("unknown-issuer-granted-here", note, NO, &by);
    let case = t.case("empty-acl", "§7: nobody is on the ACL").acl(&[]);
    t.push(case.step(&Token::good().jws(), NO));
    let case = t.case("acl-spki", "§5, §6: the ACL was given the key as an SPKI");
    let case = case.acl(&[admin().key(&spki(&admin_key().public()))]);
    t.push(case.step(&Token::good().jws(), APPLIED).grants(&[guest(1)]));
    for bits in [2048, 4096] {
        let acl = [admin().key(&rsa(bits))];
        let note = "§6: without x5c, an issuer with an RSA key cannot be authenticated";
        let case = t.case(&format!("rsa-issuer-{bits}"), note).acl(&acl);
        t.push(case.step(&Token::good().jws(), NO));
        let head = header().with("x5c", array(&[quote(&b64::std(&rsa(bits)))]));
        let note = "§6: nor with an x5c that holds no certificate";
        let case = t.case(&format!("rsa-issuer-{bits}-junk"), note).acl(&acl);
        t.push(case.step(&Token::header(&head).jws(), NO));
    }
}

/// The first token of a series that is good enough, and its signature.
fn grind(accept: impl Fn(&[u8]) -> Option<[u8; 64]>) -> Vec<u8> {
    (0..10_000)
        .find_map(|n| {
            let token = Token::claims(&claims().with_str("jti", &format!("ground-{n}")));
            accept(&token.signing_input()).map(|signature| token.jws_with(&signature))
        })
        .expect("one of a few dozen fits")
}

fn small_order_keys(t: &mut Topic) {
    let nonce = points::scalar("forger");
    let r = EdwardsPoint::mul_base(&nonce).compress().0;
    let canonical = points::small_order().into_iter().map(|a| ("", a));
    let other = points::small_order_non_canonical().into_iter().map(|a| ("non-canonical-", a));
    for (n, (kind, public)) in canonical.chain(other).enumerate() {
        // With h = 0 modulo 8, h A vanishes and S B = R holds for anyone's R.
        let jws = grind(|message| (points::octant(&r, &public, message)? == 0).then(|| join(&r, &nonce.to_bytes())));
        let note = "§6: a key of small order on the ACL; the equation holds for a forger";
        let case = t.case(&format!("small-order-{kind}key-{n}"), note);
        t.push(case.acl(&[Entry::new(ADMIN, &public, "ADMIN")]).step(&jws, NO));
    }
    let off = points::non_canonical_off_curve()[0];
    for (tail, public) in [
        ("non-canonical-key", points::non_canonical_large()[0]),
        ("non-canonical-key-off-curve", off),
        ("key-off-curve", {
            let mut y = [0; 32];
            y[0] = 2;
            y
        }),
    ] {
        let note = "§6: a key on the ACL that is no canonical point";
        let case = t.case(tail, note).acl(&[Entry::new(ADMIN, &public, "ADMIN")]);
        t.push(case.step(&Token::good().jws(), NO));
    }
}

fn odd_r(t: &mut Topic) {
    let key = points::mixed("signs with an odd R", 0);
    let acl = [Entry::new(ADMIN, &key.public, "ADMIN")];
    let input = Token::good().signing_input();
    let spellings = points::small_order().into_iter().chain(points::small_order_non_canonical());
    for (n, r) in spellings.enumerate() {
        // r = 0, so S B = h A exactly: R is a spelling of the identity, or differs by torsion.
        let signature = points::sign(&key, &Scalar::ZERO, &r, &input);
        let note = "§6: R of small order, S = h a";
        let case = t.case(&format!("small-order-r-{n}"), note).acl(&acl);
        t.push(case.step(&Token::good().jws_with(&signature), NO));
    }
    for (n, r) in points::non_canonical_large().into_iter().enumerate().take(4) {
        let signature = points::sign(&key, &points::scalar("any"), &r, &input);
        let case = t.case(&format!("non-canonical-r-{n}"), "§6: R with y >= p").acl(&acl);
        t.push(case.step(&Token::good().jws_with(&signature), NO));
    }
    let mut off = [0; 32];
    off[0] = 2;
    let signature = points::sign(&key, &points::scalar("any"), &off, &input);
    let case = t.case("r-off-curve", "§6: R that is no point").acl(&acl);
    t.push(case.step(&Token::good().jws_with(&signature), NO));
}

/// The point of small order that h times the n-th one, negated, is.
fn cancels(n: usize, h: u8) -> EdwardsPoint {
    -(points::torsion(n) * Scalar::from(h))
}

fn mixed(t: &mut Topic) {
    let nonce = points::scalar("nonce of the mixed");
    let plain = EdwardsPoint::mul_base(&nonce);
    for n in 1..8 {
        let key = points::mixed("mixed issuer", n);
        let acl = [Entry::new(ADMIN, &key.public, "ADMIN")];
        let r = plain.compress().0;
        let holds = |message: &[u8], r: &[u8; 32], point: EdwardsPoint| {
            // S B - h A = r B - h T, so R has to have the torsion part -h T.
            points::octant(r, &key.public, message).map(|h| plain + cancels(n, h) == point)
        };
        let sign = |message: &[u8], r: &[u8; 32]| points::sign(&key, &nonce, r, message);
        let jws = grind(|m| holds(m, &r, plain)?.then(|| sign(m, &r)));
        let note = "§6: a key of mixed order; the cofactorless equation holds";
        let case = t.case(&format!("mixed-key-{n}-holds"), note).acl(&acl);
        t.push(case.step(&jws, APPLIED).grants(&[guest(1)]));
        let jws = grind(|m| (!holds(m, &r, plain)?).then(|| sign(m, &r)));
        let note = "§6: a key of mixed order; only the cofactored equation holds";
        let case = t.case(&format!("mixed-key-{n}-fails"), note).acl(&acl);
        t.push(case.step(&jws, NO));
        let point = plain + points::torsion(n);
        let r = point.compress().0;
        let jws = grind(|m| holds(m, &r, point)?.then(|| sign(m, &r)));
        let note = "§6: key and R of mixed order; the cofactorless equation holds";
        let case = t.case(&format!("mixed-key-and-r-{n}-holds"), note).acl(&acl);
        t.push(case.step(&jws, APPLIED).grants(&[guest(1)]));
        let jws = grind(|m| (!holds(m, &r, point)?).then(|| sign(m, &r)));
        let note = "§6: key and R of mixed order; only the cofactored equation holds";
        let case = t.case(&format!("mixed-key-and-r-{n}-fails"), note).acl(&acl);
        t.push(case.step(&jws, NO));
        // R = -h T alone, with r = 0: the equation holds, but R is of small order.
        let small = points::torsion(n);
        let r = small.compress().0;
        let jws = grind(|m| {
            let h = points::octant(&r, &key.public, m)?;
            (cancels(n, h) == small).then(|| points::sign(&key, &Scalar::ZERO, &r, m))
        });
        let note = "§6: the cofactorless equation holds for an R of small order";
        let case = t.case(&format!("mixed-key-small-r-{n}"), note).acl(&acl);
        t.push(case.step(&jws, NO));
        let pure = points::mixed("pure issuer", 0);
        let signature = pure_with_mixed_r(&pure, &nonce, &(plain + points::torsion(n)));
        let note = "§6: R of mixed order; only the cofactored equation holds";
        let case = t.case(&format!("mixed-r-{n}"), note);
        let case = case.acl(&[Entry::new(ADMIN, &pure.public, "ADMIN")]);
        t.push(case.step(&Token::good().jws_with(&signature), NO));
    }
}

fn pure_with_mixed_r(key: &OddKey, nonce: &Scalar, r: &EdwardsPoint) -> [u8; 64] {
    points::sign(key, nonce, &r.compress().0, &Token::good().signing_input())
}
