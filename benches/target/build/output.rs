//! What the images include, and what the linker is told.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::operation::{DEVICE, ISSUER, NOW, Operation, issuer};

/// Writes everything to cargo's folder for it.
pub fn write(operations: &[Operation]) {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    file(&out.join("memory.x"), include_str!("../memory.x"));
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    file(&out.join("fixtures.rs"), &fixtures(operations, &out));
}

/// The constants of the module `fixtures`.
fn fixtures(operations: &[Operation], out: &Path) -> String {
    let message: Vec<u8> = (0_u8..250).cycle().take(1000).collect();
    let issuer = issuer();
    let signature = issuer.sk.sign(&message, None);
    let mut rust = format!(
        "/// The lock.\n\
         pub static DEVICE: [u8; 16] = {DEVICE:?};\n\
         /// The user who signs.\n\
         pub static ISSUER: [u8; 16] = {ISSUER:?};\n\
         /// The issuer's public key.\n\
         pub static ISSUER_KEY: [u8; 32] = {:?};\n\
         /// The device's clock.\n\
         pub static NOW: u64 = {NOW};\n\
         /// 1,000 bytes.\n\
         pub static MESSAGE: [u8; 1000] = {message:?};\n\
         /// The issuer's signature of them.\n\
         pub static SIGNATURE: [u8; 64] = {:?};\n",
        *issuer.pk, *signature
    );
    let mut cases = String::new();
    for operation in operations {
        let name = operation.to_string();
        let (jws, refused) = operation.sign();
        file(&out.join(format!("{name}.jws")), &jws);
        file(&out.join(format!("{name}.refused.jws")), &refused);
        let include = |suffix: &str| format!(r#"include_bytes!(concat!(env!("OUT_DIR"), "/{name}{suffix}.jws"))"#);
        let (jws, refused, users) = (include(""), include(".refused"), operation.users);
        writeln!(cases, "    Case {{ name: {name:?}, users: {users}, jws: {jws}, refused: {refused} }},")
            .expect("memory");
    }
    let first = operations.first().expect("a case");
    let sample = format!(r#"include_bytes!(concat!(env!("OUT_DIR"), "/{first}.jws"))"#);
    writeln!(rust, "/// The first case's operation.\npub static SAMPLE: &[u8] = {sample};").expect("memory");
    writeln!(rust, "/// Every case.\npub static CASES: &[Case] = &[\n{cases}];").expect("memory");
    rust
}

fn file(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
