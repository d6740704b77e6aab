//! Rules for one certificate, applied to plans before they are signed and to files.

use std::fmt;

use time::OffsetDateTime;
use x509_parser::{
    extensions::{
        AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, GeneralName, KeyUsage,
        ParsedExtension, X509Extension,
    },
    oid_registry::{self as oids, Oid},
    prelude::X509Certificate,
};

use super::{Severity, Terms};
use crate::{explained::Explained, pki::extension};

mod algorithms_differ;
mod authority_key_missing;
mod basic_constraints_not_critical;
mod ca_key_usage;
mod common_name_length;
mod critical_extension;
mod duplicate_extension;
mod expired;
mod expiring;
mod explicit_curve;
mod extended_key_usage_empty;
mod issuer_empty;
mod key_cert_sign_without_ca;
mod key_identifier_critical;
mod key_usage_encoding;
mod leaf_is_ca;
mod leaf_key_usage;
mod malformed_extension;
mod name_constraints_without_ca;
mod no_tls_purpose;
mod not_a_ca;
mod not_yet_valid;
mod path_length_without_ca;
#[cfg(test)]
mod sample;
mod san_address_length;
mod san_host_name;
mod san_ip_as_dns;
mod san_missing;
mod san_mistyped_ip;
mod san_not_critical;
mod san_underscore;
mod serial;
mod subject_empty;
mod subject_key_missing;
mod time_encoding;
mod validity_order;
mod version;
mod weak_key;
mod weak_signature;

/// Every rule, sorted by code.
pub static RULES: &[CertificateRule] = &[
    algorithms_differ::RULE,
    authority_key_missing::RULE,
    basic_constraints_not_critical::RULE,
    ca_key_usage::RULE,
    common_name_length::RULE,
    critical_extension::RULE,
    duplicate_extension::RULE,
    expired::RULE,
    expiring::RULE,
    explicit_curve::RULE,
    extended_key_usage_empty::RULE,
    issuer_empty::RULE,
    key_cert_sign_without_ca::RULE,
    key_identifier_critical::RULE,
    key_usage_encoding::RULE,
    leaf_is_ca::RULE,
    leaf_key_usage::RULE,
    malformed_extension::RULE,
    name_constraints_without_ca::RULE,
    no_tls_purpose::RULE,
    not_a_ca::RULE,
    not_yet_valid::RULE,
    path_length_without_ca::RULE,
    san_address_length::RULE,
    san_host_name::RULE,
    san_ip_as_dns::RULE,
    san_missing::RULE,
    san_mistyped_ip::RULE,
    san_not_critical::RULE,
    san_underscore::RULE,
    serial::RULE,
    subject_empty::RULE,
    subject_key_missing::RULE,
    time_encoding::RULE,
    validity_order::RULE,
    version::RULE,
    weak_key::RULE,
    weak_signature::RULE,
];

/// One thing that a certificate must, or should, be.
#[derive(Debug)]
pub struct CertificateRule {
    /// Stable name in kebab-case
    pub code: &'static str,
    /// How bad it is to break it
    pub severity: Severity,
    /// Where it is written
    pub source: &'static str,
    /// What comes of breaking it, without final stop
    pub meaning: &'static str,
    /// What mends it
    pub hint: &'static str,
    /// What is wrong, without final stop; `None` where the rule holds or says nothing
    broken: fn(&View<'_>, &Terms) -> Option<String>,
    /// Certificates that break the rule, and certificates that do not
    #[cfg(test)]
    cases: fn() -> Vec<sample::Case>,
}

impl CertificateRule {
    /// What its code stands for.
    #[must_use]
    pub const fn explained(&self) -> Explained {
        Explained::new(
            self.code,
            self.severity,
            self.source,
            self.meaning,
            self.hint,
        )
    }
}

/// One rule that a certificate breaks.
#[derive(Clone, Debug)]
pub struct Breach {
    /// Which one
    pub rule: &'static CertificateRule,
    /// What is wrong, without final stop
    pub message: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.rule.code)
    }
}

/// All rules that a certificate breaks.
#[must_use]
pub fn breaches(view: &View<'_>, terms: &Terms) -> Vec<Breach> {
    let breach = |rule: &'static CertificateRule| {
        let message = (rule.broken)(view, terms)?;
        Some(Breach { rule, message })
    };
    RULES.iter().filter_map(breach).collect()
}

/// What makes a certificate unfit to be signed.
#[must_use]
pub fn errors(view: &View<'_>, terms: &Terms) -> Vec<Breach> {
    let mut breaches = breaches(view, terms);
    breaches.retain(|breach| breach.rule.severity == Severity::Error);
    breaches
}

/// What a certificate is meant to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// Issues others
    Authority,
    /// Stands for a node, server or client
    Leaf,
    /// Whatever it says itself
    Any,
}

/// A certificate, with what most rules ask for looked up once.
///
/// Of extensions that stand twice the last counts; that is a breach of its own.
#[derive(Debug)]
pub struct View<'a> {
    parsed: &'a X509Certificate<'a>,
    role: Role,
    authority_key: Option<&'a AuthorityKeyIdentifier<'a>>,
    basic_constraints: Option<&'a BasicConstraints>,
    extended_key_usage: Option<&'a ExtendedKeyUsage<'a>>,
    key_usage: Option<&'a KeyUsage>,
    names: Option<&'a [GeneralName<'a>]>,
    subject_key: Option<&'a [u8]>,
}

impl<'a> View<'a> {
    /// Looks at `parsed`, which is meant to be a `role`.
    #[must_use]
    pub fn new(parsed: &'a X509Certificate<'a>, role: Role) -> Self {
        let mut view = Self {
            parsed,
            role,
            authority_key: None,
            basic_constraints: None,
            extended_key_usage: None,
            key_usage: None,
            names: None,
            subject_key: None,
        };
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(found) => view.authority_key = Some(found),
                ParsedExtension::BasicConstraints(found) => view.basic_constraints = Some(found),
                ParsedExtension::ExtendedKeyUsage(found) => view.extended_key_usage = Some(found),
                ParsedExtension::KeyUsage(found) => view.key_usage = Some(found),
                ParsedExtension::SubjectAlternativeName(found) => {
                    view.names = Some(&found.general_names);
                }
                ParsedExtension::SubjectKeyIdentifier(found) => view.subject_key = Some(found.0),
                _ => {}
            }
        }
        view
    }

    fn extension(&self, oid: &Oid<'_>) -> Option<&'a X509Extension<'a>> {
        self.parsed.extensions().iter().find(|it| it.oid == *oid)
    }

    fn is_critical(&self, oid: &Oid<'_>) -> bool {
        self.extension(oid).is_some_and(|it| it.critical)
    }

    /// Says that it is a CA.
    fn has_ca(&self) -> bool {
        self.basic_constraints.is_some_and(|it| it.ca)
    }

    fn signs_certificates(&self) -> bool {
        self.key_usage.is_some_and(KeyUsage::key_cert_sign)
    }

    /// Is meant to issue, or says so where nobody knows what it is meant for.
    fn is_authority(&self) -> bool {
        match self.role {
            Role::Authority => true,
            Role::Leaf => false,
            Role::Any => self.has_ca(),
        }
    }

    /// Issuer and subject are the same name (RFC 5280 §6.1).
    fn is_self_issued(&self) -> bool {
        self.parsed.subject().as_raw() == self.parsed.issuer().as_raw()
    }

    fn not_after(&self) -> OffsetDateTime {
        self.parsed.validity().not_after.to_datetime()
    }

    fn not_before(&self) -> OffsetDateTime {
        self.parsed.validity().not_before.to_datetime()
    }

    fn has_empty_subject(&self) -> bool {
        self.parsed.subject().iter_rdn().next().is_none()
    }

    fn dns_names(&self) -> impl Iterator<Item = &'a str> {
        self.names
            .into_iter()
            .flatten()
            .filter_map(|name| match name {
                GeneralName::DNSName(text) => Some(*text),
                _ => None,
            })
    }
}

/// Whether every TLS library understands an extension.
fn is_understood(oid: &Oid<'_>) -> bool {
    let rare = [
        oids::OID_X509_EXT_INHIBIT_ANY_POLICY,
        oids::OID_X509_EXT_POLICY_MAPPINGS,
    ];
    extension::known_name(oid).is_some() && !rare.contains(oid)
}

#[cfg(test)]
mod tests {
    use super::{
        sample::{NOW, Sample, terms},
        *,
    };
    use crate::{check::assert_well_worded, pki::certificate::Certificate};

    #[test]
    fn rules_are_sorted_named_and_sourced() {
        assert_well_worded(RULES.iter().map(CertificateRule::explained));
    }

    #[test]
    fn each_rule_tells_its_examples_apart() {
        for rule in RULES {
            let cases = (rule.cases)();
            for bad in [false, true] {
                let found = cases.iter().any(|case| case.bad == bad);
                assert!(found, "{}: no case with bad = {bad}", rule.code);
            }
            for case in cases {
                let certificate = Certificate::from_der(case.sample.der()).expect(case.name);
                let parsed = certificate.parsed();
                let message = (rule.broken)(&View::new(&parsed, case.sample.role), &terms());
                assert_eq!(
                    message.is_some(),
                    case.bad,
                    "{}: {}: {message:?}",
                    rule.code,
                    case.name
                );
                assert!(
                    message.is_none_or(|text| !text.ends_with('.')),
                    "{}",
                    rule.code
                );
            }
        }
    }

    #[test]
    fn what_is_made_by_the_book_breaks_no_rule() {
        for sample in [Sample::root(), Sample::authority(), Sample::leaf()] {
            let certificate = Certificate::from_der(sample.der()).expect("well-formed");
            let parsed = certificate.parsed();
            for role in [sample.role, Role::Any] {
                let found = breaches(&View::new(&parsed, role), &terms());
                assert!(found.is_empty(), "{role:?} at {NOW}: {found:?}");
            }
        }
    }
}
