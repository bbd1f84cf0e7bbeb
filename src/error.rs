//! What was wrong with an operation: the stable codes (§7) and, for people, the reasons behind them.

use core::fmt;

/// The verdicts that refuse, in the order in which they are decided (§7). The numbers and names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u8)]
pub enum Code {
    /// Not a well-formed compact JWS, base64, UTF-8 or JSON; a repeated member; a missing or wrongly typed header
    /// member or claim; a limit exceeded.
    Malformed = 1,
    /// The header asks for something that is not understood (§3).
    UnsupportedAlgorithm = 2,
    /// Issuer unknown to the ACL, signature wrong, or the leaf certificate not bound to the issuer (§6).
    Unauthenticated = 3,
    /// `sub` is another lock's (§4).
    WrongDevice = 4,
    /// `nbf` or `iat` is in the future (§4).
    NotYetValid = 5,
    /// `exp` has passed (§4).
    Expired = 6,
    /// The issuer is no ADMIN, or not active now (§7).
    Forbidden = 7,
    /// The operation was applied before, or may have been (§8).
    Replayed = 8,
    /// `operation.type` is a string, but none that is known (§5).
    UnsupportedOperation = 9,
    /// Something is wrong inside `operation` (§5).
    InvalidOperation = 10,
    /// The store has no room for the new users.
    AclFull = 11,
    /// The store failed.
    Storage = 12,
}

impl Code {
    /// Every code, in the order of §7.
    pub const ALL: [Self; 12] = [
        Self::Malformed,
        Self::UnsupportedAlgorithm,
        Self::Unauthenticated,
        Self::WrongDevice,
        Self::NotYetValid,
        Self::Expired,
        Self::Forbidden,
        Self::Replayed,
        Self::UnsupportedOperation,
        Self::InvalidOperation,
        Self::AclFull,
        Self::Storage,
    ];

    /// The machine-readable name, as in §7: `"wrong-device"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnsupportedAlgorithm => "unsupported-algorithm",
            Self::Unauthenticated => "unauthenticated",
            Self::WrongDevice => "wrong-device",
            Self::NotYetValid => "not-yet-valid",
            Self::Expired => "expired",
            Self::Forbidden => "forbidden",
            Self::Replayed => "replayed",
            Self::UnsupportedOperation => "unsupported-operation",
            Self::InvalidOperation => "invalid-operation",
            Self::AclFull => "acl-full",
            Self::Storage => "storage",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an operation was refused. `E` is the store's own error.
///
/// What a device answers to the outside is [`code`](Self::code) alone; the rest is for its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// Row 1 of §7.
    Malformed(Malformed),
    /// Row 2 of §7.
    UnsupportedAlgorithm(UnsupportedAlgorithm),
    /// Row 3 of §7. It does not tell an unknown issuer from a wrong signature: the verifier forms one verdict (§9).
    Unauthenticated,
    /// The store failed while the issuer was looked up. Nobody has been authenticated, so the code is that of
    /// [`Unauthenticated`](Self::Unauthenticated).
    Lookup(E),
    /// `sub` is not this device.
    WrongDevice,
    /// `now + leeway` is before `nbf` or `iat`.
    NotYetValid,
    /// `now` is at or after `exp + leeway`.
    Expired,
    /// The issuer is no ADMIN, or not active now.
    Forbidden,
    /// Applied before, or no longer provable that it was not (§8).
    Replayed,
    /// A `type` that this version does not know.
    UnsupportedOperation,
    /// Row 9 of §7.
    InvalidOperation(InvalidOperation),
    /// No room for the batch; nothing was changed.
    AclFull,
    /// The store failed; after a restart it shows all of the batch or none of it (§10).
    Storage(E),
}

impl<E> Error<E> {
    /// The stable code that may be told to the outside.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Malformed(_) => Code::Malformed,
            Self::UnsupportedAlgorithm(_) => Code::UnsupportedAlgorithm,
            Self::Unauthenticated | Self::Lookup(_) => Code::Unauthenticated,
            Self::WrongDevice => Code::WrongDevice,
            Self::NotYetValid => Code::NotYetValid,
            Self::Expired => Code::Expired,
            Self::Forbidden => Code::Forbidden,
            Self::Replayed => Code::Replayed,
            Self::UnsupportedOperation => Code::UnsupportedOperation,
            Self::InvalidOperation(_) => Code::InvalidOperation,
            Self::AclFull => Code::AclFull,
            Self::Storage(_) => Code::Storage,
        }
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(detail) => detail.fmt(f),
            Self::UnsupportedAlgorithm(detail) => detail.fmt(f),
            Self::Unauthenticated => f.write_str("the signature is not one of a user on the ACL"),
            Self::Lookup(error) => write!(f, "the store failed while the issuer was looked up: {error:?}"),
            Self::WrongDevice => f.write_str("`sub` names another device"),
            Self::NotYetValid => f.write_str("`nbf` or `iat` lies in the future of this device's clock"),
            Self::Expired => f.write_str("`exp` has passed on this device's clock"),
            Self::Forbidden => f.write_str("the issuer is not an active ADMIN of this device"),
            Self::Replayed => {
                f.write_str("the operation was applied before, or its record has made room for later ones")
            }
            Self::UnsupportedOperation => f.write_str("`operation.type` is not known to this device"),
            Self::InvalidOperation(detail) => detail.fmt(f),
            Self::AclFull => f.write_str("the ACL has no room for the new users"),
            Self::Storage(error) => write!(f, "the store failed: {error:?}"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

impl<E> From<ParseError> for Error<E> {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Malformed(detail) => Self::Malformed(detail),
            ParseError::UnsupportedAlgorithm(detail) => Self::UnsupportedAlgorithm(detail),
        }
    }
}

/// Rows 1 and 2 of §7: what can be said before any key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ParseError {
    /// Row 1.
    Malformed(Malformed),
    /// Row 2.
    UnsupportedAlgorithm(UnsupportedAlgorithm),
}

impl ParseError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Malformed(_) => Code::Malformed,
            Self::UnsupportedAlgorithm(_) => Code::UnsupportedAlgorithm,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(detail) => detail.fmt(f),
            Self::UnsupportedAlgorithm(detail) => detail.fmt(f),
        }
    }
}

impl core::error::Error for ParseError {}

/// A part of the compact JWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Part {
    /// The input as a whole: its size and its dots.
    Input,
    /// The first segment.
    Header,
    /// The second segment.
    Payload,
    /// The third segment.
    Signature,
}

impl Part {
    /// `"header"`, for messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        }
    }
}

/// Row 1 of §7, with the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Malformed {
    /// Where.
    pub part: Part,
    /// What.
    pub fault: Fault,
    /// How far reading had come: decoded bytes of the segment for JSON, all of the encoded bytes for its encoding,
    /// bytes of the input for the input.
    pub offset: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, byte {}: {}", self.part.as_str(), self.offset, self.fault)
    }
}

impl core::error::Error for Malformed {}

/// What made an input `malformed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// Longer than [`Policy::max_len`](crate::Policy::max_len) (§1).
    TooLong,
    /// Not exactly two dots (§1).
    SegmentCount,
    /// A segment, or base64 inside the header, is empty (§1).
    EmptySegment,
    /// A character outside the alphabet, or both alphabets in one segment (§1).
    Base64Alphabet,
    /// A length that base64 cannot have.
    Base64Length,
    /// Padding that is not exactly right, or forbidden or missing where the spelling is fixed (§1, §3).
    Base64Padding,
    /// Unused bits that are not zero (RFC 4648 §3.5).
    Base64TrailingBits,
    /// A string that is not UTF-8 (RFC 8259 §8.1).
    Utf8,
    /// Not the grammar of RFC 8259, or an end before the value's.
    Syntax,
    /// A control character inside a string (RFC 8259 §7).
    ControlCharacter,
    /// A wrong escape, lone surrogates included (RFC 8259 §7).
    Escape,
    /// A number that breaks the grammar (RFC 8259 §6).
    Number,
    /// A member name twice in one object (§2).
    RepeatedMember,
    /// Nested deeper than 16 (§2).
    TooDeep,
    /// Something other than white space after the object (§2).
    TrailingData,
    /// The top-level value is not an object.
    NotAnObject,
    /// One of the two certificates that are read has more than 2,048 bytes (§11).
    CertificateTooLong,
    /// A required member is missing.
    Missing(&'static str),
    /// A member of the wrong type, or out of its range.
    Member(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "longer than the policy allows",
            Self::SegmentCount => "a compact JWS has exactly two dots",
            Self::EmptySegment => "empty base64",
            Self::Base64Alphabet => "not a base64 character here, or both alphabets in one text",
            Self::Base64Length => "a length that base64 cannot have",
            Self::Base64Padding => "wrong base64 padding",
            Self::Base64TrailingBits => "unused base64 bits are not zero",
            Self::Utf8 => "not UTF-8",
            Self::Syntax => "not JSON (RFC 8259)",
            Self::ControlCharacter => "a bare control character in a string",
            Self::Escape => "a wrong escape in a string",
            Self::Number => "a number that JSON does not allow",
            Self::RepeatedMember => "a member name is repeated in one object",
            Self::TooDeep => "nested deeper than 16",
            Self::TrailingData => "data after the top-level object",
            Self::NotAnObject => "not a JSON object",
            Self::CertificateTooLong => "a certificate of more than 2,048 bytes",
            Self::Missing(name) => return write!(f, "`{name}` is missing"),
            Self::Member(name) => return write!(f, "`{name}` has the wrong type or is out of range"),
        })
    }
}

/// Which header member asked for something that is not understood (§3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum UnsupportedAlgorithm {
    /// `alg` is neither `EdDSA` nor `Ed25519`.
    Alg,
    /// `typ` is not `JWT`.
    Typ,
    /// `crit` is present.
    Crit,
}

impl fmt::Display for UnsupportedAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alg => "`alg` is neither EdDSA nor Ed25519",
            Self::Typ => "`typ` is not JWT",
            Self::Crit => "`crit` is present, and no extension is understood",
        })
    }
}

impl core::error::Error for UnsupportedAlgorithm {}

/// Row 9 of §7, with the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidOperation {
    /// Which user object, counted from 0; `None` for the operation itself.
    pub user: Option<u8>,
    /// What.
    pub fault: OperationFault,
}

impl fmt::Display for InvalidOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.user {
            Some(index) => write!(f, "users[{index}]: {}", self.fault),
            None => write!(f, "operation: {}", self.fault),
        }
    }
}

impl core::error::Error for InvalidOperation {}

/// What is wrong inside `operation` (§5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OperationFault {
    /// A member that this version does not know: it might be a restriction (§2).
    UnknownMember,
    /// A required member is missing.
    Missing(&'static str),
    /// A member of the wrong type or form.
    Member(&'static str),
    /// Not 1 to 25 users.
    UserCount,
    /// A user that is not an object.
    NotAnObject,
    /// The same user earlier in the batch.
    RepeatedUser,
    /// `end <= start`.
    EmptyWindow,
    /// `publicKey` is none of the three key forms.
    KeyForm,
    /// An Ed25519 key that is not canonical, not on the curve or of small order.
    WeakKey,
    /// The text is no longer well-formed, as it was before the verification: somebody else writes to the memory that it
    /// lies in. A change that leaves it well-formed is not noticed, so nobody may.
    Changed,
}

impl fmt::Display for OperationFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownMember => "an unknown member, which might be a restriction",
            Self::Missing(name) => return write!(f, "`{name}` is missing"),
            Self::Member(name) => return write!(f, "`{name}` has the wrong type or form"),
            Self::UserCount => "a batch has 1 to 25 users",
            Self::NotAnObject => "not a JSON object",
            Self::RepeatedUser => "the user stands in this batch twice",
            Self::EmptyWindow => "`end` is not after `start`",
            Self::KeyForm => "`publicKey` is no Ed25519 key and no RSA key of 2048 to 4096 bits",
            Self::WeakKey => "`publicKey` is an Ed25519 key with which anyone could sign, or not a key at all",
            Self::Changed => "the input was changed while it was being read",
        })
    }
}
