//! What templates and rules ask about a certificate.

use ring::digest;

use super::request::Entry;
use crate::pki::{certificate::Certificate, octets::Name, subject};

impl Entry {
    /// What a certificate says; where it lies and what it trusts is for the caller to add.
    #[must_use]
    pub fn of(name: &str, certificate: &Certificate) -> Self {
        let names = certificate.names();
        let key_type = certificate.key_type();
        Self {
            name: name.to_owned(),
            sans: names.iter().map(ToString::to_string).collect(),
            eku: usages(certificate),
            key_type: key_type.map(|it| it.name().to_owned()).unwrap_or_default(),
            days: lifetime(certificate),
            ..Self::default()
        }
        .called(&certificate.subject())
    }

    /// The same with another subject.
    #[must_use]
    pub fn called(self, name: &Name) -> Self {
        let attributes = subject::attributes(name);
        let mut all = attributes.iter().rev();
        let common_name = all.find_map(|attribute| attribute.strip_prefix("CN="));
        Self {
            common_name: common_name.unwrap_or_default().to_owned(),
            subject: subject::shown(name),
            attributes,
            ..self
        }
    }

    /// Whether a subject has the attributes of these types that this one has: a server that knows its members by them
    /// would take who has it for one. Nobody is a member without any.
    #[must_use]
    pub fn is_like(&self, name: &Name, types: &[String]) -> bool {
        let own = of_types(&self.attributes, types);
        !own.is_empty() && own == of_types(&subject::attributes(name), types)
    }

    /// Which of these purposes the certificate is not good for.
    #[must_use]
    pub fn lacks(&self, wanted: &[String]) -> Vec<String> {
        let Some(has) = &self.eku else {
            return Vec::new();
        };
        let is_open = has.iter().any(|usage| usage == "anyExtendedKeyUsage");
        let missing = wanted
            .iter()
            .filter(|usage| !is_open && !has.contains(usage));
        missing.cloned().collect()
    }
}

/// Those attributes that have one of these types, sorted.
pub(super) fn of_types(attributes: &[String], types: &[String]) -> Vec<String> {
    let is_of = |attribute: &&String| {
        let found = attribute.split_once('=').map(|(name, _)| name);
        types.iter().any(|name| found == Some(name))
    };
    let mut found: Vec<_> = attributes.iter().filter(is_of).cloned().collect();
    found.sort();
    found
}

/// SHA-256 of each certificate, in hexadecimal digits.
#[must_use]
pub fn fingerprints(certificates: &[Certificate]) -> Vec<String> {
    let digest = |it: &Certificate| digest::digest(&digest::SHA256, it.der());
    let fingerprint = |it: &Certificate| base16ct::lower::encode_string(digest(it).as_ref());
    certificates.iter().map(fingerprint).collect()
}

/// The purposes by their openssl names, those without one as OIDs; `None` where all are open.
fn usages(certificate: &Certificate) -> Option<Vec<String>> {
    let parsed = certificate.parsed();
    let usage = parsed.extended_key_usage().ok().flatten()?.value;
    let known = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
    ];
    let known = known
        .into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, name)| name.to_owned());
    Some(
        known
            .chain(usage.other.iter().map(ToString::to_string))
            .collect(),
    )
}

/// In days, rounded: the few minutes before it was made do not count.
fn lifetime(certificate: &Certificate) -> i64 {
    let validity = certificate.validity();
    (validity.not_after - validity.not_before).whole_days()
}
