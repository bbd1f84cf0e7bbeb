//! The target `base64`: what the library makes of a text in each of its ways, and what base64ct makes of it.

use lockop::fuzzing::{Cursor, Spelling, Text, check, decode_in_place};

use crate::base64::{self, SPELLINGS};

/// Bytes of a kind and the byte behind them that always fit in the decoder's window. It has room for 127, of which a part
/// group of three may be of no use.
const FITS: usize = 124;

/// The input: how many bytes choose what is done, those bytes, and a text.
///
/// # Panics
///
/// If the two do not agree.
pub fn judge(input: &[u8]) {
    let Some((count, rest)) = input.split_first() else { return };
    let (choices, text) = rest.split_at(usize::from(*count).min(rest.len()));
    judge_text(text, choices);
    // And what is base64 in any case.
    let spelling = SPELLINGS[choices.len() % SPELLINGS.len()];
    judge_text((spelling.encode)(text).as_bytes(), choices);
}

fn judge_text(text: &[u8], choices: &[u8]) {
    let [url, standard, ..] = SPELLINGS;
    let readable = std::str::from_utf8(text).ok().filter(|text| !text.is_empty());
    for (spelling, expected) in [
        (Spelling::Either, base64::decode(text)),
        (Spelling::Rfc7515, readable.and_then(|text| (url.decode)(text).ok())),
        (Spelling::Certificate, readable.and_then(|text| (standard.decode)(text).ok())),
    ] {
        let mut buffer = text.to_vec();
        let in_place = decode_in_place(&mut buffer, spelling).map(<[u8]>::to_vec);
        assert_eq!(in_place, expected, "{spelling:?}, in place");

        let len = expected.as_ref().map(Vec::len);
        assert_eq!(check([text], spelling), len, "{spelling:?}, whole");
        assert_eq!(check(text.chunks(1), spelling), len, "{spelling:?}, in single bytes");
        let (mut rest, mut pieces) = (text, Vec::new());
        for choice in choices {
            let (piece, behind) = rest.split_at(usize::from(*choice).min(rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces.push(rest);
        assert_eq!(check(pieces, spelling), len, "{spelling:?}, in pieces");

        let encoded = Text::new(text, spelling);
        assert_eq!(encoded.is_some(), expected.is_some(), "{spelling:?}, to be read");
        if let (Some(encoded), Some(expected)) = (encoded, expected) {
            read(encoded, &expected, choices);
        }
    }
}

/// Bytes of a kind, none of which is NUL.
const KINDS: [fn(u8) -> bool; 4] = [
    |byte| byte != 0,
    |byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\',
    |byte| byte.is_ascii_digit(),
    |byte| byte >= 0x80,
];

/// Takes the bytes in the way that the choices say, until there are no more choices, and then one by one.
fn read(text: Text<'_>, expected: &[u8], choices: &[u8]) {
    let (mut cursor, mut begun, mut at) = (text.cursor(), 0, 0);
    for pair in choices.chunks(2) {
        let (what, which) = (pair[0], pair.last().copied().unwrap_or(0));
        let left = &expected[at..];
        let of_kind = KINDS[usize::from(what) / 8 % KINDS.len()];
        let run = left.iter().take_while(|byte| of_kind(**byte)).count();
        match what % 8 {
            0 => one(&mut cursor, left, &mut at),
            1 => assert_eq!(cursor.peek(), left.first().copied().unwrap_or(0)),
            2 | 3 => {
                let taken = cursor.take_while(of_kind).len();
                // There may be more of them behind the window, but if there are any, there are some in it.
                assert!(taken <= run && (taken > 0 || run == 0), "{taken} of {run}");
                at += taken;
            }
            4 | 5 => {
                // What comes behind, or something else.
                let last = left.get(run).copied().filter(|byte| *byte != 0 && which % 4 > 0).unwrap_or(which | 1);
                if of_kind(last) {
                    continue;
                }
                let there = left.get(run) == Some(&last);
                let taken = cursor.take_through(of_kind, last).map(<[u8]>::to_vec);
                match taken {
                    Some(taken) => {
                        assert!(there && taken == left[..run], "{taken:x?}");
                        at += run + 1;
                    }
                    None => assert!(!there || run + 1 > FITS, "{run} bytes were not taken"),
                }
            }
            6 => assert_eq!(cursor.at_end(), left.is_empty()),
            _ => {
                at = usize::from(which) * expected.len() / 255;
                begun = at / 3 * 3;
                cursor = text.cursor_behind(at);
            }
        }
        assert_eq!(cursor.position(), at - begun);
    }
    while at < expected.len() {
        one(&mut cursor, &expected[at..], &mut at);
    }
    assert!(cursor.at_end());
    assert_eq!((cursor.peek(), cursor.position()), (0, at - begun));
}

fn one(cursor: &mut Cursor<'_>, left: &[u8], at: &mut usize) {
    assert_eq!(cursor.peek(), left.first().copied().unwrap_or(0));
    cursor.bump();
    *at += usize::from(!left.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_agree() {
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(700).map(|byte| byte.wrapping_mul(29)).collect();
        for count in 0..=255 {
            judge(&[&[count], &bytes[usize::from(count)..]].concat());
        }
        for text in ["", "=", "Zg", "Zg==", "Zh", "Zm9v+/-_", "\u{80}", "Zm 9v", "Z"] {
            judge(&[&[0], text.as_bytes()].concat());
        }
    }
}
