//! Makes the operations that the images measure, and tells the linker where flash and RAM are.
//!
//! Everything is derived from constants, so that every build measures the same bytes.

#[path = "build/arithmetic.rs"]
mod arithmetic;
#[path = "build/cost.rs"]
mod cost;
#[path = "build/forgery.rs"]
mod forgery;
#[path = "build/json.rs"]
mod json;
#[path = "build/operation.rs"]
mod operation;
#[path = "build/output.rs"]
mod output;
#[path = "build/signer.rs"]
mod signer;

use operation::Encoding::{Rfc7515, Sdk};
use operation::Keys::{Ed25519, Rsa2048};
use operation::Operation;
use signer::Signer::{Issuer, LeafOfEd25519, LeafOfRsa};

/// What is measured. A new case is one line here.
#[rustfmt::skip] // A table reads better in rows.
const OPERATIONS: &[Operation] = &[
    Operation { users: 1,  keys: Ed25519, signer: Issuer, encoding: Rfc7515 },
    Operation { users: 1,  keys: Ed25519, signer: Issuer, encoding: Sdk },
    Operation { users: 1,  keys: Rsa2048, signer: Issuer, encoding: Rfc7515 },
    Operation { users: 1,  keys: Rsa2048, signer: Issuer, encoding: Sdk },
    Operation { users: 5,  keys: Ed25519, signer: Issuer, encoding: Rfc7515 },
    Operation { users: 5,  keys: Ed25519, signer: Issuer, encoding: Sdk },
    Operation { users: 5,  keys: Rsa2048, signer: Issuer, encoding: Rfc7515 },
    Operation { users: 5,  keys: Rsa2048, signer: Issuer, encoding: Sdk },
    Operation { users: 25, keys: Ed25519, signer: Issuer, encoding: Rfc7515 },
    Operation { users: 25, keys: Ed25519, signer: Issuer, encoding: Sdk },
    Operation { users: 25, keys: Rsa2048, signer: Issuer, encoding: Rfc7515 },
    Operation { users: 25, keys: Rsa2048, signer: Issuer, encoding: Sdk },
    Operation { users: 1,  keys: Ed25519, signer: LeafOfEd25519, encoding: Rfc7515 },
    Operation { users: 1,  keys: Rsa2048, signer: LeafOfRsa, encoding: Rfc7515 },
    Operation { users: 1,  keys: Rsa2048, signer: LeafOfRsa, encoding: Sdk },
    Operation { users: 25, keys: Rsa2048, signer: LeafOfRsa, encoding: Rfc7515 },
    Operation { users: 25, keys: Rsa2048, signer: LeafOfRsa, encoding: Sdk },
];

fn main() {
    for read in ["build.rs", "build", "memory.x", "markers.x", operation::RSA_KEY, signer::CERTIFICATES] {
        println!("cargo:rerun-if-changed={read}");
    }
    // Without certificates, the operations that need some are refused, which is not what is measured.
    let x5c = std::env::var_os("CARGO_FEATURE_X5C").is_some();
    output::write(OPERATIONS.iter().filter(|operation| x5c || !operation.signer.needs_x5c()));
    output::write_forgeries(&forgery::all(x5c));
    if std::env::var_os("CARGO_FEATURE_COST").is_some() {
        cost::write();
    }
}
