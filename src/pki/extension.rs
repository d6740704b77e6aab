//! Certificate extensions (RFC 5280 §4.2), each written by one function.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};
use ring::digest;
use x509_parser::{
    oid_registry::{self as oids, Oid},
    prelude::X509Extension,
};

use super::{
    der::{self, tag},
    general_name::GeneralName,
    octets::KeyId,
    oid::dotted,
};

/// One extension, as it stands in a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Extension {
    /// Which extension (`extnID`)
    pub oid: Oid<'static>,
    /// Whether who does not know it must reject the certificate
    pub critical: bool,
    /// DER of the extension's own value, without the OCTET STRING around it
    pub value: Vec<u8>,
}

impl Extension {
    /// An extension that software may ignore.
    #[must_use]
    pub fn new(oid: Oid<'static>, value: Vec<u8>) -> Self {
        Self {
            oid,
            critical: false,
            value,
        }
    }

    /// Marks the extension as one that must be understood (RFC 5280 §4.2).
    #[must_use]
    pub fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    /// Takes over an extension that x509-parser read.
    #[must_use]
    pub fn from_parsed(found: &X509Extension<'_>) -> Self {
        Self {
            oid: found.oid.to_owned(),
            critical: found.critical,
            value: found.value.to_vec(),
        }
    }

    /// Writes the Extension SEQUENCE; `critical` only where true (DER drops defaults, X.690 §11.5).
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut parts = vec![der::oid(&self.oid)];
        if self.critical {
            parts.push(der::boolean(true));
        }
        parts.push(der::octet_string(&self.value));
        der::sequence(&parts)
    }
}

/// RFC 5280's name of an extension; `None` where it is none of those that TLS programs know.
#[must_use]
pub fn known_name(oid: &Oid<'_>) -> Option<&'static str> {
    let found = NAMES.iter().find(|(known, _)| known == oid);
    found.map(|(_, name)| *name)
}

/// RFC 5280's name of an extension, or else its number.
#[must_use]
pub fn name(oid: &Oid<'_>) -> String {
    known_name(oid).map_or_else(|| dotted(oid), str::to_owned)
}

/// Extensions that TLS programs know.
static NAMES: [(Oid<'static>, &str); 12] = [
    (
        oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
        "authorityKeyIdentifier",
    ),
    (oids::OID_PKIX_AUTHORITY_INFO_ACCESS, "authorityInfoAccess"),
    (oids::OID_X509_EXT_BASIC_CONSTRAINTS, "basicConstraints"),
    (
        oids::OID_X509_EXT_CERTIFICATE_POLICIES,
        "certificatePolicies",
    ),
    (
        oids::OID_X509_EXT_CRL_DISTRIBUTION_POINTS,
        "cRLDistributionPoints",
    ),
    (oids::OID_X509_EXT_EXTENDED_KEY_USAGE, "extKeyUsage"),
    (oids::OID_X509_EXT_INHIBIT_ANY_POLICY, "inhibitAnyPolicy"),
    (oids::OID_X509_EXT_KEY_USAGE, "keyUsage"),
    (oids::OID_X509_EXT_NAME_CONSTRAINTS, "nameConstraints"),
    (oids::OID_X509_EXT_POLICY_MAPPINGS, "policyMappings"),
    (oids::OID_X509_EXT_SUBJECT_ALT_NAME, "subjectAltName"),
    (
        oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
        "subjectKeyIdentifier",
    ),
];

/// The nine uses of a key, in the order of their bits (RFC 5280 §4.2.1.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u16)]
pub enum KeyUsage {
    /// Signs anything but certificates and CRLs, TLS handshakes among it
    DigitalSignature = 1,
    /// Non-repudiation
    ContentCommitment = 1 << 1,
    /// RSA key transport
    KeyEncipherment = 1 << 2,
    /// Encrypts data directly
    DataEncipherment = 1 << 3,
    /// Diffie-Hellman with the certified key
    KeyAgreement = 1 << 4,
    /// Signs certificates
    KeyCertSign = 1 << 5,
    /// Signs CRLs
    CrlSign = 1 << 6,
    /// With `KeyAgreement`: only enciphers
    EncipherOnly = 1 << 7,
    /// With `KeyAgreement`: only deciphers
    DecipherOnly = 1 << 8,
}

impl KeyUsage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::ContentCommitment,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];
}

/// What a key may be used for (RFC 5280 §4.2.1.3).
#[must_use]
pub fn key_usage(uses: &[KeyUsage]) -> Extension {
    let bits = uses.iter().fold(0, |bits, &usage| bits | usage as u16);
    Extension::new(oids::OID_X509_EXT_KEY_USAGE, der::named_bits(bits)).critical()
}

/// What a certificate may be used for (RFC 5280 §4.2.1.12).
#[must_use]
pub fn extended_key_usage(purposes: &[Oid<'_>]) -> Extension {
    let purposes: Vec<_> = purposes.iter().map(der::oid).collect();
    Extension::new(
        oids::OID_X509_EXT_EXTENDED_KEY_USAGE,
        der::sequence(&purposes),
    )
}

/// Whether the subject is a CA, and how many CAs may follow below it (RFC 5280 §4.2.1.9).
///
/// `path_len` counts only where `ca` is true.
#[must_use]
pub fn basic_constraints(ca: bool, path_len: Option<u8>) -> Extension {
    let mut parts = Vec::new();
    if ca {
        parts.push(der::boolean(true));
        parts.extend(path_len.map(|length| der::integer(&[length])));
    }
    Extension::new(oids::OID_X509_EXT_BASIC_CONSTRAINTS, der::sequence(&parts)).critical()
}

/// The names that the certificate stands for; critical where the subject is empty (RFC 5280 §4.2.1.6).
#[must_use]
pub fn subject_alternative_name(names: &[GeneralName]) -> Extension {
    let names: Vec<_> = names.iter().map(GeneralName::to_der).collect();
    Extension::new(oids::OID_X509_EXT_SUBJECT_ALT_NAME, der::sequence(&names))
}

/// Identifier of a public key: SHA-1 of the BIT STRING's octets (RFC 5280 §4.2.1.2 method 1).
///
/// It only tells keys apart, so that SHA-1 is no weakness here; OpenSSL's `hash` is the same.
#[must_use]
pub fn key_identifier(public_key: &[u8]) -> KeyId {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, public_key)
        .as_ref()
        .into()
}

/// Names the subject's key (RFC 5280 §4.2.1.2).
#[must_use]
pub fn subject_key_identifier(identifier: &[u8]) -> Extension {
    Extension::new(
        oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
        der::octet_string(identifier),
    )
}

/// Names the issuer's key by its identifier (RFC 5280 §4.2.1.1).
#[must_use]
pub fn authority_key_identifier(identifier: &[u8]) -> Extension {
    let key_id = der::tlv(tag::context(0), identifier);
    Extension::new(
        oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
        der::sequence(&[key_id]),
    )
}

/// Where the CRL of the issuer is served (RFC 5280 §4.2.1.13).
#[must_use]
pub fn crl_distribution_point(url: &str) -> Extension {
    let url = GeneralName::Uri(url.to_owned()).to_der();
    // distributionPoint, in it fullName
    let full_name = der::constructed(tag::context_constructed(0), &[url]);
    let point = der::constructed(tag::context_constructed(0), &[full_name]);
    Extension::new(
        oids::OID_X509_EXT_CRL_DISTRIBUTION_POINTS,
        der::sequence(&[der::sequence(&[point])]),
    )
}

/// What a CA may issue for (RFC 5280 §4.2.1.10). Where one kind is named and the other is not, nothing of the
/// other is allowed: to permit a domain leaves addresses as free as before, which nobody means.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PermittedSubtrees {
    /// Domains, each with all that is below it
    pub dns: Vec<String>,
    /// Networks
    pub ip: Vec<IpNet>,
}

impl PermittedSubtrees {
    /// Whether nothing is constrained.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dns.is_empty() && self.ip.is_empty()
    }

    /// `NameConstraints` with these as `permittedSubtrees`, and the kind that is left out whole among the
    /// `excludedSubtrees` (RFC 5280 §4.2.1.10). Of URIs and mail addresses no subtree means all.
    pub(super) fn to_rcgen(&self) -> NameConstraints {
        let all_ip = [Ipv4Net::default().into(), Ipv6Net::default().into()];
        NameConstraints {
            permitted_subtrees: subtrees(&self.dns, &self.ip),
            excluded_subtrees: match (&self.dns[..], &self.ip[..]) {
                ([], [_, ..]) => subtrees(&[String::new()], &[]),
                ([_, ..], []) => subtrees(&[], &all_ip),
                _ => Vec::new(),
            },
        }
    }
}

fn subtrees(dns: &[String], ip: &[IpNet]) -> Vec<GeneralSubtree> {
    let dns = dns.iter().cloned().map(GeneralSubtree::DnsName);
    let ip = ip.iter().map(|network| {
        let network = network.trunc();
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
            network.network(),
            network.prefix_len(),
        ))
    });
    dns.chain(ip).collect()
}
