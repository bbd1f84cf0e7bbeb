//! What the images share: the clock, the stack, and the operations that are measured.
#![no_std]

pub mod bench;
#[cfg(feature = "flash")]
pub mod chip;
pub mod clock;
#[cfg(feature = "dalek")]
mod dalek;
pub mod fixtures;
pub mod forgeries;
pub mod stack;

/// The arithmetic that is measured.
#[cfg(feature = "constant-time")]
pub type Backend = lockop::ConstantTime;
/// The arithmetic that is measured.
#[cfg(feature = "dalek")]
pub type Backend = dalek::VerifyStrict;
/// The arithmetic that is measured.
#[cfg(not(any(feature = "constant-time", feature = "dalek")))]
pub type Backend = lockop::VariableTime;
