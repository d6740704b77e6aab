//! A leaf has a subject alternative name.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Severity, Terms, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-missing",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.6, RFC 9525 §6.3",
    meaning: "The certificate has no name that a peer could look for: the common name has not counted for years",
    hint: "issue it again with `--san`; no program of today looks at the common name",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Terms) -> Option<String> {
    let none = it.names.is_none_or(<[_]>::is_empty);
    (!it.is_authority() && none).then(|| String::from("it has no subject alternative name"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a leaf", Sample::leaf()),
        good("a CA", Sample::root()),
        bad(
            "no extension",
            Sample::leaf().without(&oids::OID_X509_EXT_SUBJECT_ALT_NAME),
        ),
        bad("no name in it", Sample::leaf_for(&[])),
    ]
}
