//! What templates and rules ask about a certificate.

use ring::digest;

use super::request::Entry;
use crate::pki::certificate::Certificate;

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
            common_name: common_name(certificate),
            days: lifetime(certificate),
            ..Self::default()
        }
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

fn common_name(certificate: &Certificate) -> String {
    let parsed = certificate.parsed();
    let name = parsed.subject().iter_common_name().last();
    name.and_then(|name| name.as_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// In days, rounded: the few minutes before it was made do not count.
fn lifetime(certificate: &Certificate) -> i64 {
    let validity = certificate.validity();
    (validity.not_after - validity.not_before).whole_days()
}
