//! The ASN.1 string types (X.680 §41): which characters each may hold, and how it writes them.

use super::der::{self, tag};

/// A string type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StringType {
    /// 16 bits a character
    Bmp,
    /// ASCII, control characters too
    General,
    /// ASCII
    Ia5,
    /// Digits and blanks
    Numeric,
    /// Letters, digits and a few signs
    Printable,
    /// Taken for ISO 8859-1, as OpenSSL does
    T61,
    /// 32 bits a character
    Universal,
    /// All of Unicode
    Utf8,
    /// ASCII without control characters
    Visible,
}

impl StringType {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Bmp,
        Self::General,
        Self::Ia5,
        Self::Numeric,
        Self::Printable,
        Self::T61,
        Self::Universal,
        Self::Utf8,
        Self::Visible,
    ];

    /// Its universal tag.
    #[must_use]
    pub const fn tag(self) -> u8 {
        match self {
            Self::Utf8 => tag::UTF8_STRING,
            Self::Numeric => 0x12,
            Self::Printable => tag::PRINTABLE_STRING,
            Self::T61 => 0x14,
            Self::Ia5 => tag::IA5_STRING,
            Self::Visible => 0x1a,
            Self::General => 0x1b,
            Self::Universal => 0x1c,
            Self::Bmp => 0x1e,
        }
    }

    /// Its name in ASN.1.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bmp => "BMPString",
            Self::General => "GeneralString",
            Self::Ia5 => "IA5String",
            Self::Numeric => "NumericString",
            Self::Printable => "PrintableString",
            Self::T61 => "TeletexString",
            Self::Universal => "UniversalString",
            Self::Utf8 => "UTF8String",
            Self::Visible => "VisibleString",
        }
    }

    fn permits(self, character: char) -> bool {
        match self {
            Self::Universal | Self::Utf8 => true,
            Self::Bmp => u16::try_from(u32::from(character)).is_ok(),
            Self::T61 => u8::try_from(character).is_ok(),
            Self::General | Self::Ia5 => character.is_ascii(),
            Self::Visible => matches!(character, ' '..='~'),
            Self::Numeric => matches!(character, '0'..='9' | ' '),
            Self::Printable => {
                character.is_ascii_alphanumeric() || " '()+,-./:=?".contains(character)
            }
        }
    }

    fn content(self, text: &str) -> Vec<u8> {
        let codes = text.chars().map(u32::from);
        match self {
            Self::Universal => codes.flat_map(u32::to_be_bytes).collect(),
            Self::Bmp => codes
                .flat_map(|code| code.to_be_bytes().into_iter().skip(2))
                .collect(),
            Self::T61 => text
                .chars()
                .filter_map(|character| u8::try_from(character).ok())
                .collect(),
            _ => text.as_bytes().to_vec(),
        }
    }

    /// Writes `text`.
    ///
    /// # Errors
    ///
    /// Where it has a character that the type lacks.
    pub fn write(self, text: &str) -> Result<Vec<u8>, ForeignCharacter> {
        match text.chars().find(|&character| !self.permits(character)) {
            None => Ok(der::tlv(self.tag(), &self.content(text))),
            Some(character) => Err(ForeignCharacter {
                character,
                string_type: self,
            }),
        }
    }
}

/// A character that a string type lacks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{}` is not allowed in {}", character.escape_debug(), string_type.name())]
pub struct ForeignCharacter {
    /// Which
    pub character: char,
    /// Where it is not allowed
    pub string_type: StringType,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_holds_its_characters_only() {
        for (string_type, text_of_it, expected) in [
            (StringType::Bmp, "aü", Some(&b"\x1e\x04\0a\0\xfc"[..])),
            (StringType::Bmp, "\u{1f511}", None),
            (StringType::Ia5, "a@b", Some(b"\x16\x03a@b")),
            (StringType::Ia5, "ü", None),
            (StringType::Numeric, "1 2", Some(b"\x12\x031 2")),
            (StringType::Numeric, "-1", None),
            (StringType::Printable, "a?", Some(b"\x13\x02a?")),
            (StringType::Printable, "a@b", None),
            (StringType::T61, "ü", Some(b"\x14\x01\xfc")),
            (StringType::T61, "€", None),
            (StringType::Universal, "a", Some(b"\x1c\x04\0\0\0a")),
            (StringType::Utf8, "ü", Some(b"\x0c\x02\xc3\xbc")),
            (StringType::Visible, "a b", Some(b"\x1a\x03a b")),
            (StringType::Visible, "a\nb", None),
            (StringType::General, "a\n", Some(b"\x1b\x02a\n")),
        ] {
            let found = string_type.write(text_of_it).ok();
            assert_eq!(found.as_deref(), expected, "{string_type:?} {text_of_it:?}");
        }
    }
}
