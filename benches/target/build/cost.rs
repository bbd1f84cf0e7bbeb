//! The dearest inputs that `cargo xtask cost` has found, made by the same code.

#[path = "../../../cost/src/der.rs"]
mod der;
#[allow(dead_code, reason = "shared with the search, which makes more of it")]
#[path = "../../../cost/src/filler.rs"]
mod filler;
#[path = "../../../cost/src/recipe.rs"]
mod recipe;
#[path = "../../../cost/src/worst.rs"]
mod worst;

use std::path::PathBuf;

use recipe::{DEVICE, ISSUER, NOW};

/// Writes the module `cost`.
pub fn write() {
    println!("cargo:rerun-if-changed=../../cost/src");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let input = |known: worst::Known| {
        let worst::Known { name, longest, recipe } = known;
        let path = format!("cost-{longest}-{name}.jws");
        std::fs::write(out.join(&path), recipe.make(longest)).expect("cargo's folder");
        let include = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{path}\"))");
        format!("    (\"cost-{longest}-{name}\", {include}, {}),\n", name == "valid")
    };
    let inputs: String = worst::all().into_iter().map(input).collect();
    let rust = format!(
        "/// The lock.\n\
         pub static DEVICE: [u8; 16] = {DEVICE:?};\n\
         /// The ADMIN.\n\
         pub static ISSUER: [u8; 16] = {ISSUER:?};\n\
         /// The ADMIN's key.\n\
         pub static ISSUER_KEY: [u8; 32] = {:?};\n\
         /// The device's clock.\n\
         pub static NOW: u64 = {NOW};\n\
         /// Name, input, whether it is a valid operation.\n\
         pub static INPUTS: &[(&str, &[u8], bool)] = &[\n{}];\n",
        *recipe::issuer().pk,
        inputs
    );
    std::fs::write(out.join("cost.rs"), rust).expect("cargo's folder");
}
