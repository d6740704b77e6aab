//! Distinguished names (RFC 5280 §4.1.2.4): written once, then carried as their exact DER.
//!
//! A name that is read is never taken apart and rebuilt: chaining compares bytes, and CAs made
//! elsewhere use string types and repeated attributes that a rebuild would change. Where it gets another common name,
//! everything else keeps its octets.

mod canonical;

use std::borrow::Cow;

use x509_parser::{
    asn1_rs::Any,
    oid_registry::{self as oids, Oid},
    prelude::FromDer as _,
    x509::X509Name,
};

use super::{
    der::{self, tag},
    octets::Name,
};

pub use canonical::{Canonical, canonical, contains, difference, differs_in_encoding};

/// Upper bound of `commonName` and `organizationName` in characters (RFC 5280 appendix A.1).
pub const MAX_ATTRIBUTE_LENGTH: usize = 64;

/// Writes a Name of `organizationName` and `commonName`, whichever are given, in that order.
#[must_use]
pub fn distinguished_name(common_name: Option<&str>, organization: Option<&str>) -> Name {
    let attributes = [
        (oids::OID_X509_ORGANIZATION_NAME, organization),
        (oids::OID_X509_COMMON_NAME, common_name),
    ];
    let rdns: Vec<_> = attributes
        .into_iter()
        .filter_map(|(oid, text)| Some(der::set_of(&[attribute(&oid, text?)])))
        .collect();
    der::sequence(&rdns).into()
}

/// The same name with another common name in the place of its last; behind everything else where it has none.
#[must_use]
pub fn with_common_name(name: &[u8], common_name: &str) -> Name {
    let own = attribute(&oids::OID_X509_COMMON_NAME, common_name);
    let mut rdns: Vec<_> = elements(name).into_iter().map(<[u8]>::to_vec).collect();
    let is_common_name = |attribute: &&[u8]| {
        let oid = der::oid(&oids::OID_X509_COMMON_NAME);
        elements(attribute).first() == Some(&&*oid)
    };
    let has_one = |rdn: &Vec<u8>| elements(rdn).iter().any(is_common_name);
    match rdns.iter().rposition(has_one) {
        None => rdns.push(der::set_of(&[own])),
        Some(place) => {
            let mut attributes = elements(&rdns[place]);
            attributes.retain(|it| !is_common_name(it));
            attributes.push(&own);
            rdns[place] = der::set_of(&attributes);
        }
    }
    der::sequence(&rdns).into()
}

/// The values that a SEQUENCE or SET consists of; those before the first that cannot be read.
fn elements(constructed: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = Any::from_der(constructed).map_or(&[][..], |(_, it)| it.data);
    while let Ok((behind, _)) = Any::from_der(rest) {
        found.push(&rest[..rest.len() - behind.len()]);
        rest = behind;
    }
    found
}

fn attribute(oid: &Oid<'_>, text: &str) -> Vec<u8> {
    der::sequence(&[der::oid(oid), der::tlv(tag::UTF8_STRING, text.as_bytes())])
}

/// Shows a Name as RFC 4514 text, the most specific attribute last as openssl prints it.
#[must_use]
pub fn display(name: &[u8]) -> String {
    match X509Name::from_der(name) {
        Ok((_, name)) => visible(&name.to_string()).into_owned(),
        Err(_) => String::from("(unreadable name)"),
    }
}

/// Text of a certificate as a terminal may show it: control and format characters become escapes,
/// so that no name moves the cursor, forges a line or turns its direction.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' '..='~' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_common_name_is_another() {
        let country = |tag: u8| {
            let value = der::tlv(tag, b"DE");
            der::sequence(&[der::oid(&oids::OID_X509_COUNTRY_NAME), value])
        };
        let named = |text: &str| attribute(&oids::OID_X509_COMMON_NAME, text);
        let unit = || attribute(&oids::OID_X509_ORGANIZATIONAL_UNIT, "x");
        let name = |rdns: &[&[Vec<u8>]]| {
            der::sequence(&rdns.iter().map(|rdn| der::set_of(rdn)).collect::<Vec<_>>())
        };
        let printable = || country(tag::PRINTABLE_STRING);
        for (case, old, expected) in [
            (
                "behind others, whose octets stay",
                name(&[&[printable()], &[named("a")]]),
                name(&[&[printable()], &[named("b")]]),
            ),
            (
                "before others",
                name(&[&[named("a")], &[unit()]]),
                name(&[&[named("b")], &[unit()]]),
            ),
            (
                "beside another in one RDN",
                name(&[&[named("a"), unit()]]),
                name(&[&[named("b"), unit()]]),
            ),
            (
                "the last of several",
                name(&[&[named("a")], &[named("c")]]),
                name(&[&[named("a")], &[named("b")]]),
            ),
            (
                "none",
                name(&[&[unit()]]),
                name(&[&[unit()], &[named("b")]]),
            ),
            ("nothing", name(&[]), name(&[&[named("b")]])),
        ] {
            assert_eq!(*with_common_name(&old, "b"), expected, "{case}");
        }
    }

    #[test]
    fn nothing_shown_can_move_the_cursor() {
        for (text, expected) in [
            ("O'Neil \"x\" ü", "O'Neil \"x\" ü"),
            ("a\nb\u{1b}[2J", "a\\nb\\u{1b}[2J"),
            ("a\u{202e}b", "a\\u{202e}b"),
        ] {
            let name = distinguished_name(Some(text), None);
            assert_eq!(display(&name), format!("CN={expected}"));
        }
    }
}
