//! Why an operation was refused.

/// Coarser than the library's own reasons: peers do not tell more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not a JWS, not JSON, or not such an operation.
    Malformed,
    /// The signature is wrong.
    Signature,
    /// For another lock.
    Device,
    /// Not valid now.
    Time,
    /// The issuer may not.
    Role,
}
