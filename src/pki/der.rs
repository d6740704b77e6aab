//! Writes DER (ITU-T X.690 §10): each function returns one complete value.
//!
//! Values are composed from the inside out: `sequence(&[oid(…), octet_string(…)])`.

use time::OffsetDateTime;
use x509_parser::oid_registry::Oid;

/// Universal and context tags that X.509 needs (X.690 §8.1.2).
pub mod tag {
    /// BOOLEAN
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING
    pub const OCTET_STRING: u8 = 0x04;
    /// NULL
    pub const NULL: u8 = 0x05;
    /// OBJECT IDENTIFIER
    pub const OID: u8 = 0x06;
    /// ENUMERATED
    pub const ENUMERATED: u8 = 0x0a;
    /// `UTF8String`
    pub const UTF8_STRING: u8 = 0x0c;
    /// SEQUENCE, SEQUENCE OF
    pub const SEQUENCE: u8 = 0x30;
    /// SET, SET OF
    pub const SET: u8 = 0x31;
    /// `PrintableString`
    pub const PRINTABLE_STRING: u8 = 0x13;
    /// `IA5String`
    pub const IA5_STRING: u8 = 0x16;
    /// `UTCTime`
    pub const UTC_TIME: u8 = 0x17;
    /// `GeneralizedTime`
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// Text of 16 bits a character
    pub const BMP_STRING: u8 = 0x1e;

    /// Context-specific tag `[number]`, primitive (an IMPLICIT string or integer).
    #[must_use]
    pub const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// Context-specific tag `[number]`, constructed (EXPLICIT, or an IMPLICIT sequence).
    #[must_use]
    pub const fn context_constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

/// Writes tag, length in its shortest form (X.690 §10.1) and content.
#[must_use]
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    push_length(&mut out, content.len());
    out.extend_from_slice(content);
    out
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    if let Ok(short) = u8::try_from(length)
        && short < 0x80
    {
        out.push(short);
        return;
    }
    let bytes = length.to_be_bytes();
    let significant = &bytes[length.leading_zeros() as usize / 8..];
    // A length has at most eight octets here, so the cast cannot truncate.
    #[allow(clippy::cast_possible_truncation)]
    out.push(0x80 | significant.len() as u8);
    out.extend_from_slice(significant);
}

/// Writes a constructed value from complete values.
#[must_use]
pub fn constructed(tag: u8, parts: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.as_ref().len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    push_length(&mut out, length);
    for part in parts {
        out.extend_from_slice(part.as_ref());
    }
    out
}

/// Writes a SEQUENCE of complete values.
#[must_use]
pub fn sequence(parts: &[impl AsRef<[u8]>]) -> Vec<u8> {
    constructed(tag::SEQUENCE, parts)
}

/// Writes a SET OF complete values, in the order that DER demands (X.690 §11.6).
#[must_use]
pub fn set_of(parts: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut sorted: Vec<&[u8]> = parts.iter().map(AsRef::as_ref).collect();
    sorted.sort_unstable();
    constructed(tag::SET, &sorted)
}

/// Writes a BOOLEAN; TRUE is 0xFF (X.690 §11.1).
#[must_use]
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(tag::BOOLEAN, &[if value { 0xff } else { 0 }])
}

/// Writes a non-negative INTEGER from its big-endian magnitude.
///
/// Leading zeros are dropped and the sign octet is added where the top bit is set (X.690 §8.3).
#[must_use]
pub fn integer(magnitude: &[u8]) -> Vec<u8> {
    let start = magnitude.iter().position(|&byte| byte != 0);
    let trimmed = start.map_or(&[][..], |start| &magnitude[start..]);
    if trimmed.first().is_none_or(|&first| first >= 0x80) {
        let mut signed = Vec::with_capacity(trimmed.len() + 1);
        signed.push(0);
        signed.extend_from_slice(trimmed);
        return tlv(tag::INTEGER, &signed);
    }
    tlv(tag::INTEGER, trimmed)
}

/// Writes a BIT STRING whose bits fill whole octets.
#[must_use]
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    let mut content = Vec::with_capacity(octets.len() + 1);
    content.push(0);
    content.extend_from_slice(octets);
    tlv(tag::BIT_STRING, &content)
}

/// Writes a named-bit list: bit 0 is the most significant, trailing zero bits are dropped (X.690 §11.2.2).
#[must_use]
pub fn named_bits(bits: u16) -> Vec<u8> {
    // `bits` counts from the least significant bit, DER from the most significant.
    let octets = bits.reverse_bits().to_be_bytes();
    let used = octets.iter().rposition(|&octet| octet != 0);
    let Some(last) = used else {
        return tlv(tag::BIT_STRING, &[0]);
    };
    let mut content = vec![u8::try_from(octets[last].trailing_zeros()).unwrap_or(0)];
    content.extend_from_slice(&octets[..=last]);
    tlv(tag::BIT_STRING, &content)
}

/// Writes an OCTET STRING.
#[must_use]
pub fn octet_string(octets: &[u8]) -> Vec<u8> {
    tlv(tag::OCTET_STRING, octets)
}

/// Writes an OBJECT IDENTIFIER.
#[must_use]
pub fn oid(oid: &Oid<'_>) -> Vec<u8> {
    tlv(tag::OID, oid.as_bytes())
}

/// Writes NULL.
#[must_use]
pub fn null() -> Vec<u8> {
    tlv(tag::NULL, &[])
}

/// Writes a Time: `UTCTime` until 2049, `GeneralizedTime` from 2050 on, both in UTC and whole seconds
/// (RFC 5280 §4.1.2.5).
#[must_use]
pub fn time(time: OffsetDateTime) -> Vec<u8> {
    let utc = time.to_offset(time::UtcOffset::UTC);
    let rest = format!(
        "{:02}{:02}{:02}{:02}{:02}Z",
        u8::from(utc.month()),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second()
    );
    match utc.year() {
        year @ 1950..=2049 => tlv(tag::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes()),
        year => tlv(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn values_are_in_their_only_der_form() {
        for (name, found, expected) in [
            ("zero", integer(&[]), vec![2, 1, 0]),
            ("leading zeros", integer(&[0, 0, 1]), vec![2, 1, 1]),
            ("sign octet", integer(&[0x80]), vec![2, 2, 0, 0x80]),
            ("no bits", named_bits(0), vec![3, 1, 0]),
            ("digitalSignature", named_bits(1), vec![3, 2, 7, 0x80]),
            (
                "keyCertSign, cRLSign",
                named_bits(0b110_0000),
                vec![3, 2, 1, 0x06],
            ),
            ("decipherOnly", named_bits(1 << 8), vec![3, 3, 7, 0, 0x80]),
            (
                "long length",
                tlv(4, &[7; 200])[..3].to_vec(),
                vec![4, 0x81, 200],
            ),
            (
                "longer",
                tlv(4, &[7; 300])[..4].to_vec(),
                vec![4, 0x82, 1, 44],
            ),
            ("true", boolean(true), vec![1, 1, 0xff]),
            (
                "sorted set",
                set_of(&[[5u8, 0], [1, 0]]),
                vec![0x31, 4, 1, 0, 5, 0],
            ),
        ] {
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn times_change_their_form_in_2050_utc() {
        for (when, expected) in [
            (
                datetime!(2049-12-31 23:59:59 UTC),
                &b"\x17\x0d491231235959Z"[..],
            ),
            (datetime!(2050-01-01 00:00 UTC), b"\x18\x0f20500101000000Z"),
            (datetime!(2050-01-01 01:00 +2), b"\x17\x0d491231230000Z"),
            (datetime!(1949-01-01 00:00 UTC), b"\x18\x0f19490101000000Z"),
        ] {
            assert_eq!(time(when), expected, "{when}");
        }
    }
}
