//! §5: the operation and its users.

use crate::b64::{self, Spelling, with_trailing_bits};
use crate::case::{APPLIED, Topic};
use crate::keys::{Key, rsa};
use crate::text::{Obj, array, quote};
use crate::token::Token;
use crate::world::{
    ADMIN, Entry, NOW, admin, admin_key, claims, claims_op, claims_users, guest, guest_id, guest_key, guest_obj,
    guest_objs, guests, operation,
};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s5-batch-add-user");
    kind(&mut t);
    users(&mut t);
    user(&mut t);
    role(&mut t);
    window(&mut t);
    unknown(&mut t);
    twice(&mut t);
    replace(&mut t);
    key_text(&mut t);
    active(&mut t);
    t
}

/// Code of whatever is wrong inside the operation.
const INVALID: &str = "invalid-operation";

fn op(operation: &Obj) -> Token {
    Token::claims(&claims_op(operation))
}

fn one(user: &Obj) -> Token {
    Token::claims(&claims_users(std::slice::from_ref(user)))
}

fn good_op() -> Obj {
    operation(&[guest_obj(1)])
}

fn kind(t: &mut Topic) {
    let reversed = good_op().reversed();
    t.ok("type-after-users", "§5: `type` may come after `users`", &op(&reversed));
    let note = "§11: a `type` that is missing or no string";
    t.no("type-missing", note, INVALID, &op(&good_op().without("type")));
    for (tail, raw) in [
        ("null", "null"),
        ("number", "1"),
        ("true", "true"),
        ("false", "false"),
        ("array", "[\"BATCH_ADD_USER\"]"),
        ("object", "{}"),
    ] {
        t.no(&format!("type-{tail}"), note, INVALID, &op(&good_op().with("type", raw)));
    }
    t.no("operation-empty", note, INVALID, &op(&Obj::new()));
    let note = "§7: a `type` that is a string, but none that is known";
    for (tail, name) in [
        ("empty", ""),
        ("add-user", "ADD_USER"),
        ("remove-user", "REMOVE_USER"),
        ("mutate-lock", "MUTATE_LOCK"),
        ("lower", "batch_add_user"),
        ("mixed-case", "Batch_Add_User"),
        ("shorter", "BATCH_ADD_USE"),
        ("longer", "BATCH_ADD_USERS"),
        ("space", "BATCH_ADD_USER "),
        ("nul", "BATCH_ADD_USER\0"),
        ("long", &"BATCH_ADD_USER".repeat(40)),
        ("non-ascii", "BATCH_ADD_ÜSER"),
    ] {
        let token = op(&good_op().with_str("type", name));
        t.no(&format!("type-unknown-{tail}"), note, "unsupported-operation", &token);
    }
    let note = "§11: with an unknown `type`, nothing else in the object is judged";
    let other = || Obj::new().with_str("type", "MUTATE_LOCK");
    let many: Vec<String> = guest_objs(26).iter().map(Obj::render).collect();
    for (tail, object) in [
        ("alone", other()),
        ("users-empty", other().with("users", "[]")),
        ("users-null", other().with("users", "null")),
        ("users-number", other().with("users", "1")),
        ("users-26", other().with("users", array(&many))),
        ("bad-user", other().with("users", "[1]")),
        ("bad-key", other().with("users", array(&[guest_obj(1).with_str("publicKey", "x").render()]))),
        ("bad-users-first", Obj::new().with("users", "[{\"role\":7}]").with_str("type", "MUTATE_LOCK")),
        ("bad-role-first", operation(&[guest_obj(1).with_str("role", "x")]).reversed().with_str("type", "OPEN")),
        ("twice-first", operation(&[guest_obj(1), guest_obj(1)]).reversed().with_str("type", "OPEN")),
        ("unknown-member", other().with("locked", "false")),
        ("unknown-member-first", other().first("\"locked\"", "{\"a\":[1]}")),
    ] {
        t.no(&format!("type-other-{tail}"), note, "unsupported-operation", &op(&object));
    }
    let note = "§5, §11: with no usable `type`, bad users change nothing";
    let object = Obj::new().with("users", "[1]").with("type", "5");
    t.no("type-number-after-bad-users", note, INVALID, &op(&object));
}

fn users(t: &mut Topic) {
    let note = "§5: 1 to 25 user objects";
    for count in [1, 2, 24, 25] {
        let token = Token::claims(&claims_users(&guest_objs(count)));
        t.ok_grants(&format!("users-{count}"), note, &token, &guests(count));
    }
    let note = "§11: `users` missing, no array, empty or longer than 25";
    for count in [26, 27] {
        let token = Token::claims(&claims_users(&guest_objs(count)));
        t.no(&format!("users-{count}"), note, INVALID, &token);
    }
    t.no("users-0", note, INVALID, &op(&operation(&[])));
    t.no("users-missing", note, INVALID, &op(&good_op().without("users")));
    for (tail, raw) in [
        ("null", "null".to_owned()),
        ("true", "true".to_owned()),
        ("number", "25".to_owned()),
        ("string", "\"\"".to_owned()),
        ("object", guest_obj(1).render()),
        ("empty-object", "{}".to_owned()),
    ] {
        t.no(&format!("users-{tail}"), note, INVALID, &op(&good_op().with("users", raw)));
    }
    let note = "§11: a user that is no object";
    let good = guest_obj(1).render();
    for (tail, raw) in [
        ("null", "null".to_owned()),
        ("true", "true".to_owned()),
        ("number", "1".to_owned()),
        ("string", quote(&guest_id(1))),
        ("array", array(&[good.as_str()])),
        ("empty-array", "[]".to_owned()),
    ] {
        let token = op(&good_op().with("users", array(std::slice::from_ref(&raw))));
        t.no(&format!("user-is-{tail}"), note, INVALID, &token);
        let token = op(&good_op().with("users", array(&[good.clone(), raw])));
        t.no(&format!("second-user-is-{tail}"), note, INVALID, &token);
    }
    t.no("user-is-empty-object", "§5: required members are missing", INVALID, &one(&Obj::new()));
    let object = guest_obj(1).reversed();
    t.ok("user-members-reversed", "§5: member order carries no meaning", &one(&object));
}

fn user(t: &mut Topic) {
    for name in ["user", "publicKey"] {
        let note = "§5: required";
        t.no(&format!("{name}-missing"), note, INVALID, &one(&guest_obj(1).without(name)));
        for (tail, raw) in
            [("null", "null"), ("true", "true"), ("number", "7"), ("array", "[]"), ("object", "{}"), ("empty", "\"\"")]
        {
            let token = one(&guest_obj(1).with(name, raw));
            t.no(&format!("{name}-{tail}"), "§5: of the right type", INVALID, &token);
        }
    }
    let id = guest_id(10);
    let with = |id: &str| one(&guest_obj(10).with_str("user", id));
    let note = "§4, §5: either letter case";
    t.ok_grants("user-upper", note, &with(&id.to_uppercase()), &[guest(10)]);
    let note = "§4, §5: a UUID has the 36-character form";
    for (tail, text) in [
        ("braces", format!("{{{id}}}")),
        ("urn", format!("urn:uuid:{id}")),
        ("no-hyphens", id.replace('-', "")),
        ("35", id[..35].to_owned()),
        ("37", format!("{id}0")),
        ("space", format!("{id} ")),
        ("g", format!("g{}", &id[1..])),
        ("hyphen-moved", format!("{}-{}{}", &id[..7], &id[7..8], &id[9..])),
        ("email", "somebody@example.com".to_owned()),
    ] {
        t.no(&format!("user-uuid-{tail}"), note, INVALID, &with(&text));
    }
    for (tail, id) in [("nil", "00000000-0000-0000-0000-000000000000"), ("max", "ffffffff-ffff-ffff-ffff-ffffffffffff")]
    {
        let note = "§4, §5: any UUID of the 36-character form";
        let grant = Entry::new(id, &guest_key(10).public(), "USER");
        t.ok_grants(&format!("user-{tail}"), note, &with(id), &[grant]);
    }
}

fn role(t: &mut Topic) {
    let with = |raw: &str| one(&guest_obj(1).with("role", raw));
    let note = "§5: ADMIN or USER; absent or null is USER";
    t.ok("role-user", note, &with("\"USER\""));
    t.ok("role-null", note, &with("null"));
    t.ok("role-missing", note, &one(&guest_obj(1).without("role")));
    t.ok_grants("role-admin", note, &with("\"ADMIN\""), &[guest(1).role("ADMIN")]);
    let note = "§5: any other role";
    for (tail, raw) in [
        ("admin-lower", "\"admin\""),
        ("admin-mixed-case", "\"Admin\""),
        ("user-lower", "\"user\""),
        ("owner", "\"OWNER\""),
        ("empty", "\"\""),
        ("shorter", "\"ADMI\""),
        ("longer", "\"ADMINS\""),
        ("user-longer", "\"USERS\""),
        ("space", "\"USER \""),
        ("nul", r#""ADMIN\u0000""#),
        ("number", "1"),
        ("zero", "0"),
        ("true", "true"),
        ("false", "false"),
        ("array", "[\"USER\"]"),
        ("empty-array", "[]"),
        ("object", "{\"USER\":null}"),
        ("object-string", "{\"ADMIN\":\"ADMIN\"}"),
        ("empty-object", "{}"),
    ] {
        t.no(&format!("role-no-{tail}"), note, INVALID, &with(raw));
    }
}

fn window(t: &mut Topic) {
    let with = |start: Option<&str>, end: Option<&str>| {
        let mut object = guest_obj(1);
        for (name, raw) in [("start", start), ("end", end)] {
            if let Some(raw) = raw {
                object = object.with(name, raw);
            }
        }
        one(&object)
    };
    let note = "§5: absent and null are the same";
    let values = [("missing", None, None), ("null", Some("null"), None), ("set", Some("1700000100"), Some(NOW + 100))];
    let ends = [("missing", None, None), ("null", Some("null"), None), ("set", Some("1700000200"), Some(NOW + 200))];
    for (a, start, from) in values {
        for (b, end, to) in ends {
            let grant = guest(1).window(from, to);
            t.ok_grants(&format!("start-{a}-end-{b}"), note, &with(start, end), &[grant]);
        }
    }
    let note = "§5: end <= start";
    t.no("end-equals-start", note, INVALID, &with(Some("1700000100"), Some("1700000100")));
    t.no("end-below-start", note, INVALID, &with(Some("1700000100"), Some("1700000099")));
    t.no("end-0-start-0", note, INVALID, &with(Some("0"), Some("0")));
    t.no("end-0-start-set", note, INVALID, &with(Some("1700000100"), Some("0")));
    let grant = guest(1).window(Some(NOW + 100), Some(NOW + 101));
    let token = with(Some("1700000100"), Some("1700000101"));
    t.ok_grants("end-above-start", "§5: end = start + 1", &token, &[grant]);
    let note = "§5: no rule says that a window is still open";
    let grant = guest(1).window(Some(1), Some(2));
    t.ok_grants("window-past", note, &with(Some("1"), Some("2")), &[grant]);
    let grant = guest(1).window(None, Some(1));
    t.ok_grants("end-past", note, &with(None, Some("1")), &[grant]);
    let note = "§5: NumericDate or null";
    for (tail, raw) in [
        ("string", "\"1700000100\""),
        ("empty", "\"\""),
        ("true", "true"),
        ("false", "false"),
        ("array", "[1700000100]"),
        ("object", "{}"),
        ("iso", "\"2023-11-14T22:15:00Z\""),
        ("negative", "-1"),
    ] {
        t.no(&format!("start-{tail}"), note, INVALID, &with(Some(raw), None));
        t.no(&format!("end-{tail}"), note, INVALID, &with(None, Some(raw)));
    }
}

fn unknown(t: &mut Topic) {
    let note = "§2: unknown members of the operation or of a user are refused";
    let members = [
        ("null", "\"x\"", "null"),
        ("false", "\"restricted\"", "false"),
        ("string", "\"note\"", "\"\""),
        ("object", "\"schedule\"", "{\"days\":[1,2]}"),
        ("empty-name", "\"\"", "1"),
        ("prefix", "\"use\"", "1"),
        ("claim-name", "\"exp\"", "1700000100"),
        ("nul", r#""role\u0000""#, "null"),
        ("double-escape", r#""\\u0072ole""#, "null"),
    ];
    for (tail, name, raw) in members {
        let token = op(&good_op().last(name, raw));
        t.no(&format!("unknown-operation-{tail}"), note, INVALID, &token);
        let token = one(&guest_obj(1).last(name, raw));
        t.no(&format!("unknown-user-{tail}"), note, INVALID, &token);
    }
    for (tail, name, raw) in [
        ("type-upper", "\"TYPE\"", "null"),
        ("users-x", "\"usersX\"", "[]"),
        ("user", "\"user\"", "null"),
        ("role", "\"role\"", "\"USER\""),
    ] {
        let token = op(&good_op().first(name, raw));
        t.no(&format!("unknown-operation-{tail}"), note, INVALID, &token);
    }
    for (tail, name, raw) in [
        ("role-upper", "\"Role\"", "null"),
        ("public-key-lower", "\"publickey\"", "null"),
        ("start-x", "\"startX\"", "null"),
        ("en", "\"en\"", "null"),
        ("type", "\"type\"", "\"BATCH_ADD_USER\""),
        ("users", "\"users\"", "[]"),
    ] {
        let token = one(&guest_obj(1).first(name, raw));
        t.no(&format!("unknown-user-{tail}"), note, INVALID, &token);
    }
    let batch = operation(&[guest_obj(1), guest_obj(2).last("\"x\"", "1"), guest_obj(3)]);
    t.no("unknown-user-second", note, INVALID, &op(&batch));
    let members = (0..200).fold(good_op(), |o, n| o.last(&format!("\"m{n}\""), "0"));
    t.no("unknown-operation-200", note, INVALID, &op(&members));
}

fn twice(t: &mut Topic) {
    let note = "§5: the same user twice in one batch";
    let batch = |users: &[Obj]| Token::claims(&claims_users(users));
    t.no("twice", note, INVALID, &batch(&[guest_obj(10), guest_obj(10)]));
    let other = guest_obj(10).with_str("publicKey", &b64::std(&guest_key(11).public()));
    t.no("twice-other-key", note, INVALID, &batch(&[guest_obj(10), other]));
    let upper = guest_obj(10).with_str("user", &guest_id(10).to_uppercase());
    t.no("twice-upper", "§4, §5: UUIDs are compared as 16 bytes", INVALID, &batch(&[guest_obj(10), upper]));
    let mut far = guest_objs(25);
    far[24] = guest_obj(1).with_str("role", "ADMIN");
    t.no("twice-first-and-last", note, INVALID, &batch(&far));
    let mut near = guest_objs(25);
    near[24] = guest_obj(24);
    t.no("twice-last-two", note, INVALID, &batch(&near));
    let same_key = guest_obj(2).with_str("publicKey", &b64::std(&guest_key(1).public()));
    let grants = [guest(1), guest(2).key(&guest_key(1).public())];
    let note = "§5: two users may have one key";
    t.ok_grants("same-key", note, &batch(&[guest_obj(1), same_key]), &grants);
    let first = guest_id(1);
    let near = format!("{}7", &first[..35]);
    let grants = [guest(1), Entry::new(&near, &guest_key(2).public(), "USER")];
    let users = [guest_obj(1), guest_obj(2).with_str("user", &near)];
    t.ok_grants("almost-twice", "§4, §5: all 16 bytes count", &batch(&users), &grants);
}

fn replace(t: &mut Topic) {
    let old = guest(1).role("ADMIN").key(&guest_key(9).public()).window(Some(5), Some(NOW + 7));
    let note = "§5: a user on the ACL is replaced: role, window and key";
    let case = t.case("replace", note).acl(&[admin(), old.clone()]);
    t.push(case.step(&Token::good().jws(), APPLIED).grants(&[guest(1)]));
    let case = t.case("replace-with-window", note).acl(&[admin(), guest(1)]);
    let object = guest_obj(1).with("start", "5").with("end", "1700000007").with_str("role", "ADMIN");
    let grant = guest(1).role("ADMIN").window(Some(5), Some(NOW + 7));
    t.push(case.step(&one(&object).jws(), APPLIED).grants(&[grant]));
    let case = t.case("replace-upper", "§4, §5: also in the other letter case").acl(&[admin(), guest(10), guest(11)]);
    let object = guest_obj(10).with_str("user", &guest_id(10).to_uppercase()).with_str("role", "ADMIN");
    t.push(case.step(&one(&object).jws(), APPLIED).grants(&[guest(10).role("ADMIN")]));
    let case = t.case("replace-acl-upper", "§4, §5: the ACL may be in upper case");
    let mut upper = guest(10);
    upper.user = upper.user.to_uppercase();
    let case = case.acl(&[admin(), upper]);
    let object = guest_obj(10).with_str("role", "ADMIN");
    t.push(case.step(&one(&object).jws(), APPLIED).grants(&[guest(10).role("ADMIN")]));
    let case = t.case("replace-by-rsa", "§5: an Ed25519 key gives way to an RSA key");
    let object = guest_obj(1).with_str("publicKey", &b64::std(&rsa(2048)));
    let case = case.acl(&[admin(), guest(1)]);
    t.push(case.step(&one(&object).jws(), APPLIED).grants(&[guest(1).key(&rsa(2048))]));
    let case = t.case("replace-rsa", "§5: an RSA key gives way to an Ed25519 key");
    let case = case.acl(&[admin(), guest(1).key(&rsa(2048))]);
    t.push(case.step(&Token::good().jws(), APPLIED).grants(&[guest(1)]));
    let case = t.case("replace-mixed", "§5: replaced and new users in one batch");
    let token = Token::claims(&claims_users(&guest_objs(3)));
    t.push(case.acl(&[guest(2).role("ADMIN"), admin(), guest(4)]).step(&token.jws(), APPLIED).grants(&guests(3)));

    let object = Obj::new().with_str("user", ADMIN).with_str("role", "ADMIN");
    let object = object.with_str("publicKey", &b64::std(&Key::named("admin again").public()));
    let own = claims_users(&[object]).with_str("jti", "own");
    let note = "§5: the issuer replaces its own key; from then on only the new one signs";
    let case = t.case("replace-issuer", note).step(&Token::claims(&own).jws(), APPLIED);
    let case = case.step(&Token::good().jws(), "unauthenticated");
    let case = case.step(&Token::good().by(Key::named("admin again")).jws(), APPLIED);
    t.push(case.grants(&[admin().key(&Key::named("admin again").public()), guest(1)]));
    let object = Obj::new().with_str("user", ADMIN);
    let object = object.with_str("publicKey", &b64::std(&admin_key().public()));
    let own = claims_users(&[object]).with_str("jti", "own");
    let note = "§5: the issuer makes itself a USER; its next operation is forbidden";
    let case = t.case("replace-issuer-demoted", note).step(&Token::claims(&own).jws(), APPLIED);
    let case = case.step(&Token::good().jws(), "forbidden");
    t.push(case.grants(&[admin().role("USER")]));
    let made = claims_users(&[guest_obj(1).with_str("role", "ADMIN")]);
    let by_guest = claims_users(&[guest_obj(2)]).with_str("iss", &guest_id(1));
    let by_guest = Token::claims(&by_guest).by(guest_key(1));
    let note = "§5, §7: a USER who is made an ADMIN can sign";
    let case = t.case("replace-promoted", note).acl(&[admin(), guest(1)]);
    let case = case.step(&by_guest.jws(), "forbidden").step(&Token::claims(&made).jws(), APPLIED);
    let case = case.step(&by_guest.jws(), APPLIED);
    t.push(case.grants(&[guest(1).role("ADMIN"), guest(2)]));
}

fn key_text(t: &mut Topic) {
    let n = (1..)
        .find(|n| {
            let text = b64::url(&guest_key(*n).public());
            text.contains('-') && text.contains('_')
        })
        .expect("some key has both characters");
    let with = |text: &str| one(&guest_obj(n).with_str("publicKey", text));
    let bytes = guest_key(n).public();
    let url = b64::url(&bytes);
    let note = "§1, §5: publicKey is base64 by the rules for a segment";
    let mut lines = b64::std(&rsa(2048));
    for at in [384, 320, 256, 192, 128, 64] {
        lines.insert(at, '\n');
    }
    for (tail, text) in [
        ("mixed-alphabets", url.replacen('_', "/", 1)),
        ("mixed-alphabets-padded", b64::std(&bytes).replacen('+', "-", 1)),
        ("two-pads", format!("{url}==")),
        ("trailing-bit-1", with_trailing_bits(&url, 1)),
        ("trailing-bit-2", with_trailing_bits(&url, 2)),
        ("trailing-bit-padded", with_trailing_bits(&Spelling::UrlPad.encode(&bytes), 1)),
        ("space-after", format!("{url} ")),
        ("newline-after", format!("{url}\n")),
        ("newline-inside", format!("{}\n{}", &url[..8], &url[8..])),
        ("nul-after", format!("{url}\0")),
        ("4n1", format!("{url}AA")),
        ("pad-inside", format!("{}={}", &url[..8], &url[8..])),
        ("only-pad", "====".to_owned()),
        ("dot", format!("{url}.")),
        ("percent", format!("{}%2B{}", &url[..8], &url[9..])),
        ("non-ascii", format!("{}é", &url[..41])),
        ("hex", bytes.iter().map(|b| format!("{b:02x}")).collect()),
        ("hex-padded-twice", b64::std(b64::std(&bytes).as_bytes())),
        ("rsa-lines", lines.clone()),
        ("rsa-pem", format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n")),
        ("rsa-one-pad", format!("{}=", b64::std(&rsa(2048)))),
        ("ssh", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE".to_owned()),
    ] {
        t.no(&format!("key-text-{tail}"), note, INVALID, &with(&text));
    }
    let jwk = Obj::new().with_str("kty", "OKP").with_str("crv", "Ed25519").with_str("x", &url);
    let token = one(&guest_obj(n).with("publicKey", jwk.render()));
    t.no("key-text-jwk", "§5: a JWK is none of the key forms", INVALID, &token);
}

fn active(t: &mut Topic) {
    let by = |tail: &str, note: &str, entry: Entry, expect: &str, t: &mut Topic| {
        let case = t.case(tail, note).acl(&[entry]).step(&Token::good().jws(), expect);
        t.push(if expect == APPLIED { case.grants(&[guest(1)]) } else { case });
    };
    let note = "§5: active while start <= now < end, without leeway (§11)";
    for (tail, start, end, expect) in [
        ("start-now", Some(NOW), None, APPLIED),
        ("start-next", Some(NOW + 1), None, "forbidden"),
        ("start-in-leeway", Some(NOW + 60), None, "forbidden"),
        ("end-next", None, Some(NOW + 1), APPLIED),
        ("end-now", None, Some(NOW), "forbidden"),
        ("end-in-leeway", None, Some(NOW - 59), "forbidden"),
        ("one-second", Some(NOW), Some(NOW + 1), APPLIED),
        ("window-past", Some(NOW - 100), Some(NOW - 50), "forbidden"),
        ("window-future", Some(NOW + 50), Some(NOW + 100), "forbidden"),
        ("window-around", Some(NOW - 100), Some(NOW + 100), APPLIED),
    ] {
        by(&format!("active-{tail}"), note, admin().window(start, end), expect, t);
    }
    let note = "§7: the issuer is no ADMIN";
    by("active-user", note, admin().role("USER"), "forbidden", t);
    let note = "§7: neither ADMIN nor active";
    by("active-user-past", note, admin().role("USER").window(None, Some(1)), "forbidden", t);
    let note = "§7: the window of the token is not that of the issuer";
    let token = Token::claims(&claims().with("nbf", (NOW + 30).to_string()));
    let case = t.case("active-only-in-token", note).acl(&[admin().window(Some(NOW + 20), None)]);
    t.push(case.step(&token.jws(), "forbidden"));
}
