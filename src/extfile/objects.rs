//! Object identifiers by the names that OpenSSL has for them.

use std::{collections::HashMap, sync::LazyLock};

use x509_parser::oid_registry::Oid;

use super::{mistakes::Mistake, text::Word};
use crate::pki::oid::{self, dotted};

/// What `openssl list -objects` of OpenSSL 3.0 prints: an OID, a short name and, where it differs, a long
/// one, between tabs.
const OBJECTS: &str = include_str!("objects.txt");

/// The rows of the table by each of their columns.
struct Objects {
    oids_by_short_name: HashMap<&'static str, &'static str>,
    oids_by_long_name: HashMap<&'static str, &'static str>,
    short_names: HashMap<&'static str, &'static str>,
}

static BY_COLUMN: LazyLock<Objects> = LazyLock::new(|| Objects {
    oids_by_short_name: rows().map(|(oid, short, _)| (short, oid)).collect(),
    oids_by_long_name: rows().map(|(oid, _, long)| (long, oid)).collect(),
    short_names: rows().map(|(oid, short, _)| (oid, short)).collect(),
});

fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    OBJECTS.lines().filter_map(|line| {
        let (oid, names) = line.split_once('\t')?;
        let (short, long) = names.split_once('\t').unwrap_or((names, names));
        Some((oid, short, long))
    })
}

/// The object of a short name.
pub(super) fn by_short_name(name: &str) -> Option<Oid<'static>> {
    oid::parse(BY_COLUMN.oids_by_short_name.get(name)?)
}

/// The object of a short name, a long name or an OID, in this order.
pub(super) fn by_any_name(name: &str) -> Option<Oid<'static>> {
    let long = || oid::parse(BY_COLUMN.oids_by_long_name.get(name)?);
    by_short_name(name)
        .or_else(long)
        .or_else(|| oid::parse(name))
}

/// The short name of an object, if it has one.
pub(super) fn short_name(oid: &Oid<'_>) -> Option<&'static str> {
    BY_COLUMN.short_names.get(dotted(oid).as_str()).copied()
}

/// Reads a name or an OID, or says which name is near.
pub(super) fn read(word: Word<'_>) -> Result<Oid<'static>, Mistake> {
    by_any_name(word.as_str()).ok_or_else(|| {
        let names = rows().flat_map(|(_, short, long)| [short, long]);
        word.mistake(format!("`{word}` is neither a known name nor an OID"))
            .nearest(word.as_str(), names)
    })
}

#[cfg(test)]
mod tests {
    use x509_parser::oid_registry::asn1_rs::oid;

    use super::*;

    #[test]
    fn names_and_oids_are_found() {
        for (name, expected) in [
            ("serverAuth", Some(oid!(1.3.6.1.5.5.7.3.1))),
            (
                "TLS Web Server Authentication",
                Some(oid!(1.3.6.1.5.5.7.3.1)),
            ),
            ("CN", Some(oid!(2.5.4.3))),
            ("commonName", Some(oid!(2.5.4.3))),
            ("2.999.1", Some(Oid::new([0x88, 0x37, 1][..].into()))),
            ("1.2", Some(oid!(1.2))),
            ("1", None),
            ("1.", None),
            ("1.40", None),
            ("3.1", None),
            ("1.2..3", None),
            ("1.+2", None),
            ("cn", None),
            ("", None),
        ] {
            assert_eq!(by_any_name(name), expected, "{name}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_an_object() {
        for (dotted, short, long) in rows() {
            assert!(oid::parse(dotted).is_some(), "{dotted} {short} {long}");
        }
    }
}
