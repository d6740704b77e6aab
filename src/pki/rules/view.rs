//! One certificate as all rules see it, parsed once.

use time::OffsetDateTime;
use x509_parser::{
    extensions::{
        AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, GeneralName, KeyUsage,
        ParsedExtension, X509Extension,
    },
    oid_registry::{self as oids, Oid},
    prelude::X509Certificate,
};

use super::Role;
use crate::pki::authority_key::is_self_signed;

/// A certificate, and the questions that rules and path validation ask it.
///
/// Of extensions that stand twice the first counts; that is a breach of its own.
#[derive(Debug)]
pub struct View<'a> {
    pub(in crate::pki) parsed: X509Certificate<'a>,
    pub(super) role: Role,
}

impl<'a> View<'a> {
    /// Looks at `parsed`, which is meant to be a `role`.
    #[must_use]
    pub const fn new(parsed: X509Certificate<'a>, role: Role) -> Self {
        Self { parsed, role }
    }

    pub(in crate::pki) fn extension(&self, oid: &Oid<'_>) -> Option<&X509Extension<'a>> {
        self.parsed.extensions().iter().find(|it| it.oid == *oid)
    }

    pub(in crate::pki) fn is_critical(&self, oid: &Oid<'_>) -> bool {
        self.extension(oid).is_some_and(|it| it.critical)
    }

    fn value(&self, oid: &Oid<'_>) -> Option<&ParsedExtension<'a>> {
        self.extension(oid).map(X509Extension::parsed_extension)
    }

    pub(in crate::pki) fn authority_key(&self) -> Option<&AuthorityKeyIdentifier<'a>> {
        match self.value(&oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)? {
            ParsedExtension::AuthorityKeyIdentifier(found) => Some(found),
            _ => None,
        }
    }

    pub(in crate::pki) fn basic_constraints(&self) -> Option<&BasicConstraints> {
        match self.value(&oids::OID_X509_EXT_BASIC_CONSTRAINTS)? {
            ParsedExtension::BasicConstraints(found) => Some(found),
            _ => None,
        }
    }

    pub(in crate::pki) fn extended_key_usage(&self) -> Option<&ExtendedKeyUsage<'a>> {
        match self.value(&oids::OID_X509_EXT_EXTENDED_KEY_USAGE)? {
            ParsedExtension::ExtendedKeyUsage(found) => Some(found),
            _ => None,
        }
    }

    pub(in crate::pki) fn key_usage(&self) -> Option<KeyUsage> {
        match self.value(&oids::OID_X509_EXT_KEY_USAGE)? {
            ParsedExtension::KeyUsage(found) => Some(*found),
            _ => None,
        }
    }

    /// Subject alternative names; `None` without the extension.
    pub(in crate::pki) fn names(&self) -> Option<&[GeneralName<'a>]> {
        match self.value(&oids::OID_X509_EXT_SUBJECT_ALT_NAME)? {
            ParsedExtension::SubjectAlternativeName(found) => Some(&found.general_names),
            _ => None,
        }
    }

    pub(in crate::pki) fn subject_key(&self) -> Option<&'a [u8]> {
        match self.value(&oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER)? {
            ParsedExtension::SubjectKeyIdentifier(found) => Some(found.0),
            _ => None,
        }
    }

    /// Says that it is a CA.
    pub(in crate::pki) fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|it| it.ca)
    }

    pub(super) fn signs_certificates(&self) -> bool {
        self.key_usage().is_some_and(|it| it.key_cert_sign())
    }

    /// Is meant to issue, or says so where nobody knows what it is meant for.
    pub(super) fn is_authority(&self) -> bool {
        match self.role {
            Role::Authority => true,
            Role::Leaf => false,
            Role::Any => self.is_ca(),
        }
    }

    /// Issuer and subject are the same name (RFC 5280 §6.1).
    pub(in crate::pki) fn is_self_issued(&self) -> bool {
        self.parsed.subject().as_raw() == self.parsed.issuer().as_raw()
    }

    /// See [`is_self_signed`].
    pub(in crate::pki) fn is_self_signed(&self) -> bool {
        is_self_signed(&self.parsed)
    }

    pub(super) fn not_after(&self) -> OffsetDateTime {
        self.parsed.validity().not_after.to_datetime()
    }

    pub(super) fn not_before(&self) -> OffsetDateTime {
        self.parsed.validity().not_before.to_datetime()
    }

    pub(in crate::pki) fn has_empty_subject(&self) -> bool {
        self.parsed.subject().iter_rdn().next().is_none()
    }

    pub(super) fn dns_names(&self) -> impl Iterator<Item = &'a str> {
        let names = self.names().into_iter().flatten();
        names.filter_map(|name| match name {
            GeneralName::DNSName(text) => Some(*text),
            _ => None,
        })
    }
}
