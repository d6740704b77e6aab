//! A leaf that servers show has a subject alternative name.

use x509_parser::oid_registry as oids;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
#[cfg(test)]
use crate::pki::profile::Profile;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-missing",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.6, RFC 9525 §6.3",
    meaning: "The certificate has no name that a peer could look for: a server's common name has not counted for years",
    hint: "issue it again with `--san`; no program of today looks for a server in the common name",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    // One without names in it is malformed, as another rule says.
    let is_missing = it.extension(&oids::OID_X509_EXT_SUBJECT_ALT_NAME).is_none();
    (is_missing && !it.is_authority() && !knows_by_subject(it))
        .then(|| String::from("it has no subject alternative name"))
}

/// Whether only clients show it: nobody dials them by a name, and servers know them by their subject.
fn knows_by_subject(it: &View<'_>) -> bool {
    let usage = it.extended_key_usage();
    let is_for_clients = usage.is_some_and(|it| it.client_auth && !it.server_auth && !it.any);
    is_for_clients && !it.has_empty_subject()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let names = &oids::OID_X509_EXT_SUBJECT_ALT_NAME;
    let clients = || extended_key_usage(Profile::Client.purposes());
    vec![
        good("a leaf", Sample::leaf()),
        good("a CA", Sample::root()),
        bad("no extension", Sample::leaf().without(names)),
        good(
            "a client's, whose subject names it",
            Sample::leaf().without(names).with(clients()),
        ),
        bad(
            "a client's without a subject",
            Sample {
                subject: distinguished_name(None, None),
                ..Sample::leaf().without(names).with(clients())
            },
        ),
        good(
            "no name in it",
            Sample::leaf().with(subject_alternative_name(&[])),
        ),
    ]
}
