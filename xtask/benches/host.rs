//! `cargo bench`: hands over to the benchmarks' own workspace, `benches/host`.
//!
//! There, features of the peers' dependencies are not the library's, nor the tool's the peers'. A bench of this workspace
//! would be built with all of them at once.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let (own, rest): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|argument| argument == "--bench");
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.arg("bench").args(rest);
    if own.is_empty() {
        // `cargo test --benches`: once each, as criterion does itself.
        xtask.arg("--test");
    }
    match xtask.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cannot start xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
