//! All automation of lockop, behind `cargo xtask`.

mod bare_metal;
mod bench;
mod build_target;
mod capi;
mod ci;
mod codes;
mod command;
mod cost;
mod coverage;
mod ct;
mod debian;
mod emulate;
mod emulator;
mod features;
mod firmware;
mod flash_size;
mod fuzz;
mod grouped;
mod header;
mod instructions;
mod mutants;
mod power_fail;
mod size;
mod skip;
mod target;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  ci [STEP...]              run every step of CI, or the named ones; stops at the first failure
  ci --list                 list the steps
  build-target [TRIPLE...]  build the library for bare metal (without TRIPLE: for all that CI builds)
  size                      print the library's flash by features and by modules
  target                    measure instructions, stack and flash of the library on a Cortex-M4F
  target --readme           print the README's table of what was measured last
  ct [target|host]          show that verification runs in constant time (without a place: on both)
  cost [TRIES [SEED]]       count the dearest inputs that are known, and look for dearer ones
  bench [ARGUMENT...]       run the benchmarks on the host, beside the peers; the arguments are criterion's, as of cargo bench
  bench-count               count the instructions of lockop and its peers on the host
  bench-count --readme      print the README's table of what was counted last
  firmware [NAME...]        build the example locks, and put each through the same test in the emulator
  fuzz [TARGET] [SECONDS]   fuzz one target, or each, for so long (without SECONDS: 60)
  fuzz --minimise [TARGET]  keep what fuzzing has found in fuzz/corpus, as little of it as possible
  coverage                  print which of the library the vectors, the seeds and the tests reach, and what nothing does
  mutants [FILE...]         put one fault after another into the library, or into files of it: the tests must notice (hours)
  mutants --survivors [FILE...]
                            try those again that survived
  mutants --report          print what was found last
  power-fail [OPTION...]    cut power of the store in flash at every step (--help lists the options)
  power-fail --broken       break the store in several ways, each of which the simulation must find out
  capi                      test the C ABI from C: plain, under valgrind, with sanitizers, through CMake
  header [--check]          make the C header, or see whether it is current
  skip [small|fast|IMAGE...] [--only FORGERY] [--late]
                            skip each instruction of the decision path in turn, and count what forgeries are applied
  emulate IMAGE [--limit SECONDS] [-- QEMU-ARG...]
                            print the size of a Cortex-M image, run it, exit as it exits
";

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [command, rest @ ..] if command == "ci" => ci::main(rest),
        [command, rest @ ..] if command == "build-target" => build_target::main(rest),
        [command, rest @ ..] if command == "target" => target::main(rest),
        [command, rest @ ..] if command == "ct" => ct::main(rest),
        [command, rest @ ..] if command == "cost" => cost::main(rest),
        [command, rest @ ..] if command == "bench" => bench::main(rest),
        [command, rest @ ..] if command == "bench-count" => bench::main_count(rest),
        [command, rest @ ..] if command == "firmware" => firmware::main(rest),
        [command, rest @ ..] if command == "size" => size::main(rest),
        [command, rest @ ..] if command == "fuzz" => fuzz::main(rest),
        [command, rest @ ..] if command == "coverage" => coverage::main(rest),
        [command, rest @ ..] if command == "mutants" => mutants::main(rest),
        [command, rest @ ..] if command == "power-fail" => power_fail::main(rest),
        [command, rest @ ..] if command == "capi" => capi::main(rest),
        [command, rest @ ..] if command == "header" => header::main(rest),
        [command, rest @ ..] if command == "skip" => skip::main(rest),
        [command, rest @ ..] if command == "emulate" => emulate::main(rest),
        [flag] if matches!(flag.as_str(), "help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        [unknown, ..] => bail!("no such command: {unknown}\n\n{USAGE}"),
        [] => bail!("which command?\n\n{USAGE}"),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    dispatch(&arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
