//! What a store holds: bags with attributes (RFC 7292 §4.2), in the content types of PKCS#7.

use x509_parser::asn1_rs::{Oid, oid};

use crate::pki::{
    certificate::Certificate,
    der::{self, tag},
    octets::KeyId,
};

/// `pkcs-12PKCS8ShroudedKeyBag`: an `EncryptedPrivateKeyInfo`
const KEY_BAG: Oid<'static> = oid!(1.2.840.113549.1.12.10.1.2);
/// `pkcs-12CertBag`
const CERTIFICATE_BAG: Oid<'static> = oid!(1.2.840.113549.1.12.10.1.3);
/// `x509Certificate`, as the kind of certificate in a bag
const X509_CERTIFICATE: Oid<'static> = oid!(1.2.840.113549.1.9.22.1);
/// `friendlyName` (RFC 2985 §5.5.1)
const FRIENDLY_NAME: Oid<'static> = oid!(1.2.840.113549.1.9.20);
/// `localKeyId` (RFC 2985 §5.5.2)
const LOCAL_KEY_ID: Oid<'static> = oid!(1.2.840.113549.1.9.21);
/// Oracle's trusted-key usage: without it Java takes a certificate without a key for somebody's chain
const TRUSTED_KEY_USAGE: Oid<'static> = oid!(2.16.840.1.113894.746875.1.1);
/// `anyExtendedKeyUsage` (RFC 5280 §4.2.1.12)
const ANY_USAGE: Oid<'static> = oid!(2.5.29.37.0);
/// `data` (RFC 2315 §8)
pub(super) const DATA: Oid<'static> = oid!(1.2.840.113549.1.7.1);

/// What is said about the content of a bag.
#[derive(Default)]
pub(super) struct Attributes {
    /// What people call it
    pub(super) name: Option<String>,
    /// The same for a key and its certificate
    pub(super) key_id: Option<KeyId>,
    /// Whether Java trusts it
    pub(super) is_trusted: bool,
}

/// The bag of an encrypted key.
pub(super) fn key(encrypted: &[u8], attributes: &Attributes) -> Vec<u8> {
    bag(&KEY_BAG, encrypted, attributes)
}

/// The bag of a certificate.
pub(super) fn certificate(certificate: &Certificate, attributes: &Attributes) -> Vec<u8> {
    let content = der::sequence(&[
        der::oid(&X509_CERTIFICATE),
        explicit(&der::octet_string(certificate.der())),
    ]);
    bag(&CERTIFICATE_BAG, &content, attributes)
}

/// Octets as content that is not encrypted.
pub(super) fn content_info(octets: &[u8]) -> Vec<u8> {
    der::sequence(&[der::oid(&DATA), explicit(&der::octet_string(octets))])
}

/// A value behind the tag `[0]`.
pub(super) fn explicit(value: &[u8]) -> Vec<u8> {
    der::tlv(tag::context_constructed(0), value)
}

fn bag(kind: &Oid<'_>, content: &[u8], attributes: &Attributes) -> Vec<u8> {
    let mut parts = vec![der::oid(kind), explicit(content)];
    let attributes = attributes.to_der();
    if !attributes.is_empty() {
        parts.push(der::set_of(&attributes));
    }
    der::sequence(&parts)
}

impl Attributes {
    fn to_der(&self) -> Vec<Vec<u8>> {
        let attribute =
            |oid: &Oid<'_>, value| der::sequence(&[der::oid(oid), der::set_of(&[value])]);
        let name = self.name.as_deref().and_then(bmp_string);
        let name = name.map(|name| attribute(&FRIENDLY_NAME, name));
        let key_id = self.key_id.as_deref().map(der::octet_string);
        let key_id = key_id.map(|key_id| attribute(&LOCAL_KEY_ID, key_id));
        let usage = || attribute(&TRUSTED_KEY_USAGE, der::oid(&ANY_USAGE));
        let usage = self.is_trusted.then(usage);
        [name, key_id, usage].into_iter().flatten().collect()
    }
}

/// A `BMPString`; `None` where a character lies beyond the first plane, which it does not have.
fn bmp_string(text: &str) -> Option<Vec<u8>> {
    let is_in_plane = text.chars().all(|character| character <= '\u{ffff}');
    is_in_plane.then(|| der::tlv(tag::BMP_STRING, &utf16(text)))
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_the_first_plane() {
        for (name, expected) in [
            ("a", Some(&[tag::BMP_STRING, 2, 0, 0x61][..])),
            ("ü", Some(&[tag::BMP_STRING, 2, 0, 0xfc])),
            ("😀", None),
        ] {
            assert_eq!(bmp_string(name).as_deref(), expected, "{name}");
        }
        let nothing = Attributes::default();
        assert!(nothing.to_der().is_empty());
    }
}
