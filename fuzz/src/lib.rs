//! What the fuzz targets share: the forms of their inputs, and plain models of what the library should say.
//!
//! The models are made of other people's parsers (x509-cert, spki, pkcs1, base64ct, serde_json) and std. They may be slow;
//! they must be obvious.

pub mod base64;
pub mod base64_trial;
pub mod beside;
pub mod certificate_input;
pub mod changed_der;
pub mod changed_segment;
pub mod choices;
pub mod json;
pub mod json_trial;
pub mod key;
pub mod leaf;
pub mod made_leaf;
pub mod made_rsa;
pub mod model;
pub mod rsa;
pub mod signature_trial;
pub mod signed_trial;
pub mod skeleton;
pub mod stored_trial;
pub mod world;
