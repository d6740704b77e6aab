//! Only a leaf with subject alternative names may have no subject.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "subject-empty",
    severity: Severity::Error,
    source: "RFC 5280 §4.1.2.6",
    meaning: "The certificate says of nobody that it is theirs; only a leaf with subject alternative names may have an empty subject",
    hint: "issue it again with a subject",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let issues = it.is_ca() || it.key_usage().is_some_and(|it| it.crl_sign());
    (it.has_empty_subject() && (issues || it.names().is_none()))
        .then(|| String::from("its subject is empty"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let subject = || distinguished_name(None, None);
    let leaf = || Sample {
        subject: subject(),
        ..Sample::leaf()
    };
    vec![
        good("a subject", Sample::leaf()),
        good("names", leaf()),
        bad(
            "no names",
            leaf().without(&oids::OID_X509_EXT_SUBJECT_ALT_NAME),
        ),
        bad(
            "a CA",
            Sample {
                subject: subject(),
                ..Sample::authority()
            },
        ),
    ]
}
