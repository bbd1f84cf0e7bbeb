//! What the images share: the clock, the stack, and the operations that are measured.
#![no_std]

pub mod bench;
pub mod clock;
pub mod fixtures;
pub mod stack;

/// The arithmetic that is measured.
#[cfg(feature = "constant-time")]
pub type Backend = lockop::ConstantTime;
/// The arithmetic that is measured.
#[cfg(not(feature = "constant-time"))]
pub type Backend = lockop::VariableTime;
