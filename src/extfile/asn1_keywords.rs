//! The words of the `ASN1:` language.

use super::{mistakes::Mistake, text::Word};
use crate::pki::der;
use crate::pki::string_type::StringType;

/// What a word before `:` or `,` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Keyword {
    Explicit,
    Format,
    Implicit,
    /// An identifier octet, and whether an octet for unused bits follows
    Wrap(u8, bool),
    Type(Type),
}

/// The types that a value can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Type {
    BitString,
    Boolean,
    Enumerated,
    GeneralizedTime,
    Integer,
    Null,
    ObjectIdentifier,
    OctetString,
    Sequence,
    Set,
    String(StringType),
    UtcTime,
}

/// How the text of a value is to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Format {
    Ascii,
    BitList,
    Hexadecimal,
    Utf8,
}

/// Every keyword; upper and lower case are the same.
#[rustfmt::skip]
const KEYWORDS: [(&str, Keyword); 49] = [
    ("BITSTR", Keyword::Type(Type::BitString)),
    ("BITSTRING", Keyword::Type(Type::BitString)),
    ("BITWRAP", Keyword::Wrap(der::tag::BIT_STRING, true)),
    ("BMP", Keyword::Type(Type::String(StringType::Bmp))),
    ("BMPSTRING", Keyword::Type(Type::String(StringType::Bmp))),
    ("BOOL", Keyword::Type(Type::Boolean)),
    ("BOOLEAN", Keyword::Type(Type::Boolean)),
    ("ENUM", Keyword::Type(Type::Enumerated)),
    ("ENUMERATED", Keyword::Type(Type::Enumerated)),
    ("EXP", Keyword::Explicit),
    ("EXPLICIT", Keyword::Explicit),
    ("FORM", Keyword::Format),
    ("FORMAT", Keyword::Format),
    ("GENERALIZEDTIME", Keyword::Type(Type::GeneralizedTime)),
    ("GENERALSTRING", Keyword::Type(Type::String(StringType::General))),
    ("GENSTR", Keyword::Type(Type::String(StringType::General))),
    ("GENTIME", Keyword::Type(Type::GeneralizedTime)),
    ("IA5", Keyword::Type(Type::String(StringType::Ia5))),
    ("IA5STRING", Keyword::Type(Type::String(StringType::Ia5))),
    ("IMP", Keyword::Implicit),
    ("IMPLICIT", Keyword::Implicit),
    ("INT", Keyword::Type(Type::Integer)),
    ("INTEGER", Keyword::Type(Type::Integer)),
    ("NULL", Keyword::Type(Type::Null)),
    ("NUMERIC", Keyword::Type(Type::String(StringType::Numeric))),
    ("NUMERICSTRING", Keyword::Type(Type::String(StringType::Numeric))),
    ("OBJECT", Keyword::Type(Type::ObjectIdentifier)),
    ("OCT", Keyword::Type(Type::OctetString)),
    ("OCTETSTRING", Keyword::Type(Type::OctetString)),
    ("OCTWRAP", Keyword::Wrap(der::tag::OCTET_STRING, false)),
    ("OID", Keyword::Type(Type::ObjectIdentifier)),
    ("PRINTABLE", Keyword::Type(Type::String(StringType::Printable))),
    ("PRINTABLESTRING", Keyword::Type(Type::String(StringType::Printable))),
    ("SEQ", Keyword::Type(Type::Sequence)),
    ("SEQUENCE", Keyword::Type(Type::Sequence)),
    ("SEQWRAP", Keyword::Wrap(der::tag::SEQUENCE, false)),
    ("SET", Keyword::Type(Type::Set)),
    ("SETWRAP", Keyword::Wrap(der::tag::SET, false)),
    ("T61", Keyword::Type(Type::String(StringType::T61))),
    ("T61STRING", Keyword::Type(Type::String(StringType::T61))),
    ("TELETEXSTRING", Keyword::Type(Type::String(StringType::T61))),
    ("UNIV", Keyword::Type(Type::String(StringType::Universal))),
    ("UNIVERSALSTRING", Keyword::Type(Type::String(StringType::Universal))),
    ("UTC", Keyword::Type(Type::UtcTime)),
    ("UTCTIME", Keyword::Type(Type::UtcTime)),
    ("UTF8", Keyword::Type(Type::String(StringType::Utf8))),
    ("UTF8STRING", Keyword::Type(Type::String(StringType::Utf8))),
    ("VISIBLE", Keyword::Type(Type::String(StringType::Visible))),
    ("VISIBLESTRING", Keyword::Type(Type::String(StringType::Visible))),
];

/// Reads a keyword.
pub(super) fn keyword(word: Word<'_>) -> Result<Keyword, Mistake> {
    let text = word.as_str();
    let found = KEYWORDS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|&(_, keyword)| keyword).ok_or_else(|| {
        if word.is_empty() {
            return word.mistake("an ASN.1 type is missing");
        }
        word.mistake(format!("unknown ASN.1 type or tag `{word}`"))
            .nearest(text, KEYWORDS.iter().map(|&(name, _)| name))
    })
}

/// Reads what stands behind `FORMAT:`.
pub(super) fn format(word: Word<'_>) -> Result<Format, Mistake> {
    match word.as_str() {
        "ASCII" => Ok(Format::Ascii),
        "BITLIST" => Ok(Format::BitList),
        "HEX" => Ok(Format::Hexadecimal),
        "UTF8" => Ok(Format::Utf8),
        unknown => Err(word
            .mistake(format!("unknown format `{word}`"))
            .nearest(unknown, ["ASCII", "BITLIST", "HEX", "UTF8"])),
    }
}
