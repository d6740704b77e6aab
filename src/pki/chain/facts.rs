//! One certificate of a search, parsed once, and the questions that validation asks it.

use std::collections::HashSet;

use x509_parser::{
    asn1_rs::Any,
    extensions::{
        AuthorityKeyIdentifier, BasicConstraints, DistributionPointName, ExtendedKeyUsage,
        GeneralName as ParsedName, KeyUsage, ParsedExtension, X509Extension,
    },
    oid_registry::{self as oids, Oid},
    prelude::{FromDer as _, X509Certificate},
};

use super::{failure::Rule, name_constraints::NameConstraints};
use crate::pki::{certificate::Certificate, extension, general_name::GeneralName, name};

/// Whether validation understands an extension, so that it may be critical.
///
/// Policies, their mappings and inhibitAnyPolicy say nothing where any policy is accepted and none
/// required (RFC 5280 §6.1.1 (c), (e)); policyConstraints can require one, and is not among them.
fn is_understood(oid: &Oid<'_>) -> bool {
    extension::known_name(oid).is_some() && *oid != oids::OID_PKIX_AUTHORITY_INFO_ACCESS
}

/// A certificate and its parsed view.
pub(super) struct Facts<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) parsed: X509Certificate<'a>,
    /// Subject alternative names; `None` without the extension.
    pub(super) names: Option<Vec<GeneralName>>,
    pub(super) name_constraints: Option<NameConstraints>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(certificate: &'a Certificate) -> Self {
        let parsed = certificate.parsed();
        let mut facts = Self {
            certificate,
            parsed,
            names: None,
            name_constraints: None,
        };
        facts.names = match facts.value(&oids::OID_X509_EXT_SUBJECT_ALT_NAME) {
            Some(ParsedExtension::SubjectAlternativeName(found)) => Some(
                found
                    .general_names
                    .iter()
                    .map(GeneralName::from_parsed)
                    .collect(),
            ),
            _ => None,
        };
        facts.name_constraints = facts
            .extension(&oids::OID_X509_EXT_NAME_CONSTRAINTS)
            .and_then(|extension| NameConstraints::from_der(extension.value));
        facts
    }

    /// What the certificate is called in messages: common name, first name, or the whole subject.
    pub(super) fn label(&self) -> String {
        let common_name = self.parsed.subject().iter_common_name().last();
        let first_name = || self.names.iter().flatten().next().map(ToString::to_string);
        common_name
            .and_then(|found| Some(found.as_str().ok()?.to_owned()))
            .or_else(first_name)
            .unwrap_or_else(|| name::display(self.parsed.subject().as_raw()))
    }

    /// Issuer and subject are the same name (RFC 5280 §6.1).
    pub(super) fn is_self_issued(&self) -> bool {
        self.parsed.subject().as_raw() == self.parsed.issuer().as_raw()
    }

    pub(super) fn has_empty_subject(&self) -> bool {
        self.parsed.subject().iter_rdn().next().is_none()
    }

    /// The first extension of a kind; that there are two is a fault of its own.
    pub(super) fn extension(&self, oid: &Oid<'_>) -> Option<&X509Extension<'a>> {
        self.parsed
            .extensions()
            .iter()
            .find(|found| found.oid == *oid)
    }

    pub(super) fn is_critical(&self, oid: &Oid<'_>) -> bool {
        self.extension(oid).is_some_and(|found| found.critical)
    }

    fn value(&self, oid: &Oid<'_>) -> Option<&ParsedExtension<'a>> {
        self.extension(oid).map(X509Extension::parsed_extension)
    }

    pub(super) fn basic_constraints(&self) -> Option<&BasicConstraints> {
        match self.value(&oids::OID_X509_EXT_BASIC_CONSTRAINTS)? {
            ParsedExtension::BasicConstraints(found) => Some(found),
            _ => None,
        }
    }

    pub(super) fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|found| found.ca)
    }

    pub(super) fn key_usage(&self) -> Option<KeyUsage> {
        match self.value(&oids::OID_X509_EXT_KEY_USAGE)? {
            ParsedExtension::KeyUsage(found) => Some(*found),
            _ => None,
        }
    }

    pub(super) fn extended_key_usage(&self) -> Option<&ExtendedKeyUsage<'a>> {
        match self.value(&oids::OID_X509_EXT_EXTENDED_KEY_USAGE)? {
            ParsedExtension::ExtendedKeyUsage(found) => Some(found),
            _ => None,
        }
    }

    pub(super) fn subject_key(&self) -> Option<&'a [u8]> {
        match self.value(&oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER)? {
            ParsedExtension::SubjectKeyIdentifier(found) => Some(found.0),
            _ => None,
        }
    }

    pub(super) fn authority_key(&self) -> Option<&AuthorityKeyIdentifier<'a>> {
        match self.value(&oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)? {
            ParsedExtension::AuthorityKeyIdentifier(found) => Some(found),
            _ => None,
        }
    }

    /// Where its CRLs are served (RFC 5280 §4.2.1.13).
    pub(super) fn distribution_points(&self) -> Vec<&ParsedName<'a>> {
        let points = match self.value(&oids::OID_X509_EXT_CRL_DISTRIBUTION_POINTS) {
            Some(ParsedExtension::CRLDistributionPoints(found)) => &found.points[..],
            _ => &[],
        };
        let names = points.iter().map(|point| match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => &names[..],
            _ => &[],
        });
        names.flatten().collect()
    }

    /// Extensions that stand twice, cannot be read, or must be understood and are not (RFC 5280 §4.2).
    pub(super) fn extension_faults(&self) -> Vec<Rule> {
        let mut seen = HashSet::new();
        let mut faults = Vec::new();
        for extension in self.parsed.extensions() {
            let is_understood = is_understood(&extension.oid);
            let name = extension::name(&extension.oid);
            if !is_understood && extension.critical {
                faults.push(Rule::UnknownCriticalExtension(name.clone()));
            }
            if is_understood && self.is_malformed(extension) {
                faults.push(Rule::MalformedExtension(name.clone()));
            }
            if !seen.insert(&extension.oid) {
                faults.push(Rule::DuplicateExtension(name));
            }
        }
        faults
    }

    /// The parser passes over octets after a value, which another reader may not.
    fn is_malformed(&self, extension: &X509Extension<'_>) -> bool {
        extension.parsed_extension().error().is_some()
            || !matches!(Any::from_der(extension.value), Ok(([], _)))
            || (extension.oid == oids::OID_X509_EXT_NAME_CONSTRAINTS
                && self.name_constraints.is_none())
    }
}
