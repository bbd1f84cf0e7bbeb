//! What the issuer wants done (§5).
//!
//! The payload is read twice. Before the signature is verified, the operation is only checked to be well-formed JSON,
//! and its place and `type` are noted ([`Located`]). Its contents are read from there after the issuer has been
//! authenticated: what is wrong inside it is told to nobody else (§7), nothing of it takes memory before, and `type`
//! may come last.

mod batch_add_user;

pub use batch_add_user::{BatchAddUser, MAX_USERS};

use crate::error::{Code, Error, Fault, InvalidOperation, OperationFault};
use crate::json::{Bookmark, Kind, Reader};
use crate::signature::Ed25519;

/// An operation whose contents have been read and found in order.
///
/// Other operations of the same API will become further variants.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Operation {
    /// `BATCH_ADD_USER`: puts 1 to 25 users on the ACL.
    BatchAddUser(BatchAddUser),
}

impl Operation {
    /// Where an operation is read to.
    pub(crate) const EMPTY: Self = Self::BatchAddUser(BatchAddUser::new());

    /// Its `type`, as in §5.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BatchAddUser(_) => "BATCH_ADD_USER",
        }
    }
}

/// Why the contents of an operation were refused: rows 8 and 9 of §7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum OperationError {
    /// Row 8: a `type` that this version does not know.
    Unsupported,
    /// Row 9.
    Invalid(InvalidOperation),
}

impl OperationError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Unsupported => Code::UnsupportedOperation,
            Self::Invalid(_) => Code::InvalidOperation,
        }
    }
}

impl<E> From<OperationError> for Error<E> {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Unsupported => Self::UnsupportedOperation,
            OperationError::Invalid(detail) => Self::InvalidOperation(detail),
        }
    }
}

impl core::fmt::Display for OperationError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unsupported => f.write_str("`operation.type` is not known"),
            Self::Invalid(detail) => detail.fmt(f),
        }
    }
}

impl core::error::Error for OperationError {}

/// What `type` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    BatchAddUser,
    /// A string, but none that is known.
    Unknown,
    /// Not a string.
    NotAString,
    Missing,
}

/// The longest `type` that is known.
const LONGEST_TYPE: usize = 14;

/// An operation that has been seen but not read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Located<'a> {
    object: Bookmark<'a>,
    operation_type: Type,
}

impl<'a> Located<'a> {
    /// Passes over the object, noting its `type`.
    pub(crate) fn read(reader: &mut Reader<'a, '_>) -> Result<Self, Fault> {
        if reader.kind()? != Kind::Object {
            return Err(Fault::Member("operation"));
        }
        let object = reader.bookmark();
        let mut operation_type = Type::Missing;
        reader.enter_object()?;
        while let Some(name) = reader.next_name()? {
            if name.known() != b"type" {
                reader.skip_value()?;
            } else if reader.kind()? == Kind::String {
                operation_type = match reader.short_text(&mut [0; LONGEST_TYPE])?.map(|text| &*text) {
                    Some(b"BATCH_ADD_USER") => Type::BatchAddUser,
                    _ => Type::Unknown,
                };
            } else {
                reader.skip_value()?;
                operation_type = Type::NotAString;
            }
        }
        Ok(Self { object, operation_type })
    }

    /// Reads the contents into `operation`, which is [empty](Operation::EMPTY).
    pub(crate) fn contents<V: Ed25519>(
        &self,
        operation: &mut Operation,
        ed25519: &mut V,
    ) -> Result<(), OperationError> {
        let invalid = |fault| OperationError::Invalid(InvalidOperation { user: None, fault });
        match self.operation_type {
            Type::BatchAddUser => {
                let Operation::BatchAddUser(batch) = operation;
                batch.read(&mut Reader::resume(self.object), ed25519).map_err(OperationError::Invalid)
            }
            Type::Unknown => Err(OperationError::Unsupported),
            Type::NotAString => Err(invalid(OperationFault::Member("type"))),
            Type::Missing => Err(invalid(OperationFault::Missing("type"))),
        }
    }
}

#[cfg(test)]
mod tests;
