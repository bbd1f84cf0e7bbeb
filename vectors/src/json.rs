//! §2: strict JSON, in the header, the claims and the operation.

use crate::b64;
use crate::case::Topic;
use crate::text::{Obj, array, escaped, quote};
use crate::token::Token;
use crate::world::{
    ADMIN, NOW, claims, claims_op, claims_users, guest, guest_id, guest_key, guest_obj, header, operation,
};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s2-json");
    top_level(&mut t);
    grammar(&mut t);
    strings(&mut t);
    utf8(&mut t);
    escapes(&mut t);
    repeated(&mut t);
    distinct(&mut t);
    many(&mut t);
    nesting(&mut t);
    names(&mut t);
    arrays(&mut t);
    t
}

/// Right claims behind a claim `x` of which only the bytes are given.
fn with_ignored(raw: &[u8]) -> Vec<u8> {
    [b"{\"x\":", raw, b",", &claims().render().as_bytes()[1..]].concat()
}

/// Right claims with raw bytes in front of the first member.
fn with_member(raw: &[u8]) -> Vec<u8> {
    [b"{", raw, b",", &claims().render().as_bytes()[1..]].concat()
}

fn top_level(t: &mut Topic) {
    let good = claims().render();
    let head = header().render();
    let note = "§2: white space is legal around and between the tokens of JSON";
    t.ok("space-around", note, &Token::raw(format!(" \t\r\n{head}\r\n\t "), format!("\n{good}\n\n")));
    let spaced = good.replace(':', " :\t").replace(',', "\r\n, ");
    t.ok("space-between", note, &Token::payload(spaced));
    let note = "§2: no byte-order mark";
    let bom = |text: &str| [b"\xef\xbb\xbf", text.as_bytes()].concat();
    t.no("bom-payload", note, "malformed", &Token::payload(bom(&good)));
    t.no("bom-header", note, "malformed", &Token::raw(bom(&head), good.clone()));
    let note = "§2: nothing but white space after the top-level object";
    let tails: [(&str, &[u8]); 14] = [
        ("nul", b"\0"),
        ("nuls", b"\0\0\0\0"),
        ("brace", b"}"),
        ("bracket", b"]"),
        ("comma", b","),
        ("object", b"{}"),
        ("null", b" null"),
        ("letter", b"\nx"),
        ("quote", b"\""),
        ("form-feed", b"\x0c"),
        ("vertical-tab", b"\x0b"),
        ("bom", b"\xef\xbb\xbf"),
        ("nbsp", b"\xc2\xa0"),
        ("byte-ff", b"\xff"),
    ];
    for (name, tail) in tails {
        let payload = [good.as_bytes(), tail].concat();
        t.no(&format!("after-{name}"), note, "malformed", &Token::payload(payload));
    }
    t.no("after-header-nul", note, "malformed", &Token::raw(format!("{head}\0"), good.clone()));
    t.no("after-header-object", note, "malformed", &Token::raw(format!("{head}{{}}"), good.clone()));
    let note = "§2: only the four white space characters of RFC 8259 are white space";
    let spaces = [
        ("vt", "\x0b"),
        ("ff", "\x0c"),
        ("nbsp", "\u{a0}"),
        ("nel", "\u{85}"),
        ("ls", "\u{2028}"),
        ("nul", "\0"),
        ("bom", "\u{feff}"),
    ];
    for (name, space) in spaces {
        let payload = good.replacen(':', &format!(":{space}"), 1);
        t.no(&format!("no-space-{name}"), note, "malformed", &Token::payload(payload));
    }
    let note = "§1, §2: the segment is base64 of a JSON object";
    for (name, text) in [
        ("null", "null"),
        ("true", "true"),
        ("number", "17"),
        ("string", "\"EdDSA\""),
        ("empty-array", "[]"),
        ("spaces", "   "),
        ("brace", "{"),
        ("closing-brace", "}"),
        ("no-json", "EdDSA"),
        ("wrapped-array", ""),
    ] {
        let wrap = |object: &str| if text.is_empty() { format!("[{object}]") } else { text.to_owned() };
        t.no(&format!("payload-{name}"), note, "malformed", &Token::payload(wrap(&good)));
        t.no(&format!("header-{name}"), note, "malformed", &Token::raw(wrap(&head), good.clone()));
    }
    let note = "§3, §4: an empty object lacks the required members";
    t.no("payload-empty-object", note, "malformed", &Token::payload("{}"));
    t.no("header-empty-object", note, "malformed", &Token::raw("{}", good.clone()));
    let note = "§2: JSON is UTF-8";
    let wide = |units: fn(u16) -> [u8; 2]| good.encode_utf16().flat_map(units).collect::<Vec<u8>>();
    t.no("utf-16le", note, "malformed", &Token::payload(wide(u16::to_le_bytes)));
    t.no("utf-16be", note, "malformed", &Token::payload(wide(u16::to_be_bytes)));
    let note = "§1: the payload is JSON itself, not base64 of base64";
    t.no("payload-base64-twice", note, "malformed", &Token::payload(b64::url(good.as_bytes())));
}

fn grammar(t: &mut Topic) {
    let note = "§2: a value that JSON allows, in an ignored claim";
    for (name, raw) in [
        ("null", "null"),
        ("true", "true"),
        ("false", "false"),
        ("empty-object", "{}"),
        ("empty-array", "[ ]"),
        ("mixed", r#"[1,"a",null,true,false,{"a":[{}]},[[]],-1.5e-3]"#),
        ("object", r#"{ "a" : { "b" : [ ] } }"#),
    ] {
        t.ok(&format!("value-{name}"), note, &Token::payload(with_ignored(raw.as_bytes())));
    }
    let note = "§2: strict RFC 8259, also where the value is ignored";
    for (name, raw) in [
        ("nul", "nul"),
        ("nulll", "nulll"),
        ("null-upper", "NULL"),
        ("true-python", "True"),
        ("true-upper", "TRUE"),
        ("tru", "tru"),
        ("truee", "truee"),
        ("true-digit", "true1"),
        ("false-python", "False"),
        ("fals", "fals"),
        ("none", "None"),
        ("undefined", "undefined"),
        ("nan", "NaN"),
        ("nan-lower", "nan"),
        ("infinity", "Infinity"),
        ("minus-infinity", "-Infinity"),
        ("bare-word", "abc"),
        ("nothing", ""),
        ("two-values", "1 2"),
        ("two-strings", r#""a" "b""#),
        ("single-quotes", "'a'"),
        ("backquotes", "`a`"),
        ("parenthesis", "(1)"),
        ("array-trailing-comma", "[1,]"),
        ("array-only-comma", "[,]"),
        ("array-leading-comma", "[,1]"),
        ("array-double-comma", "[1,,2]"),
        ("array-no-comma", "[1 2]"),
        ("array-colon", "[1:2]"),
        ("array-semicolon", "[1;2]"),
        ("array-closed-by-brace", "[1}"),
        ("array-in-array-open", "[[1]"),
        ("object-trailing-comma", r#"{"a":1,}"#),
        ("object-only-comma", "{,}"),
        ("object-leading-comma", r#"{,"a":1}"#),
        ("object-double-comma", r#"{"a":1,,"b":2}"#),
        ("object-no-comma", r#"{"a":1 "b":2}"#),
        ("object-no-colon", r#"{"a" 1}"#),
        ("object-double-colon", r#"{"a"::1}"#),
        ("object-equals", r#"{"a"=1}"#),
        ("object-no-value", r#"{"a":}"#),
        ("object-no-name", "{:1}"),
        ("object-name-only", r#"{"a"}"#),
        ("object-bare-name", "{a:1}"),
        ("object-single-quoted-name", "{'a':1}"),
        ("object-number-name", "{1:1}"),
        ("object-null-name", "{null:1}"),
        ("object-closed-by-bracket", r#"{"a":1]"#),
        ("comment-block", "1/* c */"),
        ("comment-line", "1// c\n"),
        ("comment-hash", "1# c\n"),
        ("comment-html", "1<!-- c -->"),
        ("comment-before", "/**/1"),
    ] {
        let token = Token::payload(with_ignored(raw.as_bytes()));
        t.no(&format!("no-{name}"), note, "malformed", &token);
    }
    let (good, head) = (claims().render(), header().render());
    let (open, close) = (&good[..good.len() - 1], &good[1..]);
    for (name, text) in [
        ("trailing-comma", format!("{open},}}")),
        ("leading-comma", format!("{{,{close}")),
        ("not-closed", open.to_owned()),
        ("not-opened", close.to_owned()),
        ("closed-by-bracket", format!("{open}]")),
        ("comment", format!("{{/**/{close}")),
        ("bare-name", good.replacen("\"iss\"", "iss", 1)),
        ("single-quotes", good.replace('"', "'")),
        ("cut-short", good[..good.len() / 2].to_owned()),
    ] {
        t.no(&format!("claims-{name}"), note, "malformed", &Token::payload(text));
    }
    let header_cases = [
        ("trailing-comma", format!("{},}}", &head[..head.len() - 1])),
        ("not-closed", head[..head.len() - 1].to_owned()),
        ("comment", format!("/**/{head}")),
        ("single-quotes", head.replace('"', "'")),
        ("bad-ignored-value", format!("{{\"kid\":nul,{}", &head[1..])),
        ("bad-ignored-number", format!("{{\"kid\":01,{}", &head[1..])),
    ];
    for (name, text) in header_cases {
        t.no(&format!("header-{name}"), note, "malformed", &Token::raw(text, good.clone()));
    }
    let note = "§7: JSON that is not well-formed inside the operation is row 1, not row 9";
    let user = guest_obj(1).render();
    for (name, raw) in [
        ("user-trailing-comma", format!("[{},}}]", &user[..user.len() - 1])),
        ("users-trailing-comma", format!("[{user},]")),
        ("users-no-comma", format!("[{user} {user}]")),
        ("user-leading-zero", array(&[guest_obj(1).with("start", "01").render()])),
        ("user-bad-literal", array(&[guest_obj(1).with("role", "nul").render()])),
    ] {
        let token = Token::claims(&claims_op(&operation(&[]).with("users", raw)));
        t.no(&format!("operation-{name}"), note, "malformed", &token);
    }
}

fn strings(t: &mut Topic) {
    let note = "§2: a string that JSON allows, in an ignored claim";
    for (name, raw) in [
        ("empty", r#""""#),
        ("all-escapes", r#""\"\\\/\b\f\n\r\t""#),
        ("u-escapes", r#""\u0000\u001f\u007f\u00e9\uABCD\uabcd""#),
        ("surrogate-pair", r#""\ud83d\ude00""#),
        ("surrogate-pair-upper", r#""\uD83D\uDE00""#),
        ("surrogate-first-last", r#""\ud800\udc00\udbff\udfff""#),
        ("non-characters", r#""\ufffe\uffff\ufdd0""#),
        ("del", "\"\x7f\""),
        ("line-separators", "\"\u{2028}\u{2029}\u{85}\""),
        ("bom-inside", "\"\u{feff}\""),
        ("brackets", r#""[[[[[[[[[[[[[[[[[[[[{{{{{{{{{{{{{{{{{{{{""#),
        ("escaped-backslash-end", r#""\\""#),
        ("looks-like-members", r#""\",\"iss\":\"""#),
    ] {
        t.ok(&format!("string-{name}"), note, &Token::payload(with_ignored(raw.as_bytes())));
    }
    let note = "§2: no lone surrogates";
    for (name, raw) in [
        ("high", r#""\ud800""#),
        ("high-last", r#""\udbff""#),
        ("low", r#""\udc00""#),
        ("low-last", r#""\udfff""#),
        ("high-then-text", r#""\ud83dx""#),
        ("high-then-escape", r#""\ud83d\n""#),
        ("high-then-bmp", r#""\ud83d\u0041""#),
        ("high-high", r#""\ud83d\ud83d""#),
        ("high-high-low", r#""\ud83d\ud83d\ude00""#),
        ("low-high", r#""\ude00\ud83d""#),
        ("pair-then-low", r#""\ud83d\ude00\ude00""#),
        ("high-then-6-chars", r#""\ud83d/ude00""#),
        ("high-then-escaped-backslash", r#""\ud83d\\ude00""#),
    ] {
        let token = Token::payload(with_ignored(raw.as_bytes()));
        t.no(&format!("surrogate-{name}"), note, "malformed", &token);
    }
    let name = with_member(br#""\ud800":1"#);
    t.no("surrogate-in-name", note, "malformed", &Token::payload(name));
    let name = with_member(br#""x":{"\udc00":1}"#);
    t.no("surrogate-in-nested-name", note, "malformed", &Token::payload(name));
    let head = header().with("kid", r#""\ud800""#);
    t.no("surrogate-in-header", note, "malformed", &Token::header(&head));
    t.no("surrogate-in-jti", note, "malformed", &Token::claims(&claims().with("jti", r#""a\ud800""#)));
    let users = [guest_obj(1).with("role", r#""\ud800""#)];
    t.no("surrogate-in-role", "§7: row 1 before row 9", "malformed", &Token::claims(&claims_users(&users)));
    let note = "§2: only the escapes of RFC 8259";
    for (name, raw) in [
        ("hex", r#""\x41""#),
        ("single-quote", r#""\'""#),
        ("octal", r#""\0""#),
        ("a", r#""\a""#),
        ("v", r#""\v""#),
        ("e", r#""\e""#),
        ("upper-u", r#""\U0041""#),
        ("upper-n", r#""\N""#),
        ("newline", "\"\\\n\""),
        ("space", r#""\ ""#),
        ("u-3-digits", r#""\u004""#),
        ("u-3-digits-then-text", r#""\u004g1""#),
        ("u-no-digits", r#""\u""#),
        ("u-braces", r#""\u{41}""#),
        ("u-plus", r#""\u+041""#),
        ("u-minus", r#""\u-041""#),
        ("u-space", r#""\u 041""#),
        ("u-0x", r#""\u0x41""#),
        ("non-ascii", "\"\\é\""),
    ] {
        let token = Token::payload(with_ignored(raw.as_bytes()));
        t.no(&format!("escape-{name}"), note, "malformed", &token);
    }
    let note = "§2: no bare control characters";
    for code in [0, 1, 8, 9, 10, 12, 13, 0x1b, 0x1f_u8] {
        let token = Token::payload(with_ignored(&[b'"', b'a', code, b'b', b'"']));
        t.no(&format!("control-{code:02x}"), note, "malformed", &token);
    }
    t.no("control-in-name", note, "malformed", &Token::payload(with_member(b"\"a\tb\":1")));
    let head = header().with("kid", "\"a\nb\"");
    t.no("control-in-header", note, "malformed", &Token::header(&head));
    let token = Token::claims(&claims().with("jti", "\"a\0b\""));
    t.no("control-in-jti", note, "malformed", &token);
    let note = "§2: a string that does not end";
    let text = with_ignored(b"\"a");
    let cut = text.iter().position(|b| *b == b',').expect("a comma follows");
    t.no("string-not-closed", note, "malformed", &Token::payload(&text[..cut]));
    t.no("string-ends-in-escape", note, "malformed", &Token::payload(&b"{\"x\":\"a\\"[..]));
    t.no("string-ends-in-u-escape", note, "malformed", &Token::payload(&b"{\"x\":\"a\\u00"[..]));
}

fn utf8(t: &mut Topic) {
    let note = "§2: the first and the last code point of each length in UTF-8";
    for (name, code) in [
        ("0080", '\u{80}'),
        ("07ff", '\u{7ff}'),
        ("0800", '\u{800}'),
        ("d7ff", '\u{d7ff}'),
        ("e000", '\u{e000}'),
        ("ffff", '\u{ffff}'),
        ("10000", '\u{10000}'),
        ("10ffff", '\u{10ffff}'),
    ] {
        let raw = quote(&code.to_string());
        t.ok(&format!("utf8-{name}"), note, &Token::payload(with_ignored(raw.as_bytes())));
    }
    let note = "§2: UTF-8, also in an ignored claim";
    let bad: [(&str, &[u8]); 26] = [
        ("overlong-2-nul", b"\xc0\x80"),
        ("overlong-2-slash", b"\xc0\xaf"),
        ("overlong-2-last", b"\xc1\xbf"),
        ("overlong-3", b"\xe0\x80\xaf"),
        ("overlong-3-last", b"\xe0\x9f\xbf"),
        ("overlong-4", b"\xf0\x80\x80\xaf"),
        ("overlong-4-last", b"\xf0\x8f\xbf\xbf"),
        ("surrogate-first", b"\xed\xa0\x80"),
        ("surrogate-last", b"\xed\xbf\xbf"),
        ("cesu-8-pair", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("110000", b"\xf4\x90\x80\x80"),
        ("f5", b"\xf5\x80\x80\x80"),
        ("five-bytes", b"\xf8\x88\x80\x80\x80"),
        ("six-bytes", b"\xfc\x84\x80\x80\x80\x80"),
        ("fe", b"\xfe"),
        ("ff", b"\xff"),
        ("lone-80", b"\x80"),
        ("lone-bf", b"\xbf"),
        ("one-too-many", b"\xc3\xa9\xa9"),
        ("latin-1", b"\xe9"),
        ("cut-2", b"\xc3"),
        ("cut-3-after-1", b"\xe2"),
        ("cut-3-after-2", b"\xe2\x82"),
        ("cut-4-after-3", b"\xf0\x9f\x98"),
        ("second-byte-ascii", b"\xc3\x28"),
        ("third-byte-start", b"\xe2\x82\xc3\xa9"),
    ];
    for (name, bytes) in bad {
        let raw = [b"\"", bytes, b"\""].concat();
        t.no(&format!("utf8-{name}"), note, "malformed", &Token::payload(with_ignored(&raw)));
    }
    let note = "§2: UTF-8, wherever it stands";
    for (name, bytes) in
        [("overlong", &b"\xc0\xaf"[..]), ("surrogate", b"\xed\xa0\x80"), ("ff", b"\xff"), ("cut", b"\xe2\x82")]
    {
        let member = [b"\"", bytes, b"\":1"].concat();
        let token = Token::payload(with_member(&member));
        t.no(&format!("utf8-name-{name}"), note, "malformed", &token);
        let raw = [b"[{\"a\":[\"", bytes, b"\"]}]"].concat();
        let token = Token::payload(with_ignored(&raw));
        t.no(&format!("utf8-nested-{name}"), note, "malformed", &token);
        let head = [b"{\"kid\":\"", bytes, b"\",", &header().render().as_bytes()[1..]].concat();
        let token = Token::raw(head, claims().render());
        t.no(&format!("utf8-header-{name}"), note, "malformed", &token);
        let user = [b"[{\"role\":\"", bytes, b"\"}]"].concat();
        let body = claims().without("operation").render();
        let open = &body.as_bytes()[..body.len() - 1];
        let rest = b",\"operation\":{\"type\":\"BATCH_ADD_USER\",\"users\":";
        let token = Token::payload([open, rest, &user, b"}}"].concat());
        t.no(&format!("utf8-operation-{name}"), "§7: row 1 before row 9", "malformed", &token);
        let text = [bytes, claims().render().as_bytes()].concat();
        let token = Token::payload(text);
        t.no(&format!("utf8-outside-{name}"), note, "malformed", &token);
    }
    let note = "§2: UTF-8 that is cut short by the end of the payload";
    let token = Token::payload([claims().render().as_bytes(), b"\xe2\x82"].concat());
    t.no("utf8-cut-by-end", note, "malformed", &token);
}

fn escapes(t: &mut Topic) {
    let note = "§2: escapes are legal everywhere in strings";
    t.ok("escaped-name-iss", note, &Token::claims(&claims().renamed("iss", r#""\u0069ss""#)));
    t.ok("escaped-names-claims", note, &Token::claims(&claims().names_escaped()));
    t.ok("escaped-names-header", note, &Token::header(&header().names_escaped()));
    let op = operation(&[guest_obj(1).names_escaped()]).names_escaped();
    t.ok("escaped-names-operation", note, &Token::claims(&claims_op(&op)));
    let head = header().with("alg", escaped("EdDSA")).with("typ", escaped("JWT"));
    t.ok("escaped-alg-typ", note, &Token::header(&head));
    t.ok("escaped-iss", note, &Token::claims(&claims().with("iss", escaped(ADMIN))));
    let sub = escaped(crate::world::LOCK).to_uppercase().replace("\\U", "\\u");
    t.ok("escaped-sub-upper-hex", note, &Token::claims(&claims().with("sub", sub)));
    let user = guest_obj(1)
        .with("user", escaped(&guest_id(1)))
        .with("publicKey", escaped(&b64::std(&guest_key(1).public())))
        .with("role", escaped("USER"));
    let op = operation(&[user]).with("type", escaped("BATCH_ADD_USER"));
    t.ok("escaped-operation-values", note, &Token::claims(&claims_op(&op)));
    let n = (1..).find(|n| b64::std(&guest_key(*n).public()).contains('/')).expect("some key does");
    let key = quote(&b64::std(&guest_key(n).public())).replace('/', r"\/");
    let users = [guest_obj(n).with("publicKey", key)];
    let token = Token::claims(&claims_users(&users));
    t.ok_grants("escaped-solidus", "§2: `\\/` is `/`, as some encoders write base64", &token, &[guest(n)]);
    let head = header().with("typ", r#""\u004aW\u0054""#);
    t.ok("escaped-typ-mixed-case-hex", note, &Token::header(&head));
    let note = "§2, §3: an escaped name is that name";
    let head = header().last(r#""\u0063rit""#, "[]");
    t.no("escaped-crit", note, "unsupported-algorithm", &Token::header(&head));
    let note = "§2: an escape is not taken twice";
    let token = Token::claims(&claims().renamed("iss", r#""\\u0069ss""#));
    t.no("escaped-backslash-u", note, "malformed", &token);
}

fn repeated(t: &mut Topic) {
    let note = "§2: a repeated member name is malformed at every level";
    let c = claims();
    let iss = quote(ADMIN);
    for (name, object) in [
        ("iss-same-value", c.clone().last("\"iss\"", &iss)),
        ("iss-first", c.clone().first("\"iss\"", &quote(crate::world::STRANGER))),
        ("iss-escaped", c.clone().last(r#""\u0069ss""#, &iss)),
        ("iss-escaped-first", c.clone().first(r#""i\u0073s""#, &iss)),
        ("exp-last", c.clone().last("\"exp\"", &(NOW + 60).to_string())),
        ("jti-null", c.clone().last("\"jti\"", "null")),
        ("jti-null-first", c.clone().first("\"jti\"", "null")),
        ("jti-both-null", c.clone().with("jti", "null").last("\"jti\"", "null")),
        ("operation", c.clone().last("\"operation\"", "{}")),
        ("ignored", c.clone().first("\"x\"", "1").last("\"x\"", "1")),
        ("ignored-adjacent", c.clone().last("\"x\"", "1").last("\"x\"", "2")),
        ("ignored-escaped", c.clone().first("\"x\"", "1").last(r#""\u0078""#, "1")),
        ("ignored-both-escaped", c.clone().first(r#""\u0078y""#, "1").last(r#""x\u0079""#, "1")),
        ("ignored-hex-case", c.clone().first(r#""\u00eA""#, "1").last(r#""\u00Ea""#, "1")),
        ("ignored-e-acute", c.clone().first("\"é\"", "1").last(r#""\u00e9""#, "1")),
        ("ignored-emoji", c.clone().first("\"😀\"", "1").last(r#""\ud83d\ude00""#, "1")),
        ("ignored-solidus", c.clone().first("\"a/b\"", "1").last(r#""a\/b""#, "1")),
        ("ignored-newline", c.clone().first(r#""a\nb""#, "1").last(r#""a\u000ab""#, "1")),
        ("ignored-empty", c.clone().first("\"\"", "1").last("\"\"", "1")),
        ("ignored-nul", c.clone().first(r#""\u0000""#, "1").last(r#""\u0000""#, "1")),
        ("thrice", c.clone().last("\"x\"", "1").last("\"x\"", "1").last("\"x\"", "1")),
    ] {
        t.no(&format!("repeated-{name}"), note, "malformed", &Token::claims(&object));
    }
    let note = "§2: repetition inside what is ignored is malformed too";
    for (name, raw) in [
        ("object", r#"{"a":1,"a":2}"#),
        ("object-escaped", r#"{"a":1,"\u0061":2}"#),
        ("deep-object", r#"{"b":{"c":{"a":1,"a":1}}}"#),
        ("object-in-array", r#"[1,[{"a":1,"a":1}]]"#),
        ("second-object-in-array", r#"[{"a":1},{"a":1,"b":2,"a":3}]"#),
        ("after-nested", r#"{"a":{"a":{"a":1}},"a":1}"#),
        ("after-array", r#"{"a":[{"b":1},{"c":1}],"d":1,"a":1}"#),
        ("empty-name", r#"{"":1,"":2}"#),
    ] {
        let token = Token::payload(with_ignored(raw.as_bytes()));
        t.no(&format!("repeated-inside-{name}"), note, "malformed", &token);
        let token = Token::header(&header().with("jwk", raw));
        t.no(&format!("repeated-header-inside-{name}"), note, "malformed", &token);
    }
    let long = "n".repeat(600);
    let object = c.clone().first(&quote(&long), "1").last(&quote(&long), "2");
    t.no("repeated-long-name", "§2: long names too", "malformed", &Token::claims(&object));
    let note = "§2: a repeated member of the header";
    for (name, head) in [
        ("alg", header().last("\"alg\"", "\"EdDSA\"")),
        ("alg-none", header().last("\"alg\"", "\"none\"")),
        ("alg-escaped", header().last(r#""al\u0067""#, "\"EdDSA\"")),
        ("typ", header().last("\"typ\"", "\"JWT\"")),
        ("ignored", header().first("\"kid\"", "\"a\"").last("\"kid\"", "\"a\"")),
        ("crit", header().last("\"crit\"", "[]").last("\"crit\"", "[]")),
        ("x5c-null", header().last("\"x5c\"", "null").last("\"x5c\"", "null")),
    ] {
        t.no(&format!("repeated-header-{name}"), note, "malformed", &Token::header(&head));
    }
    let note = "§2, §7: a repeated member inside the operation is row 1, not row 9";
    let op = || operation(&[guest_obj(1)]);
    let user = |u: Obj| operation(&[u]);
    for (name, object) in [
        ("type", op().last("\"type\"", "\"BATCH_ADD_USER\"")),
        ("type-escaped", op().last(r#""\u0074ype""#, "\"BATCH_ADD_USER\"")),
        ("users", op().last("\"users\"", "[]")),
        ("unknown-twice", op().last("\"x\"", "1").last("\"x\"", "1")),
        ("unknown-type", op().with_str("type", "OPEN").last("\"x\"", "1").last("\"x\"", "1")),
        ("user", user(guest_obj(1).last("\"user\"", &quote(&guest_id(1))))),
        ("role", user(guest_obj(1).last("\"role\"", "\"USER\""))),
        ("role-null", user(guest_obj(1).last("\"role\"", "null"))),
        ("start", user(guest_obj(1).with("start", "1").last("\"start\"", "1"))),
        ("end-escaped", user(guest_obj(1).with("end", "null").last(r#""en\u0064""#, "null"))),
        ("in-unknown", user(guest_obj(1).with("x", r#"{"a":1,"a":1}"#))),
        ("in-role", user(guest_obj(1).with("role", r#"{"USER":null,"USER":null}"#))),
        ("last-user", operation(&[guest_obj(1), guest_obj(2).last("\"role\"", "\"USER\"")])),
    ] {
        let token = Token::claims(&claims_op(&object));
        t.no(&format!("repeated-operation-{name}"), note, "malformed", &token);
    }
}

fn distinct(t: &mut Topic) {
    let note = "§2: a name may come back in another object";
    for (name, raw) in [
        ("nested-same", r#"{"x":{"x":{"x":1}}}"#),
        ("siblings", r#"[{"a":1},{"a":1},{"a":1}]"#),
        ("nested-claims", r#"{"iss":1,"sub":2,"operation":{"type":3,"users":[]},"x":4}"#),
        ("after-nested", r#"{"a":{"b":1,"c":2},"b":1,"c":{"a":1}}"#),
        ("array-of-strings", r#"["a","a","iss","iss"]"#),
    ] {
        t.ok(&format!("same-name-{name}"), note, &Token::payload(with_ignored(raw.as_bytes())));
    }
    let note = "§2: names that differ in any code point are different names";
    for (name, a, b) in [
        ("case", r#""x""#, r#""X""#),
        ("case-of-iss", r#""ISS""#, r#""Iss""#),
        ("prefix", r#""a""#, r#""aa""#),
        ("nul", r#""a""#, r#""a\u0000""#),
        ("after-nul", r#""a\u0000b""#, r#""a\u0000c""#),
        ("empty-and-nul", r#""""#, r#""\u0000""#),
        ("normalization", r#""é""#, r#""e\u0301""#),
        ("escaped-escape", r#""\u0061""#, r#""\\u0061""#),
        ("space", r#""a""#, r#""a ""#),
        ("anagram", r#""ab""#, r#""ba""#),
        ("emoji", "\"😀\"", "\"😁\""),
    ] {
        let object = claims().first(a, "1").last(b, "1");
        t.ok(&format!("different-{name}"), note, &Token::claims(&object));
    }
    let (a, b) = (format!("{}a", "n".repeat(300)), format!("{}b", "n".repeat(300)));
    let object = claims().first(&quote(&a), "1").last(&quote(&b), "1");
    t.ok("different-long-names", note, &Token::claims(&object));
    let note = "§2: the same claim names in the header are members of another object";
    let head = header().with_str("iss", "x").with("sub", "1").with("operation", "[]").with("exp", "0");
    t.ok("header-with-claim-names", note, &Token::header(&head));
    let object = claims().with_str("alg", "none").with_str("typ", "x").with("crit", "[]").with("x5c", "7");
    t.ok("claims-with-header-names", note, &Token::claims(&object));
}

fn many(t: &mut Topic) {
    let unknown = |count: usize| (0..count).fold(claims(), |c, n| c.last(&format!("\"c{n}\""), "0"));
    for count in [100, 1000] {
        let note = "§2: any number of unknown claims is ignored";
        t.ok(&format!("many-{count}"), note, &Token::claims(&unknown(count)));
        let note = "§2: one repetition among many, far apart";
        let token = Token::claims(&unknown(count).last("\"c0\"", "0"));
        t.no(&format!("many-{count}-first-again"), note, "malformed", &token);
        let last = format!("\"c{}\"", count - 1);
        let token = Token::claims(&unknown(count).first(&last, "0"));
        t.no(&format!("many-{count}-last-first"), note, "malformed", &token);
        let token = Token::claims(&unknown(count).last("\"\\u0069ss\"", "0"));
        t.no(&format!("many-{count}-iss-again"), note, "malformed", &token);
    }
    let nested = |extra: &str| {
        let members: Vec<String> = (0..300).map(|n| format!("\"m{n}\":{n}")).collect();
        with_ignored(format!("{{{}{extra}}}", members.join(",")).as_bytes())
    };
    t.ok("many-nested", "§2: many names in an ignored object", &Token::payload(nested("")));
    let note = "§2: one repetition among many names in an ignored object";
    t.no("many-nested-repeated", note, "malformed", &Token::payload(nested(",\"m150\":0")));
    let head = (0..100).fold(header(), |h, n| h.last(&format!("\"h{n}\""), "0"));
    t.ok("many-header", "§2: any number of unknown header members", &Token::header(&head));
    let note = "§2: one repetition among many header members";
    t.no("many-header-repeated", note, "malformed", &Token::header(&head.last("\"h7\"", "0")));
}

fn nested(levels: usize, open: &[&str], close: &[&str], leaf: &str) -> String {
    let mut out = String::new();
    for n in 0..levels {
        out.push_str(open[n % open.len()]);
    }
    out.push_str(leaf);
    for n in (0..levels).rev() {
        out.push_str(close[n % close.len()]);
    }
    out
}

fn nesting(t: &mut Topic) {
    let shapes: [(&str, &[&str], &[&str], &str); 4] = [
        ("arrays", &["["], &["]"], ""),
        ("arrays-with-value", &["["], &["]"], "\"v\""),
        ("objects", &["{\"a\":"], &["}"], "1"),
        ("mixed", &["[1,", "{\"a\":0,\"b\":"], &["]", "}"], "null"),
    ];
    for (name, open, close, leaf) in shapes {
        // The top-level object is level 1.
        let (just, over) = (nested(15, open, close, leaf), nested(16, open, close, leaf));
        let note = "§2: 16 levels are legal";
        let tail = format!("depth-16-{name}");
        t.ok(&tail, note, &Token::payload(with_ignored(just.as_bytes())));
        t.ok(&format!("{tail}-header"), note, &Token::header(&header().with("jwk", &just)));
        let note = "§2: 17 levels are not";
        let tail = format!("depth-17-{name}");
        t.no(&tail, note, "malformed", &Token::payload(with_ignored(over.as_bytes())));
        let token = Token::header(&header().with("jwk", &over));
        t.no(&format!("{tail}-header"), note, "malformed", &token);
        // Two levels are the claims and the operation; four, with the array and the user.
        for (place, used) in [("operation", 2), ("user", 4)] {
            for (depth, code) in [(16, "invalid-operation"), (17, "malformed")] {
                let raw = nested(depth - used, open, close, leaf);
                let op = match place {
                    "operation" => operation(&[guest_obj(1)]).with("x", raw),
                    _ => operation(&[guest_obj(1).with("x", raw)]),
                };
                let note = "§2, §7: 16 levels are an unknown member, 17 are malformed";
                let tail = format!("depth-{depth}-{name}-{place}");
                t.no(&tail, note, code, &Token::claims(&claims_op(&op)));
            }
        }
    }
    let note = "§2: depth counts nesting, not brackets";
    let wide = format!("[{}]", vec!["[]"; 60].join(","));
    t.ok("depth-wide", note, &Token::payload(with_ignored(wide.as_bytes())));
    let deep = nested(14, &["["], &["]"], "");
    let comb = format!("[{}]", [deep.as_str(); 8].join(","));
    t.ok("depth-16-again-and-again", note, &Token::payload(with_ignored(comb.as_bytes())));
    for (name, open, close) in [("arrays", "[", "]"), ("objects", "{\"a\":", "}")] {
        let levels = 23_000 / (open.len() + close.len());
        let note = "§2, §10: nesting as deep as the size limit allows overflows nothing";
        let closed = nested(levels, &[open], &[close], "1");
        let token = Token::payload(with_ignored(closed.as_bytes()));
        t.no(&format!("depth-huge-{name}"), note, "malformed", &token);
    }
    let token = Token::payload("[".repeat(24_000));
    let note = "§2, §10: nothing but opening brackets";
    t.no("depth-huge-open", note, "malformed", &token);
}

fn names(t: &mut Topic) {
    let note = "§2: a name that only resembles a known one is unknown, and ignored";
    for (name, raw) in [
        ("iss-x", "\"issX\""),
        ("is", "\"is\""),
        ("opera", "\"opera\""),
        ("operations", "\"operations\""),
        ("empty", "\"\""),
        ("iss-upper", "\"ISS\""),
        ("iss-nul", r#""iss\u0000""#),
        ("iss-space", "\"iss \""),
        ("space-iss", "\" iss\""),
        ("double-escape", r#""\\u0069ss""#),
        ("dotless", "\"ıss\""),
        ("type", "\"type\""),
        ("users", "\"users\""),
        ("exp-escaped-nul", r#""exp\u0000""#),
    ] {
        let object = claims().first(raw, "0");
        t.ok(&format!("name-{name}"), note, &Token::claims(&object));
    }
    for (name, raw) in [
        ("al", "\"al\""),
        ("alg-x", "\"algX\""),
        ("alg-upper", "\"ALG\""),
        ("cri", "\"cri\""),
        ("crit-upper", "\"CRIT\""),
        ("critical", "\"critical\""),
        ("empty", "\"\""),
        ("x5", "\"x5\""),
        ("typ-nul", r#""typ\u0000""#),
    ] {
        let object = header().first(raw, "0");
        t.ok(&format!("name-header-{name}"), note, &Token::header(&object));
    }
    let note = "§2, §4: a name that only resembles a required one is not it";
    for (name, member, raw) in [
        ("iss-x", "iss", "\"issX\""),
        ("is", "iss", "\"is\""),
        ("iss-upper", "iss", "\"ISS\""),
        ("iss-nul", "iss", r#""iss\u0000""#),
        ("sub-space", "sub", "\"sub \""),
        ("exp-upper", "exp", "\"Exp\""),
        ("opera", "operation", "\"opera\""),
        ("operation-upper", "operation", "\"Operation\""),
    ] {
        let token = Token::claims(&claims().renamed(member, raw));
        t.no(&format!("name-instead-{name}"), note, "malformed", &token);
    }
    for (name, raw) in [("al", "\"al\""), ("alg-upper", "\"Alg\""), ("alg-nul", r#""alg\u0000""#)] {
        let token = Token::header(&header().renamed("alg", raw));
        t.no(&format!("name-instead-{name}"), "§2, §3: `alg` is missing", "malformed", &token);
    }
}

fn arrays(t: &mut Topic) {
    let note = "§2: an array is no object";
    let token = Token::claims(&claims().with("operation", array(&[operation(&[guest_obj(1)]).render()])));
    t.no("array-operation", "§4, §11: `operation` has to be an object", "malformed", &token);
    let op = operation(&[]).with("users", array(&[array(&[guest_obj(1).render()])]));
    t.no("array-user", note, "invalid-operation", &Token::claims(&claims_op(&op)));
    let pairs = format!("[\"alg\",\"EdDSA\",{}]", header().render());
    t.no("array-header-pairs", note, "malformed", &Token::raw(pairs, claims().render()));
}
