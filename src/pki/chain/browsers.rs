//! Rules that only browsers have: the CA/Browser Forum's Baseline Requirements for what public CAs issue.
//!
//! Private CAs have no part in them, so that `check` does not tell of them.

use x509_parser::{
    der_parser::oid,
    extensions::{ExtendedKeyUsage, GeneralName},
    oid_registry::{self as oids},
};

use super::{codes::Code, facts::Facts, place::Place};
use crate::{
    explained::{Explained, Told},
    pki::{general_name::ip_from_octets, oid::of_value},
    severity::Severity,
};

/// One rule.
#[derive(Debug)]
pub struct BrowserRule {
    /// Its code
    pub(super) known: Code,
    /// What is wrong with who breaks it
    pub text: &'static str,
    broken: fn(&Facts<'_>, Place) -> bool,
}

impl PartialEq for BrowserRule {
    fn eq(&self, other: &Self) -> bool {
        self.known.told.code() == other.known.told.code()
    }
}

impl Eq for BrowserRule {}

/// The rules that a certificate breaks.
pub(super) fn broken_rules(
    facts: &Facts<'_>,
    place: Place,
) -> impl Iterator<Item = &'static BrowserRule> {
    RULES.iter().filter(move |rule| (rule.broken)(facts, place))
}

const RANK: u8 = 110;

const fn own(
    code: &'static str,
    section: &'static str,
    meaning: &'static str,
    hint: &'static str,
) -> Code {
    let told = Explained::new(code, Severity::Error, section, meaning, hint);
    Code {
        rank: RANK,
        section,
        told: Told::Here(told),
    }
}

/// One of which `check` has words.
const fn alike(code: &'static str, section: &'static str) -> Code {
    let told = Told::Alike {
        code,
        severity: Severity::Error,
        source: section,
        rule: code,
    };
    Code {
        rank: RANK,
        section,
        told,
    }
}

/// The table of the rules.
pub(super) static RULES: &[BrowserRule] = &[
    BrowserRule {
        known: alike("leaf-is-ca", "CA/B Forum BR §7.1.2.7.8"),
        text: "it is a CA, which may not stand for a server",
        broken: |it, place| place == Place::Leaf && it.view.is_ca(),
    },
    BrowserRule {
        known: alike("san-missing", "CA/B Forum BR §7.1.2.7.12"),
        text: "it has no subject alternative name",
        broken: |it, place| place == Place::Leaf && it.names.is_empty(),
    },
    BrowserRule {
        known: own(
            "san-critical",
            "CA/B Forum BR §7.1.2.7.12",
            "The certificate has a subject, and its subject alternative names are critical all the same, which browsers' rules forbid",
            "issue it again with subjectAltName not critical",
        ),
        text: "its subjectAltName is critical, though it has a subject",
        broken: |it, place| {
            place == Place::Leaf
                && !it.view.has_empty_subject()
                && it.view.is_critical(&oids::OID_X509_EXT_SUBJECT_ALT_NAME)
        },
    },
    BrowserRule {
        known: own(
            "common-name-not-in-san",
            "CA/B Forum BR §7.1.4.3",
            "The certificate has a common name that is none of its subject alternative names, character for character, or more than one",
            "issue it again without a common name, or with one of its names as the common name",
        ),
        text: "its common name is not one of its subject alternative names",
        broken: |it, place| place == Place::Leaf && !names_are_common(it),
    },
    BrowserRule {
        known: own(
            "server-purposes",
            "CA/B Forum BR §7.1.2.7.10",
            "The extendedKeyUsage is not a web server's: it is missing, critical, lacks serverAuth, or has purposes that browsers' rules forbid beside it, such as codeSigning or anyExtendedKeyUsage",
            "issue it again with the profile server",
        ),
        text: "its extendedKeyUsage is not a web server's: there, not critical, with serverAuth, without what is for others",
        broken: |it, place| place == Place::Leaf && !is_for_servers(it),
    },
    BrowserRule {
        known: own(
            "root-purposes",
            "CA/B Forum BR §7.1.2.1.2",
            "The root has an extendedKeyUsage, which browsers' rules forbid",
            "make the root again without extendedKeyUsage",
        ),
        text: "it is a root with an extendedKeyUsage",
        broken: |it, place| is_root(it, place) && it.view.extended_key_usage().is_some(),
    },
    BrowserRule {
        known: own(
            "root-authority-key",
            "CA/B Forum BR §7.1.2.1.3",
            "The root's authorityKeyIdentifier is not its subjectKeyIdentifier, or names a certificate besides",
            "make the root again without authorityKeyIdentifier",
        ),
        text: "it is a root whose authorityKeyIdentifier is not its subjectKeyIdentifier and nothing else",
        broken: |it, place| is_root(it, place) && !names_itself(it),
    },
    BrowserRule {
        known: own(
            "web-key",
            "CA/B Forum BR §7.1.3.1",
            "The key is of a kind that browsers do not take: they take RSA, P-256, P-384 and P-521",
            "make a new key, of P-256 or RSA, and issue it again",
        ),
        text: "its key is neither RSA nor of P-256, P-384 or P-521",
        broken: |it, _| !has_web_key(it),
    },
    BrowserRule {
        known: own(
            "distribution-point-not-uri",
            "CA/B Forum BR §7.1.2.11.2",
            "The certificate says by something else than a URI where its CRL is",
            "issue it again with URIs alone in cRLDistributionPoints",
        ),
        text: "its cRLDistributionPoints name something else than URIs",
        broken: |it, _| {
            let mut names = it.distribution_points().into_iter();
            names.any(|name| !matches!(name, GeneralName::URI(_)))
        },
    },
];

fn is_root(it: &Facts<'_>, place: Place) -> bool {
    place == Place::Anchor && it.view.is_self_issued()
}

/// At most one common name, and a character-for-character copy of an alternative name.
fn names_are_common(it: &Facts<'_>) -> bool {
    let common_names: Vec<_> = it.view.parsed.subject().iter_common_name().collect();
    let Some(text) = common_names.first().map(|name| name.as_str()) else {
        return true;
    };
    let is_it = |name: &GeneralName<'_>| match (name, &text) {
        (GeneralName::DNSName(name), Ok(text)) => name == text,
        (GeneralName::IPAddress(octets), Ok(text)) => {
            ip_from_octets(octets).is_some_and(|ip| ip.to_string() == *text)
        }
        _ => false,
    };
    common_names.len() == 1 && it.view.names().into_iter().flatten().any(is_it)
}

fn is_for_servers(it: &Facts<'_>) -> bool {
    // Certificate Transparency's precertificates (RFC 6962 §3.1)
    let precertificate = oid!(1.3.6.1.4.1.11129.2.4.4);
    let is_fit = |usage: &ExtendedKeyUsage<'_>| {
        let others = usage.any
            || usage.code_signing
            || usage.email_protection
            || usage.time_stamping
            || usage.ocsp_signing
            || usage.other.contains(&precertificate);
        usage.server_auth && !others
    };
    it.view.extended_key_usage().is_some_and(is_fit)
        && !it.view.is_critical(&oids::OID_X509_EXT_EXTENDED_KEY_USAGE)
}

/// The root's authority key identifier, where it has one, is its subject key identifier.
fn names_itself(it: &Facts<'_>) -> bool {
    it.view.authority_key().is_none_or(|authority| {
        let key = authority.key_identifier.as_ref().map(|key| key.0);
        key.is_some()
            && key == it.view.subject_key()
            && authority.authority_cert_issuer.is_none()
            && authority.authority_cert_serial.is_none()
    })
}

fn has_web_key(it: &Facts<'_>) -> bool {
    let key = &it.view.parsed.public_key().algorithm;
    let curves = [
        oids::OID_EC_P256,
        oids::OID_NIST_EC_P384,
        oids::OID_NIST_EC_P521,
    ];
    let curve = || of_value(key.parameters.as_ref()?);
    match &key.algorithm {
        kind if *kind == oids::OID_PKCS1_RSAENCRYPTION => true,
        kind if *kind == oids::OID_KEY_TYPE_EC_PUBLIC_KEY => {
            curve().is_some_and(|curve| curves.contains(&curve))
        }
        _ => false,
    }
}
