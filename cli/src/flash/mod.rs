//! `lockop flash`: images of a lock's flash.

pub(crate) mod args;
mod chip;
mod format;
pub(crate) mod geometry;
mod image;
pub(crate) mod lock;
mod provision;
mod show;
mod store;
mod trouble;

use anyhow::Result;

use self::args::FlashCommand;
use crate::outcome::Outcome;

pub(crate) fn run(command: &FlashCommand) -> Result<Outcome> {
    match command {
        FlashCommand::Format(arguments) => format::run(arguments),
        FlashCommand::Show(arguments) => show::run(arguments),
        FlashCommand::Provision(arguments) => provision::run(arguments),
    }
}
