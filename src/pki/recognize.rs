//! Tells what a file holds, above all where it is not what was asked for.

use x509_parser::{
    asn1_rs::Any,
    oid_registry as oids,
    prelude::{CertificateRevocationList, FromDer as _, X509CertificationRequest},
};

use super::{
    certificate::{Certificate, CertificateError},
    der::tag,
    pem::{self, CERTIFICATE_LABELS, PemError},
    pkcs7::{self, Pkcs7Error},
    signed_value::parts,
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

impl Foreign {
    /// What it is, and what makes something of use of it.
    #[must_use]
    pub fn in_words(self) -> String {
        let conversion = self
            .conversion
            .map(|command| format!("; `{command}` converts it"));
        format!("this is {}{}", self.name, conversion.unwrap_or_default())
    }
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
    /// A bag of certificates that cannot be opened.
    #[error(transparent)]
    Pkcs7(#[from] Pkcs7Error),
}

/// Reads a file's certificates: all of PEM text in its order, one as DER, or a PKCS#7 bag as either.
///
/// # Errors
///
/// Where there is none; it says what there is instead.
pub fn certificates(octets: &[u8]) -> Result<Vec<Certificate>, ReadError> {
    let found: Result<_, ReadError> = match octets.first() == Some(&tag::SEQUENCE) {
        true if der_kind(octets) == Some(DerKind::Pkcs7) => Ok(pkcs7::certificates(octets)?),
        true => Certificate::from_der(octets.to_vec())
            .map(|one| vec![one])
            .map_err(Into::into),
        false => pem_certificates(octets),
    };
    match found {
        Err(ReadError::Certificate(_) | ReadError::Pem(PemError::NoBlock)) => {
            found.map_err(|error| foreign(octets).map_or(error, ReadError::Foreign))
        }
        found => found,
    }
}

/// The certificates of PEM text, those in bags among them.
fn pem_certificates(text: &[u8]) -> Result<Vec<Certificate>, ReadError> {
    let blocks = pem::decode(text)?;
    let mut certificates = Vec::new();
    for block in &blocks {
        match block.label.as_str() {
            label if CERTIFICATE_LABELS.contains(&label) => {
                certificates.push(pem::certificate(block)?);
            }
            label if pkcs7::LABELS.contains(&label) => {
                certificates.extend(pkcs7::certificates(&block.contents)?);
            }
            _ => {}
        }
    }
    match certificates.is_empty() {
        true => Err(pem::no_certificate(blocks).into()),
        false => Ok(certificates),
    }
}

/// What a file is, where it is not the PEM that belongs there.
#[must_use]
pub fn instead(octets: &[u8]) -> Option<Foreign> {
    let of = |name, conversion| Some(Foreign { name, conversion });
    if der_kind(octets) == Some(DerKind::Certificate) {
        let conversion = "openssl x509 -inform DER -in FILE";
        return of("a certificate as DER", Some(conversion));
    }
    let blocks = pem::decode(octets).unwrap_or_default();
    let mut labels = blocks.iter().map(|block| block.label.as_str());
    match labels.next() {
        Some(label) if pkcs7::LABELS.contains(&label) => of(
            "a PKCS#7 bundle",
            Some("openssl pkcs7 -in FILE -print_certs"),
        ),
        Some(_) => None,
        None => foreign(octets),
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
        () if begins(b"\xfe\xed\xfe\xed") || begins(b"\xce\xce\xce\xce") => of(
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
        () if is_base64_of_der(text) => of(
            "base64 without `-----BEGIN …-----`",
            Some("openssl base64 -d -A -in FILE -out FILE.der"),
        ),
        () => None,
    }
}

/// Whether a text is the base64 of a SEQUENCE whose length takes one octet more, or two: as that of all but the smallest
/// keys and certificates does. Other programs' files may begin with the same two letters: `MINIO_ROOT_USER=a`.
fn is_base64_of_der(text: &[u8]) -> bool {
    let is_base64 = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=');
    let mut lines = text.split(|c| *c == b'\n').map(<[u8]>::trim_ascii);
    matches!(text, [b'M', b'I', b'E'..=b'L', ..]) && lines.all(|line| line.iter().all(is_base64))
}

/// What one DER value is; `None` where it is none of these, or octets follow it.
#[must_use]
pub fn der_kind(der: &[u8]) -> Option<DerKind> {
    use tag::{BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE};
    let parts = parts(der)?;
    let tags: Vec<_> = parts.iter().map(|(tag, _)| *tag).collect();
    match tags[..] {
        [SEQUENCE, SEQUENCE, BIT_STRING] => signed_kind(der),
        [SEQUENCE, OCTET_STRING] => Some(DerKind::EncryptedPrivateKey),
        [SEQUENCE, BIT_STRING] => Some(DerKind::PublicKey),
        [OID, ..] => is_pkcs7(parts[0].1).then_some(DerKind::Pkcs7),
        [INTEGER, SEQUENCE, OCTET_STRING, ..]
        | [INTEGER, OCTET_STRING, ..]
        | [INTEGER, INTEGER, INTEGER, ..] => Some(DerKind::PrivateKey),
        [INTEGER, SEQUENCE, ..] => {
            let (_, content_type) = Any::from_der(parts[1].1).ok()?;
            is_pkcs7(content_type.data).then_some(DerKind::Pkcs12)
        }
        _ => None,
    }
}

/// Whether the content of an OID is below pkcs-7 (RFC 2315 §14).
fn is_pkcs7(oid: &[u8]) -> bool {
    let below = oids::OID_PKCS7_ID_DATA;
    let arc = below
        .as_bytes()
        .split_last()
        .map_or(&[][..], |(_, arc)| arc);
    oid.starts_with(arc)
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
            (
                b"MINIO_ROOT_USER=a\n",
                "no PEM block (`-----BEGIN …-----`) in it",
            ),
            (
                b"MIMEMagicFile /etc/magic\n",
                "no PEM block (`-----BEGIN …-----`) in it",
            ),
            (
                b"MILES\nand more text",
                "no PEM block (`-----BEGIN …-----`) in it",
            ),
            (b"\xff\xfe-\0-\0", "this is UTF-16 text, not a certificate"),
            (b"hello", "no PEM block (`-----BEGIN …-----`) in it"),
            (&content, "the PKCS#7 bundle is malformed, or not DER"),
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
