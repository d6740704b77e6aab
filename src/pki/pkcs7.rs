//! PKCS#7 bags of certificates (RFC 2315 §9, RFC 5652 §5): what a Windows CA hands out as `.p7b`.
//!
//! Only the certificates are taken out; who signed the bag, if anybody, says nothing about them.

use x509_parser::{
    asn1_rs::{Any, Class, FromDer as _},
    oid_registry as oids,
};

use super::{
    certificate::{Certificate, CertificateError},
    der::tag,
};

/// Labels of a bag in PEM; the first two are usual, the third is Netscape's (RFC 7468 §8, §9).
pub const LABELS: [&str; 3] = ["PKCS7", "CMS", "PKCS #7 SIGNED DATA"];

/// Why a bag cannot be opened.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Pkcs7Error {
    /// One of the certificates is none.
    #[error("the PKCS#7 bundle holds what is no certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// There is none in it.
    #[error("the PKCS#7 bundle holds no certificate")]
    Empty,
    /// It does not hold together, or is BER with lengths that are not said beforehand.
    #[error("the PKCS#7 bundle is malformed, or not DER")]
    Malformed,
    /// Encrypted, or without the structure that has certificates.
    #[error("the PKCS#7 is no signed data, which alone holds certificates")]
    OtherContent,
}

/// Takes the certificates out of the DER of a bag, those that issued none of the others first: a bag is a
/// set, and of a chain the leaf goes first.
///
/// # Errors
///
/// Where there is none, or the bag is broken.
pub fn certificates(der: &[u8]) -> Result<Vec<Certificate>, Pkcs7Error> {
    let mut found = Vec::new();
    for part in elements(bag(der)?)? {
        // Other choices are extended and attribute certificates, which nobody uses.
        if part.tag() == x509_parser::asn1_rs::Tag::Sequence && part.class() == Class::Universal {
            found.push(Certificate::from_der(whole(&part))?);
        }
    }
    if found.is_empty() {
        return Err(Pkcs7Error::Empty);
    }
    let issuers: Vec<_> = found
        .iter()
        .filter(|certificate| !certificate.is_self_signed())
        .map(Certificate::issuer)
        .collect();
    found.sort_by_key(|certificate| {
        (
            certificate.is_self_signed(),
            issuers.contains(&certificate.subject()),
        )
    });
    Ok(found)
}

/// What stands in `certificates [0]` of the `SignedData`; nothing where it is left out.
fn bag(der: &[u8]) -> Result<&[u8], Pkcs7Error> {
    let info = elements(sequence(der)?)?;
    let [kind, content] = &info[..] else {
        return Err(Pkcs7Error::Malformed);
    };
    if kind.data != oids::OID_PKCS7_ID_SIGNED_DATA.as_bytes() {
        return Err(Pkcs7Error::OtherContent);
    }
    let parts = elements(sequence(content.data)?)?;
    // version, digestAlgorithms and encapContentInfo stand before it, CRLs and signers behind.
    let bag = parts
        .iter()
        .find(|part| part.class() == Class::ContextSpecific && part.tag().0 == 0);
    Ok(bag.map_or(&[], |bag| bag.data))
}

fn sequence(der: &[u8]) -> Result<&[u8], Pkcs7Error> {
    match Any::from_der(der) {
        Ok(([], any)) if der.first() == Some(&tag::SEQUENCE) => Ok(any.data),
        _ => Err(Pkcs7Error::Malformed),
    }
}

fn elements(mut der: &[u8]) -> Result<Vec<Any<'_>>, Pkcs7Error> {
    let mut elements = Vec::new();
    while !der.is_empty() {
        let (rest, element) = Any::from_der(der).map_err(|_| Pkcs7Error::Malformed)?;
        elements.push(element);
        der = rest;
    }
    Ok(elements)
}

fn whole(any: &Any<'_>) -> Vec<u8> {
    super::der::tlv(tag::SEQUENCE, any.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::der;

    /// The smallest bag (`openssl crl2pkcs7 -nocrl` makes such).
    fn bag_of(kind: &oids::Oid<'_>, certificates: Option<&[u8]>) -> Vec<u8> {
        let data = der::sequence(&[der::oid(&oids::OID_PKCS7_ID_DATA)]);
        let certificates = certificates.map_or_else(Vec::new, |found| {
            der::tlv(tag::context_constructed(0), found)
        });
        let signed = der::sequence(&[
            &der::integer(&[1])[..],
            &der::tlv(0x31, &[]),
            &data,
            &certificates,
            &der::tlv(0x31, &[]),
        ]);
        let content = der::constructed(tag::context_constructed(0), &[signed]);
        der::sequence(&[der::oid(kind), content])
    }

    #[test]
    fn what_holds_no_certificate_is_told() {
        let signed = &oids::OID_PKCS7_ID_SIGNED_DATA;
        let whole = bag_of(signed, Some(&der::sequence(&[der::null()])));
        for (der, expected) in [
            (bag_of(signed, None), Pkcs7Error::Empty),
            (bag_of(signed, Some(&[])), Pkcs7Error::Empty),
            (
                bag_of(&oids::OID_PKCS7_ID_ENCRYPTED_DATA, None),
                Pkcs7Error::OtherContent,
            ),
            (whole[..whole.len() - 1].to_vec(), Pkcs7Error::Malformed),
            ([&whole[..], &[0]].concat(), Pkcs7Error::Malformed),
            (vec![0x30, 0x80, 0, 0], Pkcs7Error::Malformed),
            (der::sequence(&[der::oid(signed)]), Pkcs7Error::Malformed),
        ] {
            assert_eq!(certificates(&der), Err(expected), "{der:?}");
        }
        assert!(matches!(
            certificates(&whole),
            Err(Pkcs7Error::Certificate(_))
        ));
    }
}
