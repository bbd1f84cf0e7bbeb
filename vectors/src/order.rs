//! §7: which of several faults is reported.

use crate::case::{APPLIED, Case, Topic};
use crate::keys::Key;
use crate::text::{Obj, quote};
use crate::token::Token;
use crate::world::{
    LOCK, NOW, STRANGER, admin, claims, claims_op, claims_users, guest, guest_obj, guest_objs, header, operation,
};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Malformed,
    Algorithm,
    Stranger,
    Signature,
    Device,
    Early,
    Late,
    Forbidden,
    Replayed,
    Kind,
    Operation,
    Full,
}

use Fault::{
    Algorithm, Device, Early, Forbidden, Full, Kind, Late, Malformed, Operation, Replayed, Signature, Stranger,
};

/// In the order of the table; the issuer that is unknown stands beside the wrong signature.
const ALL: [Fault; 11] =
    [Malformed, Algorithm, Signature, Device, Early, Late, Forbidden, Replayed, Kind, Operation, Full];

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Malformed => "malformed",
            Algorithm => "algorithm",
            Stranger => "stranger",
            Signature => "signature",
            Device => "device",
            Early => "early",
            Late => "late",
            Forbidden => "forbidden",
            Replayed => "replayed",
            Kind => "type",
            Operation => "operation",
            Full => "full",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Malformed => "malformed",
            Algorithm => "unsupported-algorithm",
            Stranger | Signature => "unauthenticated",
            Device => "wrong-device",
            Early => "not-yet-valid",
            Late => "expired",
            Forbidden => "forbidden",
            Replayed => "replayed",
            Kind => "unsupported-operation",
            Operation => "invalid-operation",
            Full => "acl-full",
        }
    }
}

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s7-order");
    for (n, a) in ALL.into_iter().enumerate() {
        add(&mut t, &[a]);
        for b in &ALL[n + 1..] {
            add(&mut t, &[a, *b]);
        }
        if n + 2 < ALL.len() {
            add(&mut t, &ALL[n..]);
        }
    }
    for other in [Malformed, Algorithm, Signature, Device, Early, Late, Kind, Operation, Full] {
        let mut pair = [Stranger, other];
        pair.sort();
        add(&mut t, &pair);
    }
    add(&mut t, &[Stranger, Device, Early, Late, Kind, Operation, Full]);
    inside(&mut t);
    malformed_first(&mut t);
    t
}

fn add(t: &mut Topic, faults: &[Fault]) {
    let names: Vec<&str> = faults.iter().map(|f| f.name()).collect();
    let tail = if names.len() > 3 { format!("{}-and-{}-more", names[0], names.len() - 1) } else { names.join("-and-") };
    let note = "§7: of several faults, the first row is reported";
    let case = build(t.case(&tail, note), faults);
    t.push(case);
}

fn build(mut case: Case, faults: &[Fault]) -> Case {
    let has = |f: Fault| faults.contains(&f);
    // Replays need a first operation that is applied, by an ADMIN who may lose the right later.
    let first = claims().with("nbf", "1").with("iat", "1");
    let mut issuer = admin();
    if has(Forbidden) {
        issuer = if has(Replayed) { issuer.window(None, Some(NOW)) } else { issuer.role("USER") };
    }
    case = case.acl(&[issuer]);
    if has(Full) {
        case = case.capacity(if has(Replayed) { 2 } else { 1 });
    }
    if has(Replayed) {
        let claims = first.clone();
        case = case.step_at(NOW - 1, &Token::claims(&claims).jws(), APPLIED).grants(&[guest(1)]);
    }
    let mut user = guest_obj(2);
    if has(Operation) {
        user = user.with_str("role", "OWNER");
    }
    let mut op = operation(&[user]);
    if has(Kind) {
        op = op.with_str("type", "REMOVE_USER");
    }
    let mut claims = first.with("operation", op.render());
    if has(Stranger) {
        claims = claims.with_str("iss", STRANGER);
    }
    if has(Device) {
        claims = claims.with_str("sub", "00000000-1111-4222-8333-444444444444");
    }
    if has(Early) {
        claims = claims.with("iat", (NOW + 61).to_string());
    }
    if has(Late) {
        claims = claims.with("exp", (NOW - 60).to_string());
    }
    if has(Malformed) {
        claims = claims.last("\"x\"", "1").last("\"x\"", "1");
    }
    let head = if has(Algorithm) { header().with_str("alg", "none") } else { header() };
    let mut token = Token::raw(head.render(), claims.render());
    if has(Signature) {
        token = token.by(Key::named("mallory"));
    } else if has(Stranger) {
        token = token.by(Key::named("stranger"));
    }
    let least = faults.iter().min().expect("at least one fault");
    case.step(&token.jws(), least.code())
}

/// Whatever is wrong inside the operation stays unsaid to those who cannot sign.
fn inside(t: &mut Topic) {
    let good = || operation(&[guest_obj(1)]);
    let one = |user: Obj| operation(&[user]);
    let faults = [
        ("type-missing", good().without("type")),
        ("type-number", good().with("type", "1")),
        ("unknown-member", good().with("x", "1")),
        ("users-missing", good().without("users")),
        ("users-object", good().with("users", "{}")),
        ("users-0", operation(&[])),
        ("users-26", operation(&guest_objs(26))),
        ("user-null", good().with("users", "[null]")),
        ("user-missing", one(guest_obj(1).without("user"))),
        ("user-no-uuid", one(guest_obj(1).with_str("user", "x"))),
        ("key-missing", one(guest_obj(1).without("publicKey"))),
        ("key-no-base64", one(guest_obj(1).with_str("publicKey", "*"))),
        ("key-small-order", one(guest_obj(1).with_str("publicKey", &"A".repeat(43)))),
        ("role-unknown", one(guest_obj(1).with_str("role", "x"))),
        ("role-object", one(guest_obj(1).with("role", "{\"USER\":null}"))),
        ("start-string", one(guest_obj(1).with_str("start", "1"))),
        ("end-below-start", one(guest_obj(1).with("start", "9").with("end", "8"))),
        ("unknown-user-member", one(guest_obj(1).with("x", "null"))),
        ("twice", operation(&[guest_obj(1), guest_obj(1)])),
        ("empty", Obj::new()),
    ];
    for (tail, op) in faults {
        let note = "§7: a fault inside the operation";
        let token = Token::claims(&claims_op(&op));
        t.no(&format!("inside-{tail}"), note, "invalid-operation", &token);
        let note = "§7: the same fault, told to nobody who cannot sign";
        let token = Token::claims(&claims_op(&op)).by(Key::named("mallory"));
        t.no(&format!("inside-{tail}-signature"), note, "unauthenticated", &token);
        let note = "§7: nor to a USER";
        let case = t.case(&format!("inside-{tail}-user"), note).acl(&[admin().role("USER")]);
        t.push(case.step(&Token::claims(&claims_op(&op)).jws(), "forbidden"));
    }
}

/// What is malformed is row 1 for everybody.
fn malformed_first(t: &mut Topic) {
    let now = NOW.to_string();
    let user = guest_obj(1).last("\"role\"", "null");
    let cases = [
        ("iss-missing", claims().without("iss")),
        ("iss-no-uuid", claims().with_str("iss", "x")),
        ("sub-number", claims().with("sub", "1")),
        ("sub-no-uuid", claims().with_str("sub", &LOCK[..35])),
        ("nbf-string", claims().with_str("nbf", &now)),
        ("exp-missing", claims().without("exp")),
        ("exp-equals-nbf", claims().with("exp", &now).with("nbf", &now)),
        ("iat-negative", claims().with("iat", "-1")),
        ("jti-empty", claims().with("jti", "\"\"")),
        ("jti-129", claims().with("jti", quote(&"j".repeat(129)))),
        ("operation-array", claims().with("operation", "[]")),
        ("operation-repeated-member", claims_users(&[user])),
        ("operation-bad-number", claims_users(&[guest_obj(1).with("start", "01")])),
    ];
    for (tail, claims) in cases {
        let note = "§7: row 1 before row 3";
        let token = Token::claims(&claims).by(Key::named("mallory"));
        t.no(&format!("malformed-{tail}-signature"), note, "malformed", &token);
        let note = "§7: row 1 before row 2";
        let token = Token::raw(header().with_str("alg", "none").render(), claims.render());
        t.no(&format!("malformed-{tail}-algorithm"), note, "malformed", &token);
    }
    for (tail, head) in [
        ("typ-null", header().with_str("alg", "none").with("typ", "null")),
        ("alg-missing-with-crit", header().without("alg").with("crit", "[]")),
        ("alg-number-typ-unknown", header().with("alg", "1").with_str("typ", "x")),
        ("x5c-empty", header().with_str("alg", "none").with("x5c", "[]")),
        ("x5c-number", header().with("crit", "[]").with("x5c", "1")),
        ("x5c-no-base64", header().with_str("typ", "x").with("x5c", "[\"*\"]")),
    ] {
        let note = "§7: row 1 before row 2, within the header";
        t.no(&format!("malformed-header-{tail}"), note, "malformed", &Token::header(&head));
    }
    let token = Token::header(&header().with_str("alg", "none").with("x5c", "[\"MAA=\"]"));
    let note = "§7: row 2 before row 3, with an x5c that holds no certificate";
    t.no("algorithm-x5c-junk", note, "unsupported-algorithm", &token);
    for (tail, head) in [
        ("typ", header().with_str("typ", "x")),
        ("crit", header().with("crit", "[]")),
        ("alg", header().with_str("alg", "HS256")),
    ] {
        let note = "§7: row 2 before row 3";
        let token = Token::header(&head).by(Key::named("mallory"));
        t.no(&format!("algorithm-{tail}-signature"), note, "unsupported-algorithm", &token);
        let note = "§7: row 2 before a signature of the wrong length";
        let jws = Token::header(&head).jws_with(&[7; 63]);
        t.no_jws(&format!("algorithm-{tail}-63-bytes"), note, "unsupported-algorithm", &jws);
    }
    let note = "§7: row 1 before a signature of the wrong length";
    let token = Token::claims(&claims().without("iss"));
    t.no_jws("malformed-63-bytes", note, "malformed", &token.jws_with(&[7; 63]));
    let note = "§7: row 3 before row 4, with a signature of the wrong length";
    let token = Token::claims(&claims().with_str("sub", STRANGER));
    t.no_jws("device-63-bytes", note, "unauthenticated", &token.jws_with(&[7; 63]));
}
