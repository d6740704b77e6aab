//! Values that are given as octets (`DER:`, `ASN1:`): what a plain form may not say, they may not either.
//!
//! They are read more strictly than any verifier does, so that none reads more into them than is read here.

use x509_parser::{
    asn1_rs::{Any, Oid, oid},
    extensions::BasicConstraints,
    oid_registry as oids,
    prelude::FromDer as _,
};

use super::Role;
use crate::pki::{
    der::{self, tag},
    general_name::MAX_NAMES,
};

/// Why a value is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// It says that a leaf is a CA
    Authority,
    /// `nameConstraints` of a leaf
    Constraints,
    /// More names than a certificate takes
    ManyNames,
    /// It is none of this extension's values
    NotIts,
    /// It is not the DER of one value
    NotOne,
}

/// `netscape-cert-type`
const CERTIFICATE_TYPE: Oid<'static> = oid!(2.16.840.1.113730.1.1);

/// In the first octet of a BIT STRING: the bits of `keyCertSign` and `cRLSign` (RFC 5280 §4.2.1.3).
const SIGNS: u8 = 0b0000_0110;

/// The same for `sslCA`, `emailCA` and `objCA`.
const CA_TYPES: u8 = 0b0000_0111;

/// Checks the value of an extension.
pub(super) fn check(role: Role, oid: &Oid<'_>, value: &[u8]) -> Result<(), Fault> {
    let one = one(value).ok_or(Fault::NotOne)?;
    let is_leaf = role == Role::Leaf;
    match oid {
        oid if *oid == oids::OID_X509_EXT_BASIC_CONSTRAINTS => constraints(is_leaf, value),
        oid if *oid == oids::OID_X509_EXT_KEY_USAGE => bits(value[0], one.data, SIGNS, is_leaf),
        oid if *oid == CERTIFICATE_TYPE => bits(value[0], one.data, CA_TYPES, is_leaf),
        oid if *oid == oids::OID_X509_EXT_NAME_CONSTRAINTS && is_leaf => Err(Fault::Constraints),
        oid if *oid == oids::OID_X509_EXT_SUBJECT_ALT_NAME
            || *oid == oids::OID_X509_EXT_ISSUER_ALT_NAME =>
        {
            names(one.data)
        }
        _ => Ok(()),
    }
}

/// One value, its length in the fewest octets, and nothing behind it.
fn one(value: &[u8]) -> Option<Any<'_>> {
    let Ok(([], one)) = Any::from_der(value) else {
        return None;
    };
    let has_long_tag = value[0] & 0x1f == 0x1f;
    let is_der = has_long_tag || value.len() == der::tlv(value[0], one.data).len();
    is_der.then_some(one)
}

/// A leaf's is an empty SEQUENCE, because DER leaves out what is FALSE; a CA's says so, before any length.
fn constraints(is_leaf: bool, value: &[u8]) -> Result<(), Fault> {
    let empty = der::tlv(tag::SEQUENCE, &[]);
    let (_, parsed) = BasicConstraints::from_der(value).map_err(|_| Fault::NotIts)?;
    match (parsed.ca, parsed.path_len_constraint) {
        (true, _) if is_leaf => Err(Fault::Authority),
        (true, _) => Ok(()),
        (false, None) if value == empty => Ok(()),
        (false, _) => Err(Fault::NotIts),
    }
}

/// A primitive BIT STRING whose unused bits are zero; a reader may take unused bits for used ones.
fn bits(identifier: u8, content: &[u8], of_authorities: u8, is_leaf: bool) -> Result<(), Fault> {
    let (tag::BIT_STRING, [unused @ 0..=7, bits @ ..]) = (identifier, content) else {
        return Err(Fault::NotIts);
    };
    let padding = (1_u8 << unused) - 1;
    match bits {
        [first, ..] if is_leaf && first & of_authorities != 0 => Err(Fault::Authority),
        [.., last] if last & padding == 0 && bits.len() <= 2 => Ok(()),
        [] if *unused == 0 => Ok(()),
        _ => Err(Fault::NotIts),
    }
}

/// Counts the names of a SEQUENCE.
fn names(mut content: &[u8]) -> Result<(), Fault> {
    let mut count = 0;
    while !content.is_empty() {
        let (rest, _) = Any::from_der(content).map_err(|_| Fault::NotIts)?;
        content = rest;
        count += 1;
        if count > MAX_NAMES {
            return Err(Fault::ManyNames);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_no_authority_in_any_form() {
        let constraints = oids::OID_X509_EXT_BASIC_CONSTRAINTS;
        let usage = oids::OID_X509_EXT_KEY_USAGE;
        let authority = Err(Fault::Authority);
        let wrong = Err(Fault::NotIts);
        let broken = Err(Fault::NotOne);
        for (oid, value, expected) in [
            (&constraints, &[0x30, 0][..], Ok(())),
            (&constraints, &[0x30, 3, 1, 1, 0xff], authority),
            (&constraints, &[0x30, 6, 1, 1, 0xff, 2, 1, 0], authority),
            // BER's other TRUE, an explicit FALSE, FALSE before TRUE, a length alone, other tags.
            (&constraints, &[0x30, 3, 1, 1, 1], authority),
            (&constraints, &[0x30, 3, 1, 1, 0], wrong),
            (&constraints, &[0x30, 6, 1, 1, 0, 1, 1, 0xff], wrong),
            (&constraints, &[0x30, 3, 2, 1, 0], wrong),
            (&constraints, &[0x31, 0], wrong),
            (&constraints, &[0x70, 0], wrong),
            (&constraints, &[], broken),
            (&usage, &[3, 2, 7, 0x80], Ok(())),
            (&usage, &[3, 3, 7, 0x80, 0x80], Ok(())),
            (&usage, &[3, 1, 0], Ok(())),
            (&usage, &[3, 2, 2, 4], authority),
            (&usage, &[3, 2, 1, 2], authority),
            (&usage, &[3, 3, 7, 6, 0x80], authority),
            // In the unused bits, in a string put together, behind a count that is none or a long length.
            (&usage, &[3, 2, 3, 4], authority),
            (&usage, &[3, 2, 7, 0x81], wrong),
            (&usage, &[0x23, 4, 3, 2, 2, 4], wrong),
            (&usage, &[3, 2, 8, 4], wrong),
            (&usage, &[3, 0x81, 2, 0, 7], broken),
            (&usage, &[3, 1, 1], wrong),
            (&usage, &[3, 4, 0, 0x80, 0, 0], wrong),
            (&usage, &[4, 1, 0], wrong),
            (&CERTIFICATE_TYPE, &[3, 2, 4, 0xf0], Ok(())),
            (&CERTIFICATE_TYPE, &[3, 2, 3, 8], Ok(())),
            (&CERTIFICATE_TYPE, &[3, 2, 2, 4], authority),
            (&CERTIFICATE_TYPE, &[3, 2, 1, 2], authority),
            (&CERTIFICATE_TYPE, &[3, 2, 0, 1], authority),
            (&CERTIFICATE_TYPE, &[3, 2, 3, 7], authority),
            (&CERTIFICATE_TYPE, &[3, 2, 0, 7, 0], broken),
        ] {
            let found = check(Role::Leaf, oid, value);
            assert_eq!(found, expected, "{oid} {value:x?}");
            if expected == authority {
                let found = check(Role::Authority, oid, value);
                assert_ne!(found, authority, "{oid} {value:x?}");
            }
        }
        let names = oids::OID_X509_EXT_NAME_CONSTRAINTS;
        assert_eq!(
            check(Role::Leaf, &names, &[0x30, 0]),
            Err(Fault::Constraints)
        );
    }

    #[test]
    fn names_are_counted() {
        let of = |count| der::sequence(&vec![der::tlv(tag::context(2), b"a"); count]);
        for oid in [
            oids::OID_X509_EXT_SUBJECT_ALT_NAME,
            oids::OID_X509_EXT_ISSUER_ALT_NAME,
        ] {
            for (count, expected) in [(1000, Ok(())), (1001, Err(Fault::ManyNames))] {
                assert_eq!(check(Role::Leaf, &oid, &of(count)), expected, "{count}");
            }
        }
    }
}
