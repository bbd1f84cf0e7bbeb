//! Makes the operations that the images measure, and tells the linker where flash and RAM are.
//!
//! Everything is derived from constants, so that every build measures the same bytes.

#[path = "build/json.rs"]
mod json;
#[path = "build/operation.rs"]
mod operation;
#[path = "build/output.rs"]
mod output;

use operation::Encoding::{Rfc7515, Sdk};
use operation::Keys::{Ed25519, Rsa2048};
use operation::Operation;

/// What is measured. A new case is one line here.
#[rustfmt::skip] // A table reads better in rows.
const OPERATIONS: &[Operation] = &[
    Operation { users: 1,  keys: Ed25519, encoding: Rfc7515 },
    Operation { users: 1,  keys: Ed25519, encoding: Sdk },
    Operation { users: 1,  keys: Rsa2048, encoding: Rfc7515 },
    Operation { users: 1,  keys: Rsa2048, encoding: Sdk },
    Operation { users: 5,  keys: Ed25519, encoding: Rfc7515 },
    Operation { users: 5,  keys: Ed25519, encoding: Sdk },
    Operation { users: 5,  keys: Rsa2048, encoding: Rfc7515 },
    Operation { users: 5,  keys: Rsa2048, encoding: Sdk },
    Operation { users: 25, keys: Ed25519, encoding: Rfc7515 },
    Operation { users: 25, keys: Ed25519, encoding: Sdk },
    Operation { users: 25, keys: Rsa2048, encoding: Rfc7515 },
    Operation { users: 25, keys: Rsa2048, encoding: Sdk },
];

fn main() {
    for read in ["build.rs", "build", "memory.x", operation::RSA_KEY] {
        println!("cargo:rerun-if-changed={read}");
    }
    output::write(OPERATIONS);
}
