//! The claims (§4; RFC 7519 §4.1).

use core::fmt;

use crate::error::Fault;
use crate::json::{Kind, Reader};
use crate::operation::Located;
use crate::policy::Policy;
use crate::uuid::{self, Uuid};

/// Longest `jti` in bytes, after unescaping (§4).
pub const MAX_JTI_LEN: usize = 128;

/// The registered claims of an operation. Times are Unix seconds below 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Claims {
    /// The user who signs.
    pub iss: Uuid,
    /// The lock.
    pub sub: Uuid,
    /// Not valid before this time.
    pub nbf: u64,
    /// Time of issue.
    pub iat: u64,
    /// Not valid at or after this time; later than `nbf`.
    pub exp: u64,
    /// The operation's own ID.
    pub jti: Option<Jti>,
}

/// A `jti`: 1 to 128 bytes of UTF-8, unescaped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Jti {
    /// Zero behind `len`, so that equal IDs are equal values.
    bytes: [u8; MAX_JTI_LEN],
    len: usize,
}

impl Jti {
    /// The bytes of the string.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // It has been read as UTF-8, all of it.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn read(reader: &mut Reader<'_, '_>) -> Result<Option<Self>, Fault> {
        match reader.kind()? {
            Kind::Null => return reader.null().map(|()| None),
            Kind::String => {}
            _ => return Err(Fault::Member("jti")),
        }
        let mut bytes = [0; MAX_JTI_LEN];
        match reader.text(&mut bytes)?.map(|text| text.len()) {
            None | Some(0) => Err(Fault::Member("jti")),
            Some(len) => Ok(Some(Self { bytes, len })),
        }
    }
}

impl fmt::Debug for Jti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Jti {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.as_str());
    }
}

impl Claims {
    /// Reads the payload to its end: the claims, and where the operation is.
    pub(crate) fn read<'a>(reader: &mut Reader<'a, '_>, policy: &Policy) -> Result<(Self, Located<'a>), Fault> {
        if reader.kind()? != Kind::Object {
            return Err(Fault::NotAnObject);
        }
        let (mut iss, mut sub, mut nbf, mut iat, mut exp) = (None, None, None, None, None);
        let (mut jti, mut operation) = (None, None);
        reader.enter_object()?;
        while let Some(name) = reader.next_name()? {
            match name.known() {
                b"iss" => iss = Some(read_uuid(reader, "iss")?),
                b"sub" => sub = Some(read_uuid(reader, "sub")?),
                b"nbf" => nbf = Some(read_time(reader, "nbf")?),
                b"iat" => iat = Some(read_time(reader, "iat")?),
                b"exp" => exp = Some(read_time(reader, "exp")?),
                b"jti" => jti = Jti::read(reader)?,
                b"operation" => operation = Some(Located::read(reader)?),
                _ => reader.skip_value()?,
            }
        }
        reader.finish()?;
        let claims = Self {
            iss: iss.ok_or(Fault::Missing("iss"))?,
            sub: sub.ok_or(Fault::Missing("sub"))?,
            nbf: nbf.ok_or(Fault::Missing("nbf"))?,
            iat: iat.ok_or(Fault::Missing("iat"))?,
            exp: exp.ok_or(Fault::Missing("exp"))?,
            jti,
        };
        if claims.exp <= claims.nbf {
            return Err(Fault::Member("exp"));
        }
        if policy.require_jti && claims.jti.is_none() {
            return Err(Fault::Missing("jti"));
        }
        Ok((claims, operation.ok_or(Fault::Missing("operation"))?))
    }
}

fn read_uuid(reader: &mut Reader<'_, '_>, name: &'static str) -> Result<Uuid, Fault> {
    if reader.kind()? != Kind::String {
        return Err(Fault::Member(name));
    }
    let mut buffer = [0; uuid::TEXT_LEN];
    reader.short_text(&mut buffer)?.and_then(|text| Uuid::from_text(text)).ok_or(Fault::Member(name))
}

fn read_time(reader: &mut Reader<'_, '_>, name: &'static str) -> Result<u64, Fault> {
    if reader.kind()? != Kind::Number {
        return Err(Fault::Member(name));
    }
    reader.numeric_date()?.ok_or(Fault::Member(name))
}
