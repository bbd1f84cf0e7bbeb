//! The compact JWS (RFC 7515 §7.1): segments, base64, header.

pub(crate) mod base64;
pub(crate) mod compact;
pub(crate) mod header;
