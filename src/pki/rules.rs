//! Rules for one certificate, applied to plans before they are signed and to files.

use std::fmt;

use time::{Duration, OffsetDateTime};
use x509_parser::oid_registry::{self as oids, Oid};

use super::{extension, renewal::Margin};
use crate::{explained::explained_by_parts, severity::Severity};

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
mod name_constraint_base;
mod name_constraints_not_critical;
mod name_constraints_without_ca;
mod no_tls_purpose;
mod not_a_ca;
mod not_yet_valid;
mod path_length_without_ca;
mod policy_constraints_not_critical;
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
mod view;
mod weak_key;
mod weak_signature;

pub use view::View;

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
    name_constraint_base::RULE,
    name_constraints_not_critical::RULE,
    name_constraints_without_ca::RULE,
    no_tls_purpose::RULE,
    not_a_ca::RULE,
    not_yet_valid::RULE,
    path_length_without_ca::RULE,
    policy_constraints_not_critical::RULE,
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

/// What path validation holds a chain to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Policy {
    /// RFC 5280, to the letter
    #[default]
    Strict,
    /// What browsers take of public CAs: RFC 5280 and the CA/Browser Forum's Baseline Requirements
    Webpki,
    /// What `openssl verify -x509_strict` takes, and with it Python from 3.13 on
    Openssl,
}

/// The rules that path validation asks, with the policies that ask them.
///
/// What is left out says nothing about a chain (such as what is soon over), or is a step of validation
/// itself, which says it in its own words.
pub(super) static ASKED: &[(CertificateRule, &[Policy])] = &[
    (algorithms_differ::RULE, EVERY),
    (authority_key_missing::RULE, EVERY),
    (basic_constraints_not_critical::RULE, EVERY),
    (ca_key_usage::RULE, &[Policy::Openssl]),
    (duplicate_extension::RULE, EVERY),
    (issuer_empty::RULE, EVERY),
    (key_cert_sign_without_ca::RULE, EVERY),
    (key_identifier_critical::RULE, EVERY),
    (malformed_extension::RULE, EVERY),
    (name_constraint_base::RULE, RFC_5280),
    (name_constraints_not_critical::RULE, &[Policy::Strict]),
    (name_constraints_without_ca::RULE, RFC_5280),
    (path_length_without_ca::RULE, &[Policy::Openssl]),
    (policy_constraints_not_critical::RULE, RFC_5280),
    (san_not_critical::RULE, EVERY),
    (serial::RULE, EVERY),
    (subject_empty::RULE, EVERY),
    (subject_key_missing::RULE, EVERY),
    (version::RULE, EVERY),
    (weak_key::RULE, EVERY),
];

const EVERY: &[Policy] = &[Policy::Strict, Policy::Webpki, Policy::Openssl];
const RFC_5280: &[Policy] = &[Policy::Strict, Policy::Webpki];

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
    broken: fn(&View<'_>, &Moment) -> Option<String>,
    /// Certificates that break the rule, and certificates that do not
    #[cfg(test)]
    cases: fn() -> Vec<sample::Case>,
}

explained_by_parts!(CertificateRule);

/// Two rules are one where their code is.
impl PartialEq for CertificateRule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for CertificateRule {}

/// One rule that a certificate breaks.
#[derive(Clone, Debug, Eq, PartialEq)]
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
pub fn breaches(view: &View<'_>, moment: &Moment) -> Vec<Breach> {
    let breach = |rule: &'static CertificateRule| {
        let message = (rule.broken)(view, moment)?;
        Some(Breach { rule, message })
    };
    RULES.iter().filter_map(breach).collect()
}

/// The rules that a certificate breaks, of those that path validation asks by a policy.
pub(super) fn breaches_in_chain(
    view: &View<'_>,
    policy: Policy,
    now: OffsetDateTime,
) -> Vec<Breach> {
    let asked = ASKED.iter().filter(|(_, by)| by.contains(&policy));
    let breach = |(rule, _): &'static (CertificateRule, _)| {
        let message = (rule.broken)(view, &Moment::at(now))?;
        Some(Breach { rule, message })
    };
    asked.filter_map(breach).collect()
}

/// What makes a certificate unfit to be signed.
#[must_use]
pub fn errors(view: &View<'_>, moment: &Moment) -> Vec<Breach> {
    let mut breaches = breaches(view, moment);
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

/// When a certificate is judged, and what is soon.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time that everything is judged at
    pub now: OffsetDateTime,
    /// What has so much of its life left is told
    pub within: Margin,
}

impl Moment {
    /// For plans and chains, of which nobody asks what is soon.
    #[must_use]
    pub const fn at(now: OffsetDateTime) -> Self {
        let within = Margin::Fixed(Duration::ZERO);
        Self { now, within }
    }
}

/// Whether path validation understands an extension, so that it may be critical.
///
/// Policies, their mappings and inhibitAnyPolicy say nothing where any policy is accepted and none
/// required (RFC 5280 §6.1.1 (c), (e)); policyConstraints can require one, and is not among them.
pub(super) fn is_understood(oid: &Oid<'_>) -> bool {
    extension::known_name(oid).is_some() && *oid != oids::OID_PKIX_AUTHORITY_INFO_ACCESS
}

#[cfg(test)]
mod tests {
    use super::{
        sample::{NOW, Sample, moment},
        *,
    };
    use crate::{explained::assert_well_worded, pki::certificate::Certificate};

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
                let message = (rule.broken)(
                    &View::new(certificate.parsed(), case.sample.role),
                    &moment(),
                );
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
            for role in [sample.role, Role::Any] {
                let found = breaches(&View::new(certificate.parsed(), role), &moment());
                assert!(found.is_empty(), "{role:?} at {NOW}: {found:?}");
            }
        }
    }
}
