//! §3, §6, §11: the entries of `x5c`, before anything in them is believed.

use std::slice::from_ref;

use crate::b64;
use crate::case::{APPLIED, Case, Topic};
use crate::chain::{
    NO, by_admin, by_stranger, by_user, filled, forged, grind, head, leaf, leaf_key, rsa_admin, rsa_leaf, token,
    token_claims, token_raw, user, with_user, x5c,
};
use crate::keys::Key;
use crate::oid;
use crate::points::small_order;
use crate::rsa_key::RsaKey;
use crate::text::{Obj, array, escaped, pretty, quote};
use crate::token::Token;
use crate::world::{STRANGER, admin, admin_key, claims, guest, header, operation};
use crate::x509::{Cert, Signer, name, utf8};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s6-x5c-entries");
    base64(&mut t);
    spelled(&mut t);
    later(&mut t);
    sizes(&mut t);
    members(&mut t);
    order(&mut t);
    t
}

const MALFORMED: &str = "malformed";

/// A leaf of path (b) whose base64 has `+` and `/` in it and ends with one `=`.
fn telling_leaf() -> Vec<u8> {
    let telling = |text: &str| text.contains('+') && text.contains('/') && text.trim_end_matches('=').len() % 4 == 3;
    let cert = Cert { subject: name(&[utf8(&oid::COMMON_NAME, "x")]), ..leaf() };
    grind(&cert, |cert| Some(by_admin(cert)).filter(|der| telling(&b64::std(der))))
}

fn base64(t: &mut Topic) {
    let der = telling_leaf();
    let text = b64::std(&der);
    let good = quote(&text);
    let one = |raw: &str| token_raw(&array(&[raw]));
    t.ok("x5c-entry-good", "§3: the entry that the next ones spoil", &one(&good));
    let (half, rest) = text.split_at(64);
    let body = text.trim_end_matches('=');
    let unused = b64::with_trailing_bits(&b64::url(&der), 1).replace('-', "+").replace('_', "/");
    let spoiled = [
        ("url", text.replace('+', "-").replace('/', "_")),
        ("one-underscore", text.replacen('/', "_", 1)),
        ("unpadded", body.to_owned()),
        ("newline-after", format!("{text}\n")),
        ("pad-inside", format!("{half}=={rest}")),
        ("nul-after", format!("{text}\0")),
        ("unused-bits", format!("{unused}=")),
        ("pem", format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")),
        ("empty", String::new()),
    ];
    for (tail, spoiled) in spoiled {
        let note = "§3, §11: the leaf's entry is not padded standard base64";
        t.no(&format!("x5c-entry-{tail}"), note, MALFORMED, &one(&quote(&spoiled)));
    }
    let behind = |n: usize, raw: &str| {
        let mut entries = vec![good.clone()];
        entries.resize(n, quote("MAAw"));
        entries.push(raw.to_owned());
        token_raw(&array(&entries))
    };
    for n in [1, 5] {
        for (tail, raw) in [("url", "\"Pz8_\""), ("empty", "\"\""), ("null", "null"), ("number", "1")] {
            let note = "§3, §11: a later entry is not padded standard base64, the leaf being right";
            t.no(&format!("x5c-entry-{n}-{tail}"), note, MALFORMED, &behind(n, raw));
        }
    }
    let seven = [vec![good.clone()], vec![quote("MAAw"); 6]].concat();
    t.no("x5c-entries-7", "§3: six entries at most", MALFORMED, &token_raw(&array(&seven)));
    let note = "§3: an array, not the leaf itself";
    t.no("x5c-entries-string", note, MALFORMED, &token_raw(&good));
    t.no("x5c-entries-nested", note, MALFORMED, &token_raw(&array(&[array(from_ref(&good))])));
    t.no("x5c-entries-object", note, MALFORMED, &token_raw(&format!("{{\"0\":{good}}}")));
    let joined = format!("{text},{text}");
    t.no("x5c-entries-joined", note, MALFORMED, &one(&quote(&joined)));
    t.no("x5c-entries-comma-after", "§2: no trailing commas", MALFORMED, &token_raw(&format!("[{good},]")));
}

fn spelled(t: &mut Topic) {
    let der = telling_leaf();
    let text = b64::std(&der);
    let note = "§2: escapes are legal everywhere in strings";
    for (tail, raw) in [
        ("slashes", format!("\"{}\"", text.replace('/', "\\/"))),
        ("pads", format!("\"{}\"", text.replace('=', "\\u003d"))),
        ("everything", escaped(&text)),
    ] {
        assert!(text.starts_with('M'), "a long SEQUENCE does");
        t.ok(&format!("x5c-escaped-{tail}"), note, &token_raw(&array(&[raw])));
    }
    let chain = with_user(by_user(&rsa_leaf()));
    let raw = x5c(&chain).replace('/', "\\/");
    let case = t.case("x5c-escaped-slashes-rsa", note).acl(&[rsa_admin()]);
    t.push(case.step(&token_raw(&raw).jws(), APPLIED).grants(&[guest(1)]));
    for (tail, raw) in [
        ("url", format!("\"{}\"", text.replace('+', "\\u002d").replace('/', "\\u005f"))),
        ("newline", format!("\"{text}\\n\"")),
    ] {
        let note = "§2, §3: what counts is the string after unescaping";
        t.no(&format!("x5c-escaped-{tail}"), note, MALFORMED, &token_raw(&array(&[raw])));
    }
    let good = quote(&text);
    t.ok(
        "x5c-white-space",
        "§2: white space between the entries",
        &token_raw(&format!("[\n  {good}\t,\r\n \"MAAw\" ]")),
    );
    let indented = pretty(&head(&array(&[good])).render());
    let token = Token::raw(indented, pretty(&claims().render())).by(leaf_key());
    t.ok("x5c-pretty", "§1: pretty-printed by jq", &token);
}

fn later(t: &mut Topic) {
    let leaf = by_admin(&leaf());
    let chain = |rest: &[Vec<u8>]| token(&[from_ref(&leaf), rest].concat());
    let note = "§6: later certificates only have to be base64 strings";
    for (tail, rest) in [("five", vec![vec![0]; 5]), ("leaf-again", vec![leaf.clone()])] {
        t.ok(&format!("x5c-later-{tail}"), note, &chain(&rest));
    }
    let chain = [with_user(by_user(&rsa_leaf())), vec![b"no certificate".to_vec(), vec![0x30; 2049]]].concat();
    let case = t.case("x5c-later-rsa", note).acl(&[rsa_admin()]);
    t.push(case.step(&token(&chain).jws(), APPLIED).grants(&[guest(1)]));
}

fn sizes(t: &mut Topic) {
    for (size, code) in [(2048, APPLIED), (2049, MALFORMED)] {
        let der = filled(&leaf(), size, by_admin);
        let case = t.case(&format!("x5c-leaf-{size}-bytes"), "§11: 2,048 bytes of DER at most in the first place");
        let case = case.step(&token(&[der]).jws(), code);
        t.push(if code == APPLIED { case.grants(&[guest(1)]) } else { case });
        let key = RsaKey::user();
        let second = filled(&user(&key), size, by_stranger);
        let note = "§11: 2,048 bytes of DER at most in the second place";
        let case = t.case(&format!("x5c-user-{size}-bytes"), note).acl(&[rsa_admin()]);
        let case = case.step(&token(&[by_user(&rsa_leaf()), second]).jws(), code);
        t.push(if code == APPLIED { case.grants(&[guest(1)]) } else { case });
    }
    let note = "§11: too much in the first place, whatever it is";
    t.no("x5c-junk-2049-bytes", note, MALFORMED, &token(&[vec![0; 2049]]));
    let own = rsa_leaf().of(&admin_key().public()).with(&[7; 256]);
    let chain = x5c(&[own, vec![0x30; 2049]]);
    let note = "§11: too much in the second place, even if the leaf's key is the issuer's";
    t.no("x5c-unneeded-own-key", note, MALFORMED, &Token::header(&head(&chain)));
}

fn members(t: &mut Topic) {
    let der = by_admin(&leaf());
    let raw = x5c(from_ref(&der));
    let mallory = || Key::named("mallory");
    let jwk = |key: &Key| {
        Obj::new().with_str("kty", "OKP").with_str("crv", "Ed25519").with_str("x", &b64::url(&key.public())).render()
    };
    let thumbprint = quote(&b64::url(&[7; 32]));
    let links = head(&raw).with_str("kid", &b64::url(&mallory().public())).with("x5t#S256", thumbprint);
    let links = links.with_str("jku", "https://example.com/keys").with_str("x5u", "https://example.com/cert.pem");
    for (tail, head) in [("jwk", head(&raw).with("jwk", jwk(&mallory()))), ("links", links)] {
        let note = "§3: ignored beside a good chain";
        t.ok(&format!("x5c-beside-{tail}"), note, &Token::header(&head).by(leaf_key()));
        let note = "§3: never a source of a key, beside a good chain either";
        t.no(&format!("x5c-source-{tail}"), note, NO, &Token::header(&head).by(mallory()));
    }
    let issuers = jwk(&admin_key());
    let note = "§6: the issuer's own key in a jwk does not stand in for the leaf's";
    t.no("x5c-source-issuers-jwk", note, NO, &Token::header(&head(&raw).with("jwk", issuers)).by(admin_key()));
    let junk = array(&[quote("MAAw")]);
    let note = "§6: with x5c the leaf's key is used, so the issuer's does not help a chain that is junk";
    t.no("x5c-junk-signed-by-issuer", note, NO, &Token::header(&head(&junk)));
    let escaped_name = head(&raw).renamed("x5c", r#""\u00785\u0063""#);
    t.ok("x5c-name-escaped", "§2: escapes are legal in names", &Token::header(&escaped_name).by(leaf_key()));
    for (tail, name) in [("upper", "X5C"), ("x5c-space", "x5c ")] {
        let token = Token::header(&header().with(name, &junk));
        t.ok(&format!("x5c-name-{tail}"), "§3: a member of another name is ignored", &token);
    }
    let in_claims = Token::claims(&claims().with("x5c", &junk));
    t.ok("x5c-among-claims", "§3: x5c is a member of the header", &in_claims);
    let in_claims = Token::claims(&claims().with("x5c", &raw)).by(leaf_key());
    t.no("x5c-among-claims-leaf", "§3: a chain among the claims binds nobody", NO, &in_claims);
    let note = "§2: a repeated member";
    let twice = head(&raw).last(r#""x\u0035c""#, &raw);
    t.no("x5c-repeated", note, MALFORMED, &Token::header(&twice).by(leaf_key()));
    let null = head(&raw).last("\"x5c\"", "null");
    t.no("x5c-repeated-null", note, MALFORMED, &Token::header(&null).by(leaf_key()));
    let first = header().first("\"x5c\"", &raw);
    t.ok("x5c-first-member", "§5: member order carries no meaning", &Token::header(&first).by(leaf_key()));
    let case = t.case("x5c-rfc7515-only", "§11: the switch for RFC 7515 alone leaves x5c as it is");
    let case = case.policy("{\"rfc7515_only\":true}").step(&token(&[der]).jws(), APPLIED);
    t.push(case.grants(&[guest(1)]));
    let telling = token(&[telling_leaf()]);
    let case = t.case("x5c-rfc7515-only-special", "§11: with + and / in the entry too");
    t.push(case.policy("{\"rfc7515_only\":true}").step(&telling.jws(), APPLIED).grants(&[guest(1)]));
}

/// §7: which of several faults is reported, one of them being in or about the chain.
fn order(t: &mut Topic) {
    let good = by_admin(&leaf());
    let bad = leaf().by(&Signer::Edwards(&Key::named("mallory")));
    let oversize = filled(&leaf(), 2049, by_admin);
    let none = || header().with_str("alg", "none");
    for (tail, code, head) in [
        ("oversize-and-alg", MALFORMED, none().with("x5c", x5c(from_ref(&oversize)))),
        ("seven-and-alg", MALFORMED, none().with("x5c", x5c(&vec![vec![0; 3]; 7]))),
        ("base64-and-alg", MALFORMED, none().with("x5c", "[\"MAA\"]")),
        ("junk-and-alg", "unsupported-algorithm", none().with("x5c", "[\"MAAw\"]")),
        ("unbound-and-alg", "unsupported-algorithm", none().with("x5c", x5c(from_ref(&bad)))),
        ("good-and-alg", "unsupported-algorithm", none().with("x5c", x5c(from_ref(&good)))),
        ("good-and-alg-rs256", "unsupported-algorithm", head(&x5c(from_ref(&good))).with_str("alg", "RS256")),
        ("good-and-crit", "unsupported-algorithm", head(&x5c(from_ref(&good))).with("crit", "[\"x5c\"]")),
    ] {
        let note = "§7: rows 1 and 2 before the chain is judged";
        t.no(&format!("x5c-order-{tail}"), note, code, &Token::header(&head).by(leaf_key()));
    }
    let wrong = claims().with("operation", operation(&[]).render());
    let none = |case: Case| case;
    type Device = fn(Case) -> Case;
    let rows: [(&str, Obj, Device, &str); 4] = [
        ("device", claims().with_str("sub", STRANGER), none, "wrong-device"),
        ("role", claims(), |case| case.acl(&[admin().role("USER")]), "forbidden"),
        ("operation", wrong, none, "invalid-operation"),
        ("full", claims(), |case| case.capacity(1), "acl-full"),
    ];
    for (tail, claims, device, code) in rows {
        let jws = token_claims(from_ref(&good), &claims).jws();
        let note = "§7: authenticated by a chain, then refused for another reason";
        let case = device(t.case(&format!("x5c-order-good-and-{tail}"), note));
        t.push(case.step(&jws, code));
        let jws = token_claims(from_ref(&bad), &claims).jws();
        let note = "§7: who cannot show a chain learns nothing else";
        let case = device(t.case(&format!("x5c-order-unbound-and-{tail}"), note));
        t.push(case.step(&jws, NO));
    }
    for (tail, claims) in [("no-sub", claims().without("sub")), ("no-operation", claims().without("operation"))] {
        let note = "§7: row 1 before the chain is judged";
        let jws = token_claims(from_ref(&bad), &claims);
        t.no(&format!("x5c-order-unbound-and-{tail}"), note, MALFORMED, &jws);
    }
    let note = "§7: the chain is right, the issuer is not on the ACL";
    let stranger = token_claims(from_ref(&good), &claims().with_str("iss", STRANGER));
    t.no("x5c-order-unknown-issuer", note, NO, &stranger);
    let by_itself = Cert { issuer: leaf().subject, ..leaf() }.by(&Signer::Edwards(&leaf_key()));
    let note = "§6: a leaf that signed itself binds nobody";
    t.no("x5c-order-self-signed", note, NO, &token(from_ref(&by_itself)));
    let stranger = token_claims(&[by_itself], &claims().with_str("iss", STRANGER));
    t.no("x5c-order-self-signed-unknown-issuer", note, NO, &stranger);
    let identity = small_order()[0];
    let forged = forged(&[by_admin(&leaf().of(&identity))], &identity);
    let case = t.case("x5c-order-empty-acl", "§7: nobody is on the ACL").acl(&[]);
    t.push(case.step(&token(&[good]).jws(), NO).step(&forged, NO));
}
