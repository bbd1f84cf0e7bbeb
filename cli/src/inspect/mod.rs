//! `lockop inspect`: what a captured operation says, none of it verified.

pub(crate) mod certificates;
mod report;

use std::convert::Infallible;

use anyhow::Result;
use lockop::{AclEntry, ConstantTime, Error, Operation, Unverified, Uuid};

use self::certificates::Chain;
use self::report::{Report, Trouble};
use crate::args::InspectArguments;
use crate::binding::Subject;
use crate::outcome::Outcome;
use crate::{acl_file, input, jws, text};

pub(crate) fn run(arguments: &InspectArguments) -> Result<Outcome> {
    let jws = input::captured(arguments.captured.file.as_deref())?;
    let acl = arguments.acl.as_deref().map(acl_file::read).transpose()?;
    let now = match arguments.now {
        Some(now) => now,
        None => text::clock()?,
    };
    let policy = arguments.policy.policy();
    let parsed = Unverified::parse(&jws, &policy);
    let operation: Result<Operation, Error<Infallible>> = match &parsed {
        Err(error) => Err((*error).into()),
        Ok(unverified) => unverified.operation(&mut ConstantTime).map_err(Into::into),
    };
    let (grants, trouble) = match operation {
        Ok(operation) => (grants(&operation), None),
        Err(error) => (None, Some(Trouble::of(&jws, &error))),
    };
    let issuer = acl.map(|acl| issuer(&jws, &acl));
    let binding = match (&issuer, &parsed) {
        (Some(issuer), Ok(unverified)) => {
            let anchor = issuer.as_ref().map(|issuer| &issuer.key);
            Subject { jws: &jws, unverified, anchor, now, policy: &policy }.binding()
        }
        _ => None,
    };
    let header = jws::header(&jws);
    let report = Report {
        payload: jws::payload(&jws),
        chain: header.as_ref().and_then(|header| Chain::of(header, binding)),
        issuer,
        grants,
        jws: &jws,
        now,
        header,
        trouble,
    };
    Ok(Outcome { text: report.text(), json: report.json(), warnings: Vec::new(), accepted: report.trouble.is_none() })
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
