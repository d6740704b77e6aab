//! Distinguished names (RFC 5280 §4.1.2.4): written once, then carried as their exact DER.
//!
//! A name that is read is never taken apart and rebuilt: chaining compares bytes, and CAs made
//! elsewhere use string types and repeated attributes that a rebuild would change.

mod canonical;

use std::borrow::Cow;

use x509_parser::{
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
