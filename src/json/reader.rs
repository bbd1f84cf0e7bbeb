//! The grammar of RFC 8259, value by value.

use super::unique::{self, Names};
use super::{MAX_DEPTH, number, string};
use crate::error::Fault;
use crate::jws::base64::{Bytes, Encoded};

/// The type of the value that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    /// `true` or `false`: nothing in the format is a Boolean, so the value is never asked for.
    Bool,
    Null,
}

/// The longest member name that anything here asks for is `publicKey`.
const LONGEST_NAME: usize = 9;

/// A member name: its text as far as it can be a known one, and the fingerprint of all of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    text: [u8; LONGEST_NAME],
    len: usize,
    pub(super) fingerprint: u64,
}

impl Name {
    /// The unescaped name; `""` stands for every name that is too long to be known, and for the empty one.
    pub(crate) fn known(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }
}

/// A place in a segment, just before a value, to which a second reader can return.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bookmark<'a> {
    segment: Encoded<'a>,
    /// Decoded bytes before it.
    offset: usize,
}

/// A place behind a value or a bracket, inside of whatever containers, to which a second reader can return.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    mark: Bookmark<'a>,
    depth: u8,
    objects: u32,
    fresh: bool,
}

impl<'a> Place<'a> {
    /// The beginning of a text.
    pub(super) fn start(segment: Encoded<'a>) -> Self {
        Self { mark: Bookmark { segment, offset: 0 }, depth: 0, objects: 0, fresh: false }
    }
}

/// Reads one segment of the JWS as JSON text.
///
/// Containers are entered, and then asked for their next member or element until there is none. Every value must be
/// taken, by one of the typed methods or by [`skip_value`](Self::skip_value), before the next is asked for.
#[derive(Debug)]
pub(crate) struct Reader<'a, 'n> {
    bytes: Bytes<'a>,
    segment: Encoded<'a>,
    /// Open containers.
    depth: u8,
    /// Bit `d` is set if the container at depth `d` is an object.
    objects: u32,
    /// The innermost container has just been opened: no comma comes before its first value.
    fresh: bool,
    /// `None` where the text has been checked for repeated names before.
    names: Option<&'n mut Names>,
}

impl<'a, 'n> Reader<'a, 'n> {
    /// A reader that refuses repeated member names.
    pub(crate) fn new(segment: Encoded<'a>, names: &'n mut Names) -> Self {
        Self { names: Some(names), ..Self::resume(Bookmark { segment, offset: 0 }) }
    }

    /// A reader at a place in a segment that another has read to its end: what is there is well-formed.
    pub(crate) fn resume(mark: Bookmark<'a>) -> Self {
        let (segment, skip) = mark.segment.behind(mark.offset);
        let mut bytes = segment.bytes();
        for _ in 0..skip {
            bytes.peek();
            bytes.bump();
        }
        Self { bytes, segment, depth: 0, objects: 0, fresh: false, names: None }
    }

    /// A reader at a place in such a segment, inside of containers.
    pub(super) fn at(place: Place<'a>) -> Self {
        let Place { mark, depth, objects, fresh } = place;
        Self { depth, objects, fresh, ..Self::resume(mark) }
    }

    /// The place behind what has been read.
    pub(super) fn place(&mut self) -> Place<'a> {
        Place { mark: self.bookmark(), depth: self.depth, objects: self.objects, fresh: self.fresh }
    }

    /// How many containers are open.
    pub(super) fn depth(&self) -> u8 {
        self.depth
    }

    /// Whether the innermost container is an object.
    #[inline]
    pub(super) fn is_in_object(&self) -> bool {
        self.objects & (1 << self.depth) != 0
    }

    /// The place of the next token.
    pub(crate) fn bookmark(&mut self) -> Bookmark<'a> {
        self.skip_white_space();
        Bookmark { segment: self.segment, offset: self.bytes.position() }
    }

    /// How many decoded bytes have been read.
    pub(crate) fn position(&self) -> usize {
        self.bytes.position()
    }

    /// The type of the next value.
    pub(crate) fn kind(&mut self) -> Result<Kind, Fault> {
        match self.skip_white_space() {
            b'{' => Ok(Kind::Object),
            b'[' => Ok(Kind::Array),
            b'"' => Ok(Kind::String),
            b'-' | b'0'..=b'9' => Ok(Kind::Number),
            b't' | b'f' => Ok(Kind::Bool),
            b'n' => Ok(Kind::Null),
            _ => Err(Fault::Syntax),
        }
    }

    /// Enters an object; [`next_name`](Self::next_name) follows.
    pub(crate) fn enter_object(&mut self) -> Result<(), Fault> {
        self.skip_white_space();
        self.expect(b'{')?;
        self.open()?;
        self.objects |= 1 << self.depth;
        if let Some(names) = &mut self.names {
            names.enter(self.depth);
        }
        Ok(())
    }

    /// Enters an array; [`next_element`](Self::next_element) follows.
    pub(crate) fn enter_array(&mut self) -> Result<(), Fault> {
        self.skip_white_space();
        self.expect(b'[')?;
        self.open()?;
        self.objects &= !(1 << self.depth);
        Ok(())
    }

    /// The name of the next member, whose value must be taken next; `None` leaves the object.
    pub(crate) fn next_name(&mut self) -> Result<Option<Name>, Fault> {
        if self.skip_white_space() == b'}' {
            self.bytes.bump();
            if let Some(names) = &mut self.names {
                names.leave(self.depth);
            }
            self.close();
            return Ok(None);
        }
        self.comma()?;
        self.open_string()?;
        let mut name = Name { text: [0; LONGEST_NAME], len: 0, fingerprint: unique::SEED };
        let print = |byte| name.fingerprint = unique::extend(name.fingerprint, byte);
        let plain = string::read_plain(&mut self.bytes, print);
        if let Some(len) = plain {
            (name.text, name.len) = (self.bytes.taken_chunk(len), len);
        } else {
            name.fingerprint = unique::SEED;
            name.len = self.pieces(|piece, at| {
                copy(piece, &mut name.text, at);
                name.fingerprint = piece.iter().fold(name.fingerprint, |print, byte| unique::extend(print, *byte));
            })?;
        }
        if let Some(names) = &mut self.names {
            names.add(self.depth, name.fingerprint)?;
        }
        self.skip_white_space();
        self.expect(b':')?;
        Ok(Some(name))
    }

    /// Whether there is another element, which must be taken next; `false` leaves the array.
    pub(crate) fn next_element(&mut self) -> Result<bool, Fault> {
        if self.skip_white_space() == b']' {
            self.bytes.bump();
            self.close();
            return Ok(false);
        }
        self.comma()?;
        Ok(true)
    }

    /// Reads a string, handing out its unescaped bytes in pieces, each with the number of bytes before it; the length
    /// of the whole.
    pub(crate) fn string(&mut self, piece: impl FnMut(&[u8], usize)) -> Result<usize, Fault> {
        self.open_string()?;
        self.pieces(piece)
    }

    /// Reads a string into `buffer`; `None` if it is longer, which means that it is none of the values asked for.
    pub(crate) fn text<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<&'b mut [u8]>, Fault> {
        self.open_string()?;
        self.copied(buffer)
    }

    /// The same, but a string that lies in the decoder's window as it is stays there.
    pub(crate) fn short_text<'b>(&'b mut self, buffer: &'b mut [u8]) -> Result<Option<&'b mut [u8]>, Fault> {
        self.open_string()?;
        match string::read_plain(&mut self.bytes, |_| {}) {
            Some(len) => Ok(Some(self.bytes.taken(len)).filter(|_| len <= buffer.len())),
            None => self.copied(buffer),
        }
    }

    /// What [`text`](Self::text) does behind the opening quotation mark.
    #[inline(never)]
    fn copied<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<&'b mut [u8]>, Fault> {
        let len = self.pieces(|piece, at| copy(piece, buffer, at))?;
        Ok(buffer.get_mut(..len))
    }

    #[inline]
    fn open_string(&mut self) -> Result<(), Fault> {
        self.skip_white_space();
        self.expect(b'"')?;
        self.fresh = false;
        Ok(())
    }

    /// What [`string`](Self::string) does behind the opening quotation mark.
    fn pieces(&mut self, mut piece: impl FnMut(&[u8], usize)) -> Result<usize, Fault> {
        let mut len = 0;
        string::read(&mut self.bytes, |bytes| {
            piece(bytes, len);
            len += bytes.len();
        })?;
        Ok(len)
    }

    /// Reads a number as a NumericDate: its integer part, or `None` outside 0 <= value < 2^53 (§2).
    pub(crate) fn numeric_date(&mut self) -> Result<Option<u64>, Fault> {
        self.skip_white_space();
        self.fresh = false;
        number::numeric_date(&mut self.bytes)
    }

    /// Reads `null`.
    pub(crate) fn null(&mut self) -> Result<(), Fault> {
        self.skip_white_space();
        self.literal(b"null")
    }

    /// Reads any value, whatever it nests, and forgets it.
    pub(crate) fn skip_value(&mut self) -> Result<(), Fault> {
        let outside = self.depth;
        self.take_or_enter()?;
        // On to the next value, out of as many containers as end here.
        while self.depth > outside {
            let more = if self.is_in_object() { self.next_name()?.is_some() } else { self.next_element()? };
            if more {
                self.take_or_enter()?;
            }
        }
        Ok(())
    }

    /// Reads a value that nests nothing and forgets it, or enters a container.
    pub(super) fn take_or_enter(&mut self) -> Result<(), Fault> {
        match self.kind()? {
            Kind::Object => self.enter_object(),
            Kind::Array => self.enter_array(),
            Kind::String => self.string(|_, _| {}).map(|_| ()),
            Kind::Number => self.numeric_date().map(|_| ()),
            Kind::Bool if self.bytes.peek() == b't' => self.literal(b"true"),
            Kind::Bool => self.literal(b"false"),
            Kind::Null => self.literal(b"null"),
        }
    }

    /// Ends the text: nothing but white space may be left, and no name may have come twice where there was no room to
    /// see it at once.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        self.skip_white_space();
        if !self.bytes.at_end() {
            return Err(Fault::TrailingData);
        }
        match &self.names {
            Some(names) if names.are_crowded() => unique::check(self.segment),
            _ => Ok(()),
        }
    }

    /// Shows the first byte of the next token; 0, which begins none, at the end.
    #[inline]
    fn skip_white_space(&mut self) -> u8 {
        loop {
            match self.bytes.peek() {
                b' ' | b'\t' | b'\n' | b'\r' => self.bytes.bump(),
                byte => return byte,
            }
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.bytes.peek() != byte {
            return Err(Fault::Syntax);
        }
        self.bytes.bump();
        Ok(())
    }

    /// The comma before every value of a container but the first.
    #[inline]
    fn comma(&mut self) -> Result<(), Fault> {
        if self.fresh {
            self.fresh = false;
            return Ok(());
        }
        self.expect(b',')
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Fault> {
        self.fresh = false;
        word.iter().try_for_each(|byte| self.expect(*byte))
    }

    fn open(&mut self) -> Result<(), Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::TooDeep);
        }
        self.depth += 1;
        self.fresh = true;
        Ok(())
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.fresh = false;
    }
}

/// Copies a piece to its place in a buffer, as far as it fits there.
#[inline]
fn copy(piece: &[u8], buffer: &mut [u8], at: usize) {
    for (place, byte) in buffer.get_mut(at..).unwrap_or_default().iter_mut().zip(piece) {
        *place = *byte;
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::jws::base64::Spelling;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use std::{format, string::String, vec::Vec};

    fn reader<'a, 'n>(segment: &'a str, names: &'n mut Names) -> Reader<'a, 'n> {
        Reader::new(Encoded::check(segment.as_bytes(), Spelling::Either).unwrap(), names)
    }

    fn read(json: &[u8]) -> Result<(), Fault> {
        let segment = Base64UrlUnpadded::encode_string(json);
        let mut names = Names::new();
        let mut reader = reader(&segment, &mut names);
        reader.skip_value().and_then(|()| reader.finish())
    }

    #[track_caller]
    fn accepts(json: &str) {
        assert_eq!(read(json.as_bytes()), Ok(()), "{json}");
    }

    #[track_caller]
    fn refuses(json: impl AsRef<[u8]>, fault: Fault) {
        let json = json.as_ref();
        assert_eq!(read(json), Err(fault), "{}", String::from_utf8_lossy(json));
    }

    #[test]
    fn whole_grammar() {
        accepts(r#" { "a" : [ 1 , -0 , 1.5e+9 , 0E-2, true,false , null , "\"\\\/\b\f\n\r\t\u00e9", {} , [ ] ] } "#);
        accepts("\t\r\n[]");
        accepts(r#"{"":{"":{"a":1},"b":[{"":1},{"":2}]}}"#);
    }

    #[test]
    fn commas_colons_and_brackets() {
        for json in [
            "{,}",
            "[,]",
            "[1,]",
            r#"{"a":1,}"#,
            "[1 2]",
            r#"{"a" 1}"#,
            r#"{"a":}"#,
            r#"{"a"}"#,
            "{1:2}",
            "[}",
            "{]",
            r#"{"a":1]"#,
            "[1}",
            " ",
            "[",
            "{",
            r#"{"a""#,
            r#"{"a":"#,
            "[1",
            "{a:1}",
            "{'a':1}",
            "[1,,2]",
            "/**/{}",
            "[nul]",
            "[True]",
            "[NaN]",
            "[truE]",
            "[nulll]",
            "\u{feff}{}",
            "\u{b}{}",
            "\u{a0}{}",
        ] {
            refuses(json, Fault::Syntax);
        }
        for json in ["{}{}", "{} x", "{}\0", "[],"] {
            refuses(json, Fault::TrailingData);
        }
    }

    #[test]
    fn depth_is_counted_over_both_containers() {
        let nested = |n: usize| format!("{}1{}", r#"{"a":["#.repeat(n / 2), "]}".repeat(n / 2));
        accepts(&nested(16));
        refuses(format!("[{}]", nested(16)), Fault::TooDeep);
        refuses("[".repeat(20_000), Fault::TooDeep);
        // Siblings do not add up.
        accepts(&format!("[{}]", [nested(14).as_str(); 5].join(",")));
    }

    #[test]
    fn repeated_names_are_found_at_every_level() {
        refuses(r#"{"a":1,"b":2,"a":3}"#, Fault::RepeatedMember);
        refuses(r#"[[{"x":{"a":1,"\u0061":2}}]]"#, Fault::RepeatedMember);
        refuses(r#"{"":1,"":2}"#, Fault::RepeatedMember);
        accepts(r#"{"a":{"a":{"a":1}},"b":{"a":1}}"#);
        accepts(r#"{"a":1,"A":2,"a ":3}"#);
    }

    /// Enough names to fill the live table and several chunks of the second look.
    #[test]
    fn repeated_names_are_found_however_many_there_are() {
        for count in [1, 63, 64, 65, 255, 256, 257, 300, 511, 512, 513, 1_023, 1_024, 1_025, 2_000] {
            let members: Vec<String> = (0..count).map(|i| format!(r#""n{i}":{{"x":{i}}}"#)).collect();
            accepts(&format!("{{{}}}", members.join(",")));
            for repeated in [0, count / 2, count - 1] {
                let text = format!(r#"{{{},"n{repeated}":0}}"#, members.join(","));
                refuses(text, Fault::RepeatedMember);
            }
            // With the table full of the outer object's names, an inner repetition is found all the same.
            refuses(format!(r#"{{{},"y":[{{"q":1,"r":{{}},"q":2}}]}}"#, members.join(",")), Fault::RepeatedMember);
        }
    }

    #[test]
    fn known_names_are_whole_names() {
        let segment = Base64UrlUnpadded::encode_string(br#"{"publicKey":1,"publicKeys":2,"\u0069ss":3,"":4}"#);
        let mut names = Names::new();
        let mut reader = reader(&segment, &mut names);
        reader.enter_object().unwrap();
        let mut names: Vec<Vec<u8>> = Vec::new();
        while let Some(name) = reader.next_name().unwrap() {
            names.push(name.known().to_vec());
            reader.skip_value().unwrap();
        }
        assert_eq!(names, [&b"publicKey"[..], b"", b"iss", b""]);
    }

    #[test]
    fn a_bookmark_leads_back_to_the_value() {
        for pad in 0..4 {
            let json = format!(r#"{{{}"a":  [1,"x"], "b":2}}"#, " ".repeat(pad));
            let segment = Base64UrlUnpadded::encode_string(json.as_bytes());
            let mut names = Names::new();
            let mut reader = reader(&segment, &mut names);
            reader.enter_object().unwrap();
            reader.next_name().unwrap();
            let mark = reader.bookmark();
            reader.skip_value().unwrap();
            let mut again = Reader::resume(mark);
            again.enter_array().unwrap();
            assert!(again.next_element().unwrap());
            assert_eq!(again.numeric_date(), Ok(Some(1)));
            assert!(again.next_element().unwrap());
            assert_eq!(again.text(&mut [0; 4]).unwrap().unwrap(), b"x");
            assert!(!again.next_element().unwrap());
        }
    }
}
