//! Whether a certificate names another as its issuer, by name and by authority key identifier.

use x509_parser::{
    extensions::{GeneralName, ParsedExtension},
    oid_registry::{self as oids, Oid},
    prelude::X509Certificate,
};

use super::name;

/// In what an issuer is not the one that an authority key identifier names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unlike {
    Key,
    /// The key may be the same
    Certificate(&'static str),
}

/// Whether a certificate is its own issuer, as far as it says (OpenSSL's `EXFLAG_SS`); its signature is not looked at.
///
/// An intermediate may have its issuer's name (RFC 5280 §3.2: self-issued), and is no root by that.
pub(super) fn is_self_signed(it: &X509Certificate<'_>) -> bool {
    it.subject().as_raw() == it.issuer().as_raw() && unlike(it, it).is_none()
}

/// In what the authority key identifier, as far as it is there, is not the issuer's (RFC 5280 §4.2.1.1).
pub(super) fn unlike(below: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Option<Unlike> {
    let Some(ParsedExtension::AuthorityKeyIdentifier(named)) =
        value(below, &oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)
    else {
        return None;
    };
    let own = value(issuer, &oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER);
    if let (Some(wanted), Some(ParsedExtension::SubjectKeyIdentifier(found))) =
        (&named.key_identifier, own)
        && wanted.0 != found.0
    {
        return Some(Unlike::Key);
    }
    let mut issuers = named.authority_cert_issuer.iter().flatten();
    let above = issuers.find_map(|name| match name {
        GeneralName::DirectoryName(name) => Some(name.as_raw()),
        _ => None,
    });
    let found = issuer.issuer().as_raw();
    let is_it = |wanted| wanted == found || name::differs_in_encoding(wanted, found);
    if above.is_some_and(|wanted| !is_it(wanted)) {
        return Some(Unlike::Certificate("an issuer"));
    }
    let serial = named.authority_cert_serial;
    let has_serial = serial.is_none_or(|wanted| wanted == issuer.raw_serial());
    (!has_serial).then_some(Unlike::Certificate("a serial number"))
}

/// The first extension of a kind; a second one is a breach of its own.
fn value<'a, 'c>(it: &'a X509Certificate<'c>, oid: &Oid<'_>) -> Option<&'a ParsedExtension<'c>> {
    let mut extensions = it.extensions().iter();
    let found = extensions.find(|extension| extension.oid == *oid)?;
    Some(found.parsed_extension())
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    };
    use x509_parser::prelude::FromDer as _;

    use super::*;

    fn authority(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.use_authority_key_identifier_extension = true;
        params
    }

    #[test]
    fn an_issuers_namesake_is_no_root() {
        let (own, other) = (
            KeyPair::generate().expect("a key"),
            KeyPair::generate().expect("a key"),
        );
        let params = authority("one");
        let root = params.self_signed(&own).expect("signed");
        let issuer = Issuer::from_params(&params, &own);
        let signed = |name: &str| authority(name).signed_by(&other, &issuer).expect("signed");
        for (certificate, expected) in [
            (root.der(), true),
            (signed("one").der(), false),
            (signed("two").der(), false),
        ] {
            let (_, parsed) = X509Certificate::from_der(certificate).expect("DER");
            assert_eq!(is_self_signed(&parsed), expected, "{}", parsed.subject());
        }
    }
}
