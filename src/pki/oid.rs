//! Object identifiers as text.

use std::fmt::Write as _;

use x509_parser::{
    asn1_rs::{Any, Tag},
    oid_registry::Oid,
};

/// The identifier that a value is, where it is one: asn1-rs does not look at the tag, and would make one of
/// the numbers of a curve.
#[must_use]
pub fn of_value<'a>(value: &'a Any<'_>) -> Option<Oid<'a>> {
    (value.tag() == Tag::Oid).then(|| Oid::new(value.data.into()))
}

/// The dotted form, `2.5.29.17`; octets that make no identifier are shown as hexadecimal digits, `#88`.
///
/// asn1-rs takes the first two arcs out of the first octet, and so shows 2.999 as another one.
#[must_use]
pub fn dotted(oid: &Oid<'_>) -> String {
    let octets = oid.as_bytes();
    let Some(arcs) = arcs(octets) else {
        return octets.iter().fold(String::from("#"), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        });
    };
    let arcs: Vec<_> = arcs.iter().map(ToString::to_string).collect();
    arcs.join(".")
}

/// Takes the content of an OBJECT IDENTIFIER apart (X.690 §8.19). An arc may have 128 bits, as
/// those made of UUIDs have (X.667 §6).
fn arcs(octets: &[u8]) -> Option<Vec<u128>> {
    let mut arcs = Vec::new();
    for identifier in octets.split_inclusive(|octet| octet & 0x80 == 0) {
        let is_whole = identifier.last().is_some_and(|last| last & 0x80 == 0);
        if !is_whole || identifier[0] == 0x80 {
            return None;
        }
        let more = |number: u128, octet: &u8| {
            let shifted = number.checked_mul(0x80)?;
            Some(shifted | u128::from(octet & 0x7f))
        };
        arcs.push(identifier.iter().try_fold(0, more)?);
    }
    // The first two share one number; only below 2 may the second be 40 or more.
    let first = arcs.first_mut()?;
    let top = (*first / 40).min(2);
    *first -= 40 * top;
    arcs.insert(0, top);
    Some(arcs)
}

/// Reads an OID in dotted form (X.660: the first arc is 0, 1 or 2, the second below 40 under 0 and 1).
#[must_use]
pub fn parse(text: &str) -> Option<Oid<'static>> {
    let mut arcs = text.split('.').map(|arc| {
        let digits = !arc.is_empty() && arc.bytes().all(|digit| digit.is_ascii_digit());
        digits.then(|| arc.parse::<u128>().ok())?
    });
    let (first, second) = (arcs.next()??, arcs.next()??);
    if first > 2 || (first < 2 && second >= 40) {
        return None;
    }
    let mut octets = base_128(second.checked_add(first * 40)?);
    for arc in arcs {
        octets.extend(base_128(arc?));
    }
    Some(Oid::new(octets.into()))
}

/// Seven bits an octet, the top bit set in all but the last (X.690 §8.19.2).
#[must_use]
pub fn base_128(mut number: u128) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut more = 0;
    loop {
        // Masked to seven bits, so that the cast cannot truncate.
        #[allow(clippy::cast_possible_truncation)]
        octets.push((number & 0x7f) as u8 | more);
        number >>= 7;
        more = 0x80;
        if number == 0 {
            octets.reverse();
            return octets;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_octets_and_their_text() {
        let uuid = [&[0x69, 0x83][..], &[0xff; 17], &[0x7f]].concat();
        let too_long = [&[0x69, 0x87][..], &[0xff; 17], &[0x7f]].concat();
        for (octets, expected) in [
            (&[0x00][..], "0.0"),
            (&[0x27], "0.39"),
            (&[0x28], "1.0"),
            (&[0x2a, 0x03, 0x04], "1.2.3.4"),
            (&[0x4f], "1.39"),
            (&[0x50], "2.0"),
            (&[0x55, 0x1d, 0x11], "2.5.29.17"),
            (&[0x78], "2.40"),
            (&[0x7f], "2.47"),
            (&[0x81, 0x00], "2.48"),
            (&[0x88, 0x37], "2.999"),
            (&[0x88, 0x37, 0x03], "2.999.3"),
            (
                &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
                "1.2.840.113549.1.1.11",
            ),
            (&uuid, "2.25.340282366920938463463374607431768211455"),
            (&[], "#"),
            (&[0x2a, 0x80, 0x01], "#2a8001"),
            (&[0x2a, 0x88], "#2a88"),
            (&[0x80, 0x01], "#8001"),
        ] {
            let oid = Oid::new(octets.into());
            assert_eq!(dotted(&oid), expected, "{octets:02x?}");
        }
        assert!(dotted(&Oid::new(too_long.as_slice().into())).starts_with('#'));
    }

    #[test]
    fn arcs_may_be_as_long_as_a_uuid() {
        let oid = parse("2.25.340282366920938463463374607431768211455").expect("an OID");
        assert_eq!(oid.as_bytes().len(), 1 + 19);
    }
}
