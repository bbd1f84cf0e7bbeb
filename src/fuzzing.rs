//! What the fuzz targets (`fuzz/`) need of the private modules: base64 and JSON. Only in builds with `--cfg=fuzzing`.
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::result_unit_err,
    reason = "no API: for the fuzz targets alone"
)]

use crate::json;
use crate::jws::base64::{self, Bytes, Check, Encoded};

/// Which spellings of base64 are accepted: see [`base64::Spelling`].
#[derive(Debug, Clone, Copy)]
pub enum Spelling {
    Either,
    Rfc7515,
    Certificate,
}

impl Spelling {
    const fn inner(self) -> base64::Spelling {
        match self {
            Self::Either => base64::Spelling::Either,
            Self::Rfc7515 => base64::Spelling::Rfc7515,
            Self::Certificate => base64::Spelling::Certificate,
        }
    }
}

/// The number of decoded bytes of a text in pieces.
pub fn check<'p>(pieces: impl IntoIterator<Item = &'p [u8]>, spelling: Spelling) -> Option<usize> {
    let mut check = Check::new(spelling.inner());
    pieces.into_iter().for_each(|piece| check.push(piece));
    check.finish().ok()
}

pub fn decode_in_place(buffer: &mut [u8], spelling: Spelling) -> Option<&[u8]> {
    base64::decode_in_place(buffer, spelling.inner()).ok()
}

/// A checked text.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a>(Encoded<'a>);

impl<'a> Text<'a> {
    pub fn new(text: &'a [u8], spelling: Spelling) -> Option<Self> {
        Encoded::check(text, spelling.inner()).ok().map(Self)
    }

    pub fn cursor(self) -> Cursor<'a> {
        Cursor(self.0.bytes())
    }

    /// A cursor behind so many decoded bytes.
    pub fn cursor_behind(self, offset: usize) -> Cursor<'a> {
        let (behind, skip) = self.0.behind(offset);
        let mut cursor = Cursor(behind.bytes());
        for _ in 0..skip {
            cursor.peek();
            cursor.bump();
        }
        cursor
    }
}

/// The decoder.
#[derive(Debug)]
pub struct Cursor<'a>(Bytes<'a>);

impl Cursor<'_> {
    pub fn peek(&mut self) -> u8 {
        self.0.peek()
    }

    pub fn bump(&mut self) {
        self.0.bump();
    }

    pub fn take_while(&mut self, of_kind: impl FnMut(u8) -> bool) -> &[u8] {
        self.0.take_while(of_kind)
    }

    /// The bytes of the kind, if they and `last` have been taken.
    pub fn take_through(&mut self, of_kind: impl FnMut(u8) -> bool, last: u8) -> Option<&[u8]> {
        let len = self.0.take_through(of_kind, last)?;
        Some(self.0.taken(len))
    }

    pub fn at_end(&mut self) -> bool {
        self.0.at_end()
    }

    /// Bytes that have been taken since the beginning of the cursor.
    pub fn position(&self) -> usize {
        self.0.position()
    }
}

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

/// The names that the reader remembers.
#[derive(Debug)]
pub struct Names(json::Names);

impl Names {
    #[allow(clippy::new_without_default, reason = "no API")]
    pub fn new() -> Self {
        Self(json::Names::new())
    }
}

/// A place in a JSON text.
#[derive(Debug, Clone, Copy)]
pub struct Bookmark<'a>(json::Bookmark<'a>);

/// The JSON reader.
#[derive(Debug)]
pub struct Reader<'a, 'n>(json::Reader<'a, 'n>);

impl<'a, 'n> Reader<'a, 'n> {
    pub fn new(text: Text<'a>, names: &'n mut Names) -> Self {
        Self(json::Reader::new(text.0, &mut names.0))
    }

    pub fn resume(mark: Bookmark<'a>) -> Self {
        Self(json::Reader::resume(mark.0))
    }

    pub fn bookmark(&mut self) -> Bookmark<'a> {
        Bookmark(self.0.bookmark())
    }

    pub fn position(&self) -> usize {
        self.0.position()
    }

    pub fn kind(&mut self) -> Result<Kind, ()> {
        let kind = self.0.kind().map_err(drop)?;
        Ok(match kind {
            json::Kind::Object => Kind::Object,
            json::Kind::Array => Kind::Array,
            json::Kind::String => Kind::String,
            json::Kind::Number => Kind::Number,
            json::Kind::Bool => Kind::Bool,
            json::Kind::Null => Kind::Null,
        })
    }

    pub fn enter_object(&mut self) -> Result<(), ()> {
        self.0.enter_object().map_err(drop)
    }

    /// Hands the known name to `see`; whether there was one.
    pub fn next_name(&mut self, see: impl FnOnce(&[u8])) -> Result<bool, ()> {
        Ok(self.0.next_name().map_err(drop)?.map(|name| see(name.known())).is_some())
    }

    pub fn enter_array(&mut self) -> Result<(), ()> {
        self.0.enter_array().map_err(drop)
    }

    pub fn next_element(&mut self) -> Result<bool, ()> {
        self.0.next_element().map_err(drop)
    }

    pub fn string(&mut self, piece: impl FnMut(&[u8], usize)) -> Result<usize, ()> {
        self.0.string(piece).map_err(drop)
    }

    pub fn text<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<&'b mut [u8]>, ()> {
        self.0.text(buffer).map_err(drop)
    }

    pub fn short_text<'b>(&'b mut self, buffer: &'b mut [u8]) -> Result<Option<&'b mut [u8]>, ()> {
        self.0.short_text(buffer).map_err(drop)
    }

    pub fn numeric_date(&mut self) -> Result<Option<u64>, ()> {
        self.0.numeric_date().map_err(drop)
    }

    pub fn null(&mut self) -> Result<(), ()> {
        self.0.null().map_err(drop)
    }

    pub fn skip_value(&mut self) -> Result<(), ()> {
        self.0.skip_value().map_err(drop)
    }

    pub fn finish(&mut self) -> Result<(), ()> {
        self.0.finish().map_err(drop)
    }
}
