//! Makes the cases, from constants: every build checks the same bytes.

#[path = "build/inputs.rs"]
mod inputs;
#[path = "build/points.rs"]
mod points;
#[path = "build/signer.rs"]
mod signer;
#[path = "build/tokens.rs"]
mod tokens;
#[path = "build/verifications.rs"]
mod verifications;

use std::path::PathBuf;

fn main() {
    for read in ["build.rs", "build", tokens::LEAF_CERTIFICATE] {
        println!("cargo:rerun-if-changed={read}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for (name, rust) in [("verifications.rs", inputs::rust(&verifications::all())), ("tokens.rs", tokens::rust())] {
        let file = out.join(name);
        std::fs::write(&file, rust).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}
