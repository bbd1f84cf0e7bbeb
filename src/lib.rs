//! Device-side verifier of signed door-lock operations.
#![no_std]
#![forbid(unsafe_code)]

pub mod acl;
mod claims;
mod der;
mod error;
mod json;
mod jws;
mod keys;
mod operation;
mod policy;
mod replay;
mod signature;
mod uuid;
mod verify;

pub use acl::{AclEntry, AclStore, CommitError, Full, RamAcl, Role, Transaction, Window};
pub use claims::{Claims, Jti, MAX_JTI_LEN};
pub use error::{
    Code, Error, Fault, InvalidOperation, Malformed, OperationFault, ParseError, Part, UnsupportedAlgorithm,
};
pub use keys::UserKey;
pub use operation::{BatchAddUser, MAX_USERS, Operation, OperationError};
pub use policy::Policy;
pub use replay::{ReplayLog, ReplayRecord};
#[cfg(feature = "constant-time")]
pub use signature::ConstantTime;
pub use signature::Ed25519;
#[cfg(feature = "ed25519-compact")]
pub use signature::VariableTime;
pub use subtle::Choice;
pub use uuid::{InvalidUuid, Uuid};
pub use verify::{Applied, Authentic, Authorized, Device, Unverified};
