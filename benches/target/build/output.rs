//! What the images include, and what the linker is told.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::forgery::{Forgery, User};
use crate::operation::{DEVICE, ISSUER, NOW, Operation};
use crate::signer::{LeafSignature, Signer, issuer, leaf};

/// Writes everything to cargo's folder for it.
pub fn write<'a>(operations: impl Iterator<Item = &'a Operation>) {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    file(&out.join("memory.x"), include_str!("../memory.x"));
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    file(&out.join("fixtures.rs"), &fixtures(operations, &out));
}

/// The constants of the module `fixtures`.
fn fixtures<'a>(operations: impl Iterator<Item = &'a Operation>, out: &Path) -> String {
    let message: Vec<u8> = (0_u8..250).cycle().take(1000).collect();
    let issuer = issuer();
    let signature = issuer.sk.sign(&message, None);
    let mut rust = format!(
        "/// The lock.\n\
         pub static DEVICE: [u8; 16] = {DEVICE:?};\n\
         /// The user who signs.\n\
         pub static ISSUER: [u8; 16] = {ISSUER:?};\n\
         /// The issuer's public key, where it is an Ed25519 key.\n\
         pub static ISSUER_KEY: [u8; 32] = {:?};\n\
         /// The public key of every leaf certificate.\n\
         pub static LEAF_KEY: [u8; 32] = {:?};\n\
         /// The device's clock.\n\
         pub static NOW: u64 = {NOW};\n\
         /// 1,000 bytes.\n\
         pub static MESSAGE: [u8; 1000] = {message:?};\n\
         /// The issuer's signature of them.\n\
         pub static SIGNATURE: [u8; 64] = {:?};\n",
        *issuer.pk,
        *leaf().pk,
        *signature
    );
    let operations: Vec<&Operation> = operations.collect();
    let first = operations.first().expect("a case");
    let sample = format!(r#"include_bytes!(concat!(env!("OUT_DIR"), "/{first}.jws"))"#);
    writeln!(rust, "/// The first case's operation.\npub static SAMPLE: &[u8] = {sample};").expect("memory");
    let cases: Vec<String> = operations.iter().map(|operation| case(operation, out)).collect();
    writeln!(rust, "/// Every case.\npub static CASES: &[Case] = &[\n{}];", cases.concat()).expect("memory");
    rust
}

/// One case; its operations are files.
fn case(operation: &Operation, out: &Path) -> String {
    let name = operation.to_string();
    let include = |suffix: &str, jws: &str| {
        file(&out.join(format!("{name}{suffix}.jws")), jws);
        format!(r#"include_bytes!(concat!(env!("OUT_DIR"), "/{name}{suffix}.jws"))"#)
    };
    let with_leaf = |made: bool, suffix: &str, leaf: LeafSignature| {
        if made { format!("Some({})", include(suffix, &operation.sign_with_leaf(leaf))) } else { "None".to_owned() }
    };
    let (jws, refused) = operation.sign();
    let (signer, users, issuer_key) = (operation.signer, operation.users, operation.signer.issuer_key());
    let (jws, refused) = (include("", &jws), include(".refused", &refused));
    let header = include(".header", &operation.sign_nothing());
    let unsupported = include(".unsupported", &operation.sign_unsupported());
    let refused_leaf = with_leaf(signer.needs_x5c(), ".refused-leaf", LeafSignature::Flipped);
    let without_rsa = with_leaf(signer == Signer::LeafOfRsa, ".without-rsa", LeafSignature::TooLarge);
    format!(
        "    Case {{ name: {name:?}, users: {users}, issuer_key: &{issuer_key:?}, jws: {jws}, refused: {refused}, \
         header: {header}, unsupported: {unsupported}, \
         refused_leaf: {refused_leaf}, without_rsa: {without_rsa} }},\n"
    )
}

/// Writes the module `forgeries`, and tells the linker where the image `skip` has its markers.
pub fn write_forgeries(forgeries: &[Forgery]) {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    file(&out.join("markers.x"), include_str!("../markers.x"));
    println!("cargo:rustc-link-arg-bin=skip=-Tmarkers.x");
    let rust: Vec<String> = forgeries.iter().map(|forgery| one_forgery(forgery, &out)).collect();
    let rust = format!("/// Every one.\npub static FORGERIES: &[Forgery] = &[\n{}];\n", rust.concat());
    file(&out.join("forgeries.rs"), &rust);
}

fn one_forgery(forgery: &Forgery, out: &Path) -> String {
    let Forgery { name, class, device, now, acl, again, jws } = forgery;
    let path = format!("forgery-{name}.jws");
    file(&out.join(&path), jws);
    let user = |User { user, key, admin, start, end }: &User| {
        format!("User {{ user: {user:?}, key: &{key:?}, admin: {admin}, start: {start:?}, end: {end:?} }}")
    };
    let acl: Vec<String> = acl.iter().map(user).collect();
    format!(
        "    Forgery {{ name: {name:?}, class: {class:?}, device: {device:?}, now: {now}, acl: &[{}], again: {again}, \
         jws: &Aligned(*include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{path}\"))).0 }},\n",
        acl.join(", ")
    )
}

fn file(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
