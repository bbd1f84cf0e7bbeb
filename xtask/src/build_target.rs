//! `cargo xtask build-target`: the library, as firmware builds it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::bare_metal::{BareMetal, TRIPLES};
use crate::command::{repository, run};
use crate::features::{Features, LIBRARY};

/// Builds for the given targets, or for all that CI builds.
pub(crate) fn main(triples: &[String]) -> Result<ExitCode> {
    if let Some(flag) = triples.iter().find(|triple| triple.starts_with('-')) {
        anyhow::bail!("build-target takes target triples, not {flag}");
    }
    let triples: Vec<&str> = triples.iter().map(String::as_str).collect();
    build(if triples.is_empty() { &TRIPLES } else { &triples })?;
    Ok(ExitCode::SUCCESS)
}

/// Where the C ABI is left, from the root of the repository: a folder for each target.
const C_ABI: &str = "target/c-abi";

/// What the C ABI's panic handler calls.
const PANIC: &[u8] = b"lockop_panic";

/// Builds the library for `triples`: with its default features, then with all that need no host; and the C ABI.
pub(crate) fn build(triples: &[&str]) -> Result<()> {
    ensure!(!triples.is_empty(), "no target to build for");
    let all = Features::of_library()?.bare_metal();
    for triple in triples {
        let toolchain = BareMetal::for_triple(triple)?;
        // Only the library: the other packages of the workspace need a host.
        let arguments = ["--package", LIBRARY, "--lib", "--release"];
        run(toolchain.cargo("build")?.args(arguments)).with_context(|| format!("{triple}, default features"))?;
        run(all.apply(toolchain.cargo("build")?.args(arguments)))
            .with_context(|| format!("{triple}, all features that need no host"))?;
        c_abi(&toolchain, "").with_context(|| format!("{triple}, the C ABI"))?;
    }
    Ok(())
}

/// Builds the C ABI as firmware has it, with these flags for the compiler: the static library.
pub(crate) fn c_abi(toolchain: &BareMetal, flags: &str) -> Result<PathBuf> {
    const PROFILE: &str = "firmware";
    let folder = repository()?.join(C_ABI);
    run(toolchain
        .cargo_to(&folder, "rustc")?
        .args(["--package", "lockop-capi", "--lib", "--crate-type", "staticlib", "--profile", PROFILE])
        .env("RUSTFLAGS", flags))?;
    let library = toolchain.built(&folder, PROFILE, "liblockop_capi.a");
    let bytes = std::fs::read(&library).with_context(|| library.display().to_string())?;
    // What the panic handler calls: its name is there if the handler is, and the handler if anything can panic.
    let panics = bytes.windows(PANIC.len()).any(|name| name == PANIC);
    ensure!(!panics, "{}: a call can panic; link it to see which", library.display());
    println!("{}: no call that can panic", library.display());
    Ok(library)
}
