//! Findings for other programs' formats.

use super::{Check, Context, Found, Report};
use crate::{
    formats::{Account, Subject},
    inspection::Looked,
    rulebook::{Teller, entries},
};

/// What is still wrong, and what was looked at.
pub(super) fn account(found: &Found, check: &Check, context: &Context) -> Result<Account, Report> {
    let looked_at = found.inspection.looked_at.iter().cloned();
    let subject = |Looked { path, certificates }| Subject::file(path, certificates);
    Ok(Account {
        teller: Teller::Check,
        now: context.now,
        fails_from: check.fail_on.into(),
        subjects: looked_at.map(subject).collect(),
        findings: found.there().cloned().collect(),
        rules: entries(&check.configuration.catalogue()?.servers()?),
    })
}
