//! §4: the claims.

use crate::case::{APPLIED, Topic};
use crate::text::{Obj, array, escaped, quote};
use crate::token::Token;
use crate::world::{ADMIN, Entry, LOCK, NOW, admin_key, claims, guest};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s4-claims");
    types(&mut t);
    uuids(&mut t);
    device(&mut t);
    times(&mut t);
    leeway(&mut t);
    jti(&mut t);
    ignored(&mut t);
    t
}

/// Every claim that has to be there.
const REQUIRED: [&str; 6] = ["iss", "sub", "nbf", "iat", "exp", "operation"];

fn types(t: &mut Topic) {
    for name in REQUIRED {
        let note = "§4: a missing claim is malformed";
        let token = Token::claims(&claims().without(name));
        t.no(&format!("{name}-missing"), note, "malformed", &token);
        let note = "§4: a wrongly typed claim is malformed";
        let values = [
            ("null", "null".to_owned()),
            ("true", "true".to_owned()),
            ("false", "false".to_owned()),
            ("string", "\"\"".to_owned()),
            ("array", "[]".to_owned()),
            ("number", "1700000060".to_owned()),
            ("object", "{}".to_owned()),
        ];
        for (tail, raw) in values {
            let date = matches!(name, "nbf" | "iat" | "exp");
            if (date && tail == "number") || (name == "operation" && tail == "object") {
                continue;
            }
            let token = Token::claims(&claims().with(name, raw));
            t.no(&format!("{name}-{tail}"), note, "malformed", &token);
        }
    }
    for (name, value) in [("nbf", NOW - 10), ("iat", NOW - 10), ("exp", NOW + 60)] {
        let note = "§4: a NumericDate in quotes is a string";
        let token = Token::claims(&claims().with_str(name, &value.to_string()));
        t.no(&format!("{name}-quoted"), note, "malformed", &token);
        let token = Token::claims(&claims().with(name, array(&[value.to_string()])));
        t.no(&format!("{name}-in-array"), "§4: nor is it an array", "malformed", &token);
    }
    let token = Token::claims(&claims().with_str("exp", "2023-11-14T22:14:20Z"));
    t.no("exp-iso-8601", "§4: NumericDate is a number", "malformed", &token);
    for (name, value) in [("iss", ADMIN), ("sub", LOCK)] {
        let token = Token::claims(&claims().with(name, array(&[quote(value)])));
        t.no(&format!("{name}-in-array"), "§4: a UUID, not an array", "malformed", &token);
    }
    let operation = Obj::new().with_str("type", "BATCH_ADD_USER").render();
    let token = Token::claims(&claims().with_str("operation", &operation));
    t.no("operation-quoted", "§4: an object, not its text", "malformed", &token);
}

fn uuids(t: &mut Topic) {
    for (name, value) in [("iss", ADMIN), ("sub", LOCK)] {
        let with = |text: &str| Token::claims(&claims().with_str(name, text));
        let note = "§4: either letter case, compared as 16 bytes";
        t.ok(&format!("{name}-upper"), note, &with(&value.to_uppercase()));
        let mixed = format!("{}{}", value[..18].to_uppercase(), &value[18..]);
        t.ok(&format!("{name}-mixed-case"), note, &with(&mixed));
        let note = "§4: a UUID has the 36-character form";
        let plain = value.replace('-', "");
        for (tail, text) in [
            ("braces", format!("{{{value}}}")),
            ("urn", format!("urn:uuid:{value}")),
            ("no-hyphens", plain.clone()),
            ("no-hyphens-36", format!("{plain}0000")),
            ("35", value[..35].to_owned()),
            ("37", format!("{value}0")),
            ("space-before", format!(" {value}")),
            ("space-after", format!("{value} ")),
            ("space-for-last", format!("{} ", &value[..35])),
            ("nul-after", format!("{value}\0")),
            ("g", format!("{}g", &value[..35])),
            ("at", format!("@{}", &value[1..])),
            ("colon", format!(":{}", &value[1..])),
            ("grave", format!("`{}", &value[1..])),
            ("slash", format!("/{}", &value[1..])),
            ("plus", format!("+{}", &value[1..])),
            ("hyphen-early", format!("{}-{}{}", &value[..7], &value[7..8], &value[9..])),
            ("hyphen-late", format!("{}{}-{}", &value[..8], &value[9..10], &value[10..])),
            ("underscores", value.replace('-', "_")),
            ("hyphen-for-digit", format!("{}-{}", &value[..20], &value[21..])),
            ("digit-for-hyphen", format!("{}0{}", &value[..8], &value[9..])),
            ("all-hyphens", "-".repeat(36)),
            ("en-dashes", value.replace('-', "\u{2013}")),
            ("36-bytes-with-e-acute", format!("{}é", &value[..34])),
            ("36-chars-with-full-width", format!("{}\u{ff11}", &value[..35])),
        ] {
            t.no(&format!("{name}-uuid-{tail}"), note, "malformed", &with(&text));
        }
    }
    for (tail, id) in [
        ("nil", "00000000-0000-0000-0000-000000000000"),
        ("max", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("version-0", "deadbeef-dead-0eef-0ead-beefdeadbeef"),
    ] {
        let note = "§4: well-formed whatever its version, but not on the ACL";
        let token = Token::claims(&claims().with_str("iss", id));
        t.no(&format!("iss-{tail}-unknown"), note, "unauthenticated", &token);
        let note = "§4: well-formed whatever its version, but not this lock";
        let token = Token::claims(&claims().with_str("sub", id));
        t.no(&format!("sub-{tail}"), note, "wrong-device", &token);
        let case = t.case(&format!("iss-{tail}-known"), "§4: any UUID may be on the ACL");
        let case = case.acl(&[Entry::new(id, &admin_key().public(), "ADMIN")]);
        let token = Token::claims(&claims().with_str("iss", id));
        t.push(case.step(&token.jws(), APPLIED).grants(&[guest(1)]));
    }
}

fn device(t: &mut Topic) {
    let note = "§4: `sub` is another lock's";
    let last = format!("{}c", &LOCK[..35]);
    let first = format!("7{}", &LOCK[1..]);
    let middle = LOCK.replace("4f50", "4f51");
    for (tail, id) in [("last", last), ("first", first), ("middle", middle), ("issuer", ADMIN.to_owned())] {
        let token = Token::claims(&claims().with_str("sub", &id));
        t.no(&format!("sub-other-{tail}"), note, "wrong-device", &token);
    }
}

fn dates(nbf: u64, iat: u64, exp: u64) -> Token {
    let claims = claims().with("nbf", nbf.to_string()).with("iat", iat.to_string()).with("exp", exp.to_string());
    Token::claims(&claims)
}

fn times(t: &mut Topic) {
    t.ok("nbf-at-leeway-edge", "§4: now + leeway = nbf", &dates(NOW + 60, NOW, NOW + 99));
    let note = "§4: now + leeway < nbf";
    t.no("nbf-over-leeway-edge", note, "not-yet-valid", &dates(NOW + 61, NOW, NOW + 99));
    t.ok("iat-at-leeway-edge", "§4: now + leeway = iat", &dates(NOW, NOW + 60, NOW + 99));
    let note = "§4: now + leeway < iat";
    t.no("iat-over-leeway-edge", note, "not-yet-valid", &dates(NOW, NOW + 61, NOW + 99));
    t.ok("exp-inside-leeway", "§4: now = exp + leeway - 1", &dates(1, 1, NOW - 59));
    t.no("exp-at-leeway-edge", "§4: now = exp + leeway", "expired", &dates(1, 1, NOW - 60));
    t.no("exp-over-leeway-edge", "§4: now = exp + leeway + 1", "expired", &dates(1, 1, NOW - 61));
    t.ok("exp-now", "§4: exp = now holds thanks to leeway", &dates(1, 1, NOW));
    let note = "§4: exp <= nbf is malformed";
    t.no("exp-equals-nbf", note, "malformed", &dates(NOW, NOW, NOW));
    t.no("exp-below-nbf", note, "malformed", &dates(NOW, NOW, NOW - 1));
    t.ok("exp-above-nbf", "§4: exp = nbf + 1", &dates(NOW, NOW, NOW + 1));
    t.no("exp-0-nbf-0", note, "malformed", &dates(0, 0, 0));
    let note = "§4, §7: exp <= nbf is row 1, before the times themselves";
    t.no("exp-nbf-future", note, "malformed", &dates(NOW + 500, NOW, NOW + 500));
    t.no("exp-nbf-past", note, "malformed", &dates(NOW - 500, NOW - 500, NOW - 500));
    let note = "§4: iat is compared with the time alone";
    t.ok("iat-after-exp", note, &dates(NOW - 9, NOW + 50, NOW + 5));
    t.ok("iat-before-nbf", note, &dates(NOW, 0, NOW + 5));
    t.ok("iat-after-nbf", note, &dates(0, NOW, NOW + 5));
    let note = "§7: not-yet-valid is decided before expired";
    t.no("iat-future-and-expired", note, "not-yet-valid", &dates(1, NOW + 61, NOW - 60));
    let max = (1 << 53) - 1;
    t.ok("exp-max", "§2: exp = 2^53 - 1", &dates(NOW, NOW, max));
    t.no("nbf-max", "§2, §4: nbf = 2^53 - 2", "not-yet-valid", &dates(max - 1, NOW, max));
    let case = t.case("now-0", "§4: a clock at 0").now(0);
    t.push(case.step(&dates(0, 0, 1).jws(), APPLIED).grants(&[guest(1)]));
    let case = t.case("now-0-nbf-61", "§4: a clock at 0 and a token of the future").now(0);
    t.push(case.step(&dates(61, 0, 99).jws(), "not-yet-valid"));
    let case = t.case("now-2-pow-53", "§4: a clock beyond every NumericDate").now(1 << 53);
    t.push(case.step(&dates(NOW, NOW, max - 60).jws(), "expired"));
    let case = t.case("now-2-pow-53-leeway", "§4: the same within leeway").now(1 << 53);
    t.push(case.step(&dates(NOW, NOW, max - 57).jws(), APPLIED).grants(&[guest(1)]));
}

fn leeway(t: &mut Topic) {
    let mut add = |tail: &str, leeway: u64, token: Token, expect: &str| {
        let policy = format!(r#"{{"leeway":{leeway}}}"#);
        let case = t.case(tail, "§4: leeway is policy").policy(&policy).step(&token.jws(), expect);
        t.push(if expect == APPLIED { case.grants(&[guest(1)]) } else { case });
    };
    add("leeway-0-nbf-now", 0, dates(NOW, NOW, NOW + 1), APPLIED);
    add("leeway-0-nbf-next", 0, dates(NOW + 1, NOW, NOW + 2), "not-yet-valid");
    add("leeway-0-iat-next", 0, dates(NOW, NOW + 1, NOW + 2), "not-yet-valid");
    add("leeway-0-exp-now", 0, dates(1, 1, NOW), "expired");
    add("leeway-1-exp-now", 1, dates(1, 1, NOW), APPLIED);
    add("leeway-1-exp-before", 1, dates(1, 1, NOW - 1), "expired");
    add("leeway-300-nbf-edge", 300, dates(NOW + 300, NOW, NOW + 301), APPLIED);
    add("leeway-300-nbf-over", 300, dates(NOW + 301, NOW, NOW + 302), "not-yet-valid");
    add("leeway-300-exp-inside", 300, dates(1, 1, NOW - 299), APPLIED);
    add("leeway-300-exp-edge", 300, dates(1, 1, NOW - 300), "expired");
    let max = (1 << 53) - 1;
    add("leeway-max-nbf", u64::MAX, dates(max - 1, max, max), APPLIED);
    add("leeway-max-exp", u64::MAX, dates(0, 0, 1), APPLIED);
    add("leeway-max-less-exp", u64::MAX - NOW, dates(0, 0, 1), APPLIED);
}

fn jti(t: &mut Topic) {
    let with = |raw: &str| Token::claims(&claims().with("jti", raw));
    t.ok("jti-missing", "§4: jti is not required", &Token::claims(&claims().without("jti")));
    t.ok("jti-null", "§4: null counts as absent", &with("null"));
    let note = "§4, §11: 1 to 128 bytes after unescaping";
    for (tail, raw) in [
        ("1", quote("j")),
        ("1-nul", r#""\u0000""#.to_owned()),
        ("1-space", quote(" ")),
        ("127", quote(&"j".repeat(127))),
        ("128", quote(&"j".repeat(128))),
        ("128-escaped", escaped(&"j".repeat(128))),
        ("128-short-escapes", quote(&"\n".repeat(128))),
        ("128-e-acute", quote(&"é".repeat(64))),
        ("128-e-acute-escaped", escaped(&"é".repeat(64))),
        ("126-euro", quote(&"€".repeat(42))),
        ("128-emoji", quote(&"😀".repeat(32))),
        ("128-emoji-escaped", escaped(&"😀".repeat(32))),
    ] {
        t.ok(&format!("jti-{tail}"), note, &with(&raw));
    }
    for (tail, raw) in [
        ("0", quote("")),
        ("129", quote(&"j".repeat(129))),
        ("129-escaped", escaped(&"j".repeat(129))),
        ("129-short-escapes", quote(&"\n".repeat(129))),
        ("129-e-acute", quote(&format!("{}j", "é".repeat(64)))),
        ("130-e-acute-escaped", escaped(&"é".repeat(65))),
        ("129-euro", quote(&"€".repeat(43))),
        ("132-emoji-escaped", escaped(&"😀".repeat(33))),
        ("256", quote(&"j".repeat(256))),
        ("257", quote(&"j".repeat(257))),
        ("5000", quote(&"j".repeat(5000))),
    ] {
        t.no(&format!("jti-no-{tail}"), note, "malformed", &with(&raw));
    }
    let note = "§4: a jti that is no string";
    for (tail, raw) in [("number", "7"), ("true", "true"), ("false", "false"), ("array", "[\"j\"]"), ("object", "{}")] {
        t.no(&format!("jti-type-{tail}"), note, "malformed", &with(raw));
    }
    let require = r#"{"require_jti":true}"#;
    let note = "§4, §11: policy can require a jti";
    let case = t.case("jti-required", note).policy(require);
    t.push(case.step(&Token::good().jws(), APPLIED).grants(&[guest(1)]));
    let missing = Token::claims(&claims().without("jti"));
    let case = t.case("jti-required-missing", note).policy(require);
    t.push(case.step(&missing.jws(), "malformed"));
    let case = t.case("jti-required-null", note).policy(require);
    t.push(case.step(&with("null").jws(), "malformed"));
    let case = t.case("jti-not-required", note).policy(r#"{"require_jti":false}"#);
    t.push(case.step(&missing.jws(), APPLIED).grants(&[guest(1)]));
}

fn ignored(t: &mut Topic) {
    let note = "§2, §4: unknown claims are ignored";
    for (name, raw) in [
        ("aud", "\"another-audience\""),
        ("azp", "null"),
        ("nonce", "7"),
        ("scope", "[\"none\"]"),
        ("auth_time", "99999999999999999999"),
        ("cnf", "{\"jwk\":{}}"),
        ("lock", "\"6ba1c9f2\""),
        ("role", "\"USER\""),
        ("users", "[]"),
        ("leeway", "0"),
    ] {
        t.ok(&format!("unknown-{name}"), note, &Token::claims(&claims().with(name, raw)));
    }
    let body = claims();
    let operation = crate::world::operation(&[crate::world::guest_obj(1)]).render();
    let first = body.without("operation").first("\"operation\"", &operation);
    t.ok("operation-first", "§5: member order carries no meaning", &Token::claims(&first));
}
