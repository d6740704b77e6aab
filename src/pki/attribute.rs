//! Attributes of distinguished names: which string type each has, and how long it may be.

use x509_parser::oid_registry::Oid;

use super::{oid::dotted, string_type::StringType};

/// What may stand in an attribute.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// How OpenSSL, and certctl, write it
    pub string_type: StringType,
    /// Fewest characters
    pub least: usize,
    /// Most characters
    pub most: usize,
}

/// Attributes whose string type or length is bounded (RFC 5280 appendix A.1, RFC 2985, RFC 4524), as OpenSSL
/// has them. All others are `UTF8String`s of any length.
#[rustfmt::skip]
const BOUNDS: [(&str, StringType, usize, usize); 25] = [
    ("0.9.2342.19200300.100.1.25", StringType::Ia5, 1, usize::MAX), // domainComponent
    ("0.9.2342.19200300.100.1.3", StringType::Ia5, 1, 256), // mail
    ("1.2.643.100.1", StringType::Numeric, 1, 13), // OGRN
    ("1.2.643.100.3", StringType::Numeric, 1, 11), // SNILS
    ("1.2.643.3.131.1.1", StringType::Numeric, 1, 12), // INN
    ("1.2.840.113549.1.9.1", StringType::Ia5, 1, 128), // emailAddress
    ("1.2.840.113549.1.9.2", StringType::Utf8, 1, usize::MAX), // unstructuredName
    ("1.2.840.113549.1.9.20", StringType::Bmp, 0, usize::MAX), // friendlyName
    ("1.2.840.113549.1.9.7", StringType::Utf8, 1, usize::MAX), // challengePassword
    ("1.2.840.113549.1.9.8", StringType::Utf8, 1, usize::MAX), // unstructuredAddress
    ("1.3.6.1.4.1.311.17.1", StringType::Bmp, 0, usize::MAX), // CSPName
    ("1.3.6.1.4.1.311.60.2.1.3", StringType::Printable, 2, 2), // jurisdictionCountryName
    ("2.5.4.10", StringType::Utf8, 1, 64), // organizationName
    ("2.5.4.11", StringType::Utf8, 1, 64), // organizationalUnitName
    ("2.5.4.3", StringType::Utf8, 1, 64), // commonName
    ("2.5.4.4", StringType::Utf8, 1, 32_768), // surname
    ("2.5.4.41", StringType::Utf8, 1, 32_768), // name
    ("2.5.4.42", StringType::Utf8, 1, 32_768), // givenName
    ("2.5.4.43", StringType::Utf8, 1, 32_768), // initials
    ("2.5.4.46", StringType::Printable, 0, usize::MAX), // dnQualifier
    ("2.5.4.5", StringType::Printable, 1, 64), // serialNumber
    ("2.5.4.6", StringType::Printable, 2, 2), // countryName
    ("2.5.4.7", StringType::Utf8, 1, 128), // localityName
    ("2.5.4.8", StringType::Utf8, 1, 128), // stateOrProvinceName
    ("2.5.4.98", StringType::Printable, 3, 3), // countryCode3c
];

/// A value that is too short or too long.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LengthError {
    /// Nothing there
    #[error("`{0}` is empty")]
    Empty(String),
    /// A code of fixed length
    #[error("`{0}` must have {1} characters")]
    Fixed(String, usize),
    /// Too many characters
    #[error("`{0}` has {1} characters, at most {2} may stand there")]
    TooLong(String, usize, usize),
}

impl Bounds {
    /// Those of an attribute.
    #[must_use]
    pub fn of(oid: &Oid<'_>) -> Self {
        let oid = dotted(oid);
        let row = BOUNDS.iter().find(|(known, ..)| *known == oid);
        let &(_, string_type, least, most) = row.unwrap_or(&("", StringType::Utf8, 0, usize::MAX));
        Self {
            string_type,
            least,
            most,
        }
    }

    /// Checks how long a value is; `name` is what the attribute is called.
    ///
    /// # Errors
    ///
    /// Where it is too short or too long.
    pub fn check(&self, name: &str, value: &str) -> Result<(), LengthError> {
        let length = value.chars().count();
        if (self.least..=self.most).contains(&length) {
            return Ok(());
        }
        let name = name.to_owned();
        Err(match self.least {
            _ if length == 0 => LengthError::Empty(name),
            2 | 3 => LengthError::Fixed(name, self.least),
            _ => LengthError::TooLong(name, length, self.most),
        })
    }
}
