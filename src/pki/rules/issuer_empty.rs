//! A certificate names its issuer.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "issuer-empty",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.2.4",
    meaning: "The certificate does not name who issued it, so that no chain can be built",
    hint: "issue it again by a CA that has a name",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let empty = it.parsed.issuer().iter_rdn().next().is_none();
    empty.then(|| String::from("its issuer is empty"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let issuer = distinguished_name(None, None);
    vec![
        good("named", Sample::leaf()),
        bad(
            "empty",
            Sample {
                issuer,
                ..Sample::leaf()
            },
        ),
    ]
}
