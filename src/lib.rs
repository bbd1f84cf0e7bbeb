//! Device-side verifier of signed door-lock operations.
//!
//! An app signs an operation ("share this lock with these 25 users") as a compact JWS; the cloud only carries it; the
//! lock itself decides. This library is that decision: it parses the JWS where it lies, verifies its Ed25519 signature
//! in constant time, checks device, time, rights and replay, and applies it, all or nothing, to an access-control list
//! behind a [storage trait](AclStore). No heap, no `std`, no `unsafe`, no clock, no globals.
//!
#![cfg_attr(feature = "constant-time", doc = "```")]
#![cfg_attr(not(feature = "constant-time"), doc = "```ignore")]
//! use lockop::{AclEntry, Device, RamAcl, Role, UserKey, Window};
//!
//! // The lock's own ID, and an ACL with its owner on it. Real locks keep theirs in flash.
//! let mut device = Device::new("00000000-0000-4000-8000-00000000000a".parse()?);
//! let mut acl = RamAcl::<100, 32>::new();
//! acl.provision(AclEntry {
//!     user: "11111111-1111-4111-8111-111111111111".parse()?,
//!     key: UserKey::from_base64(b"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=").ok_or("not a key")?,
//!     role: Role::Admin,
//!     window: Window::ALWAYS,
//! })?;
//!
//! // What arrived, and the time in Unix seconds.
//! let jws = include_bytes!("../examples/operation.jws");
//! let now = 1_700_000_005;
//!
//! let applied = device.apply(jws, now, &mut acl)?;
//! assert_eq!(applied.operation, "BATCH_ADD_USER");
//! assert_eq!(acl.entries().len(), 2);
//!
//! // The same again is refused, and the answer to the outside is a stable code.
//! let refused = device.apply(jws, now, &mut acl).unwrap_err();
//! assert_eq!(refused.code().as_str(), "replayed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way of an operation
//!
//! [`Device::apply`] is the whole job. Its steps can be taken one by one, and each consumes the state before it, so
//! that what has not been verified cannot be committed:
//!
//! [`Device::parse`] → [`Device::authenticate`] → [`Device::authorize`] → [`Authorized::commit`]
//!
//! # The rules
//!
//! `docs/operation.md` in the repository is normative; `§` in these pages refers to its sections. Refusals are decided
//! in its order (§7), and [`Code`] has their stable names and numbers.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `constant-time` | yes | [`ConstantTime`], the signature backend of [`Device::new`] |
//! | `x5c` | yes | certificates: users whose key is RSA (§6); without it, operations with `x5c` are `unauthenticated` |
//! | `tables` | no | faster verification for more flash |
//! | `ed25519-compact` | no | `VariableTime`, another backend, in **variable time** |
//! | `postcard` | no | `acl::stored`, the stored form of entries and replay records |
//! | `flash` | no | `FlashAcl`, a store in NOR flash that survives the loss of power |
//! | `defmt` | no | `defmt::Format` of every public type |
//! | `conformance` | no | `acl::conformance`, a test suite for implementers of [`AclStore`] |
//!
//! With `x5c`, a certificate is read into 2,732 bytes of stack, which are gone before the operation's own signature is
//! verified: the first two certificates of a chain may have up to 2,048 bytes each.
//!
//! # What is trusted
//!
//! The ACL, the clock that `now` comes from, and the device's own ID. Nothing in the request is, before its signature
//! holds; nothing beside the body of the request ever is.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(feature = "constant-time"), allow(rustdoc::broken_intra_doc_links))]

pub mod acl;
mod claims;
mod der;
mod error;
#[cfg(feature = "defmt")]
mod format;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod json;
mod jws;
mod keys;
mod operation;
mod policy;
mod replay;
mod signature;
mod spki;
mod uuid;
mod verdict;
mod verify;
#[cfg(feature = "x5c")]
mod x5c;

pub use acl::{AclEntry, AclStore, CommitError, Full, RamAcl, Role, Transaction, Window};
#[cfg(feature = "flash")]
pub use acl::{FlashAcl, FlashError};
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
pub use verdict::Verdict;
pub use verify::{Applied, Authentic, Authorized, Device, Unverified};
