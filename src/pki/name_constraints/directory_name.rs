//! Compares distinguished names as people read them (RFC 5280 §7.1): without case, blanks and encoding.
//!
//! Only name constraints need it; issuers are found by their exact octets.

use x509_parser::{
    asn1_rs::{Any, Tag},
    prelude::{FromDer as _, X509Name},
    x509::RelativeDistinguishedName,
};

/// Whether `name` begins with all of `base`; `None` where one of them does not parse.
pub(super) fn contains(base: &[u8], name: &[u8]) -> Option<bool> {
    let (base, name) = (canonical(base)?, canonical(name)?);
    Some(name.starts_with(&base))
}

/// A value for each attribute, sorted within its RDN.
type CanonicalName = Vec<Vec<(Vec<u8>, Value)>>;

#[derive(Eq, Ord, PartialEq, PartialOrd)]
enum Value {
    Raw(u32, Vec<u8>),
    Text(String),
}

fn canonical(name: &[u8]) -> Option<CanonicalName> {
    let ([], name) = X509Name::from_der(name).ok()? else {
        return None;
    };
    Some(name.iter_rdn().map(canonical_rdn).collect())
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
}
