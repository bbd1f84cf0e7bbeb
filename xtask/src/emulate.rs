//! `cargo xtask emulate`: one image in the emulator, by hand.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::emulator::Emulator;
use crate::flash_size::FlashSize;

/// Runs an image; the exit code is the image's.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    let (own, extra) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    let (image, limit) = match own {
        [image] => (image, 60),
        [image, flag, seconds] if flag == "--limit" => {
            let seconds = seconds.parse::<u64>();
            (image, seconds.context("--limit takes whole seconds")?)
        }
        _ => bail!("usage: cargo xtask emulate IMAGE [--limit SECONDS] [-- QEMU-ARG...]"),
    };
    let image = Path::new(image);
    let emulator = Emulator::ready()?;
    println!("{}", FlashSize::of(image)?);
    let extra: Vec<OsString> = extra.iter().map(OsString::from).collect();
    let outcome = emulator.run(image, Duration::from_secs(limit), &extra)?;
    print!("{}", outcome.output);
    println!("{}", outcome.status);
    let code = outcome.status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
