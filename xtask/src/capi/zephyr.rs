//! The module for Zephyr, without Zephyr: what it would ask cargo for, by what Zephyr knows of the chip.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::command::{capture, program};

/// Stand-ins for what the module uses of Zephyr.
const STAND_IN: &str = "capi/tests/zephyr";

/// What Zephyr knows of a chip, and Rust's name of it.
const CHIPS: [(&[&str], &str); 7] = [
    (&["GCC_M_CPU=cortex-m0plus"], "thumbv6m-none-eabi"),
    (&["GCC_M_CPU=cortex-m3"], "thumbv7m-none-eabi"),
    (&["GCC_M_CPU=cortex-m4"], "thumbv7em-none-eabi"),
    (&["GCC_M_CPU=cortex-m4", "CONFIG_FPU=y", "CONFIG_FP_HARDABI=y"], "thumbv7em-none-eabihf"),
    (&["GCC_M_CPU=cortex-m33+nodsp", "CONFIG_FP_SOFTABI=y"], "thumbv8m.main-none-eabi"),
    (&["GCC_M_CPU=cortex-m33", "CONFIG_FP_HARDABI=y"], "thumbv8m.main-none-eabihf"),
    (&["CONFIG_RISCV=y"], "riscv32imac-unknown-none-elf"),
];

/// Configures the module for each chip, with certificates and without, and reads what it would call cargo with.
pub(super) fn check(folder: &Path) -> Result<()> {
    for (place, (known, triple)) in CHIPS.iter().enumerate() {
        let x5c = place % 2 == 0;
        let build = folder.join("zephyr").join(place.to_string());
        let mut settings = known.to_vec();
        settings.extend(["CONFIG_LOCKOP=y", "CONFIG_LOCKOP_USERS=7", "CONFIG_LOCKOP_REPLAYS=5"]);
        settings.extend(["CONFIG_LOCKOP_WRITE_SIZE=8", "CONFIG_LOCKOP_ERASE_SIZE=2048"]);
        settings.extend(x5c.then_some("CONFIG_LOCKOP_X5C=y"));
        let said = configure(&build, &settings)?;
        ensure!(said.lines().any(links_lockop), "nothing is linked:\n{said}");
        // In the place of cargo, `echo`; and what is called is shown, with its environment.
        let asked = ["--target", "lockop-cargo", "--verbose"];
        let asked = capture(program("cmake")?.arg("--build").arg(&build).args(asked))?;
        let features = if x5c { "--features flash,panic-handler,x5c " } else { "--features flash,panic-handler " };
        for part in [&format!("--target {triple}\n") as &str, features] {
            ensure!(asked.contains(part), "{known:?}: {part} is not in:\n{asked}");
        }
        for setting in ["LOCKOP_USERS=7", "LOCKOP_REPLAYS=5", "LOCKOP_WRITE_SIZE=8", "LOCKOP_ERASE_SIZE=2048"] {
            ensure!(asked.contains(setting), "{setting} is not in:\n{asked}");
        }
        println!("zephyr: {known:?}: {triple}");
    }
    let without = configure(&folder.join("zephyr").join("without"), &["GCC_M_CPU=cortex-m4"])?;
    ensure!(!without.lines().any(links_lockop), "linked without CONFIG_LOCKOP:\n{without}");
    Ok(())
}

fn links_lockop(line: &str) -> bool {
    line.starts_with("-- zephyr links ") && line.contains("lockop::lockop")
}

fn configure(build: &Path, settings: &[&str]) -> Result<String> {
    let _ = std::fs::remove_dir_all(build);
    capture(
        program("cmake")?
            .args(["-S", STAND_IN, "-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_C_COMPILER=arm-none-eabi-gcc"])
            // There is no C library to link a trial with.
            .args(["-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY", "-DLOCKOP_CARGO=echo"])
            .args(settings.iter().map(|setting| format!("-D{setting}")))
            .arg("-B")
            .arg(build),
    )
}
