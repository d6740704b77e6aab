//! The values of the `ASN1:` language that hold no others.

use time::{Date, Month, Time};

use super::{
    asn1_keywords::{Format, Type},
    mistakes::Mistake,
    objects, strings,
    text::Word,
    values,
};
use crate::pki::der::{self, tag};

/// More bits than any named-bit list has.
const MAX_BIT: usize = 65_535;

/// Writes a value; `name` is the type's, for messages where the value is empty.
pub(super) fn write(
    type_of_value: Type,
    format: Format,
    name: Word<'_>,
    value: Option<Word<'_>>,
) -> Result<Vec<u8>, Mistake> {
    let word = value.unwrap_or(name);
    let text = value.map_or("", Word::as_str);
    match (type_of_value, format) {
        (Type::Null, _) if text.is_empty() => Ok(der::null()),
        (Type::Null, _) => Err(word.mistake("NULL has no value")),
        (Type::Boolean, Format::Ascii) => values::boolean(word).map(der::boolean),
        (Type::Integer, Format::Ascii) => integer(tag::INTEGER, word),
        (Type::Enumerated, Format::Ascii) => integer(tag::ENUMERATED, word),
        (Type::ObjectIdentifier, Format::Ascii) => objects::read(word).map(|oid| der::oid(&oid)),
        (Type::UtcTime, Format::Ascii) => time(tag::UTC_TIME, word),
        (Type::GeneralizedTime, Format::Ascii) => time(tag::GENERALIZED_TIME, word),
        (Type::String(kind), Format::Ascii) => strings::write(kind, word, text),
        (Type::String(kind), Format::Utf8) => {
            let text = value.map(Word::decode).transpose()?;
            strings::write(kind, word, &text.unwrap_or_default())
        }
        (Type::OctetString, Format::Ascii) => Ok(der::octet_string(&super::text::octets(text))),
        (Type::OctetString, Format::Hexadecimal) => {
            values::hexadecimal(word).map(|octets| der::octet_string(&octets))
        }
        (Type::BitString, Format::Ascii) => Ok(der::bit_string(&super::text::octets(text))),
        (Type::BitString, Format::Hexadecimal) => {
            values::hexadecimal(word).map(|octets| der::bit_string(&octets))
        }
        (Type::BitString, Format::BitList) => bit_list(word),
        _ => Err(name.mistake(format!("`{name}` can't be read in this FORMAT"))),
    }
}

fn integer(tag: u8, word: Word<'_>) -> Result<Vec<u8>, Mistake> {
    values::integer(word).map(|integer| der::tlv(tag, &integer.to_signed_bytes_be()))
}

/// Numbers of the bits that are set; trailing zero bits are dropped.
fn bit_list(word: Word<'_>) -> Result<Vec<u8>, Mistake> {
    let mut octets: Vec<u8> = Vec::new();
    for number in word.split_at_commas() {
        let bit = number.as_str().parse::<usize>().ok();
        let bit = bit.filter(|&bit| bit <= MAX_BIT).ok_or_else(|| {
            number.mistake(format!(
                "`{number}` is not the number of a bit, 0 to {MAX_BIT}"
            ))
        })?;
        if octets.len() <= bit / 8 {
            octets.resize(bit / 8 + 1, 0);
        }
        octets[bit / 8] |= 0x80 >> (bit % 8);
    }
    let unused = octets.last().map_or(0, |last| last.trailing_zeros());
    octets.insert(0, u8::try_from(unused).unwrap_or(0));
    Ok(der::tlv(tag::BIT_STRING, &octets))
}

/// A time as DER has it: with seconds, in UTC (X.690 §11.7 and §11.8).
fn time(tag: u8, word: Word<'_>) -> Result<Vec<u8>, Mistake> {
    let text = word.as_str();
    let (form, year_digits) = match tag {
        tag::UTC_TIME => ("YYMMDDhhmmssZ", 2),
        _ => ("YYYYMMDDhhmmssZ", 4),
    };
    if text.len() != form.len() || !is_moment(text, year_digits) {
        return Err(word
            .mistake(format!("`{word}` is not a time"))
            .hint(format!("write it as {form}")));
    }
    Ok(der::tlv(tag, text.as_bytes()))
}

fn is_moment(text: &str, year_digits: usize) -> bool {
    let Some(digits) = text.strip_suffix('Z') else {
        return false;
    };
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return false;
    }
    let (year, rest) = digits.split_at(year_digits);
    let year = year.parse::<i32>().unwrap_or_default();
    // Of a two-digit year only the leap years count here; 00 is 2000 (RFC 5280 §4.1.2.5.1).
    let year = if year_digits == 2 { year + 2000 } else { year };
    let pair = |index: usize| rest[2 * index..][..2].parse::<u8>().unwrap_or_default();
    let date =
        Month::try_from(pair(0)).and_then(|month| Date::from_calendar_date(year, month, pair(1)));
    date.is_ok() && Time::from_hms(pair(2), pair(3), pair(4)).is_ok()
}
