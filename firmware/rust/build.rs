//! Tells the linker where flash and RAM are.

use std::path::PathBuf;

/// STM32F405. The upper 32 KiB of RAM are the pretend flash (../PROTOCOL.md, §2): no section may lie there.
const STM32F405: &str = "\
MEMORY
{
  FLASH : ORIGIN = 0x08000000, LENGTH = 1024K
  RAM : ORIGIN = 0x20000000, LENGTH = 96K
}
";

/// nRF51822. The upper 32 KiB of flash are the store.
const NRF51: &str = "\
MEMORY
{
  FLASH : ORIGIN = 0x00000000, LENGTH = 224K
  RAM : ORIGIN = 0x20000000, LENGTH = 16K
}
";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let nrf51 = std::env::var_os("CARGO_FEATURE_NRF51").is_some();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    std::fs::write(out.join("memory.x"), if nrf51 { NRF51 } else { STM32F405 }).expect("memory.x");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
}
