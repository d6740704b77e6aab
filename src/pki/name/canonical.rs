//! Compares distinguished names as people read them (RFC 5280 §7.1): without case, blanks and encoding.
//!
//! Name constraints need it, and the reason why an issuer is not found: issuers are found by their exact octets.

use x509_parser::{
    asn1_rs::{Any, Tag},
    prelude::{FromDer as _, X509Name},
    x509::RelativeDistinguishedName,
};

use super::display;

/// Whether two names are the same as people read them, and their octets are not: OpenSSL, Java and Erlang take
/// one for the other, GnuTLS, Go and rustls do not.
#[must_use]
pub fn differs_in_encoding(one: &[u8], other: &[u8]) -> bool {
    one != other && canonical(one).is_some_and(|one| canonical(other) == Some(one))
}

/// Whether `name` begins with all of `base`; `None` where one of them does not parse.
#[must_use]
pub fn contains(base: &[u8], name: &[u8]) -> Option<bool> {
    let (base, name) = (canonical(base)?, canonical(name)?);
    Some(name.0.starts_with(&base.0))
}

/// In what two names differ that are the same as people read them.
#[must_use]
pub fn difference(one: &[u8], other: &[u8]) -> &'static str {
    match display(one) == display(other) {
        true => "string types",
        false => "case or blanks",
    }
}

/// A name as people read it: a value for each attribute, sorted within its RDN.
#[derive(Debug, Eq, Hash, PartialEq)]
pub struct Canonical(Vec<Vec<(Vec<u8>, Value)>>);

#[derive(Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Value {
    Raw(u32, Vec<u8>),
    Text(String),
}

/// The exact DER of a name, as people read it; `None` where it does not parse.
#[must_use]
pub fn canonical(name: &[u8]) -> Option<Canonical> {
    let ([], name) = X509Name::from_der(name).ok()? else {
        return None;
    };
    Some(Canonical(name.iter_rdn().map(canonical_rdn).collect()))
}

fn canonical_rdn(rdn: &RelativeDistinguishedName<'_>) -> Vec<(Vec<u8>, Value)> {
    let attribute = |(oid, value): (&[u8], &Any<'_>)| (oid.to_vec(), canonical_value(value));
    let mut attributes: Vec<_> = rdn
        .iter()
        .map(|found| attribute((found.attr_type().as_bytes(), found.attr_value())))
        .collect();
    attributes.sort();
    attributes
}

fn canonical_value(value: &Any<'_>) -> Value {
    let text = match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::VisibleString => {
            String::from_utf8(value.data.to_vec()).ok()
        }
        // In practice Latin-1.
        Tag::T61String => Some(value.data.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units = value.data.chunks(2).map(|pair| match *pair {
                [high, low] => u16::from_be_bytes([high, low]),
                // Half a character makes the text invalid.
                _ => 0xd800,
            });
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    };
    text.map_or_else(
        || Value::Raw(value.tag().0, value.data.to_vec()),
        |text| Value::Text(fold(&text)),
    )
}

/// Lower case, with one blank for each run of blanks inside, and none outside.
fn fold(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::der::{self, tag};

    fn name(attributes: &[(u8, &[u8])]) -> Vec<u8> {
        let organization = x509_parser::oid_registry::OID_X509_ORGANIZATION_NAME;
        let rdns: Vec<_> = attributes
            .iter()
            .map(|(tag, text)| {
                let attribute = der::sequence(&[der::oid(&organization), der::tlv(*tag, text)]);
                der::set_of(&[attribute])
            })
            .collect();
        der::sequence(&rdns)
    }

    #[test]
    fn names_are_equal_as_people_read_them() {
        /// `BMPString`
        const BMP: u8 = 30;
        let acme = name(&[(tag::UTF8_STRING, b"Acme  Corp")]);
        for (case, other, expected) in [
            (
                "case and blanks",
                name(&[(tag::PRINTABLE_STRING, b" acme corp ")]),
                Some(true),
            ),
            (
                "encoding",
                name(&[(BMP, b"\0A\0c\0m\0e\0 \0C\0o\0r\0p")]),
                Some(true),
            ),
            (
                "longer",
                name(&[(tag::UTF8_STRING, b"ACME Corp"), (tag::UTF8_STRING, b"x")]),
                Some(true),
            ),
            (
                "other",
                name(&[(tag::UTF8_STRING, b"AcmeCorp")]),
                Some(false),
            ),
            ("shorter", name(&[]), Some(false)),
            ("half a character", name(&[(BMP, b"\0A\0")]), Some(false)),
            ("malformed", vec![tag::SEQUENCE, 9], None),
        ] {
            assert_eq!(contains(&acme, &other), expected, "{case}");
        }
    }

    #[test]
    fn names_differ_in_their_encoding_only_or_more() {
        let acme = name(&[(tag::UTF8_STRING, b"Acme Corp")]);
        for (other, expected) in [
            (acme.clone(), false),
            (name(&[(tag::PRINTABLE_STRING, b"Acme Corp")]), true),
            (name(&[(tag::UTF8_STRING, b"acme corp")]), true),
            (name(&[(tag::UTF8_STRING, b"Acme  Corp ")]), true),
            (name(&[(tag::UTF8_STRING, b"AcmeCorp")]), false),
            (name(&[]), false),
            (vec![tag::SEQUENCE, 9], false),
        ] {
            assert_eq!(differs_in_encoding(&acme, &other), expected, "{other:?}");
            assert_eq!(differs_in_encoding(&other, &acme), expected, "{other:?}");
        }
    }
}
