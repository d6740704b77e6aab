//! A leaf with purposes is for TLS.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "no-tls-purpose",
    severity: Severity::Warning,
    source: "RFC 5280 §4.2.1.12",
    meaning: "The certificate is for other purposes than TLS; peers refuse it. anyExtendedKeyUsage alone does not count in OpenSSL and rustls",
    hint: "issue it again with serverAuth, clientAuth or both",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let usage = it.extended_key_usage()?;
    (!it.is_authority() && !usage.server_auth && !usage.client_auth).then(|| {
        String::from(
            "its extKeyUsage has neither serverAuth nor clientAuth (any alone does not do)",
        )
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let purposes = |all: &[_]| Sample::leaf().with(extended_key_usage(all));
    vec![
        good("both", Sample::leaf()),
        good(
            "no such extension",
            Sample::leaf().without(&oids::OID_X509_EXT_EXTENDED_KEY_USAGE),
        ),
        good("one", purposes(&[oid!(1.3.6.1.5.5.7.3.2)])),
        bad("codeSigning", purposes(&[oid!(1.3.6.1.5.5.7.3.3)])),
        bad("any", purposes(&[oid!(2.5.29.37.0)])),
    ]
}
