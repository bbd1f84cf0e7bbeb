//! `lockop inspect`: what a captured operation says, none of it verified.

pub(crate) mod certificates;
mod report;

use anyhow::Result;
use lockop::{AclEntry, Code, ConstantTime, Operation, OperationError, ParseError, Unverified, Uuid};

use self::certificates::Chain;
use self::report::{Report, Trouble};
use crate::args::InspectArguments;
use crate::outcome::Outcome;
use crate::{acl_file, explain, input, jws, text};

pub(crate) fn run(arguments: &InspectArguments) -> Result<Outcome> {
    let jws = input::captured(arguments.captured.file.as_deref())?;
    let acl = arguments.acl.as_deref().map(acl_file::read).transpose()?;
    let now = match arguments.now {
        Some(now) => now,
        None => text::clock()?,
    };
    let policy = arguments.policy.policy();
    let parsed = Unverified::parse(&jws, &policy);
    let operation = match &parsed {
        Err(error) => Err(parse_trouble(&jws, error)),
        Ok(unverified) => unverified.operation(&mut ConstantTime).map_err(|error| operation_trouble(&jws, &error)),
    };
    let (grants, trouble) = match operation {
        Ok(operation) => (grants(&operation), None),
        Err(trouble) => (None, Some(trouble)),
    };
    let issuer = acl.map(|acl| issuer(&jws, &acl));
    let leaf_bound_to_issuer = match (&issuer, &parsed) {
        (Some(issuer), Ok(unverified)) => {
            let anchor = issuer.as_ref().map(|issuer| &issuer.key);
            unverified.leaf_is_bound(anchor, now, &policy, &mut ConstantTime)
        }
        _ => None,
    };
    let header = jws::header(&jws);
    let report = Report {
        payload: jws::payload(&jws),
        chain: header.as_ref().and_then(|header| Chain::of(header, leaf_bound_to_issuer)),
        issuer,
        grants,
        jws: &jws,
        now,
        header,
        trouble,
    };
    Ok(Outcome { text: report.text(), json: report.json(), warnings: Vec::new(), accepted: report.trouble.is_none() })
}

fn parse_trouble(jws: &[u8], error: &ParseError) -> Trouble {
    let (place, reason) = match error {
        ParseError::Malformed(detail) => (Some((detail.part.as_str(), detail.offset)), explain::malformed(jws, detail)),
        ParseError::UnsupportedAlgorithm(detail) => (None, explain::unsupported_algorithm(jws, *detail)),
    };
    Trouble { code: error.code(), place, user: None, reason }
}

fn operation_trouble(jws: &[u8], error: &OperationError) -> Trouble {
    let (user, reason) = match error {
        OperationError::Unsupported => (None, explain::unsupported_operation(jws)),
        OperationError::Invalid(detail) => (detail.user, explain::invalid_operation(jws, detail)),
    };
    Trouble { code: operation_code(error), place: None, user, reason }
}

/// The code of an operation that cannot be read.
pub(crate) const fn operation_code(error: &OperationError) -> Code {
    match error {
        OperationError::Unsupported => Code::UnsupportedOperation,
        OperationError::Invalid(_) => Code::InvalidOperation,
    }
}

fn grants(operation: &Operation) -> Option<Vec<AclEntry>> {
    match operation {
        Operation::BatchAddUser(batch) => Some(batch.grants().to_vec()),
        // An operation that this version of the tool does not know.
        _ => None,
    }
}

/// The ACL's entry for whoever `iss` names.
fn issuer(jws: &[u8], acl: &[AclEntry]) -> Option<AclEntry> {
    let iss = jws::payload(jws)?.value("iss")?;
    let iss = Uuid::from_text(iss.as_str()?.as_bytes())?;
    acl.iter().find(|entry| entry.user == iss).copied()
}
