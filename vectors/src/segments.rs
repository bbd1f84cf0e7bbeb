//! §1: the three segments, their alphabets and padding, and the size limit.

use crate::b64::{self, Spelling, with_trailing_bits};
use crate::case::{APPLIED, Topic};
use crate::text::{Obj, array, pretty, quote};
use crate::token::{Token, sealed};
use crate::world::{
    ADMIN, LOCK, NOW, claims, claims_users, guest, guest_id, guest_key, guest_objs, guests, header, operation,
};

/// Yields `/` or `_` and `+` or `-` in base64 wherever it stands.
const SPECIAL: &str = "???????>>>>>>>";

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s1-segments");
    families(&mut t);
    spellings(&mut t);
    alphabets(&mut t);
    padding(&mut t);
    trailing_bits(&mut t);
    stray_bytes(&mut t);
    shape(&mut t);
    rfc7515_only(&mut t);
    limits(&mut t);
    t
}

/// A header whose text has a length of `residue` modulo 3, with special characters in base64.
fn header_text(residue: usize) -> String {
    sized(&header().with_str("kid", SPECIAL), "kid", residue)
}

/// As `header_text`, for the claims.
fn payload_text(residue: usize) -> String {
    sized(&claims().with_str("note", SPECIAL), "note", residue)
}

fn sized(object: &Obj, name: &str, residue: usize) -> String {
    (0..3)
        .map(|n| object.clone().with_str(name, &format!("{SPECIAL}{}", "x".repeat(n))).render())
        .find(|text| text.len() % 3 == residue)
        .expect("one of three lengths fits")
}

/// A token in which each segment shows which alphabet it is in.
fn showy(each: [Spelling; 3]) -> Token {
    (0..)
        .map(|n| claims().with_str("note", SPECIAL).with_str("jti", &format!("showy-{n}")))
        .map(|claims| Token::raw(header_text(1), sized(&claims, "note", 2)).spelled3(each))
        .find(|token| {
            let text = b64::url(&token.signature());
            text.contains('-') && text.contains('_')
        })
        .expect("one in a few jti will do")
}

fn sdk_user(n: usize) -> Obj {
    Obj::new()
        .with_str("user", &guest_id(n))
        .with_str("publicKey", &b64::std(&guest_key(n).public()))
        .with("role", "null")
        .with("start", "null")
        .with("end", "null")
}

fn sdk(users: usize, jti: &str) -> Token {
    let header = Obj::new().with_str("alg", "EdDSA").with("x5c", "null").with_str("typ", "JWT");
    let users: Vec<String> = (1..=users).map(|n| sdk_user(n).render()).collect();
    let operation = Obj::new().with_str("type", "BATCH_ADD_USER").with("users", array(&users));
    let claims = claims().with("jti", jti).with("operation", operation.render());
    Token::raw(header.render(), claims.render()).spelled(Spelling::StdPad)
}

fn families(t: &mut Topic) {
    let shell = |typ: &str, users: usize| {
        let header = Obj::new().with_str("alg", "EdDSA").with_str("typ", typ);
        let claims = Obj::new()
            .with_str("iss", ADMIN)
            .with_str("sub", LOCK)
            .with("nbf", NOW.to_string())
            .with("iat", NOW.to_string())
            .with("exp", (NOW + 60).to_string())
            .with("operation", operation(&guest_objs(users)).render());
        Token::raw(pretty(&header.render()), pretty(&claims.render()))
    };
    t.ok("shell", "§1: the shell recipe, pretty-printed JSON in base64url", &shell("JWT", 1));
    t.ok("shell-typ-jwt", "§1: the guide's examples say `jwt`", &shell("jwt", 1));
    let note = "§1, §5: the shell recipe with 25 users";
    t.ok_grants("shell-25-users", note, &shell("JWT", 25), &guests(25));
    t.ok("sdk", "§1: the SDK, padded standard base64 and explicit nulls", &sdk(1, "null"));
    let jti = quote("0e9d8c7b-6a59-4847-b635-241302f1e0df");
    t.ok("sdk-jti", "§1: the SDK with its jti set", &sdk(1, &jti));
    t.ok_grants("sdk-25-users", "§1, §5: the SDK with 25 users", &sdk(25, &jti), &guests(25));
    let token = sdk(1, &jti);
    let (own, other) = (token.signing_input(), token.spelled(Spelling::Url));
    let signature = b64::url(&crate::world::admin_key().sign(&own));
    let note = "§1: the signature covers the encoded text, so nobody can re-encode a segment";
    t.no_jws("re-encoded", note, "unauthenticated", &other.jws_with_text(&signature));
}

fn spellings(t: &mut Topic) {
    for (n, a) in Spelling::ALL.into_iter().enumerate() {
        let note = "§1: either alphabet, padding absent or exactly right";
        t.ok(&format!("all-{}", a.name()), note, &showy([a; 3]));
        let note = "§1: the rules hold for each segment on its own";
        let (b, c) = (Spelling::ALL[(n + 1) % 4], Spelling::ALL[(n + 2) % 4]);
        let tail = format!("each-{}-{}-{}", a.name(), b.name(), c.name());
        t.ok(&tail, note, &showy([a, b, c]));
    }
    for residue in 0..3 {
        for s in [Spelling::Url, Spelling::StdPad] {
            let note = "§1: texts of every length modulo 3";
            let tail = format!("residue-{residue}-{}", s.name());
            let token = Token::raw(header_text(residue), payload_text(residue)).spelled(s);
            t.ok(&tail, note, &token);
        }
    }
}

fn alphabets(t: &mut Topic) {
    let note = "§1: not both alphabets in one segment";
    for s in [Spelling::Url, Spelling::StdPad] {
        let mixed = |text: &str| match s {
            Spelling::Url => text.replacen('_', "/", 1),
            _ => text.replacen('+', "-", 1),
        };
        let (h, p) = (s.encode(header_text(1).as_bytes()), s.encode(payload_text(1).as_bytes()));
        assert!(mixed(&h) != h && mixed(&p) != p);
        t.no_jws(&format!("mixed-header-{}", s.name()), note, "malformed", &sealed(mixed(&h), &p));
        t.no_jws(&format!("mixed-payload-{}", s.name()), note, "malformed", &sealed(&h, mixed(&p)));
        let token = showy([Spelling::Url; 3]);
        let text = mixed(&s.encode(&token.signature()));
        let tail = format!("mixed-signature-{}", s.name());
        t.no_jws(&tail, note, "malformed", &token.jws_with_text(&text));
    }
}

fn padding(t: &mut Topic) {
    let note = "§1: padding is absent or exactly right";
    for residue in 0..3 {
        for count in 0..=4 {
            let right = (3 - residue) % 3;
            if count == 0 || count == right {
                continue;
            }
            let pad = "=".repeat(count);
            let (h, p) = (b64::url(header_text(residue).as_bytes()), b64::url(payload_text(residue).as_bytes()));
            let tail = format!("residue-{residue}-pad-{count}");
            t.no_jws(&format!("header-{tail}"), note, "malformed", &sealed(format!("{h}{pad}"), &p));
            t.no_jws(&format!("payload-{tail}"), note, "malformed", &sealed(&h, format!("{p}{pad}")));
        }
    }
    let token = Token::good();
    let signature = b64::url(&token.signature());
    for (name, pad) in [("1", "="), ("3", "==="), ("4", "===="), ("then-a", "=A"), ("after-a", "A==")] {
        let tail = format!("signature-pad-{name}");
        t.no_jws(&tail, note, "malformed", &token.jws_with_text(&format!("{signature}{pad}")));
    }
    let (h, p) = (header_text(1), payload_text(1));
    let (h, p) = (b64::url(h.as_bytes()), b64::url(p.as_bytes()));
    let cases = [
        ("pad-in-front", format!("={h}"), p.clone()),
        ("pad-inside-header", format!("{}={}", &h[..4], &h[4..]), p.clone()),
        ("pad-inside-quantum", h.clone(), format!("{}=={}", &p[..2], &p[2..])),
        ("pad-only-header", "====".to_owned(), p.clone()),
        ("pad-only-payload", h.clone(), "=".to_owned()),
    ];
    for (tail, h, p) in cases {
        t.no_jws(tail, "§1: padding stands at the end only", "malformed", &sealed(h, p));
    }
}

fn trailing_bits(t: &mut Topic) {
    let note = "§1: unused trailing bits are zero";
    let plain = |text: String| b64::url(text.as_bytes());
    for (residue, bits) in [(1, 1), (1, 2), (1, 4), (1, 8), (2, 1), (2, 2)] {
        let (h, p) = (plain(header_text(residue)), plain(payload_text(residue)));
        let tail = format!("residue-{residue}-bits-{bits}");
        let jws = sealed(with_trailing_bits(&h, bits), &p);
        t.no_jws(&format!("header-{tail}"), note, "malformed", &jws);
        let jws = sealed(&h, with_trailing_bits(&p, bits));
        t.no_jws(&format!("payload-{tail}"), note, "malformed", &jws);
        let padded = Spelling::UrlPad.encode(payload_text(residue).as_bytes());
        let jws = sealed(&h, with_trailing_bits(&padded, bits));
        t.no_jws(&format!("payload-padded-{tail}"), note, "malformed", &jws);
    }
    let token = Token::good();
    for bits in [1, 2, 4, 8, 15] {
        for s in [Spelling::Url, Spelling::UrlPad] {
            let text = with_trailing_bits(&s.encode(&token.signature()), bits);
            let tail = format!("signature-{}-bits-{bits}", s.name());
            t.no_jws(&tail, note, "malformed", &token.jws_with_text(&text));
        }
    }
}

fn stray_bytes(t: &mut Topic) {
    let (h, p) = (b64::url(header_text(0).as_bytes()), b64::url(payload_text(0).as_bytes()));
    let good = sealed(&h, &p);
    let spaces: [(&str, &[u8]); 5] =
        [("space", b" "), ("tab", b"\t"), ("lf", b"\n"), ("crlf", b"\r\n"), ("ff", b"\x0c")];
    for (name, bytes) in spaces {
        let note = "§1: no white space, not even around the input";
        let tail = format!("{name}-before");
        t.no_jws(&tail, note, "malformed", &[bytes, good.as_slice()].concat());
        let tail = format!("{name}-after");
        t.no_jws(&tail, note, "malformed", &[good.as_slice(), bytes].concat());
    }
    let note = "§1: no line breaks as MIME or PEM have them";
    let lines = |text: &str| {
        let lines: Vec<&[u8]> = text.as_bytes().chunks(64).collect();
        lines.join(&b'\n')
    };
    t.no_jws("lines-header", note, "malformed", &sealed([&h[..8], "\n", &h[8..]].concat(), &p));
    t.no_jws("lines-payload", note, "malformed", &sealed(&h, lines(&p)));
    let token = Token::good();
    let text = b64::url(&token.signature());
    let split = format!("{}\n{}", &text[..76], &text[76..]);
    t.no_jws("lines-signature", note, "malformed", &token.jws_with_text(&split));
    let strays: [(&str, &[u8]); 16] = [
        ("nul", b"\0"),
        ("del", b"\x7f"),
        ("comma", b","),
        ("tilde", b"~"),
        ("dollar", b"$"),
        ("colon", b":"),
        ("at", b"@"),
        ("bracket", b"["),
        ("backtick", b"`"),
        ("brace", b"{"),
        ("percent-2b", b"%2B"),
        ("e-acute", "é".as_bytes()),
        ("bom", "\u{feff}".as_bytes()),
        ("byte-80", b"\x80"),
        ("byte-c1", b"\xc1"),
        ("byte-ff", b"\xff"),
    ];
    for (name, bytes) in strays {
        let note = "§1: characters of neither alphabet";
        // Four bytes in all, so that a decoder which maps them to anything still sees whole quanta.
        let mut quantum = bytes.to_vec();
        quantum.resize(4, b'A');
        let header = [&h.as_bytes()[..4], &quantum, &h.as_bytes()[4..]].concat();
        t.no_jws(&format!("header-{name}"), note, "malformed", &sealed(header, &p));
        let payload = [&p.as_bytes()[..8], &quantum, &p.as_bytes()[8..]].concat();
        t.no_jws(&format!("payload-{name}"), note, "malformed", &sealed(&h, payload));
        let mut jws = good.clone();
        let end = jws.len() - 10;
        jws.splice(end..end + bytes.len(), bytes.iter().copied());
        t.no_jws(&format!("signature-{name}"), note, "malformed", &jws);
    }
    let note = "§1: nothing stands around a compact JWS";
    let quoted = [b"\"", good.as_slice(), b"\""].concat();
    t.no_jws("quoted", note, "malformed", &quoted);
    t.no_jws("bearer", note, "malformed", &[b"Bearer ", good.as_slice()].concat());
    t.no_jws("bom-before", note, "malformed", &[b"\xef\xbb\xbf", good.as_slice()].concat());
    t.no_jws("nul-after", note, "malformed", &[good.as_slice(), b"\0"].concat());
}

fn shape(t: &mut Topic) {
    let token = Token::good();
    let (h, p) = (b64::url(header().render().as_bytes()), b64::url(claims().render().as_bytes()));
    let s = b64::url(&token.signature());
    let note = "§1: exactly two dots";
    let dots = [
        ("no-dot", format!("{h}{p}{s}")),
        ("one-dot", format!("{h}.{p}")),
        ("one-dot-joined", format!("{h}.{p}{s}")),
        ("three-dots-end", format!("{h}.{p}.{s}.")),
        ("three-dots-front", format!(".{h}.{p}.{s}")),
        ("three-dots-double", format!("{h}..{p}.{s}")),
        ("three-dots-more", format!("{h}.{p}.{s}.{s}")),
        ("four-dots", format!("{h}.{p}.{s}.{p}.{s}")),
        ("four-dots-jwe", format!("{h}..{p}.{s}.{s}")),
    ];
    for (tail, text) in dots {
        t.no_jws(tail, note, "malformed", text.as_bytes());
    }
    let note = "§1: a segment is not empty";
    let empty = [
        ("empty-input", String::new()),
        ("empty-one-dot", ".".to_owned()),
        ("empty-all", "..".to_owned()),
        ("empty-three-dots", "...".to_owned()),
        ("empty-signature", format!("{h}.{p}.")),
    ];
    for (tail, text) in empty {
        t.no_jws(tail, note, "malformed", text.as_bytes());
    }
    t.no_jws("empty-header", note, "malformed", &sealed("", &p));
    t.no_jws("empty-payload", note, "malformed", &sealed(&h, ""));
    let note = "§1: a length of 4n + 1 is no base64";
    let (h0, p0) = (b64::url(header_text(0).as_bytes()), b64::url(payload_text(0).as_bytes()));
    for (tail, extra) in [("plain", "A"), ("padded", "A==="), ("one-pad", "A=")] {
        let jws = sealed(format!("{h0}{extra}"), &p0);
        t.no_jws(&format!("header-4n1-{tail}"), note, "malformed", &jws);
        let jws = sealed(&h0, format!("{p0}{extra}"));
        t.no_jws(&format!("payload-4n1-{tail}"), note, "malformed", &jws);
    }
    t.no_jws("signature-4n1-long", note, "malformed", &token.jws_with_text(&format!("{s}AAA")));
    t.no_jws("signature-4n1-short", note, "malformed", &token.jws_with_text(&s[..85]));
    t.no_jws("signature-1-char", note, "malformed", &token.jws_with_text("A"));
    let note = "§1: the JSON serialization of RFC 7515 §7.2 is no compact JWS";
    let json = Obj::new().with_str("payload", &p).with_str("protected", &h).with_str("signature", &s);
    t.no_jws("json-serialization", note, "malformed", json.render().as_bytes());
    for length in [1, 2, 3, 32, 63, 65, 66, 96, 128] {
        let note = "§11: good base64 of another length than 64 bytes is a wrong signature";
        let mut bytes = [token.signature(), token.signature()].concat();
        bytes.truncate(length);
        let jws = token.jws_with(&bytes);
        t.no_jws(&format!("signature-{length}-bytes"), note, "unauthenticated", &jws);
    }
}

fn rfc7515_only(t: &mut Topic) {
    let only = r#"{"rfc7515_only":true}"#;
    let note = "§1: RFC 7515 alone: base64url without padding is fine";
    let case = t.case("rfc7515-url", note).policy(only);
    t.push(case.step(&showy([Spelling::Url; 3]).jws(), APPLIED).grants(&[guest(1)]));
    let note = "§1: RFC 7515 alone: each segment is base64url without padding";
    for (n, segment) in ["header", "payload", "signature"].into_iter().enumerate() {
        for s in [Spelling::UrlPad, Spelling::Std, Spelling::StdPad] {
            let mut each = [Spelling::Url; 3];
            each[n] = s;
            let jws = showy(each).jws();
            let tail = format!("rfc7515-{segment}-{}", s.name());
            t.push(t.case(&tail, note).policy(only).step(&jws, "malformed"));
            let off = r#"{"rfc7515_only":false}"#;
            let tail = format!("rfc7515-off-{segment}-{}", s.name());
            let case = t.case(&tail, "§1: the same token with the switch off").policy(off);
            t.push(case.step(&jws, APPLIED).grants(&[guest(1)]));
        }
    }
    for s in Spelling::ALL {
        let note = "§11: RFC 7515 alone says nothing about publicKey";
        let user = showy_guest(s);
        let case = t.case(&format!("rfc7515-public-key-{}", s.name()), note).policy(only);
        let token = Token::claims(&claims_users(&[user.0]));
        t.push(case.step(&token.jws(), APPLIED).grants(&[user.1]));
    }
}

/// A guest whose key shows its alphabet, and what the ACL holds of it.
fn showy_guest(s: Spelling) -> (Obj, crate::world::Entry) {
    let n = (1..)
        .find(|n| {
            let text = b64::url(&guest_key(*n).public());
            text.contains('-') && text.contains('_')
        })
        .expect("some key has both characters");
    let key = s.encode(&guest_key(n).public());
    (crate::world::guest_obj(n).with_str("publicKey", &key), guest(n))
}

/// A token of exactly this length.
fn long(length: usize) -> Vec<u8> {
    for extra in 0..4 {
        let head = header().with_str("kid", &"k".repeat(extra));
        let room = length - 88 - b64::url(head.render().as_bytes()).len();
        let bare = claims().with_str("note", "").render().len();
        let fill = (room * 3 / 4).checked_sub(bare).expect("long enough for the claims");
        let claims = claims().with_str("note", &"n".repeat(fill));
        let jws = Token::raw(head.render(), claims.render()).jws();
        if jws.len() == length {
            return jws;
        }
    }
    panic!("no token of {length} bytes");
}

fn limits(t: &mut Topic) {
    let case = t.case("limit-exact", "§1, §11: 32,768 bytes are read");
    t.push(case.step(&long(32_768), APPLIED).grants(&[guest(1)]));
    let case = t.case("limit-over", "§1, §11: 32,769 bytes are refused");
    t.push(case.step(&long(32_769), "malformed"));
    let good = Token::good().jws();
    for (tail, length, limit) in [("exact", good.len(), good.len()), ("over", good.len(), good.len() - 1)] {
        let policy = format!(r#"{{"max_len":{limit}}}"#);
        let case = t.case(&format!("limit-set-{tail}"), "§1: the limit is settable and inclusive");
        let case = case.policy(&policy);
        t.push(if length <= limit {
            case.step(&good, APPLIED).grants(&[guest(1)])
        } else {
            case.step(&good, "malformed")
        });
    }
    for (length, limit) in [(2000, 2000), (2001, 2000), (2001, 2001), (2002, 2002), (2003, 2003)] {
        let policy = format!(r#"{{"max_len":{limit}}}"#);
        let tail = format!("limit-{limit}-length-{length}");
        let case = t.case(&tail, "§1: the limit counts bytes of the input").policy(&policy);
        t.push(if length <= limit {
            case.step(&long(length), APPLIED).grants(&[guest(1)])
        } else {
            case.step(&long(length), "malformed")
        });
    }
    let case = t.case("limit-zero", "§1: a limit of 0 bytes refuses every token");
    t.push(case.policy(r#"{"max_len":0}"#).step(&good, "malformed"));
}
