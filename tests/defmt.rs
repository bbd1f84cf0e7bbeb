//! Every public type can be logged with defmt.
//!
//! To compile is the test; what it lists is compared with what the library exports, so that a new type is not forgotten.

use lockop::acl::Entries;
use lockop::acl::conformance::{Limits, Violation};
use lockop::acl::stored::StoredError;
use lockop::*;

fn can_be_logged<T: defmt::Format + ?Sized>() {}

/// Calls the check for each type, and gives the names without what is in angle brackets.
macro_rules! logged {
    ($($type:ty),* $(,)?) => {{
        $(can_be_logged::<$type>();)*
        [$(stringify!($type)),*].map(|name| name.split('<').next().unwrap_or_default().trim())
    }};
}

/// Neither a driver, nor a store, nor a backend has to have it.
#[derive(Debug)]
struct Silent;

/// What is no type of this library.
const OTHERS: [&str; 3] = ["AclStore", "Ed25519", "Choice"];

fn names() -> impl AsRef<[&'static str]> {
    logged![
        AclEntry,
        Applied,
        Authentic<'_, '_, Silent>,
        Authorized<'_, RamAcl<1, 1>>,
        BatchAddUser,
        Claims,
        Code,
        CommitError<u8>,
        ConstantTime,
        Device<Silent>,
        Entries<'_, Silent, 1, 1>,
        Error<u8>,
        Fault,
        FlashAcl<Silent, 1, 1>,
        FlashError<u8>,
        Full,
        InvalidOperation,
        InvalidUuid,
        Jti,
        Limits,
        Malformed,
        Operation,
        OperationError,
        OperationFault,
        ParseError,
        Part,
        Policy,
        RamAcl<1, 1>,
        ReplayLog<1>,
        ReplayRecord,
        Role,
        StoredError,
        Transaction<'_>,
        UnsupportedAlgorithm,
        Unverified<'_>,
        UserKey,
        Uuid,
        VariableTime,
        Verdict,
        Violation,
        Window,
    ]
}

/// The names of types that a module exports or declares for everybody.
fn exported(source: &str) -> Vec<&str> {
    let uses = source.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let uses = uses.flat_map(|list| list.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let declared = source.lines().filter_map(|line| {
        let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
        rest.split(|c: char| !c.is_ascii_alphanumeric()).next()
    });
    // Types are the names in camel case: modules, functions and constants are not.
    let is_type = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.contains(|c: char| c.is_ascii_lowercase())
    };
    uses.chain(declared).filter(is_type).collect()
}

#[test]
fn every_public_type_can_be_logged() {
    let names = names();
    let sources = [
        include_str!("../src/lib.rs"),
        include_str!("../src/acl/mod.rs"),
        include_str!("../src/acl/conformance.rs"),
        include_str!("../src/acl/stored.rs"),
    ];
    let exported: Vec<&str> = sources.iter().flat_map(|source| exported(source)).collect();
    assert!(exported.len() > 40, "{exported:?}");
    for name in &exported {
        assert!(names.as_ref().contains(name) || OTHERS.contains(name), "{name} is not in the list");
    }
    for name in names.as_ref() {
        assert!(exported.contains(name), "{name} is not public");
    }
}
