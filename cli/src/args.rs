//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lockop::{Policy, Uuid};

use crate::flash::args::FlashCommand;
use crate::flash::geometry::Geometry;

/// Desk tool for signed door-lock operations: makes them, looks into captured ones, says what a device would do and why.
///
/// Exit status: 0 applied or valid; 1 rejected; 2 bad usage, or a file that cannot be read or written.
#[derive(Debug, Parser)]
#[command(name = "lockop", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Machine-readable output
    #[arg(long, global = true, display_order = 100)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole story on made-up keys: signed, verified, applied, replayed, tampered with
    Demo,
    Apply(ApplyArguments),
    /// Make an image of a lock's flash, or look into one
    #[command(subcommand, disable_help_subcommand = true)]
    Flash(FlashCommand),
    Inspect(InspectArguments),
    Sign(SignArguments),
    Keygen(KeygenArguments),
    Vectors(VectorsArguments),
}

/// Verify one operation and apply it to an ACL file, or to an image of a lock's flash
///
/// Prints the verdict, what to look at, and what changed. The ACL file is a JSON array of entries:
///
///   {"user": UUID, "publicKey": base64, "role": "ADMIN" or "USER", "start": T or null, "end": T or null}
///
/// It is replaced atomically if the operation is applied, and left alone otherwise. What was applied is remembered in a
/// file next to it, ACL.json.replay; without that file, operations could be replayed:
///
///   {"records": [{"id": hexadecimal, "exp": T}], "horizon": T or null, "pending": entries or null}
///
/// An operation is committed at the moment when that file, with the new entries as "pending", takes the place of the
/// old one. Then the ACL file is rewritten and "pending" cleared. If the program is killed in between, the next run
/// does that first: after a kill, do not edit the ACL file before.
///
/// An image is changed in its place, word by word, as a lock changes its flash: it has the replay records, too. See
/// `lockop flash show --help`.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ApplyArguments {
    #[command(flatten)]
    pub(crate) store: StoreArguments,
    /// What the flash in the image is like, as for `lockop flash`
    #[arg(long, value_name = "WORD,PAGE[,START..END]", conflicts_with = "acl")]
    pub(crate) geometry: Option<Geometry>,
    /// ID of the device
    #[arg(long, value_name = "UUID")]
    pub(crate) lock: Uuid,
    /// The device's clock in Unix seconds [default: this computer's]
    #[arg(long, value_name = "T")]
    pub(crate) now: Option<u64>,
    /// Room for users on the device; with --flash, 100, 256 or 1000, as for `lockop flash`
    #[arg(long, value_name = "USERS", default_value_t = 256)]
    pub(crate) capacity: usize,
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    #[command(flatten)]
    pub(crate) captured: Captured,
}

/// Where the ACL is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct StoreArguments {
    /// ACL file, a JSON array
    #[arg(long, value_name = "ACL.json")]
    pub(crate) acl: Option<PathBuf>,
    /// Image of the flash, a file of raw bytes
    #[arg(long, value_name = "IMAGE", requires = "geometry")]
    pub(crate) flash: Option<PathBuf>,
}

/// Look into a captured operation, without verifying it
///
/// Shows header, claims, grants, sizes, encoding and certificates, and what is wrong with them. Exit status 1: a
/// device refuses this, whoever has signed it.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct InspectArguments {
    /// Also show the issuer's entry in this ACL file, and whether the leaf certificate is bound to it
    #[arg(long, value_name = "ACL.json")]
    pub(crate) acl: Option<PathBuf>,
    /// Show times relative to this one, in Unix seconds [default: this computer's clock]
    #[arg(long, value_name = "T")]
    pub(crate) now: Option<u64>,
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    #[command(flatten)]
    pub(crate) captured: Captured,
}

#[derive(Debug, Args)]
pub(crate) struct Captured {
    /// The compact JWS; absent or `-`: standard input
    ///
    /// White space at its end is taken off (a captured file may end with a newline); nothing else is changed.
    #[arg(value_name = "FILE", verbatim_doc_comment)]
    pub(crate) file: Option<PathBuf>,
}

/// The members of `policy` in vector files.
#[derive(Debug, Args)]
pub(crate) struct PolicyArguments {
    /// How far the clocks of phone and lock may differ
    #[arg(long, value_name = "SECONDS", default_value_t = Policy::DEFAULT.leeway)]
    leeway: u64,
    /// Accept base64url without padding only
    #[arg(long)]
    rfc7515_only: bool,
    /// Refuse operations without `jti`
    #[arg(long)]
    require_jti: bool,
    /// Longest input
    #[arg(long, value_name = "BYTES", default_value_t = Policy::DEFAULT.max_len)]
    max_len: usize,
}

impl PolicyArguments {
    pub(crate) const fn policy(&self) -> Policy {
        Policy {
            leeway: self.leeway,
            rfc7515_only: self.rfc7515_only,
            require_jti: self.require_jti,
            max_len: self.max_len,
        }
    }
}

/// Make a signed operation, on standard output
///
/// Nothing is corrected: users may be invalid on purpose. If a device would refuse the result, whoever has signed it,
/// standard error says why.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SignArguments {
    /// Private key of the signer: Ed25519 in PKCS#8, as `openssl genpkey -algorithm ed25519` writes it
    #[arg(long, value_name = "KEY.pem")]
    pub(crate) key: PathBuf,
    /// The user who signs
    #[arg(long, value_name = "UUID")]
    pub(crate) iss: Uuid,
    /// The lock
    #[arg(long, value_name = "UUID")]
    pub(crate) sub: Uuid,
    /// JSON array of {"user", "publicKey", "role", "start", "end"}, the last three optional; `-`: standard input
    #[arg(long, value_name = "USERS.json")]
    pub(crate) users: PathBuf,
    /// The operation's own ID
    #[arg(long, value_name = "J")]
    pub(crate) jti: Option<String>,
    /// Not valid before this time, in Unix seconds; `iat`, too [default: now]
    #[arg(long, value_name = "T")]
    pub(crate) nbf: Option<u64>,
    /// Not valid from this time on, in Unix seconds [default: nbf + 60]
    #[arg(long, value_name = "T")]
    pub(crate) exp: Option<u64>,
    /// How the segments are spelled
    #[arg(long, value_enum, default_value_t = Encoding::Base64url)]
    pub(crate) encoding: Encoding,
    /// Certificates for the header, leaf first
    #[arg(long, value_name = "CHAIN.pem")]
    pub(crate) x5c: Option<PathBuf>,
}

/// The two families of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// RFC 7515: URL-safe alphabet, no padding; members that are not set are left out
    Base64url,
    /// The vendor's SDK: standard alphabet with padding; members that are not set are null
    Base64,
}

/// Make an Ed25519 key from the randomness of the operating system
///
/// Prints the private key (PKCS#8 PEM) and the three forms of the public one; any of the two base64 texts is a
/// `publicKey` of an ACL file or of an operation.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct KeygenArguments {
    /// Write the private key to this new file, readable by its owner alone, instead of printing it
    #[arg(long, value_name = "KEY.pem")]
    pub(crate) out: Option<PathBuf>,
}

/// Run vector files against the library
///
/// JSON Lines, one vector a line. Prints a line for each vector that differs and `N passed, M failed` at the end. Exit
/// status 1 if any failed or none ran. The strings in vectors are exact: no white space is taken off.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct VectorsArguments {
    /// Vector files; `-`: standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}
