//! No extension stands in a certificate twice.

use std::collections::HashSet;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::extension;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "duplicate-extension",
    severity: Severity::Error,
    source: "RFC 5280 §4.2",
    meaning: "One extension stands in the certificate twice; most programs refuse it, and the others take one of the two",
    hint: "issue it again with the extension once",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let mut seen = HashSet::new();
    let mut all = it.parsed.extensions().iter();
    let twice = all.find(|found| !seen.insert(&found.oid))?;
    Some(format!(
        "it has the extension {} twice",
        extension::name(&twice.oid)
    ))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let mut twice = Sample::leaf();
    twice.extensions.push(twice.extensions[0].clone());
    vec![good("each once", Sample::leaf()), bad("one twice", twice)]
}
