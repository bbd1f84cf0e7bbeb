//! §10: all of a batch or none of it, and a store that is full.

use crate::case::{APPLIED, Topic};
use crate::token::Token;
use crate::world::{Entry, admin, claims_users, granted, guest, guest_id, guest_obj, guest_objs, guests};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s10-atomic");
    last_is_bad(&mut t);
    capacity(&mut t);
    after(&mut t);
    t
}

fn last_is_bad(t: &mut Topic) {
    let note = "§5, §10: one bad user of 25, and nothing is applied";
    let bad = [
        ("role", guest_obj(25).with_str("role", "OWNER")),
        ("key", guest_obj(25).with_str("publicKey", "AA==")),
        ("key-small-order", guest_obj(25).with_str("publicKey", &"A".repeat(43))),
        ("user", guest_obj(25).with_str("user", "x")),
        ("window", guest_obj(25).with("start", "7").with("end", "7")),
        ("unknown", guest_obj(25).with("x", "null")),
        ("twice", guest_obj(24)),
        ("empty", crate::text::Obj::new()),
    ];
    for (tail, user) in bad {
        for place in [0, 12, 24] {
            let mut users = guest_objs(24);
            if tail == "twice" && place != 24 {
                continue;
            }
            users.insert(place, user.clone());
            let tail = format!("{tail}-at-{}", place + 1);
            t.no(&tail, note, "invalid-operation", &Token::claims(&claims_users(&users)));
        }
    }
    let note = "§5, §10: replacements are not applied either";
    let users = [guest_obj(1).with_str("role", "ADMIN"), guest_obj(2).without("publicKey")];
    let case = t.case("replacement-then-bad", note).acl(&[admin(), guest(1), guest(2)]);
    t.push(case.step(&Token::claims(&claims_users(&users)).jws(), "invalid-operation"));
    let note = "§10: a batch cut off after 24 good users";
    let text = claims_users(&guest_objs(25)).render();
    let cut = text.find(&guest_id(25)).expect("the last user is there");
    t.no("cut-before-last", note, "malformed", &Token::payload(&text[..cut]));
    let note = "§2, §10: a name that comes back after the batch";
    let claims = claims_users(&guest_objs(25)).last("\"sub\"", "0");
    t.no("repeated-after-batch", note, "malformed", &Token::claims(&claims));
}

fn capacity(t: &mut Topic) {
    let batch = |n: usize| Token::claims(&claims_users(&guest_objs(n)));
    for (users, room) in [(1, 1), (2, 2), (25, 25)] {
        let case = t.case(&format!("full-exact-{users}"), "§7: the batch just fits");
        let case = case.capacity(room + 1).step(&batch(users).jws(), APPLIED);
        t.push(case.grants(&guests(users)));
        let case = t.case(&format!("full-short-{users}"), "§7: one user too many; none is added");
        t.push(case.capacity(room).step(&batch(users).jws(), "acl-full"));
    }
    let full: Vec<Entry> = granted(&[admin()], &guests(3));
    let note = "§5: replacements need no room";
    let change = |n: usize| guest_obj(n).with_str("role", "ADMIN");
    let case = t.case("full-replacements", note).acl(&full).capacity(4);
    let users = [change(1), change(2), change(3)];
    let grants: Vec<Entry> = guests(3).into_iter().map(|g| g.role("ADMIN")).collect();
    t.push(case.step(&Token::claims(&claims_users(&users)).jws(), APPLIED).grants(&grants));
    let case = t.case("full-issuer", note).acl(&[guest(1).role("ADMIN")]).capacity(1);
    let own = claims_users(&[guest_obj(1)]).with_str("iss", &guest_id(1));
    let own = Token::claims(&own).by(crate::world::guest_key(1));
    t.push(case.step(&own.jws(), APPLIED).grants(&[guest(1)]));
    let note = "§7, §10: a new user among replacements does not fit; nothing is replaced";
    for (tail, users) in [
        ("last", vec![change(1), change(2), guest_obj(4)]),
        ("first", vec![guest_obj(4), change(1), change(2)]),
        ("middle", vec![change(1), guest_obj(4), change(3)]),
    ] {
        let case = t.case(&format!("full-new-{tail}"), note).acl(&full).capacity(4);
        let token = Token::claims(&claims_users(&users));
        t.push(case.step(&token.jws(), "acl-full"));
        let note = "§7: with room for one more, it fits";
        let case = t.case(&format!("full-new-{tail}-fits"), note).acl(&full).capacity(5);
        let replaced = if tail == "middle" { [1, 3] } else { [1, 2] };
        let mut grants: Vec<Entry> = replaced.map(|n| guest(n).role("ADMIN")).to_vec();
        grants.push(guest(4));
        t.push(case.step(&token.jws(), APPLIED).grants(&grants));
    }
    let case = t.case("full-upper", "§4: a replacement in the other letter case needs no room");
    let user = guest_obj(10).with_str("user", &guest_id(10).to_uppercase());
    let case = case.acl(&[admin(), guest(10).role("ADMIN")]).capacity(2);
    t.push(case.step(&Token::claims(&claims_users(&[user])).jws(), APPLIED).grants(&[guest(10)]));
    let case = t.case("full-and-bad", "§7: row 9 before row 10").capacity(1);
    let users = [guest_obj(1), guest_obj(2).with_str("role", "x")];
    t.push(case.step(&Token::claims(&claims_users(&users)).jws(), "invalid-operation"));
    let note = "§5: entries that are no longer active still take room";
    let case = t.case("full-inactive", note).capacity(2);
    let case = case.acl(&[admin(), guest(9).window(None, Some(1))]);
    t.push(case.step(&Token::good().jws(), "acl-full"));
}

fn after(t: &mut Topic) {
    let note = "§10: a refused operation leaves the device as it was, for the next one";
    let bad = Token::claims(&claims_users(&[guest_obj(1), guest_obj(2).with_str("role", "x")]));
    let full = Token::claims(&claims_users(&guest_objs(3)));
    let case = t.case("then-good", note).capacity(3);
    let case = case.step(b"", "malformed").step(b"..", "malformed");
    let case = case.step(&bad.jws(), "invalid-operation").step(&full.jws(), "acl-full");
    let case = case.step(&Token::good().by(crate::world::guest_key(5)).jws(), "unauthenticated");
    let two = claims_users(&guest_objs(2));
    t.push(case.step(&Token::claims(&two).jws(), APPLIED).grants(&guests(2)));
    let note = "§10: room that a refused batch did not take";
    let one = Token::claims(&claims_users(&[guest_obj(3)]).with_str("jti", "one"));
    let case = t.case("room-is-left", note).capacity(2).step(&full.jws(), "acl-full");
    let case = case.step(&one.jws(), APPLIED);
    let four = Token::claims(&claims_users(&[guest_obj(4)]).with_str("jti", "four"));
    t.push(case.step(&four.jws(), "acl-full").grants(&[guest(3)]));
}
