//! How the structured targets draw from their inputs: all zeros, and nothing at all, leave everything in order.

use libfuzzer_sys::arbitrary::{Result, Unstructured};

/// The next byte; 0 behind the last.
///
/// # Errors
///
/// None.
pub fn byte(choices: &mut Unstructured<'_>) -> Result<u8> {
    choices.arbitrary()
}

/// One of several.
///
/// # Errors
///
/// None, as long as there are any.
pub fn pick<T: Clone>(choices: &mut Unstructured<'_>, from: &[T]) -> Result<T> {
    choices.choose(from).cloned()
}

/// The first of several, in three cases of four; so that much can be chosen, and most of it be in order.
///
/// # Errors
///
/// None, as long as there are any.
pub fn mostly<T: Clone>(choices: &mut Unstructured<'_>, from: &[T]) -> Result<T> {
    if byte(choices)? < 192 { pick(choices, &from[..1]) } else { pick(choices, from) }
}
