//! Extensions hold what their kind demands.

use x509_parser::{
    asn1_rs::Any,
    extensions::{ParsedExtension, X509Extension},
    prelude::FromDer as _,
};

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::{extension, name_constraints::NameConstraints};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "malformed-extension",
    severity: Severity::Error,
    source: "RFC 5280 §4.2",
    meaning: "The content of an extension is not what RFC 5280 says of its kind; programs refuse the certificate, or read something else in it",
    hint: "issue it again, and look at what the extfile says of it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let mut extensions = it.parsed.extensions().iter();
    let malformed = extensions.find(|extension| is_malformed(extension))?;
    let name = extension::known_name(&malformed.oid)?;
    Some(format!("its {name} is malformed"))
}

fn is_malformed(extension: &X509Extension<'_>) -> bool {
    let is_empty = match extension.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(found) => found.general_names.is_empty(),
        ParsedExtension::AuthorityInfoAccess(found) => found.accessdescs.is_empty(),
        ParsedExtension::NameConstraints(_) => {
            // The parser passes over what it does not know, which lifts a constraint.
            NameConstraints::from_der(extension.value).is_none()
        }
        _ => false,
    };
    // Nor does it mind octets after a value, which another reader may.
    extension::known_name(&extension.oid).is_some()
        && (is_empty
            || extension.parsed_extension().error().is_some()
            || !matches!(Any::from_der(extension.value), Ok(([], _))))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let usage = |value: &[u8]| {
        Sample::leaf().with(Extension::new(oids::OID_X509_EXT_KEY_USAGE, value.to_vec()))
    };
    let information =
        |value| Sample::leaf().with(Extension::new(oids::OID_PKIX_AUTHORITY_INFO_ACCESS, value));
    let constraints = |parts: &[Vec<u8>]| {
        let value = der::sequence(parts);
        Sample::authority().with(Extension::new(oids::OID_X509_EXT_NAME_CONSTRAINTS, value))
    };
    vec![
        good("a leaf", Sample::leaf()),
        good("a CA", Sample::authority()),
        good(
            "unknown",
            Sample::leaf().with(Extension::new(oid!(1.2.3.4), vec![1])),
        ),
        bad("another type", usage(&der::null())),
        bad("nothing", usage(&[])),
        bad("octets behind it", usage(&[3, 2, 7, 0x80, 0])),
        bad(
            "no alternative name",
            Sample::leaf().with(subject_alternative_name(&[])),
        ),
        bad(
            "no place of information",
            information(der::sequence(&[[0; 0]])),
        ),
        bad("no ASN.1", information(b"malformed".to_vec())),
        bad("no name is constrained", constraints(&[])),
        bad(
            "no subtree",
            constraints(&[der::tlv(tag::context_constructed(0), &[])]),
        ),
    ]
}
