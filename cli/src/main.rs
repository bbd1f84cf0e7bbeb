//! `lockop`: makes signed lock operations, looks into captured ones, and says what a device would do and why.

mod acl_file;
mod acl_json;
mod apply;
mod args;
mod atomic_write;
mod base64;
mod binding;
mod demo;
mod desk_acl;
mod explain;
mod flash;
mod input;
mod inspect;
mod jws;
mod keygen;
mod members;
mod outcome;
mod pem;
mod sign;
mod sign_command;
mod table;
mod text;
mod vectors;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Command::Demo => demo::run(),
        Command::Apply(arguments) => apply::run(arguments),
        Command::Flash(command) => flash::run(command),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Sign(arguments) => sign_command::run(arguments),
        Command::Keygen(arguments) => keygen::run(arguments),
        Command::Vectors(arguments) => vectors::run(arguments),
    };
    outcome::report(result, arguments.json)
}
