//! An extended key usage names at least one.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "extended-key-usage-empty",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.12",
    meaning: "The list of purposes is there and names none; programs refuse it, or take it for a certificate that is good for nothing",
    hint: "issue it again with the purposes that it is for",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let usage = it.extended_key_usage()?;
    let named = usage.any
        || usage.server_auth
        || usage.client_auth
        || usage.code_signing
        || usage.email_protection
        || usage.time_stamping
        || usage.ocsp_signing
        || !usage.other.is_empty();
    (!named).then(|| String::from("its extKeyUsage names no purpose"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("two", Sample::leaf()),
        good("no such extension", Sample::root()),
        good(
            "one of its own",
            Sample::leaf().with(extended_key_usage(&[oid!(1.2.3)])),
        ),
        bad("none", Sample::leaf().with(extended_key_usage(&[]))),
    ]
}
