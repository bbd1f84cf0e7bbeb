//! §8: replay.

use curve25519_dalek::edwards::EdwardsPoint;

use crate::b64::{Spelling, std};
use crate::case::{APPLIED, Topic};
use crate::points;
use crate::text::{Obj, escaped, quote};
use crate::token::Token;
use crate::world::{
    ADMIN, Entry, NOW, admin, claims, claims_op, claims_users, guest, guest_id, guest_key, guest_obj, guests, header,
    operation,
};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s8-replay");
    with_jti(&mut t);
    names(&mut t);
    without_jti(&mut t);
    refused(&mut t);
    time(&mut t);
    t
}

/// Right claims with a jti as raw JSON, granting the n-th guest.
fn jti(raw: &str, n: usize) -> Obj {
    claims_users(&[guest_obj(n)]).with("jti", raw)
}

/// Right claims without a jti, granting the n-th guest.
fn bare(n: usize) -> Obj {
    claims_users(&[guest_obj(n)]).without("jti")
}

fn pair(t: &mut Topic, tail: &str, note: &str, first: &Token, second: &Token, expect: &str) {
    let case = t.case(tail, note).step(&first.jws(), APPLIED).step(&second.jws(), expect);
    t.push(case.grants(&guests(if expect == APPLIED { 2 } else { 1 })));
}

fn with_jti(t: &mut Topic) {
    let one = Token::good();
    let note = "§8: an applied operation is never applied twice";
    pair(t, "twice", note, &one, &Token::good(), "replayed");
    let case = t.case("thrice", note).step(&one.jws(), APPLIED);
    let case = case.step(&one.jws(), "replayed").step(&one.jws(), "replayed");
    t.push(case.grants(&[guest(1)]));
    let note = "§8: the same iss and jti with other content, signed again";
    let other = Token::claims(&claims_users(&[guest_obj(2)]));
    pair(t, "same-jti-other-users", note, &one, &other, "replayed");
    let other = Token::claims(&claims_users(&[guest_obj(2)]).with("exp", (NOW + 500).to_string()));
    pair(t, "same-jti-later-exp", note, &one, &other, "replayed");
    let other = Token::header(&header().with_str("kid", "x"));
    pair(t, "same-jti-other-header", note, &one, &other, "replayed");
    for s in [Spelling::UrlPad, Spelling::Std, Spelling::StdPad] {
        let note = "§8: the same 64 bytes in another spelling";
        let each = [Spelling::Url, Spelling::Url, s];
        let other = Token::good().spelled3(each);
        pair(t, &format!("signature-{}", s.name()), note, &one, &other, "replayed");
        let note = "§8: all segments spelled and signed anew, with the same jti";
        let other = Token::good().spelled(s);
        pair(t, &format!("all-{}", s.name()), note, &one, &other, "replayed");
    }
    let note = "§8: another jti is another operation";
    let pairs = [
        ("other-jti", quote("a"), quote("b")),
        ("jti-case", quote("abc"), quote("abC")),
        ("jti-longer", quote("abc"), quote("abcd")),
        ("jti-nul", quote("abc"), quote("abc\0")),
        ("jti-after-nul", quote("abc\0d"), quote("abc\0e")),
        ("jti-space", quote("abc"), quote("abc ")),
        ("jti-128th-byte", quote(&"j".repeat(128)), quote(&format!("{}k", "j".repeat(127)))),
        ("jti-127-128", quote(&"j".repeat(127)), quote(&"j".repeat(128))),
        ("jti-normalization", quote("é"), quote("e\u{301}")),
        ("jti-escaped-escape", r#""\u0061""#.to_owned(), r#""\\u0061""#.to_owned()),
        ("jti-uuid-case", quote(ADMIN), quote(&ADMIN.to_uppercase())),
    ];
    for (tail, a, b) in pairs {
        let (a, b) = (Token::claims(&jti(&a, 1)), Token::claims(&jti(&b, 2)));
        pair(t, tail, note, &a, &b, APPLIED);
    }
    let note = "§8, §2: a jti spelled with escapes is the same jti";
    for (tail, a, b) in [
        ("escaped-jti", quote("abc"), escaped("abc")),
        ("escaped-jti-e-acute", quote("é"), r#""\u00e9""#.to_owned()),
        ("escaped-jti-emoji", quote("😀"), r#""\uD83D\ude00""#.to_owned()),
        ("escaped-jti-solidus", quote("a/b"), r#""a\/b""#.to_owned()),
        ("escaped-jti-newline", r#""a\nb""#.to_owned(), r#""a\u000Ab""#.to_owned()),
        ("escaped-jti-128", quote(&"j".repeat(128)), escaped(&"j".repeat(128))),
    ] {
        let (a, b) = (Token::claims(&jti(&a, 1)), Token::claims(&jti(&b, 2)));
        pair(t, tail, note, &a, &b, "replayed");
    }
}

fn names(t: &mut Topic) {
    let upper = Token::claims(&claims_users(&[guest_obj(2)]).with_str("iss", &ADMIN.to_uppercase()));
    let note = "§4, §8: iss is compared as 16 bytes";
    pair(t, "iss-upper", note, &Token::good(), &upper, "replayed");
    let note = "§8: the same jti of another issuer is another operation";
    let other = Token::claims(&claims_users(&[guest_obj(2)]).with_str("iss", &guest_id(9))).by(guest_key(9));
    let case = t.case("same-jti-other-issuer", note).acl(&[admin(), guest(9).role("ADMIN")]);
    let case = case.step(&Token::good().jws(), APPLIED).step(&other.jws(), APPLIED);
    t.push(case.step(&other.jws(), "replayed").grants(&guests(2)));
    let note = "§7: who has lost the right is told so before a replay is";
    let object = Obj::new().with_str("user", ADMIN).with_str("publicKey", &std(&crate::world::admin_key().public()));
    let own = Token::claims(&claims_users(&[object]));
    let case = t.case("demoted", note).step(&own.jws(), APPLIED).step(&own.jws(), "forbidden");
    t.push(case.grants(&[admin().role("USER")]));
    let note = "§7: with another key on the ACL the old signature does not hold";
    let object = Obj::new()
        .with_str("user", ADMIN)
        .with_str("role", "ADMIN")
        .with_str("publicKey", &std(&guest_key(9).public()));
    let own = Token::claims(&claims_users(&[object]));
    let again = Token::claims(&claims()).by(guest_key(9));
    let case = t.case("re-keyed", note).step(&own.jws(), APPLIED).step(&own.jws(), "unauthenticated");
    let case = case.step(&again.jws(), "replayed");
    t.push(case.grants(&[admin().key(&guest_key(9).public())]));
}

fn without_jti(t: &mut Topic) {
    let one = Token::claims(&bare(1));
    let note = "§8: without a jti, the same signing input";
    pair(t, "no-jti-twice", note, &one, &Token::claims(&bare(1)), "replayed");
    for s in [Spelling::UrlPad, Spelling::Std, Spelling::StdPad] {
        let other = Token::claims(&bare(1)).spelled3([Spelling::Url, Spelling::Url, s]);
        let tail = format!("no-jti-signature-{}", s.name());
        pair(t, &tail, "§8: never the text of the signature segment", &one, &other, "replayed");
    }
    let null = Token::claims(&jti("null", 1));
    pair(t, "null-jti-twice", "§4: null counts as absent", &null, &Token::claims(&jti("null", 1)), "replayed");
    let note = "§8: without a jti, another signing input is another operation";
    pair(t, "no-jti-other-users", note, &one, &Token::claims(&bare(2)), APPLIED);
    pair(t, "null-jti-other-users", note, &null, &Token::claims(&jti("null", 2)), APPLIED);
    pair(t, "null-jti-then-none", note, &null, &Token::claims(&bare(2)), APPLIED);
    pair(t, "no-jti-then-jti", note, &one, &Token::claims(&jti("\"a\"", 2)), APPLIED);
    pair(t, "no-jti-then-jti-null-text", note, &null, &Token::claims(&jti("\"null\"", 2)), APPLIED);
    let other = Token::raw(header().with_str("kid", "x").render(), bare(2).render());
    pair(t, "no-jti-other-header", note, &one, &other, APPLIED);
    let case = t.case("no-jti-re-encoded", note).step(&one.jws(), APPLIED);
    let other = Token::claims(&bare(1)).spelled(Spelling::StdPad);
    t.push(case.step(&other.jws(), APPLIED).grants(&[guest(1)]));

    let key = points::mixed("signs twice", 0);
    let input = one.signing_input();
    let sign = |nonce: &str| {
        let nonce = points::scalar(nonce);
        let r = EdwardsPoint::mul_base(&nonce).compress().0;
        one.jws_with(&points::sign(&key, &nonce, &r, &input))
    };
    let note = "§8: another valid signature over the same signing input is a replay";
    let case = t.case("no-jti-other-signature", note).acl(&[Entry::new(ADMIN, &key.public, "ADMIN")]);
    let case = case.step(&sign("first"), APPLIED).step(&sign("second"), "replayed");
    t.push(case.grants(&[guest(1)]));
}

fn refused(t: &mut Topic) {
    let good = Token::good();
    let note = "§8: only an applied operation is recorded";
    let case = t.case("after-forbidden", note).acl(&[admin().window(Some(NOW + 10), None)]);
    let case = case.step(&good.jws(), "forbidden").step_at(NOW + 10, &good.jws(), APPLIED);
    t.push(case.step_at(NOW + 11, &good.jws(), "replayed").grants(&[guest(1)]));
    let early = claims().with("nbf", (NOW + 61).to_string()).with("exp", (NOW + 99).to_string());
    let early = Token::claims(&early);
    let case = t.case("after-not-yet-valid", note).step(&early.jws(), "not-yet-valid");
    t.push(case.step_at(NOW + 1, &early.jws(), APPLIED).grants(&[guest(1)]));
    let note = "§8: a refused operation leaves its jti free";
    let kind = claims_op(&operation(&[guest_obj(1)]).with_str("type", "OPEN"));
    for (tail, first, code) in [
        ("invalid-operation", Token::claims(&claims_users(&[])), "invalid-operation"),
        ("unsupported-operation", Token::claims(&kind), "unsupported-operation"),
        ("wrong-device", Token::claims(&claims().with_str("sub", ADMIN)), "wrong-device"),
        ("expired", Token::claims(&claims().with("exp", "9").with("nbf", "1")), "expired"),
        ("unauthenticated", Token::good().by(guest_key(7)), "unauthenticated"),
        ("algorithm", Token::header(&header().with_str("alg", "none")), "unsupported-algorithm"),
        ("malformed", Token::claims(&claims().without("exp")), "malformed"),
    ] {
        let case = t.case(&format!("after-{tail}"), note).step(&first.jws(), code);
        let case = case.step(&good.jws(), APPLIED).step(&good.jws(), "replayed");
        t.push(case.grants(&[guest(1)]));
    }
    let big = Token::claims(&claims_users(&[guest_obj(1), guest_obj(2)]));
    let case = t.case("after-acl-full", note).capacity(2).step(&big.jws(), "acl-full");
    t.push(case.step(&good.jws(), APPLIED).grants(&[guest(1)]));
    let note = "§8: a replay changes nothing, and does not lose its record either";
    let other = Token::claims(&jti("\"other\"", 2));
    let case = t.case("between", note).step(&good.jws(), APPLIED).step(&other.jws(), APPLIED);
    let case = case.step(&good.jws(), "replayed").step(&other.jws(), "replayed");
    t.push(case.grants(&guests(2)));
    let case = t.case("forged-replay", "§7: row 3 before row 7").step(&good.jws(), APPLIED);
    t.push(case.step(&good.jws_with(&[7; 64]), "unauthenticated").grants(&[guest(1)]));
    let note = "§8: the replay would undo a later change";
    let undo = Token::claims(&claims_users(&[guest_obj(1).with_str("role", "ADMIN")]).with_str("jti", "later"));
    let case = t.case("undo", note).step(&good.jws(), APPLIED).step(&undo.jws(), APPLIED);
    t.push(case.step(&good.jws(), "replayed").grants(&[guest(1).role("ADMIN")]));
}

fn time(t: &mut Topic) {
    let good = Token::good();
    let note = "§8: kept until exp + leeway, then expired";
    let case = t.case("until-exp-and-leeway", note).step(&good.jws(), APPLIED);
    let case = case.step_at(NOW + 60, &good.jws(), "replayed");
    let case = case.step_at(NOW + 119, &good.jws(), "replayed");
    t.push(case.step_at(NOW + 120, &good.jws(), "expired").grants(&[guest(1)]));
    let note = "§8: the same without leeway";
    let case = t.case("until-exp", note).policy(r#"{"leeway":0}"#).step(&good.jws(), APPLIED);
    let case = case.step_at(NOW + 59, &good.jws(), "replayed");
    t.push(case.step_at(NOW + 60, &good.jws(), "expired").grants(&[guest(1)]));
    let note = "§8: an expiry at the end of time";
    let long = Token::claims(&claims().with("exp", "9007199254740991"));
    let case = t.case("exp-max", note).step(&long.jws(), APPLIED);
    let case = case.step_at(NOW + 1_000_000_000, &long.jws(), "replayed");
    t.push(case.grants(&[guest(1)]));
    let case = t.case("clock-back", "§8: a clock that is set back re-opens nothing");
    let case = case.step(&good.jws(), APPLIED).step_at(NOW - 30, &good.jws(), "replayed");
    t.push(case.grants(&[guest(1)]));
    let case = t.case("clock-back-after-expiry", "§8: nor does one that had run ahead");
    let case = case.step(&good.jws(), APPLIED).step_at(NOW + 5000, &good.jws(), "expired");
    t.push(case.step(&good.jws(), "replayed").grants(&[guest(1)]));
}
