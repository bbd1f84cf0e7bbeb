//! §2: the grammar of numbers, and NumericDate.

use crate::case::{APPLIED, Topic};
use crate::token::Token;
use crate::world::{NOW, claims, claims_users, guest, guest_obj};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s2-numbers");
    grammar(&mut t);
    values(&mut t);
    ranges(&mut t);
    windows(&mut t);
    t
}

fn grammar(t: &mut Topic) {
    let note = "§2: a number that RFC 8259 allows, in an ignored claim";
    for (name, raw) in [
        ("zero", "0"),
        ("minus-zero", "-0"),
        ("minus-zero-fraction", "-0.0"),
        ("fraction", "1.50"),
        ("fraction-zeros", "0.000"),
        ("exponent", "1e5"),
        ("exponent-upper", "1E5"),
        ("exponent-plus", "1e+5"),
        ("exponent-minus", "1e-5"),
        ("exponent-zeros", "1e005"),
        ("zero-exponent", "0e0"),
        ("all", "-10.01E-010"),
        ("huge", "1e99999999999999999999999"),
        ("tiny", "-1e-99999999999999999999999"),
    ] {
        t.ok(&format!("grammar-{name}"), note, &Token::claims(&claims().first("\"x\"", raw)));
    }
    let digits = "9".repeat(2000);
    t.ok("grammar-2000-digits", note, &Token::claims(&claims().first("\"x\"", &digits)));
    let note = "§2: a number that RFC 8259 does not allow";
    let bad = [
        ("leading-zero", "017"),
        ("double-zero", "00"),
        ("minus-leading-zero", "-01"),
        ("zero-leading-fraction", "00.5"),
        ("plus", "+1"),
        ("no-integer", ".5"),
        ("minus-no-integer", "-.5"),
        ("no-fraction", "1."),
        ("no-fraction-exponent", "1.e5"),
        ("no-exponent", "1e"),
        ("no-exponent-upper", "1E"),
        ("no-exponent-plus", "1e+"),
        ("no-exponent-minus", "1e-"),
        ("two-signs-exponent", "1e+-5"),
        ("fraction-exponent", "1e1.5"),
        ("two-exponents", "1e1e1"),
        ("two-points", "1.2.3"),
        ("minus", "-"),
        ("two-minus", "--1"),
        ("minus-space", "- 1"),
        ("minus-exponent", "-e5"),
        ("hex", "0x10"),
        ("octal", "0o17"),
        ("binary", "0b1"),
        ("underscore", "1_000"),
        ("comma", "1,5"),
        ("suffix-f", "1.5f"),
        ("suffix-l", "1L"),
        ("suffix-n", "1n"),
        ("arabic", "\u{0661}\u{0667}"),
        ("full-width", "\u{ff11}"),
        ("minus-sign", "\u{2212}1"),
        ("space-inside", "1 0"),
        ("point-space", "1. 0"),
    ];
    for (name, raw) in bad {
        let token = Token::claims(&claims().first("\"x\"", raw));
        t.no(&format!("grammar-no-{name}"), note, "malformed", &token);
    }
    for (name, raw) in [
        ("leading-zero", format!("0{NOW}")),
        ("plus", format!("+{NOW}")),
        ("no-fraction", format!("{NOW}.")),
        ("no-exponent", format!("{NOW}e")),
        ("underscore", "1_700_000_000".to_owned()),
        ("hex", format!("{NOW:#x}")),
        ("suffix", format!("{NOW}s")),
        ("thousands", "1,700,000,000".to_owned()),
    ] {
        let token = Token::claims(&claims().with("nbf", raw));
        t.no(&format!("nbf-no-{name}"), note, "malformed", &token);
    }
}

fn values(t: &mut Topic) {
    let note = "§2, §11: a NumericDate is judged by its value";
    let zeros = "0".repeat(1000);
    let nines = "9".repeat(1000);
    // The last second that leeway allows and the first that it does not, in many spellings.
    for (name, edge, over) in [
        ("plain", "1700000060".to_owned(), "1700000061".to_owned()),
        ("fraction", "1700000060.9".to_owned(), "1700000061.0".to_owned()),
        ("long-fraction", format!("1700000060.{nines}"), format!("1700000061.{zeros}")),
        ("exponent", "1.70000006e9".to_owned(), "1.700000061e9".to_owned()),
        ("exponent-upper-plus", "170000006E+1".to_owned(), "170000006.1E+1".to_owned()),
        ("exponent-0", "1700000060e0".to_owned(), "1700000061e0".to_owned()),
        ("exponent-minus-0", "1700000060e-0".to_owned(), "1700000061e-0".to_owned()),
        (
            "exponent-leading-zeros",
            "170000006e00000000000000000000000001".to_owned(),
            "170000006.1e00000000000000000000000001".to_owned(),
        ),
        ("exponent-minus", "170000006000e-2".to_owned(), "170000006100e-2".to_owned()),
        ("exponent-cuts", "170000006099e-2".to_owned(), "170000006199e-2".to_owned()),
        ("small-mantissa", "0.00170000006e12".to_owned(), "0.001700000061e12".to_owned()),
        ("long-digits", format!("1700000060{zeros}e-1000"), format!("1700000061{zeros}e-1000")),
        ("long-digits-cut", format!("1700000060{nines}e-1000"), format!("1700000061{nines}e-1000")),
        ("long-zeros", format!("0.{zeros}170000006e1010"), format!("0.{zeros}1700000061e1010")),
    ] {
        let token = |nbf: &str| Token::claims(&claims().with("nbf", nbf).with("exp", "1700000099"));
        t.ok(&format!("nbf-edge-{name}"), note, &token(&edge));
        t.no(&format!("nbf-over-{name}"), note, "not-yet-valid", &token(&over));
    }
    for (name, raw) in [
        ("1.7e9", "1.7e9"),
        ("17e8", "17e8"),
        ("fraction-9", "1700000000.9"),
        ("0", "0"),
        ("minus-0", "-0"),
        ("minus-0.0", "-0.0"),
        ("minus-0e9", "-0e9"),
        ("0-huge-exponent", "0e99999999999999999999"),
        ("0-fraction-huge-exponent", "0.000e+18446744073709551616"),
        ("minus-0-huge-exponent", "-0.0e99999999999999999999"),
        ("1-tiny", "1e-400"),
        ("half", "0.5"),
        ("almost-1", "0.9999999999999999999999999999999999"),
        ("exponent-minus-2-pow-32", "1800000000e-4294967296"),
        ("exponent-minus-2-pow-64", "1800000000e-18446744073709551616"),
        ("exponent-minus-huge", "1800000000e-99999999999999999999999999999999999999999"),
        ("exponent-minus-i32", "1800000000e-2147483648"),
        ("exponent-minus-i64", "1800000000e-9223372036854775808"),
    ] {
        t.ok(&format!("nbf-value-{name}"), note, &Token::claims(&claims().with("nbf", raw)));
    }
    for (name, raw) in [
        ("minus-1", "-1"),
        ("minus-half", "-0.5"),
        ("minus-tiny", "-1e-400"),
        ("minus-tiny-long", "-0.00000000000000000000000000000000000001"),
        ("minus-huge-exponent-down", "-1e-18446744073709551616"),
        ("minus-now", "-1700000000"),
        ("minus-2-pow-64", "-18446744073709551616"),
    ] {
        let note = "§2, §11: a NumericDate below 0 is refused";
        let token = Token::claims(&claims().with("nbf", raw));
        t.no(&format!("nbf-value-{name}"), note, "malformed", &token);
    }
}

fn ranges(t: &mut Topic) {
    let note = "§2: NumericDate is below 2^53";
    let nines = "9".repeat(500);
    for (name, raw) in [
        ("max", "9007199254740991".to_owned()),
        ("max-fraction", "9007199254740991.9".to_owned()),
        ("max-long-fraction", format!("9007199254740991.{nines}")),
        ("max-exponent", "9.007199254740991e15".to_owned()),
        ("max-minus-exponent", "90071992547409919e-1".to_owned()),
        ("max-less-1", "9007199254740990".to_owned()),
        ("2-pow-32", "4294967296".to_owned()),
        ("2-pow-31", "2147483648".to_owned()),
    ] {
        t.ok(&format!("exp-{name}"), note, &Token::claims(&claims().with("exp", raw)));
    }
    for (name, raw) in [
        ("2-pow-53", "9007199254740992".to_owned()),
        ("2-pow-53-fraction", "9007199254740992.0".to_owned()),
        ("2-pow-53-exponent", "9.007199254740992e15".to_owned()),
        ("2-pow-53-plus-1", "9007199254740993".to_owned()),
        ("1e16", "1e16".to_owned()),
        ("2-pow-63", "9223372036854775808".to_owned()),
        ("2-pow-64", "18446744073709551616".to_owned()),
        ("2-pow-64-plus-exp", "18446744075409551676".to_owned()),
        ("2-pow-128-plus-exp", "340282366920938463463374607433468211516".to_owned()),
        ("1e308", "1e308".to_owned()),
        ("1e309", "1e309".to_owned()),
        ("exponent-2-pow-32", "1700000060e4294967296".to_owned()),
        ("exponent-2-pow-64", "1700000060e18446744073709551616".to_owned()),
        ("exponent-2-pow-31", "1700000060e2147483648".to_owned()),
        ("exponent-huge", "1e99999999999999999999999999999999999999999999".to_owned()),
        ("fraction-exponent-huge", "0.1e18446744073709551616".to_owned()),
        ("500-digits", nines),
    ] {
        for claim in ["exp", "iat"] {
            let token = Token::claims(&claims().with(claim, &raw));
            t.no(&format!("{claim}-{name}"), note, "malformed", &token);
        }
    }
    let note = "§4: exp <= nbf is judged on whole seconds, a fraction being truncated";
    let fractions = claims().with("nbf", "1700000000.1").with("exp", "1700000000.9");
    t.no("exp-nbf-same-second", note, "malformed", &Token::claims(&fractions));
    let next = claims().with("nbf", "1700000000.9").with("exp", "1700000001.1");
    t.ok("exp-nbf-next-second", note, &Token::claims(&next));
    let case = t.case("exp-edge-fraction", "§2, §4: exp is truncated before leeway is added");
    let edge = claims().with("exp", "1699999940.9").with("nbf", "1").with("iat", "1");
    t.push(case.step(&Token::claims(&edge).jws(), "expired"));
    let case = t.case("exp-edge-fraction-later", "§2, §4: one second later it holds");
    let edge = claims().with("exp", "1699999941.9").with("nbf", "1").with("iat", "1");
    t.push(case.step(&Token::claims(&edge).jws(), APPLIED).grants(&[guest(1)]));
}

fn windows(t: &mut Topic) {
    let note = "§2, §5: start and end are NumericDates";
    let user =
        |start: &str, end: &str| Token::claims(&claims_users(&[guest_obj(1).with("start", start).with("end", end)]));
    let token = user("1.7e9", "1700000500.75");
    let grant = guest(1).window(Some(NOW), Some(NOW + 500));
    t.ok_grants("window-fraction-exponent", note, &token, &[grant]);
    let token = user("null", "9007199254740991.9");
    let grant = guest(1).window(None, Some(9_007_199_254_740_991));
    t.ok_grants("window-end-max", note, &token, &[grant]);
    let token = user("9007199254740990", "9007199254740991");
    let grant = guest(1).window(Some(9_007_199_254_740_990), Some(9_007_199_254_740_991));
    t.ok_grants("window-start-max", note, &token, &[grant]);
    let note = "§2, §5: a number that is no NumericDate is row 9 here";
    for (name, start, end) in [
        ("start-2-pow-53", "9007199254740992", "null"),
        ("end-2-pow-53", "null", "9007199254740992"),
        ("end-2-pow-64", "null", "18446744073709551616"),
        ("end-2-pow-64-more", "null", "18446744075409551676"),
        ("end-exponent-huge", "null", "1e18446744073709551616"),
        ("start-minus-1", "-1", "null"),
        ("start-minus-half", "-0.5", "null"),
        ("end-minus-tiny", "null", "-1e-400"),
    ] {
        t.no(&format!("window-{name}"), note, "invalid-operation", &user(start, end));
    }
    let note = "§2, §5: end <= start is judged on whole seconds";
    let token = user("1700000000.1", "1700000000.9");
    t.no("window-same-second", note, "invalid-operation", &token);
    let token = user("1700000000.9", "1700000001");
    let grant = guest(1).window(Some(NOW), Some(NOW + 1));
    t.ok_grants("window-next-second", note, &token, &[grant]);
    let note = "§2, §7: a number that is no JSON is row 1";
    t.no("window-start-leading-zero", note, "malformed", &user("01", "null"));
    t.no("window-end-no-fraction", note, "malformed", &user("null", "1."));
}
