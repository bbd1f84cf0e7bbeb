//! The target `json`: a text as the library's reader reads it, in each of the ways in which it is driven, and as serde_json
//! does.

use lockop::fuzzing::{Bookmark, Kind, Names, Reader, Spelling, Text};

use crate::base64;
use crate::json::{self, Json};

/// Longest member name that is asked for: the reader tells no longer ones apart.
const LONGEST_NAME: usize = 9;

/// Places that are returned to, so that no input takes the time of the square of its length.
const MOST_PLACES: usize = 16;

/// A value as the library shows it.
#[derive(Debug, PartialEq)]
enum Seen {
    Null,
    Bool,
    /// The NumericDate, if it is one.
    Number(Option<u64>),
    String(Vec<u8>),
    Array(Vec<Seen>),
    /// With names as far as they can be known.
    Object(Vec<(Vec<u8>, Seen)>),
    /// A string that is longer than the buffer.
    Long,
}

/// How strings are read.
#[derive(Clone, Copy, PartialEq)]
enum Strings {
    /// In pieces.
    Whole,
    /// Into a buffer of so many bytes.
    Copied(usize),
    /// From the decoder's window where possible, if no longer than this.
    Short(usize),
}

/// # Panics
///
/// If the two do not agree.
pub fn judge(text: &[u8]) {
    // There are no empty segments.
    if text.is_empty() {
        return;
    }
    let expected = json::read(text);
    let encoded = base64::encode(text);
    let encoded = Text::new(encoded.as_bytes(), Spelling::Rfc7515).expect("it has been encoded");

    let mut names = Names::new();
    let mut reader = Reader::new(encoded, &mut names);
    let passed = reader.skip_value().and_then(|()| reader.finish());
    assert_eq!(passed.is_ok(), expected.is_some(), "passed over");

    for strings in [Strings::Whole, Strings::Copied(36), Strings::Short(14)] {
        let mut names = Names::new();
        let mut reader = Reader::new(encoded, &mut names);
        let mut marks = Vec::new();
        let got = read(&mut reader, strings, &mut marks).and_then(|seen| reader.finish().map(|()| seen)).ok();
        match (&got, &expected) {
            (Some(got), Some(expected)) => assert!(is_same(got, expected, strings), "{got:?}\n{expected:?}"),
            _ => assert_eq!(got.is_some(), expected.is_some(), "{got:?}\n{expected:?}"),
        }
        let Some(got) = got else { continue };
        assert_eq!(reader.position(), text.len());
        let mut places = marks.into_iter();
        again(&got, &mut places, strings);
        assert_eq!(places.len(), 0);
    }
}

/// Reads a value, and notes where it and those inside it are.
fn read<'a>(reader: &mut Reader<'a, '_>, strings: Strings, marks: &mut Vec<Bookmark<'a>>) -> Result<Seen, ()> {
    marks.push(reader.bookmark());
    Ok(match reader.kind()? {
        Kind::Null => reader.null().map(|()| Seen::Null)?,
        Kind::Bool => reader.skip_value().map(|()| Seen::Bool)?,
        Kind::Number => Seen::Number(reader.numeric_date()?),
        Kind::String => string(reader, strings)?,
        Kind::Array => {
            reader.enter_array()?;
            let mut elements = Vec::new();
            while reader.next_element()? {
                elements.push(read(reader, strings, marks)?);
            }
            Seen::Array(elements)
        }
        Kind::Object => {
            reader.enter_object()?;
            let mut members = Vec::new();
            loop {
                let mut name = Vec::new();
                if !reader.next_name(|known| name = known.to_vec())? {
                    break;
                }
                members.push((name, read(reader, strings, marks)?));
            }
            Seen::Object(members)
        }
    })
}

fn string(reader: &mut Reader<'_, '_>, strings: Strings) -> Result<Seen, ()> {
    let mut buffer;
    let text = match strings {
        Strings::Whole => {
            let mut text = Vec::new();
            let len = reader.string(|piece, at| {
                assert_eq!(at, text.len());
                text.extend(piece);
            })?;
            assert_eq!(len, text.len());
            return Ok(Seen::String(text));
        }
        Strings::Copied(room) => {
            buffer = vec![0; room];
            reader.text(&mut buffer)?
        }
        Strings::Short(room) => {
            buffer = vec![0; room];
            reader.short_text(&mut buffer)?
        }
    };
    Ok(text.map_or(Seen::Long, |text| Seen::String(text.to_vec())))
}

/// Returns to the first places, where the same values are.
fn again(seen: &Seen, places: &mut dyn ExactSizeIterator<Item = Bookmark<'_>>, strings: Strings) {
    let all = places.len();
    let mut values = vec![seen];
    for number in 0..all {
        let mark = places.next().expect("one for each value");
        let value = values.pop().expect("a value for each place");
        match value {
            Seen::Array(elements) => values.extend(elements.iter().rev()),
            Seen::Object(members) => values.extend(members.iter().rev().map(|(_, value)| value)),
            _ => {}
        }
        if number < MOST_PLACES {
            assert_eq!(read(&mut Reader::resume(mark), strings, &mut Vec::new()).as_ref(), Ok(value));
            Reader::resume(mark).skip_value().expect("it has been read before");
        }
    }
    assert!(values.is_empty());
}

fn is_same(seen: &Seen, expected: &Json, strings: Strings) -> bool {
    match (seen, expected) {
        (Seen::Null, Json::Null) | (Seen::Bool, Json::Bool) => true,
        (Seen::Number(date), Json::Number(_)) => *date == json::numeric_date(expected),
        (Seen::String(text), Json::String(expected)) => text == expected.as_bytes() && strings.has_room(text.len()),
        (Seen::Long, Json::String(expected)) => !strings.has_room(expected.len()),
        (Seen::Array(elements), Json::Array(expected)) => {
            elements.len() == expected.len() && elements.iter().zip(expected).all(|(a, b)| is_same(a, b, strings))
        }
        (Seen::Object(members), Json::Object(expected)) => {
            // Names that are not told apart are known by what they are names of: each must be there.
            let long = |name: &str| name.is_empty() || name.len() > LONGEST_NAME;
            let is_of =
                |value: &Seen, (name, expected): (&String, &Json)| long(name) && is_same(value, expected, strings);
            members.len() == expected.len()
                && members.iter().all(|(name, value)| match std::str::from_utf8(name) {
                    Ok("") => expected.iter().any(|member| is_of(value, member)),
                    Ok(name) => !long(name) && expected.get(name).is_some_and(|it| is_same(value, it, strings)),
                    Err(_) => false,
                })
                && members.iter().filter(|(name, _)| name.is_empty()).count()
                    == expected.keys().filter(|name| long(name)).count()
        }
        _ => false,
    }
}

impl Strings {
    const fn has_room(self, len: usize) -> bool {
        match self {
            Self::Whole => true,
            Self::Copied(room) | Self::Short(room) => len <= room,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn the_two_agree() {
        let many: Vec<String> = (0..200).map(|number| format!("\"{number}\":[{number}]")).collect();
        let many = format!("{{{}}}", many.join(","));
        let repeated = many.replace("\"199\"", "\"0\"");
        for text in [
            r#"{"a":[1,{"publicKey":"x","publicKeys":"\u00e9","":null}],"b":true}"#,
            "[1.5e9, -1 , \"\u{e9}\\ud83d\\ude00\", [], {}]",
            "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
            "tru",
            "\0",
            &many,
            &repeated,
        ] {
            judge(text.as_bytes());
        }
    }
}
