//! §3: the header.

use crate::b64;
use crate::case::Topic;
use crate::keys::{Key, spki};
use crate::text::{Obj, array, quote};
use crate::token::Token;
use crate::world::{admin_key, claims, header};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s3-header");
    alg(&mut t);
    typ(&mut t);
    crit(&mut t);
    x5c(&mut t);
    ignored(&mut t);
    t
}

/// Values of every JSON type but string and null.
const NO_STRINGS: [(&str, &str); 6] = [
    ("number", "8037"),
    ("true", "true"),
    ("false", "false"),
    ("array", "[]"),
    ("array-of-it", r#"["EdDSA"]"#),
    ("object", "{}"),
];

fn alg(t: &mut Topic) {
    for name in ["EdDSA", "Ed25519"] {
        let token = Token::header(&header().with_str("alg", name));
        t.ok(&format!("alg-{name}"), "§3: both names of the algorithm", &token);
    }
    let note = "§3: any other `alg`, the signature being right";
    for (tail, name) in [
        ("none", "none"),
        ("none-mixed-case", "nOnE"),
        ("empty", ""),
        ("hs256", "HS256"),
        ("rs256", "RS256"),
        ("es256", "ES256"),
        ("ps256", "PS256"),
        ("ed448", "Ed448"),
        ("lower", "eddsa"),
        ("upper", "EDDSA"),
        ("ed25519-lower", "ed25519"),
        ("ed25519-upper", "ED25519"),
        ("ed25519ph", "Ed25519ph"),
        ("space-after", "EdDSA "),
        ("space-before", " EdDSA"),
        ("nul-after", "EdDSA\0"),
        ("longer", "EdDSAx"),
        ("shorter", "EdDS"),
        ("shorter-ed25519", "Ed2551"),
        ("both", "EdDSA,Ed25519"),
        ("long", &"EdDSA".repeat(50)),
        ("look-alike", "\u{0395}dDSA"),
    ] {
        let token = Token::header(&header().with_str("alg", name));
        t.no(&format!("alg-no-{tail}"), note, "unsupported-algorithm", &token);
    }
    let note = "§3, §11: a missing `alg` or one of the wrong type is malformed";
    t.no("alg-missing", note, "malformed", &Token::header(&header().without("alg")));
    t.no("alg-null", note, "malformed", &Token::header(&header().with("alg", "null")));
    for (tail, raw) in NO_STRINGS {
        let token = Token::header(&header().with("alg", raw));
        t.no(&format!("alg-type-{tail}"), note, "malformed", &token);
    }
    let token = Token::header(&header().with_str("alg", "none"));
    let note = "§1, §3: `none` with an empty signature is malformed first";
    t.no_jws("alg-none-unsigned", note, "malformed", &token.jws_with(&[]));
    let note = "§3, §7: `none` with a signature that does not hold";
    t.no_jws("alg-none-wrong-signature", note, "unsupported-algorithm", &token.jws_with(&[0; 64]));
}

fn typ(t: &mut Topic) {
    let note = "§3: `typ` is absent or `JWT` in any letter case";
    t.ok("typ-missing", note, &Token::header(&header().without("typ")));
    for name in ["JWT", "jwt", "Jwt", "jWt", "jwT", "JWt", "JwT", "jWT"] {
        let token = Token::header(&header().with_str("typ", name));
        t.ok(&format!("typ-{name}"), note, &token);
    }
    for (tail, name) in [
        ("empty", ""),
        ("jose", "JOSE"),
        ("jws", "JWS"),
        ("media-type", "application/jwt"),
        ("at-jwt", "at+jwt"),
        ("shorter", "JW"),
        ("longer", "JWTT"),
        ("space", "JWT "),
        ("nul", "JWT\0"),
        ("control-twin", "\u{0a}WT"),
        ("high-bit", "\u{ca}WT"),
        ("full-width", "\u{ff2a}\u{ff37}\u{ff34}"),
    ] {
        let token = Token::header(&header().with_str("typ", name));
        t.no(&format!("typ-no-{tail}"), "§3: any other `typ`", "unsupported-algorithm", &token);
    }
    let note = "§11: `typ` of the wrong type is malformed, null too";
    t.no("typ-null", note, "malformed", &Token::header(&header().with("typ", "null")));
    for (tail, raw) in NO_STRINGS {
        let token = Token::header(&header().with("typ", raw));
        t.no(&format!("typ-type-{tail}"), note, "malformed", &token);
    }
}

fn crit(t: &mut Topic) {
    let note = "§3, §11: `crit` is refused whatever its value";
    for (tail, raw) in [
        ("empty", "[]"),
        ("null", "null"),
        ("false", "false"),
        ("number", "0"),
        ("string", "\"exp\""),
        ("object", "{}"),
        ("b64", r#"["b64"]"#),
        ("alg", r#"["alg"]"#),
        ("unknown", r#"["urn:example:x"]"#),
        ("nested", r#"[[{"a":1}]]"#),
    ] {
        let token = Token::header(&header().with("crit", raw));
        t.no(&format!("crit-{tail}"), note, "unsupported-algorithm", &token);
    }
    let token = Token::header(&header().first("\"crit\"", "[]"));
    t.no("crit-first", note, "unsupported-algorithm", &token);
    let head = header().with("b64", "true").with("crit", r#"["b64"]"#);
    let note = "§3: RFC 7797 is not understood either";
    t.no("crit-with-b64", note, "unsupported-algorithm", &Token::header(&head));
}

fn x5c(t: &mut Topic) {
    let with = |raw: &str| Token::header(&header().with("x5c", raw));
    let junk = |count: usize| array(&vec![quote(&b64::std(b"this is no certificate..")); count]);
    t.ok("x5c-null", "§11: `\"x5c\": null` counts as absent", &with("null"));
    let note = "§6: good base64, but no certificate in it";
    let junk_der: [(&str, &[u8]); 9] = [
        ("text", b"this is no certificate.."),
        ("one-byte", b"\x30"),
        ("empty-sequence", b"\x30\x00"),
        ("nul", b"\0"),
        ("cut-short", b"\x30\x82\x02\x9f\x30\x82\x01\x87\xa0\x03\x02\x01\x02"),
        ("huge-length", b"\x30\x84\xff\xff\xff\xff\x30\x00"),
        ("long-length", b"\x30\x89\x01\x00\x00\x00\x00\x00\x00\x00\x02\x05\x00"),
        ("indefinite", b"\x30\x80\x30\x80\x00\x00\x00\x00"),
        ("nested-empty", b"\x30\x06\x30\x00\x30\x00\x03\x00"),
    ];
    for (tail, bytes) in junk_der {
        let token = with(&array(&[quote(&b64::std(bytes))]));
        t.no(&format!("x5c-junk-{tail}"), note, "unauthenticated", &token);
    }
    let bare = array(&[quote(&b64::std(&spki(&admin_key().public())))]);
    t.no("x5c-bare-key", "§6: the issuer's bare key is no certificate", "unauthenticated", &with(&bare));
    let note = "§3: 1 to 6 entries";
    t.no("x5c-6", note, "unauthenticated", &with(&junk(6)));
    t.no("x5c-7", note, "malformed", &with(&junk(7)));
    t.no("x5c-100", note, "malformed", &with(&junk(100)));
    t.no("x5c-0", note, "malformed", &with("[]"));
    let note = "§3, §11: `x5c` is an array of strings";
    for (tail, raw) in [
        ("string", quote(&b64::std(b"abc"))),
        ("number", "1".to_owned()),
        ("true", "true".to_owned()),
        ("false", "false".to_owned()),
        ("object", "{}".to_owned()),
        ("of-null", "[null]".to_owned()),
        ("of-number", "[1]".to_owned()),
        ("of-array", array(&[junk(1)])),
        ("of-object", "[{}]".to_owned()),
        ("then-null", array(&[quote(&b64::std(b"abc")), "null".to_owned()])),
    ] {
        t.no(&format!("x5c-type-{tail}"), note, "malformed", &with(&raw));
    }
    let note = "§3, §11: each entry is standard base64 with its padding";
    for (tail, text) in [
        ("url-alphabet", "Pz8_Pj4-".to_owned()),
        ("mixed-alphabets", "Pz8/Pj4-".to_owned()),
        ("no-padding-1", "MAAwAAA".to_owned()),
        ("no-padding-2", "MAAwAA".to_owned()),
        ("half-padding", "MAAwAA=".to_owned()),
        ("too-much-padding", "MAAw====".to_owned()),
        ("4n1", "MAAwA".to_owned()),
        ("space", "MAAw MAAw".to_owned()),
        ("newline", "MAAw\nMAAw".to_owned()),
        ("pem", format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", b64::std(&[48; 30]))),
        ("non-ascii", "MAAé".to_owned()),
        ("nul", "MAA\0".to_owned()),
    ] {
        let good = quote(&b64::std(b"abc"));
        let token = with(&array(&[quote(&text)]));
        t.no(&format!("x5c-base64-{tail}"), note, "malformed", &token);
        let token = with(&array(&[good.clone(), good.clone(), good, quote(&text)]));
        t.no(&format!("x5c-base64-{tail}-4th"), "§6: later entries have to be base64 too", "malformed", &token);
    }
    let escaped = array(&[r#""MAA\/Pz8\u002bAA\u003d\u003d""#]);
    t.no("x5c-escaped", "§2: escapes in an entry are legal", "unauthenticated", &with(&escaped));
    let note = "§3, §11: an entry that is empty, or with unused bits that are not zero";
    t.no("x5c-empty-entry", note, "malformed", &with("[\"\"]"));
    t.no("x5c-trailing-bits", note, "malformed", &with("[\"MAB=\"]"));
}

fn ignored(t: &mut Topic) {
    let note = "§3: other members are ignored";
    let mallory = Key::named("mallory");
    let jwk = |key: &Key| {
        Obj::new().with_str("kty", "OKP").with_str("crv", "Ed25519").with_str("x", &b64::url(&key.public())).render()
    };
    for (tail, name, raw) in [
        ("jwk", "jwk", jwk(&mallory)),
        ("jwk-number", "jwk", "1".to_owned()),
        ("jku", "jku", quote("https://example.com/keys")),
        ("x5u", "x5u", quote("https://example.com/cert")),
        ("x5t", "x5t", quote("AAAA")),
        ("x5t-s256", "x5t#S256", quote("AAAA")),
        ("kid", "kid", quote("somebody-else")),
        ("kid-null", "kid", "null".to_owned()),
        ("cty", "cty", quote("JWT")),
        ("zip", "zip", quote("DEF")),
        ("b64-true", "b64", "true".to_owned()),
        ("exp", "exp", "0".to_owned()),
        ("unknown", "urn:example:x", "[{\"a\":[null]}]".to_owned()),
    ] {
        t.ok(&format!("ignored-{tail}"), note, &Token::header(&header().with(name, raw)));
    }
    let note = "§3: no member but x5c is a source of a key";
    for (tail, name, raw) in [
        ("jwk", "jwk", jwk(&mallory)),
        ("kid", "kid", quote(&b64::url(&mallory.public()))),
        ("jku", "jku", quote(&format!("data:application/json,{{\"keys\":[{}]}}", jwk(&mallory)))),
    ] {
        let token = Token::header(&header().with(name, raw)).by(Key::named("mallory"));
        t.no(&format!("source-{tail}"), note, "unauthenticated", &token);
    }
    let reversed = header().with_str("kid", "1").reversed();
    t.ok("order", "§5: member order carries no meaning", &Token::header(&reversed));
    let token = Token::raw(header().render(), claims().reversed().render());
    t.ok("order-claims", "§5: nor does it among the claims", &token);
}
