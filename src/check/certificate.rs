//! Rules for one certificate, applied to plans before they are signed and to files.

use time::OffsetDateTime;
use x509_parser::prelude::X509Certificate;

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Stable code in kebab-case
    pub code: &'static str,
    /// What is wrong, without final stop
    pub message: String,
}

/// What makes the certificate unusable.
#[must_use]
pub fn errors(certificate: &X509Certificate<'_>, _now: OffsetDateTime) -> Vec<Finding> {
    let mut findings = Vec::new();
    let octets = certificate.raw_serial().len();
    if octets > 20 {
        let message = format!("serial number has {octets} octets, at most 20 are allowed");
        findings.push(Finding {
            code: "serial-length",
            message,
        });
    }
    findings
}
