//! lockop beside its peers on the host: the same operations, the same keys, the same answer.
//!
//! Every contestant is given the text of a JWS, the key that must have signed it, and what the lock knows ([`Lock`]). It
//! decodes, verifies, reads the grants into lockop's own types, and checks device, time and role. The grants of all are
//! compared before anything is measured, and a wrong signature must be refused by each.

mod fixtures;
mod job;
mod lock;
mod model;
pub mod ours;
pub mod peers;
mod refused;
pub mod rows;

pub use fixtures::{BATCH, BATCH_SDK, CHAIN, CHAIN_SDK, Case, ONE};
pub use job::{Job, Row};
pub use lock::{Claimed, Lock};
pub use refused::Refused;

/// What is granted: room for a whole batch.
pub type Grants = heapless::Vec<lockop::AclEntry, { lockop::MAX_USERS }>;
