//! Where a key is that lies in no file: a URI such as `pkcs11:token=ca;object=root` (RFC 7512), whose scheme names
//! the program that signs with it.
//!
//! It lies in a PKI directory, and says which key is meant, and nothing else: no PIN, and not what is loaded or run
//! to reach it, which is for the operator to say.

use std::{fmt, str::FromStr};

/// A reference to a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyUri(String);

/// Longest reference: labels and identifiers are short.
const MAX_LENGTH: usize = 1024;
/// Longest scheme, which becomes part of a program's name.
const MAX_SCHEME: usize = 32;
/// Attributes that say what a PIN is, or what to load (RFC 7512 §2.4), wherever they stand.
const NOT_HERE: [&str; 4] = ["module-name", "module-path", "pin-source", "pin-value"];

/// Why a text is no reference to a key. It is not repeated: a PIN may stand in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyUriError {
    /// Its scheme would be no part of a program's name.
    #[error(
        "it does not begin with a scheme, such as `pkcs11:` or `ssh-agent:`: a lower-case letter, then lower-case \
         letters, digits and hyphens, {MAX_SCHEME} at most"
    )]
    Scheme,
    /// A character that URIs have not.
    #[error("it holds what no URI holds as it is; write it as %XX (RFC 3986 §2.1)")]
    Character,
    /// It says more than which key.
    #[error(
        "it says more than which key is meant: what stands behind `?` or `#`, modules and PINs are not taken from it"
    )]
    More,
    /// Too long.
    #[error("it is longer than {MAX_LENGTH} characters")]
    Length,
}

impl KeyUri {
    /// What stands before the first colon.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// Reads the file in which it lies: one line.
    ///
    /// # Errors
    ///
    /// Where it holds something else.
    pub fn from_file(octets: &[u8]) -> Result<Self, KeyUriError> {
        let text = str::from_utf8(octets).map_err(|_| KeyUriError::Character)?;
        text.strip_suffix('\n').unwrap_or(text).parse()
    }

    /// The content of that file.
    #[must_use]
    pub fn to_file(&self) -> String {
        format!("{}\n", self.0)
    }
}

impl fmt::Display for KeyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyUri {
    type Err = KeyUriError;

    fn from_str(text: &str) -> Result<Self, KeyUriError> {
        if text.len() > MAX_LENGTH {
            return Err(KeyUriError::Length);
        }
        let (scheme, rest) = text.split_once(':').ok_or(KeyUriError::Scheme)?;
        if !is_scheme(scheme) {
            return Err(KeyUriError::Scheme);
        }
        if rest.contains(['?', '#']) || attributes(rest).any(|name| NOT_HERE.contains(&&*name)) {
            return Err(KeyUriError::More);
        }
        match is_escaped(rest) {
            true => Ok(Self(text.to_owned())),
            false => Err(KeyUriError::Character),
        }
    }
}

fn is_scheme(text: &str) -> bool {
    let is_legal =
        |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
    text.len() <= MAX_SCHEME
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(is_legal)
}

/// Names of attributes; those of queries are separated by `&`.
fn attributes(text: &str) -> impl Iterator<Item = String> {
    let names = text.split([';', '&']).filter_map(|it| it.split('=').next());
    names.map(str::to_ascii_lowercase)
}

/// Whether it consists of what RFC 3986 §2 allows, and each `%` has its two digits.
fn is_escaped(text: &str) -> bool {
    const MARKS: &[u8] = b"-._~:/[]@!$&'()*+,;=";
    let mut pieces = text.split('%');
    let plain = |text: &str| {
        let is_legal = |octet: u8| octet.is_ascii_alphanumeric() || MARKS.contains(&octet);
        text.bytes().all(is_legal)
    };
    let first = pieces.next().is_some_and(plain);
    let digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_hexdigit());
    let mut escaped =
        pieces.map(|it| it.get(..2).is_some_and(digits) && it.get(2..).is_some_and(plain));
    first && escaped.all(|it| it)
}

/// The octets that a part of a URI stands for.
#[must_use]
pub fn unescaped(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%').then(|| after.get(..2)).flatten();
        let value =
            escaped.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        octets.push(value.unwrap_or(first));
        rest = value.map_or(after, |_| &after[2..]);
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_says_which_key_and_nothing_else() {
        use KeyUriError::{Character, Length, More, Scheme};
        let long = format!("pkcs11:{}", "a".repeat(MAX_LENGTH));
        let long_scheme = format!("{}:", "a".repeat(MAX_SCHEME + 1));
        for (text, expected) in [
            ("pkcs11:token=ca;object=root", None),
            ("pkcs11:token=My%20CA;id=%01%Af;type=private", None),
            ("ssh-agent:SHA256:ab+/cd", None),
            ("ssh-agent:", None),
            ("file:/srv/key.pem", None),
            ("", Some(Scheme)),
            ("root", Some(Scheme)),
            (":x", Some(Scheme)),
            ("../x:y", Some(Scheme)),
            ("/bin/sh:y", Some(Scheme)),
            ("PKCS11:object=root", Some(Scheme)),
            ("-x:y", Some(Scheme)),
            (&long_scheme, Some(Scheme)),
            ("pkcs11:object=a b", Some(Character)),
            ("pkcs11:object=a\nb", Some(Character)),
            ("pkcs11:object=a%2", Some(Character)),
            ("pkcs11:object=%€", Some(Character)),
            ("pkcs11:object=ä", Some(Character)),
            ("pkcs11:object=a?pin-value=1234", Some(More)),
            ("pkcs11:object=a;pin-value=1234", Some(More)),
            ("pkcs11:object=a;Module-Path=/tmp/evil.so", Some(More)),
            ("pkcs11:object=a?module-name=evil", Some(More)),
            ("pkcs11:object=a#b", Some(More)),
            (&long, Some(Length)),
        ] {
            let read = text.parse::<KeyUri>();
            assert_eq!(read.as_ref().err().copied(), expected, "{text}");
            if let Ok(uri) = read {
                assert_eq!(uri.to_string(), text);
                assert_eq!(KeyUri::from_file(uri.to_file().as_bytes()), Ok(uri));
            }
        }
        assert_eq!(
            KeyUri::from_file(b"a:b\nc:d\n"),
            Err(KeyUriError::Character)
        );
        assert_eq!(KeyUri::from_file(b"a:\xff"), Err(KeyUriError::Character));
    }

    #[test]
    fn escaped_octets_are_read() {
        for (text, octets) in [
            ("My%20CA", &b"My CA"[..]),
            ("%01%aF", b"\x01\xaf"),
            ("100%", b"100%"),
            ("%zz", b"%zz"),
        ] {
            assert_eq!(unescaped(text), octets, "{text}");
        }
    }
}
