//! §6: the validity of the leaf.

use crate::case::{APPLIED, Topic};
use crate::chain::{NO, by_admin, by_user, leaf, no, now, ok, rsa_admin, rsa_leaf, token, token_claims, with_user};
use crate::der::tlv;
use crate::text::Obj;
use crate::world::{claims, guest};
use crate::x509::{Cert, GENERALIZED_TIME, UTC_TIME, generalized, utc};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s6-x5c-time");
    edges(&mut t);
    policies(&mut t);
    before_1970(&mut t);
    forms(&mut t);
    bad_forms(&mut t);
    t
}

const DAY: i64 = 86400;

fn valid(from: Vec<u8>, to: Vec<u8>) -> Cert {
    Cert { validity: [from, to], ..leaf() }
}

fn edges(t: &mut Topic) {
    let now = now();
    for (form, time) in [("utc", utc as fn(i64) -> Vec<u8>), ("generalized", generalized)] {
        let note = "§6: valid while now <= notAfter + leeway";
        ok(t, &format!("time-{form}-after-edge"), note, &valid(utc(now - DAY), time(now - 60)));
        no(t, &format!("time-{form}-after-over"), note, &valid(utc(now - DAY), time(now - 61)));
        let note = "§6: valid while now + leeway >= notBefore";
        ok(t, &format!("time-{form}-before-edge"), note, &valid(time(now + 60), utc(now + DAY)));
        no(t, &format!("time-{form}-before-over"), note, &valid(time(now + 61), utc(now + DAY)));
    }
    let note = "§6: valid for one second, to which the leeway adds";
    ok(t, "time-second", note, &valid(utc(now), utc(now)));
    let cert = by_admin(&valid(utc(now - 100), utc(now + 100)));
    let claims = claims().with("nbf", (now - 500).to_string()).with("iat", (now - 500).to_string());
    let claims = claims.with("exp", (now + 500).to_string());
    let step = |jti: &str| token_claims(std::slice::from_ref(&cert), &claims.clone().with_str("jti", jti)).jws();
    let at = |offset: i64| u64::try_from(now + offset).expect("this century");
    let case = t.case("x5c-time-passes", "§6: the same leaf as time passes, both ends inclusive");
    let case = case.step_at(at(-161), &step("a"), NO).step_at(at(-160), &step("a"), APPLIED);
    let case = case.step_at(at(160), &step("b"), APPLIED).step_at(at(161), &step("c"), NO);
    t.push(case.step_at(at(161), &step("a"), NO).grants(&[guest(1)]));
    for (tail, from, to, fits) in
        [("after-edge", now - DAY, now - 60, true), ("after-over", now - DAY, now - 61, false)]
    {
        let chain = with_user(by_user(&Cert { validity: [utc(from), utc(to)], ..rsa_leaf() }));
        let case = t.case(&format!("x5c-time-rsa-{tail}"), "§6: the same with path (c)").acl(&[rsa_admin()]);
        let jws = token(&chain).jws();
        t.push(if fits { case.step(&jws, APPLIED).grants(&[guest(1)]) } else { case.step(&jws, NO) });
    }
}

fn policies(t: &mut Topic) {
    let now = now();
    for (tail, leeway, from, to, fits) in [
        ("0-after-edge", "0", now - DAY, now, true),
        ("0-after-over", "0", now - DAY, now - 1, false),
        ("0-before-edge", "0", now, now + DAY, true),
        ("0-before-over", "0", now + 1, now + DAY, false),
        ("most-after", "18446744073709551615", now - 2 * DAY, now - DAY, true),
        ("most-before", "18446744073709551615", now + DAY, now + 2 * DAY, true),
    ] {
        let case = t.case(&format!("x5c-time-leeway-{tail}"), "§4, §6: leeway is policy, and sums with it saturate");
        let case = case.policy(&format!("{{\"leeway\":{leeway}}}"));
        let jws = token(&[by_admin(&valid(utc(from), utc(to)))]).jws();
        t.push(if fits { case.step(&jws, APPLIED).grants(&[guest(1)]) } else { case.step(&jws, NO) });
    }
}

/// A device whose clock has just been born.
fn before_1970(t: &mut Topic) {
    let old: Obj = claims().with("nbf", "0").with("iat", "0").with("exp", "5000");
    let token = |to: i64| token_claims(&[by_admin(&valid(utc(-20 * 365 * DAY), utc(to)))], &old).jws();
    for (tail, now, leeway, to, fits) in [
        ("after-minus-1", 0, 0, -1, false),
        ("after-minus-1-leeway", 59, 60, -1, true),
        ("after-minus-1-leeway-over", 60, 60, -1, false),
        ("after-minus-61", 0, 60, -61, false),
    ] {
        let note = "§6: times before 1970 are times like any other";
        let case = t.case(&format!("x5c-time-1970-{tail}"), note).now(now);
        let case = case.policy(&format!("{{\"leeway\":{leeway}}}"));
        let jws = token(to);
        t.push(if fits { case.step(&jws, APPLIED).grants(&[guest(1)]) } else { case.step(&jws, NO) });
    }
}

fn time(tag: u8, text: &str) -> Vec<u8> {
    tlv(tag, text.as_bytes())
}

fn forms(t: &mut Topic) {
    let now = now();
    let note = "§6: UTCTime is of 1950 to 2049, GeneralizedTime of any year";
    for (tail, from) in [
        ("utc-1950", time(UTC_TIME, "500101000000Z")),
        ("utc-1999", time(UTC_TIME, "991231235959Z")),
        ("generalized-1949", time(GENERALIZED_TIME, "19491231235959Z")),
        ("generalized-2000-leap-day", time(GENERALIZED_TIME, "20000229120000Z")),
    ] {
        ok(t, &format!("time-from-{tail}"), note, &valid(from, utc(now + DAY)));
    }
    for (tail, to) in [
        ("utc-2049", time(UTC_TIME, "491231235959Z")),
        ("generalized-2050", time(GENERALIZED_TIME, "20500101000000Z")),
        ("generalized-9999", time(GENERALIZED_TIME, "99991231235959Z")),
    ] {
        ok(t, &format!("time-to-{tail}"), note, &valid(utc(now - DAY), to));
    }
    for (tail, from, to) in [
        ("utc-to-1950", utc(now - DAY), time(UTC_TIME, "500101000000Z")),
        ("utc-from-2049", time(UTC_TIME, "491231235959Z"), time(GENERALIZED_TIME, "99991231235959Z")),
        ("swapped", utc(now + DAY), utc(now - DAY)),
    ] {
        no(t, &format!("time-no-{tail}"), "§6: not valid now", &valid(from, to));
    }
    // 2023-11-14T22:13:20Z: the same instant with each field one off, to catch a slip in the calendar.
    let leeway = "{\"leeway\":0}";
    for (tail, text, fits) in
        [("now", "20231114221320Z", true), ("second", "20231114221319Z", false), ("year", "20221231235959Z", false)]
    {
        let case = t.case(&format!("x5c-time-calendar-{tail}"), "§6: every field of notAfter counts").policy(leeway);
        let jws = token(&[by_admin(&valid(utc(now - 700 * DAY), time(GENERALIZED_TIME, text)))]).jws();
        t.push(if fits { case.step(&jws, APPLIED).grants(&[guest(1)]) } else { case.step(&jws, NO) });
    }
    // The calendar over leap years: notAfter is inclusive, one second more is too late.
    for (tail, year, unix) in
        [("2024-02-29", "20240229000000Z", 1_709_164_800), ("2100-03-01", "21000301000000Z", 4_107_542_400)]
    {
        let cert = by_admin(&valid(utc(-DAY), time(GENERALIZED_TIME, year)));
        let claims = claims().with("nbf", "1").with("iat", "1").with("exp", "99999999999");
        let jws = token_claims(&[cert], &claims).jws();
        let case = t.case(&format!("x5c-time-calendar-{tail}"), "§6: leap years, and numbers beyond 32 bits");
        let case = case.policy(leeway).now(unix).step_at(unix + 1, &jws, NO);
        t.push(case.step_at(unix, &jws, APPLIED).grants(&[guest(1)]));
    }
}

fn bad_forms(t: &mut Topic) {
    let now = now();
    let (good_from, good_to) = (utc(now - DAY), utc(now + DAY));
    let note = "§6: a time is of the form YYMMDDhhmmssZ or YYYYMMDDhhmmssZ, with seconds and a Z";
    for (tail, tag, text) in [
        ("no-seconds", UTC_TIME, "2311010000Z"),
        ("lower-z", UTC_TIME, "231101000000z"),
        ("offset", UTC_TIME, "231101000000+0000"),
        ("fraction", UTC_TIME, "231101000000.0Z"),
        ("four-digit-year", UTC_TIME, "20231101000000Z"),
        ("generalized-two-digit-year", GENERALIZED_TIME, "231101000000Z"),
        ("generalized-fraction-0", GENERALIZED_TIME, "20231101000000.0Z"),
    ] {
        no(t, &format!("time-form-{tail}"), note, &valid(time(tag, text), good_to.clone()));
    }
    let note = "§6: no such day or time of day";
    for (tail, tag, text) in [
        ("month-13", UTC_TIME, "221301000000Z"),
        ("november-31", UTC_TIME, "221131000000Z"),
        ("february-29", UTC_TIME, "230229000000Z"),
        ("hour-24", UTC_TIME, "231101240000Z"),
        ("second-60", UTC_TIME, "161231235960Z"),
    ] {
        no(t, &format!("time-date-{tail}"), note, &valid(time(tag, text), good_to.clone()));
    }
    let to = time(GENERALIZED_TIME, "21000229000000Z");
    no(t, "time-date-february-29-of-2100", "§6: notAfter is judged like notBefore", &valid(good_from, to));
}
