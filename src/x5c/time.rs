//! Validity (RFC 5280 §4.1.2.5).

use super::Clock;
use crate::der::{Der, tag};

/// Whether a validity period holds now, within the leeway; both of its ends belong to it. `None` if it is none.
pub(super) fn holds(mut validity: Der<'_>, clock: Clock) -> Option<bool> {
    let not_before = time(&mut validity)?;
    let not_after = time(&mut validity)?;
    validity.end()?;
    let begun = i128::from(clock.now) + i128::from(clock.leeway) >= i128::from(not_before);
    let ended = i128::from(clock.now) > i128::from(not_after) + i128::from(clock.leeway);
    Some(begun && !ended)
}

/// Takes a Time: Unix seconds.
fn time(validity: &mut Der<'_>) -> Option<i64> {
    let (found, text) = validity.any()?;
    let (year, rest) = match found {
        tag::UTC_TIME => {
            let (year, rest) = number(text)?;
            // RFC 5280 §4.1.2.5.1
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        tag::GENERALIZED_TIME => {
            let (century, rest) = number(text)?;
            let (year, rest) = number(rest)?;
            (century * 100 + year, rest)
        }
        _ => return None,
    };
    let (month, rest) = number(rest)?;
    let (day, rest) = number(rest)?;
    let (hour, rest) = number(rest)?;
    let (minute, rest) = number(rest)?;
    let (second, rest) = number(rest)?;
    let good = rest == b"Z"
        && (1..=12).contains(&month)
        && (1..=days_in(month, year)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    good.then(|| ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Two decimal digits.
fn number(text: &[u8]) -> Option<(i64, &[u8])> {
    let (&[tens, ones], rest) = text.split_first_chunk()?;
    let good = tens.is_ascii_digit() && ones.is_ascii_digit();
    good.then(|| (i64::from(tens - b'0') * 10 + i64::from(ones - b'0'), rest))
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in(month: i64, year: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Leap days of the years before this one, counted from the year 0.
    let leap_days = |year: i64| (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let years = (year - 1970) * 365 + leap_days(year) - leap_days(1970);
    let months: i64 = (1..month).map(|earlier| days_in(earlier, year)).sum();
    years + months + day - 1
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn element(found: u8, text: &str) -> Vec<u8> {
        [&[found, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    }

    fn utc(text: &str) -> Option<i64> {
        time(&mut Der::new(&element(tag::UTC_TIME, text)))
    }

    fn generalized(text: &str) -> Option<i64> {
        time(&mut Der::new(&element(tag::GENERALIZED_TIME, text)))
    }

    /// The expected numbers are those of `date --date=... +%s`.
    #[test]
    fn dates_are_unix_seconds() {
        assert_eq!(utc("700101000000Z"), Some(0));
        assert_eq!(utc("231114221320Z"), Some(1_700_000_000));
        assert_eq!(utc("491231235959Z"), Some(2_524_607_999));
        assert_eq!(utc("500101000000Z"), Some(-631_152_000));
        assert_eq!(utc("000229120000Z"), Some(951_825_600));
        assert_eq!(generalized("20231114221320Z"), Some(1_700_000_000));
        assert_eq!(generalized("20500101000000Z"), Some(2_524_608_000));
        assert_eq!(generalized("21000301000000Z"), Some(4_107_542_400));
        assert_eq!(generalized("99991231235959Z"), Some(253_402_300_799));
        assert_eq!(generalized("00000101000000Z"), Some(-62_167_219_200));
    }

    #[test]
    fn each_day_follows_the_last() {
        let mut expected = days_since_1970(1899, 12, 31);
        for year in 1900..2401 {
            for month in 1..=12 {
                for day in 1..=days_in(month, year) {
                    expected += 1;
                    assert_eq!(days_since_1970(year, month, day), expected, "{year}-{month}-{day}");
                }
            }
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "231114221320",
            "231114221320z",
            "2311142213Z",
            "231114221320+0000",
            "231314221320Z",
            "230014221320Z",
            "231100221320Z",
            "231131221320Z",
            "230229000000Z",
            "231114240000Z",
            "231114226020Z",
            "231114221360Z",
            "23111422132 Z",
            "-31114221320Z",
            "231114221320.5Z",
            "",
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
        assert_eq!(generalized("231114221320Z"), None);
        assert_eq!(generalized("20231114221320.5Z"), None);
        assert_eq!(generalized("21000229000000Z"), None);
        assert_eq!(time(&mut Der::new(&element(0x0c, "231114221320Z"))), None);
    }

    #[test]
    fn every_digit_is_one() {
        let (short, long) = ("231114221320Z", "20231114221320Z");
        for place in 0..short.len() {
            assert_eq!(utc(&[&short[..place], ":", &short[place + 1..]].concat()), None, "{place}");
            assert_eq!(utc(&short[..place]), None, "{place}");
        }
        for place in 0..long.len() {
            assert_eq!(generalized(&[&long[..place], "/", &long[place + 1..]].concat()), None, "{place}");
            assert_eq!(generalized(&long[..place]), None, "{place}");
        }
        assert_eq!(time(&mut Der::new(&[])), None);
    }

    #[test]
    fn both_ends_belong_to_the_period() {
        let period = [element(tag::UTC_TIME, "231114221320Z"), element(tag::UTC_TIME, "231114221420Z")].concat();
        let at = |now, leeway| holds(Der::new(&period), Clock { now, leeway });
        for (now, leeway, expected) in [
            (1_700_000_000, 0, true),
            (1_699_999_999, 0, false),
            (1_700_000_060, 0, true),
            (1_700_000_061, 0, false),
            (1_699_999_990, 10, true),
            (1_699_999_989, 10, false),
            (1_700_000_070, 10, true),
            (1_700_000_071, 10, false),
            (u64::MAX, u64::MAX, true),
            (0, u64::MAX, true),
        ] {
            assert_eq!(at(now, leeway), Some(expected), "{now} {leeway}");
        }
        let three = [&period[..], &element(tag::UTC_TIME, "231114221420Z")].concat();
        assert_eq!(holds(Der::new(&three), Clock { now: 1_700_000_000, leeway: 0 }), None);
    }
}
