//! What must be understood is understood by every TLS library.

use x509_parser::{extensions::X509Extension, oid_registry as oids};

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View, is_understood};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "critical-extension",
    severity: Severity::Warning,
    source: "RFC 5280 §4.2",
    meaning: "The certificate has an extension that must be understood, and few programs understand it; all others must refuse the certificate",
    hint: "issue it again with the extension not critical, unless all its peers know it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let rare = [
        oids::OID_X509_EXT_INHIBIT_ANY_POLICY,
        oids::OID_X509_EXT_POLICY_MAPPINGS,
    ];
    let unknown = |extension: &&X509Extension<'_>| {
        let oid = &extension.oid;
        extension.critical && (!is_understood(oid) || rare.contains(oid))
    };
    it.parsed
        .extensions()
        .iter()
        .find(unknown)
        .map(|extension| {
            format!(
                "its extension {} is critical, and few programs know it",
                extension.oid
            )
        })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let own = || Extension::new(oid!(1.2.3.4), der::null());
    vec![
        good("none of its own", Sample::leaf()),
        good("one that may be ignored", Sample::leaf().with(own())),
        bad("one that may not", Sample::leaf().with(own().critical())),
    ]
}
