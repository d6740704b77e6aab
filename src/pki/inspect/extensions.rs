//! Describes extensions, of a certificate or asked for in a request.

use base16ct::upper::encode_string as hex;
use serde::Serialize;
use x509_parser::{
    extensions::{
        DistributionPointName, ExtendedKeyUsage, GeneralName as ParsedName, KeyUsage,
        ParsedExtension, X509Extension,
    },
    objects::{oid_registry, oid2sn},
    oid_registry as oids,
};

use crate::pki::{general_name::GeneralName, name_constraints, oid::dotted};
/// What the extensions say.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExtensionsInfo {
    /// Whether it is a CA (RFC 5280 §4.2.1.9)
    pub ca: bool,
    /// How many CAs may follow below it
    pub path_len: Option<u32>,
    /// Words of RFC 5280 §4.2.1.3
    pub key_usage: Vec<&'static str>,
    /// Words of RFC 5280 §4.2.1.12, or numbers
    pub extended_key_usage: Vec<String>,
    /// Typed, as `--san` takes them
    pub sans: Vec<String>,
    /// Subtrees of names that a CA may certify (RFC 5280 §4.2.1.10)
    pub permitted_names: Vec<String>,
    /// Subtrees of names that a CA may not certify
    pub excluded_names: Vec<String>,
    /// Upper-case hexadecimal
    pub subject_key_id: Option<String>,
    /// Upper-case hexadecimal
    pub authority_key_id: Option<String>,
    /// Where CRLs are served
    pub crl_urls: Vec<String>,
    /// Where the issuer's certificate and OCSP are served
    pub authority_info: Vec<String>,
    /// All of them, in their order
    pub extensions: Vec<ExtensionInfo>,
}

/// One extension.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExtensionInfo {
    /// Its number
    pub oid: String,
    /// What it is called; `None` where nobody here knows
    pub name: Option<String>,
    /// Whether it must be understood
    pub critical: bool,
}

/// Describes extensions; what does not parse is listed and nothing more.
pub(super) fn describe(extensions: &[X509Extension<'_>]) -> ExtensionsInfo {
    let mut info = ExtensionsInfo::default();
    for extension in extensions {
        info.extensions.push(ExtensionInfo {
            oid: dotted(&extension.oid),
            name: oid2sn(&extension.oid, oid_registry())
                .ok()
                .map(str::to_owned),
            critical: extension.critical,
        });
        info.add(extension.parsed_extension());
        if extension.oid == oids::OID_X509_EXT_NAME_CONSTRAINTS
            && let Some(subtrees) = name_constraints::name_subtrees(extension.value)
        {
            (info.permitted_names, info.excluded_names) = subtrees;
        }
    }
    info
}

impl ExtensionsInfo {
    fn add(&mut self, extension: &ParsedExtension<'_>) {
        match extension {
            ParsedExtension::AuthorityKeyIdentifier(found) => {
                self.authority_key_id = found.key_identifier.as_ref().map(|id| hex(id.0));
            }
            ParsedExtension::SubjectKeyIdentifier(found) => {
                self.subject_key_id = Some(hex(found.0));
            }
            ParsedExtension::KeyUsage(found) => self.key_usage = key_usage(*found),
            ParsedExtension::ExtendedKeyUsage(found) => {
                self.extended_key_usage = extended_key_usage(found);
            }
            ParsedExtension::BasicConstraints(found) => {
                (self.ca, self.path_len) = (found.ca, found.path_len_constraint);
            }
            ParsedExtension::SubjectAlternativeName(found) => {
                self.sans = found.general_names.iter().map(show).collect();
            }
            ParsedExtension::CRLDistributionPoints(found) => {
                let names =
                    found
                        .points
                        .iter()
                        .filter_map(|point| match &point.distribution_point {
                            Some(DistributionPointName::FullName(names)) => Some(names),
                            _ => None,
                        });
                self.crl_urls = names.flatten().map(show).collect();
            }
            ParsedExtension::AuthorityInfoAccess(found) => {
                let shown = found
                    .accessdescs
                    .iter()
                    .map(|access| show(&access.access_location));
                self.authority_info = shown.collect();
            }
            _ => {}
        }
    }
}

fn show(name: &ParsedName<'_>) -> String {
    GeneralName::from_parsed(name).to_string()
}

fn key_usage(usage: KeyUsage) -> Vec<&'static str> {
    const WORDS: [&str; 9] = [
        "digitalSignature",
        "contentCommitment",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];
    let is_set = |bit: usize| usage.flags >> bit & 1 == 1;
    WORDS
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| is_set(*bit))
        .map(|(_, word)| word)
        .collect()
}

fn extended_key_usage(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let words = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let known = words
        .into_iter()
        .filter(|(is_set, _)| *is_set)
        .map(|(_, word)| word.to_owned());
    known
        .chain(usage.other.iter().map(|oid| dotted(oid)))
        .collect()
}
