//! Tells what a file holds, above all where it is not what was asked for.

use x509_parser::{
    asn1_rs::{Any, Tag},
    oid_registry as oids,
    prelude::{CertificateRevocationList, FromDer as _, X509CertificationRequest},
};

use super::{
    certificate::{Certificate, CertificateError},
    der::tag,
    pem::{self, PemError},
};

/// What one DER value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DerKind {
    /// RFC 5280 §4.1
    Certificate,
    /// RFC 5958 §3
    EncryptedPrivateKey,
    /// RFC 7292 §4
    Pkcs12,
    /// RFC 2315 §7, RFC 5652 §3
    Pkcs7,
    /// PKCS#8, PKCS#1 or SEC1
    PrivateKey,
    /// RFC 5280 §4.1.2.7
    PublicKey,
    /// RFC 2986 §4
    Request,
    /// RFC 5280 §5.1
    RevocationList,
}

/// Something that is not PEM or DER of a kind that is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Foreign {
    /// What it is, with its article
    pub name: &'static str,
    /// A command that makes PEM of it
    pub conversion: Option<&'static str>,
}

/// Why a file holds no certificates.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// DER that begins like a certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Something else.
    #[error("this is {}, not a certificate", .0.name)]
    Foreign(Foreign),
    /// PEM that is broken, or holds other things.
    #[error(transparent)]
    Pem(#[from] PemError),
}

/// Reads a file's certificates: all of PEM text in its order, or one as DER.
///
/// # Errors
///
/// Where there is none; it says what there is instead.
pub fn certificates(octets: &[u8]) -> Result<Vec<Certificate>, ReadError> {
    let is_der = octets.first() == Some(&tag::SEQUENCE);
    let found: Result<_, ReadError> = if is_der {
        Certificate::from_der(octets.to_vec())
            .map(|one| vec![one])
            .map_err(Into::into)
    } else {
        pem::decode_certificates(octets).map_err(Into::into)
    };
    match found {
        Err(ReadError::Certificate(_) | ReadError::Pem(PemError::NoBlock)) => {
            found.map_err(|error| foreign(octets).map_or(error, ReadError::Foreign))
        }
        found => found,
    }
}

/// What octets are, where they are neither PEM nor a certificate.
#[must_use]
pub fn foreign(octets: &[u8]) -> Option<Foreign> {
    let of = |name, conversion| Some(Foreign { name, conversion });
    match der_kind(octets) {
        Some(DerKind::Pkcs12) => {
            return of(
                "a PKCS#12 key store",
                Some("openssl pkcs12 -in FILE -nodes"),
            );
        }
        Some(DerKind::Pkcs7) => {
            return of(
                "a PKCS#7 bundle",
                Some("openssl pkcs7 -inform DER -in FILE -print_certs"),
            );
        }
        Some(DerKind::PrivateKey) => return of("a private key", None),
        Some(DerKind::EncryptedPrivateKey) => return of("an encrypted private key", None),
        Some(DerKind::PublicKey) => return of("a public key", None),
        Some(DerKind::Request) => return of("a certificate request", None),
        Some(DerKind::RevocationList) => return of("a CRL", None),
        Some(DerKind::Certificate) | None => {}
    }
    let begins = |magic: &[u8]| octets.starts_with(magic);
    let text = octets.trim_ascii();
    match () {
        () if text.is_empty() => of("empty", None),
        () if begins(b"\xfe\xed\xfe\xed") => of(
            "a Java key store",
            Some(
                "keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12",
            ),
        ),
        () if begins(b"ssh-") || begins(b"ecdsa-sha2-") => of("an SSH public key", None),
        () if begins(b"\xff\xfe") || begins(b"\xfe\xff") => {
            of("UTF-16 text", Some("iconv -f UTF-16 -t UTF-8 FILE"))
        }
        () if begins(b"\x1f\x8b") || begins(b"PK\x03\x04") => of("a compressed archive", None),
        () if begins(b"SQLite format 3\0") => of("an SQLite database", None),
        () if text.starts_with(b"MI")
            && text
                .iter()
                .all(|c| c.is_ascii_graphic() || c.is_ascii_whitespace()) =>
        {
            of(
                "base64 without `-----BEGIN …-----`",
                Some("openssl base64 -d -A -in FILE -out FILE.der"),
            )
        }
        () => None,
    }
}

/// What one DER value is; `None` where it is none of these, or octets follow it.
#[must_use]
pub fn der_kind(der: &[u8]) -> Option<DerKind> {
    let elements = elements(der)?;
    let tags: Vec<_> = elements.iter().map(Any::tag).collect();
    match tags[..] {
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => signed_kind(der),
        [Tag::Sequence, Tag::OctetString] => Some(DerKind::EncryptedPrivateKey),
        [Tag::Sequence, Tag::BitString] => Some(DerKind::PublicKey),
        [Tag::Oid, ..] => is_pkcs7(elements.first()?).then_some(DerKind::Pkcs7),
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..]
        | [Tag::Integer, Tag::OctetString, ..]
        | [Tag::Integer, Tag::Integer, Tag::Integer, ..] => Some(DerKind::PrivateKey),
        [Tag::Integer, Tag::Sequence, ..] => {
            let (_, content_type) = Any::from_der(elements.get(1)?.data).ok()?;
            is_pkcs7(&content_type).then_some(DerKind::Pkcs12)
        }
        _ => None,
    }
}

/// Whether an OID is below pkcs-7 (RFC 2315 §14).
fn is_pkcs7(oid: &Any<'_>) -> bool {
    let below = oids::OID_PKCS7_ID_DATA;
    let arc = below
        .as_bytes()
        .split_last()
        .map_or(&[][..], |(_, arc)| arc);
    oid.tag() == Tag::Oid && oid.data.starts_with(arc)
}

fn signed_kind(der: &[u8]) -> Option<DerKind> {
    if Certificate::from_der(der.to_vec()).is_ok() {
        return Some(DerKind::Certificate);
    }
    if X509CertificationRequest::from_der(der).is_ok() {
        return Some(DerKind::Request);
    }
    CertificateRevocationList::from_der(der)
        .ok()
        .map(|_| DerKind::RevocationList)
}

/// The elements of one SEQUENCE that is all there is.
pub(super) fn elements(der: &[u8]) -> Option<Vec<Any<'_>>> {
    let ([], outer) = Any::from_der(der).ok()? else {
        return None;
    };
    outer.tag().assert_eq(Tag::Sequence).ok()?;
    let mut elements = Vec::new();
    let mut rest = outer.data;
    while !rest.is_empty() {
        let (after, element) = Any::from_der(rest).ok()?;
        elements.push(element);
        rest = after;
    }
    Some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{
        der,
        key::{KeyType, PrivateKey},
    };

    #[test]
    fn what_is_no_certificate_is_called_by_its_name() {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        let pkcs7 = der::oid(&oids::OID_PKCS7_ID_SIGNED_DATA);
        let content = der::sequence(&[&pkcs7]);
        let pkcs12 = der::sequence(&[&der::integer(&[3]), &content]);
        for (octets, expected) in [
            (&b""[..], "this is empty, not a certificate"),
            (
                b"\xfe\xed\xfe\xed\0\0",
                "this is a Java key store, not a certificate",
            ),
            (
                b"ssh-ed25519 AAAA",
                "this is an SSH public key, not a certificate",
            ),
            (
                b"MIIB\nAAAA\n",
                "this is base64 without `-----BEGIN …-----`, not a certificate",
            ),
            (b"\xff\xfe-\0-\0", "this is UTF-16 text, not a certificate"),
            (b"hello", "no PEM block (`-----BEGIN …-----`) in it"),
            (&content, "this is a PKCS#7 bundle, not a certificate"),
            (&pkcs12, "this is a PKCS#12 key store, not a certificate"),
            (
                key.pkcs8().expose(),
                "this is a private key, not a certificate",
            ),
            (
                &key.public_key_info(),
                "this is a public key, not a certificate",
            ),
            (
                key.to_pem().as_bytes(),
                "no certificate in it, only PRIVATE KEY",
            ),
        ] {
            let error = certificates(octets).expect_err("no certificate");
            assert_eq!(error.to_string(), expected);
        }
        let other = certificates(&der::sequence(&[der::null()]));
        assert!(matches!(other, Err(ReadError::Certificate(_))), "{other:?}");
    }
}
