//! The command line of `lockop flash`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::geometry::Geometry;

#[derive(Debug, Subcommand)]
pub(crate) enum FlashCommand {
    Format(FormatArguments),
    Show(ShowArguments),
    Provision(ProvisionArguments),
}

/// Make an image of the flash of a new lock
#[derive(Debug, Args)]
pub(crate) struct FormatArguments {
    #[command(flatten)]
    pub(crate) lock: LockArguments,
    /// Length of the image [default: the end of the region, or twice what the store needs]
    #[arg(long, value_name = "BYTES", value_parser = super::geometry::number)]
    pub(crate) size: Option<u32>,
    /// Put the entries of this ACL file on the ACL, without its replay records
    #[arg(long, value_name = "ACL.json")]
    pub(crate) acl: Option<PathBuf>,
}

/// Show what an image holds, without changing it
///
/// If power was lost during a change, a lock settles that when it starts. What is shown is what the lock has then.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    pub(crate) lock: LockArguments,
}

/// Put the entries of an ACL file on the ACL in an image, without a signed operation
#[derive(Debug, Args)]
pub(crate) struct ProvisionArguments {
    #[command(flatten)]
    pub(crate) lock: LockArguments,
    /// ACL file, a JSON array
    #[arg(long, value_name = "ACL.json")]
    pub(crate) acl: PathBuf,
}

/// An image, and what the lock is like that it belongs to.
#[derive(Debug, Args)]
pub(crate) struct LockArguments {
    /// The raw bytes of the flash, or of the store's region in it
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
    /// What the flash is like, in bytes
    ///
    /// WORD        what is programmed at once: 1, 2, 4, 8, 16 or 32
    /// PAGE        what is erased at once: 128, 256, 512, 1024, 2048, 4096 or 8192
    /// START..END  where in the image the store is, 0x8000..0x10000 for instance; without it, the image is the store
    #[arg(long, value_name = "WORD,PAGE[,START..END]", verbatim_doc_comment)]
    pub(crate) geometry: Geometry,
    /// Room on the lock: 100 or 256 users (and 32 replay records), or 1000 (and 128)
    ///
    /// An image does not tell it. The number of users limits how many can be added, and how short the region can be. That of
    /// the replay records decides which of them are still there: with another one than the lock's, records and horizon
    /// are not the lock's either.
    #[arg(long, value_name = "USERS", default_value_t = 256, verbatim_doc_comment)]
    pub(crate) capacity: usize,
}
