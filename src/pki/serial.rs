//! Serial numbers (RFC 5280 §4.1.2.2).

use std::{fmt, str::FromStr};

use ring::rand::{SecureRandom as _, SystemRandom};

use super::key::KeyError;

/// A positive serial number of at most 20 octets, big-endian, without leading zeros.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Serial(Vec<u8>);

/// Longest serial in octets, the sign octet counted (RFC 5280 §4.1.2.2).
const MAX_OCTETS: usize = 20;

impl Serial {
    /// 126 random bits in 16 octets: positive without a sign octet, never with a leading zero.
    ///
    /// # Errors
    ///
    /// Where the system's random source fails.
    pub fn generate() -> Result<Self, KeyError> {
        let mut octets = [0; 16];
        SystemRandom::new()
            .fill(&mut octets)
            .map_err(|_| KeyError::Random)?;
        octets[0] = octets[0] & 0x7f | 0x40;
        Ok(Self(octets.to_vec()))
    }

    /// Takes over the content octets of an INTEGER as they stand in a certificate, valid or not.
    #[must_use]
    pub fn from_integer(content: &[u8]) -> Self {
        let start = content
            .iter()
            .position(|&octet| octet != 0)
            .unwrap_or(content.len());
        Self(content[start..].to_vec())
    }

    /// The content octets of an INTEGER.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        let sign = self.0.first().is_none_or(|&first| first >= 0x80);
        [if sign { &[0][..] } else { &[] }, &self.0].concat()
    }

    /// The magnitude, big-endian.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Upper-case hexadecimal, two digits an octet.
impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::upper::encode_string(&self.0))
    }
}

/// Why text is no serial number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a serial number is 1 to 40 hexadecimal digits, colons allowed between them")]
pub struct SerialError;

/// Hexadecimal in either case; colons and a leading `0x` are taken as openssl prints them.
impl FromStr for Serial {
    type Err = SerialError;

    fn from_str(text: &str) -> Result<Self, SerialError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut padded = [b'0'; 2 * MAX_OCTETS];
        let mut free = padded.iter_mut().rev();
        for digit in digits.bytes().rev().filter(|&digit| digit != b':') {
            *free.next().ok_or(SerialError)? = digit;
        }
        if free.len() == padded.len() {
            return Err(SerialError);
        }
        let mut octets = [0; MAX_OCTETS];
        let octets = base16ct::mixed::decode(padded, &mut octets).map_err(|_| SerialError)?;
        Ok(Self::from_integer(octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_serials_are_positive_sixteen_octets_and_differ() {
        let serials: std::collections::HashSet<_> = (0..1000)
            .map(|_| Serial::generate().expect("random source"))
            .collect();
        assert_eq!(serials.len(), 1000);
        for serial in &serials {
            assert_eq!(serial.as_bytes().len(), 16);
            assert_eq!(serial.as_bytes()[0] & 0xc0, 0x40);
        }
    }

    #[test]
    fn text() {
        for (text, expected) in [
            ("4A", Ok("4A")),
            ("0x04a", Ok("4A")),
            ("0x0x4A", Err(SerialError)),
            ("::", Err(SerialError)),
            ("00:4a:0b", Ok("4A0B")),
            ("", Err(SerialError)),
            ("xyz", Err(SerialError)),
            ("é", Err(SerialError)),
            (
                "123456789012345678901234567890123456789012",
                Err(SerialError),
            ),
        ] {
            let found = text.parse::<Serial>().map(|serial| serial.to_string());
            assert_eq!(found.as_deref(), expected.as_ref().copied(), "{text}");
        }
    }
}
