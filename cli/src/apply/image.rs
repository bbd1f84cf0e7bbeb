//! `lockop apply --flash`: done to an image of a lock's flash.

use anyhow::{Context, Result};
use lockop::{Device, Error};

use super::{Attempt, Report, changes};
use crate::explain::Scene;
use crate::flash::lock::Lock;
use crate::text;

pub(super) fn apply(attempt: &Attempt<'_>, lock: Lock<'_>) -> Result<Report> {
    let Attempt { jws, lock: id, now, policy } = *attempt;
    let mut running = lock.start()?;
    let before = running.desk_acl()?;
    let scene = Scene { jws, lock: id, now, policy, store: &before };
    let mut report = match Device::new(id).with_policy(policy).apply(jws, now, &mut running) {
        Ok(applied) => {
            let after = running.desk_acl().context("the operation is applied, but what changed cannot be read")?;
            Report::applied(&applied, changes(before.entries(), after.entries(), jws)?, Vec::new())
        }
        Err(error) => {
            let mut report = Report::refused(&scene, &error);
            if let Error::Storage(fault) = &error {
                report.explanation = text::escape(&running.trouble(fault).to_string());
            }
            report
        }
    };
    report.warnings.extend(running.warnings());
    Ok(report)
}
