//! The stable names of refusals.

/// The codes by their numbers, from 1 (docs/operation.md §7).
pub(crate) const CODES: [&str; 12] = [
    "malformed",
    "unsupported-algorithm",
    "unauthenticated",
    "wrong-device",
    "not-yet-valid",
    "expired",
    "forbidden",
    "replayed",
    "unsupported-operation",
    "invalid-operation",
    "acl-full",
    "storage",
];
