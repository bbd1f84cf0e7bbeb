//! Makes the operations that are measured: by the same code, and so the same bytes, as in the images for the target.

#[allow(dead_code, reason = "shared with the images")]
#[path = "../target/build/json.rs"]
mod json;
#[allow(dead_code, reason = "shared with the images")]
#[path = "../target/build/operation.rs"]
mod operation;
#[allow(dead_code, reason = "shared with the images")]
#[path = "../target/build/signer.rs"]
mod signer;

use std::path::{Path, PathBuf};

use operation::Encoding::{Rfc7515, Sdk};
use operation::Keys::{Ed25519, Rsa2048};
use operation::{DEVICE, ISSUER, NOW, Operation};
use signer::Signer::{Issuer, LeafOfRsa};

/// What is measured. A new case is one line here, and one in `src/fixtures.rs`.
#[rustfmt::skip] // A table reads better in rows.
const OPERATIONS: [(&str, Operation); 5] = [
    ("ONE", Operation { users: 1, keys: Ed25519, signer: Issuer, encoding: Rfc7515 }),
    ("BATCH", Operation { users: 25, keys: Ed25519, signer: Issuer, encoding: Rfc7515 }),
    ("BATCH_SDK", Operation { users: 25, keys: Ed25519, signer: Issuer, encoding: Sdk }),
    ("CHAIN", Operation { users: 25, keys: Rsa2048, signer: LeafOfRsa, encoding: Rfc7515 }),
    ("CHAIN_SDK", Operation { users: 25, keys: Rsa2048, signer: LeafOfRsa, encoding: Sdk }),
];

fn main() {
    for read in ["build.rs", "../target/build", "../target/certificates", "../../vectors/keys/rsa2048.b64"] {
        println!("cargo:rerun-if-changed={read}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    // Where the shared code looks for keys and certificates.
    std::env::set_current_dir("../target").expect("the images' folder");
    let constants = format!(
        "/// The lock.\n\
         pub(crate) const DEVICE: [u8; 16] = {DEVICE:?};\n\
         /// The user who signs.\n\
         pub(crate) const ISSUER: [u8; 16] = {ISSUER:?};\n\
         /// The device's clock.\n\
         pub(crate) const NOW: u64 = {NOW};\n"
    );
    let cases = OPERATIONS.iter().map(|(name, operation)| case(name, operation, &out));
    write(&out.join("fixtures.rs"), &(constants + &cases.collect::<String>()));
}

/// One case; its operations are files.
fn case(name: &str, operation: &Operation, out: &Path) -> String {
    let (jws, refused) = operation.sign();
    let include = |suffix: &str, jws: &str| {
        write(&out.join(format!("{operation}{suffix}.jws")), jws);
        format!(r#"include_str!(concat!(env!("OUT_DIR"), "/{operation}{suffix}.jws"))"#)
    };
    format!(
        "/// {operation}\n\
         pub static {name}: Case = Case {{ name: \"{operation}\", users: {}, anchor: &{:?}, signer: {:?}, \
         chain: {}, jws: {}, refused: {} }};\n",
        operation.users,
        operation.signer.issuer_key(),
        *operation.signer.key_pair().pk,
        operation.signer.needs_x5c(),
        include("", &jws),
        include(".refused", &refused),
    )
}

fn write(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
