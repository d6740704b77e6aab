//! A CA's key may sign certificates, and its certificate says so.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "ca-key-usage",
    severity: Severity::Error,
    source: "RFC 5280 §4.2.1.3",
    meaning: "The CA's certificate does not say that its key may sign certificates; what it has issued is refused by most programs, without keyUsage by strict ones",
    hint: "make the CA's certificate again with keyUsage keyCertSign and cRLSign; `certctl renew NAME --force` does where its key is here",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    (it.is_ca() && !it.signs_certificates()).then(|| match it.key_usage() {
        None => String::from("it is a CA without keyUsage (Python 3.13 refuses what it issued)"),
        Some(_) => String::from("it is a CA, and its keyUsage lacks keyCertSign"),
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("a CA", Sample::authority()),
        good("a leaf", Sample::leaf()),
        bad(
            "no keyUsage",
            Sample::root().without(&oids::OID_X509_EXT_KEY_USAGE),
        ),
        bad(
            "another",
            Sample::root().with(key_usage(&[KeyUsage::CrlSign])),
        ),
    ]
}
