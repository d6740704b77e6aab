//! Subjects as people write them: RFC 4514 text to the exact DER of a Name, and back.
//!
//! The text begins with the most specific attribute, the DER ends with it. Types are told by the names of RFC 4514
//! §3 and a few more, or by their numbers; a value is encoded as OpenSSL would. What that does not yield is written
//! as `#` and its DER, so that every Name has a text that gives it back octet by octet.

use std::fmt::Write as _;

use x509_parser::{
    asn1_rs::Any,
    oid_registry::Oid,
    prelude::FromDer as _,
    x509::{AttributeTypeAndValue, X509Name},
};

use super::{
    attribute::{Bounds, LengthError},
    der,
    entry_name::EntryName,
    name::{MAX_ATTRIBUTE_LENGTH, display, distinguished_name, visible},
    octets::Name,
    oid::{self, dotted},
    san::NAME_PLACEHOLDER,
    string_type::{ForeignCharacter, StringType},
};

/// Types by the names that are taken, in any case; the first name of each is the one that is written.
const TYPES: [(&str, &str); 18] = [
    ("C", "2.5.4.6"),
    ("CN", "2.5.4.3"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("L", "2.5.4.7"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("serialNumber", "2.5.4.5"),
    // As some programs print them
    ("S", "2.5.4.8"),
    ("E", "1.2.840.113549.1.9.1"),
    ("EMAIL", "1.2.840.113549.1.9.1"),
    ("commonName", "2.5.4.3"),
    ("countryName", "2.5.4.6"),
    ("organizationName", "2.5.4.10"),
    ("organizationalUnitName", "2.5.4.11"),
];

/// The DER of the Name without attributes.
pub const EMPTY: &[u8] = &[der::tag::SEQUENCE, 0];

/// Longest text in octets.
const MAX_TEXT: usize = 4096;

/// Characters that a value holds only behind `\` (RFC 4514 §2.4).
const ESCAPED: &str = "\"+,;<>\\";

/// Why text is no subject.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SubjectError {
    /// Text without a type and `=`.
    #[error("`{0}` is no attribute such as `CN=node1`")]
    NoType(String),
    /// A type that nobody knows.
    #[error(
        "`{0}` is no type of attribute: CN, O, OU, C, ST, L, DC, UID, serialNumber, emailAddress, or a dotted OID"
    )]
    UnknownType(String),
    /// A value of the wrong length.
    #[error(transparent)]
    Length(#[from] LengthError),
    /// A character that the value's string type lacks.
    #[error("`{0}`: {1}")]
    Character(String, ForeignCharacter),
    /// A control character.
    #[error("`{0}` holds a control character")]
    Control(String),
    /// A character that needs `\` before it.
    #[error("`{0}`: `{1}` in a value is written `\\{1}`")]
    Unescaped(String, char),
    /// A `\` with nothing that it could escape.
    #[error(
        "`{0}`: behind `\\` stands a sign to be taken as it is, or the two digits of an octet of UTF-8"
    )]
    Escape(String),
    /// Not the DER of a string.
    #[error("`{0}`: behind `#` stands the DER of one string, in hexadecimal digits")]
    Hexadecimal(String),
    /// Braces that are no placeholder.
    #[error("`{0}` has an unknown placeholder; only {{name}} is known")]
    Placeholder(String),
    /// OpenSSL's own form.
    #[error(
        "`{0}` is the form of `openssl req -subj`; here the most specific stands first, with commas between"
    )]
    Slashes(String),
    /// More than anybody writes.
    #[error("it has {0} octets, {MAX_TEXT} are allowed")]
    TooLong(usize),
}

/// Reads a subject; `{name}` in it stands for `entry`. Empty text is the empty Name.
///
/// # Errors
///
/// Where it is not RFC 4514 text, or a value breaks the bounds of its type.
pub fn parse(text: &str, entry: &str) -> Result<Name, SubjectError> {
    let text = text.replace(NAME_PLACEHOLDER, entry);
    let text = text.trim_start_matches(' ');
    if text.len() > MAX_TEXT {
        return Err(SubjectError::TooLong(text.len()));
    }
    if text.contains(['{', '}']) {
        return Err(SubjectError::Placeholder(text.to_owned()));
    }
    if text.starts_with('/') {
        return Err(SubjectError::Slashes(text.to_owned()));
    }
    if text.is_empty() {
        return Ok(EMPTY.into());
    }
    let rdn = |text: &str| {
        let attributes: Result<Vec<_>, _> = split(text, '+').into_iter().map(attribute).collect();
        Ok(der::set_of(&attributes?))
    };
    let rdns: Result<Vec<_>, SubjectError> = split(text, ',').into_iter().rev().map(rdn).collect();
    Ok(der::sequence(&rdns?).into())
}

/// The subject of an entry for which nobody asks for another: its name as common name; a name too long for one is
/// told by its SANs alone (RFC 5280 appendix A.1, `ub-common-name`).
#[must_use]
pub fn usual(entry: &EntryName) -> Name {
    let fits = entry.as_str().len() <= MAX_ATTRIBUTE_LENGTH;
    distinguished_name(fits.then_some(entry.as_str()), None)
}

/// Takes text apart at each separator that no `\` stands before.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (position, character) in text.char_indices() {
        if character == separator && !is_escaped {
            parts.push(&text[start..position]);
            start = position + character.len_utf8();
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    parts.push(&text[start..]);
    parts
}

/// Writes an `AttributeTypeAndValue`.
fn attribute(text: &str) -> Result<Vec<u8>, SubjectError> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| SubjectError::NoType(text.to_owned()))?;
    let name = name.trim_matches(' ');
    let oid = type_of(name).ok_or_else(|| SubjectError::UnknownType(name.to_owned()))?;
    let value = match trimmed(value) {
        value if value.starts_with('#') => encoded(value)?,
        value => {
            let text = unescaped(value)?;
            if text.chars().any(char::is_control) {
                return Err(SubjectError::Control(value.to_owned()));
            }
            if text.is_empty() {
                return Err(LengthError::Empty(name.to_owned()).into());
            }
            let bounds = Bounds::of(&oid);
            bounds.check(name, &text)?;
            let written = bounds.string_type.write(&text);
            written.map_err(|foreign| SubjectError::Character(value.to_owned(), foreign))?
        }
    };
    Ok(der::sequence(&[der::oid(&oid), value]))
}

fn type_of(name: &str) -> Option<Oid<'static>> {
    let known = TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    oid::parse(known.map_or(name, |(_, oid)| oid))
}

/// Without blanks at both ends, but for the last where a `\` stands before it.
fn trimmed(value: &str) -> &str {
    let value = value.trim_start_matches(' ');
    let short = value.trim_end_matches(' ');
    let slashes = short.len() - short.trim_end_matches('\\').len();
    let kept = short.len() + usize::from(slashes % 2 == 1 && short.len() < value.len());
    &value[..kept]
}

/// A value without its escapes (RFC 4514 §3).
fn unescaped(value: &str) -> Result<String, SubjectError> {
    let wrong = || SubjectError::Escape(value.to_owned());
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(character) = rest.next() {
        let taken = match character {
            '\\' => match rest.next().ok_or_else(wrong)? {
                sign if ESCAPED.contains(sign) || " #=".contains(sign) => sign,
                high => {
                    let digit = |digit: char| digit.to_digit(16).ok_or_else(wrong);
                    let octet = 16 * digit(high)? + digit(rest.next().ok_or_else(wrong)?)?;
                    octets.extend(u8::try_from(octet));
                    continue;
                }
            },
            sign if ESCAPED.contains(sign) => {
                return Err(SubjectError::Unescaped(value.to_owned(), sign));
            }
            other => other,
        };
        octets.extend_from_slice(taken.encode_utf8(&mut [0; 4]).as_bytes());
    }
    String::from_utf8(octets).map_err(|_| wrong())
}

/// The DER of a string, behind `#`.
fn encoded(value: &str) -> Result<Vec<u8>, SubjectError> {
    let wrong = || SubjectError::Hexadecimal(value.to_owned());
    let octets = base16ct::mixed::decode_vec(&value[1..]).map_err(|_| wrong())?;
    let Ok(([], found)) = Any::from_der(&octets) else {
        return Err(wrong());
    };
    let is_string = StringType::ALL
        .iter()
        .any(|string_type| found.header.raw_tag() == Some(&[string_type.tag()]));
    match is_string && der::tlv(octets[0], found.data) == octets {
        true => Ok(octets),
        false => Err(wrong()),
    }
}

/// Writes a Name as text that [`parse`] reads back to the same octets; `None` where it is none that could be.
#[must_use]
pub fn to_text(name: &[u8]) -> Option<String> {
    let (_, parsed) = X509Name::from_der(name).ok()?;
    let mut text = String::new();
    let rdns: Vec<_> = parsed.iter_rdn().collect();
    for (index, rdn) in rdns.into_iter().rev().enumerate() {
        for (place, attribute) in rdn.iter().enumerate() {
            text.push_str(match (index, place) {
                (0, 0) => "",
                (_, 0) => ",",
                _ => "+",
            });
            write_attribute(&mut text, attribute);
        }
    }
    (parse(&text, NAME_PLACEHOLDER).as_deref() == Ok(name)).then_some(text)
}

/// Shows a Name as the text that `--subject` takes, fit for a terminal; one that has none as it can be read.
#[must_use]
pub fn shown(name: &[u8]) -> String {
    to_text(name).map_or_else(|| display(name), |text| visible(&text).into_owned())
}

/// Its attributes one by one, as in `O=Acme`, the most specific last: their values as they read, whatever their
/// string types.
#[must_use]
pub fn attributes(name: &[u8]) -> Vec<String> {
    let Ok((_, parsed)) = X509Name::from_der(name) else {
        return Vec::new();
    };
    let shown = |attribute: &AttributeTypeAndValue<'_>| match attribute.as_str() {
        Ok(value) => format!("{}={value}", type_name(attribute.attr_type())),
        Err(_) => {
            let mut text = String::new();
            write_attribute(&mut text, attribute);
            text
        }
    };
    parsed.iter_attributes().map(shown).collect()
}

/// The name of a type, or else its number.
fn type_name(oid: &Oid<'_>) -> String {
    let number = dotted(oid);
    let name = TYPES.iter().find(|(_, known)| *known == number);
    name.map_or(number, |(name, _)| (*name).to_owned())
}

fn write_attribute(text: &mut String, attribute: &AttributeTypeAndValue<'_>) {
    let oid = attribute.attr_type();
    let value = attribute.attr_value();
    let mut octets = value.header.raw_tag().unwrap_or_default().to_vec();
    octets.truncate(1);
    let octets = octets
        .first()
        .map(|tag| der::tlv(*tag, value.data))
        .unwrap_or_default();
    let bounds = Bounds::of(oid);
    let plain = str::from_utf8(value.data).ok().filter(|text| {
        !text.is_empty()
            && bounds.check("", text).is_ok()
            && !text.chars().any(char::is_control)
            && bounds.string_type.write(text).as_ref() == Ok(&octets)
    });
    let _ = write!(text, "{}=", type_name(oid));
    match plain {
        Some(plain) => escape(text, plain),
        None => {
            let _ = write!(text, "#{}", base16ct::lower::encode_string(&octets));
        }
    }
}

fn escape(text: &mut String, value: &str) {
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        match character {
            // They would be taken for a placeholder.
            '{' => text.push_str("\\7B"),
            '}' => text.push_str("\\7D"),
            ' ' if index == 0 || index == last => text.push_str("\\ "),
            '#' if index == 0 => text.push_str("\\#"),
            sign if ESCAPED.contains(sign) => text.extend(['\\', sign]),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(octets: &[u8]) -> String {
        base16ct::lower::encode_string(octets)
    }

    /// One attribute of `2.5.4.arc`.
    fn attribute_of(arc: u8, tag: u8, value: &[u8]) -> Vec<u8> {
        der::sequence(&[
            der::tlv(der::tag::OID, &[0x55, 4, arc]),
            der::tlv(tag, value),
        ])
    }

    #[test]
    fn text_and_octets() {
        let (utf8, printable) = (0x0c, 0x13);
        let one = |arc, tag, value: &[u8]| der::set_of(&[attribute_of(arc, tag, value)]);
        for (text, written, expected) in [
            ("", "", vec![]),
            ("CN=node1", "CN=node1", vec![one(3, utf8, b"node1")]),
            ("cn = node1 ", "CN=node1", vec![one(3, utf8, b"node1")]),
            ("CN={name}", "CN=entry", vec![one(3, utf8, b"entry")]),
            (
                "CN=node,OU=db,OU=rs0,O=Acme,C=DE",
                "CN=node,OU=db,OU=rs0,O=Acme,C=DE",
                vec![
                    one(6, printable, b"DE"),
                    one(10, utf8, b"Acme"),
                    one(11, utf8, b"rs0"),
                    one(11, utf8, b"db"),
                    one(3, utf8, b"node"),
                ],
            ),
            (
                "OU=b+CN=a",
                "CN=a+OU=b",
                vec![der::set_of(&[
                    attribute_of(3, utf8, b"a"),
                    attribute_of(11, utf8, b"b"),
                ])],
            ),
            (
                "O=Acme\\, Inc. \\\"x\\\"\\ ",
                "O=Acme\\, Inc. \\\"x\\\"\\ ",
                vec![one(10, utf8, b"Acme, Inc. \"x\" ")],
            ),
            (
                "O=M\\c3\\bcller=x",
                "O=Müller=x",
                vec![one(10, utf8, "Müller=x".as_bytes())],
            ),
            ("2.5.4.3=a", "CN=a", vec![one(3, utf8, b"a")]),
            ("CN=#13016e", "CN=#13016e", vec![one(3, printable, b"n")]),
            ("CN=\\#1", "CN=\\#1", vec![one(3, utf8, b"#1")]),
            ("CN=\\7Bx\\7D", "CN=\\7Bx\\7D", vec![one(3, utf8, b"{x}")]),
        ] {
            let found = parse(text, "entry").map(|name| hex(&name));
            let expected = der::sequence(&expected);
            assert_eq!(found, Ok(hex(&expected)), "{text}");
            assert_eq!(to_text(&expected).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn attributes_are_told_whatever_their_encoding() {
        for (text, expected) in [
            ("", vec![]),
            (
                "CN=a+OU=b,O=Acme\\, Inc.",
                vec!["O=Acme, Inc.", "CN=a", "OU=b"],
            ),
            ("CN=#13016e,DC=x,1.2.3=y", vec!["1.2.3=y", "DC=x", "CN=n"]),
            ("CN=#1e020061", vec!["CN=#1e020061"]),
        ] {
            let name = parse(text, "").expect(text);
            assert_eq!(attributes(&name), expected, "{text}");
        }
        assert!(attributes(b"no name").is_empty());
    }

    #[test]
    fn what_is_refused() {
        let long = format!("CN={}", "x".repeat(65));
        let longer = format!("UID={}", "x".repeat(4096));
        for (text, expected) in [
            ("node1", "`node1` is no attribute such as `CN=node1`"),
            ("CN=a,", "`` is no attribute such as `CN=node1`"),
            (
                "X=a",
                "`X` is no type of attribute: CN, O, OU, C, ST, L, DC, UID, serialNumber, emailAddress, or a dotted OID",
            ),
            ("CN=", "`CN` is empty"),
            ("UID=", "`UID` is empty"),
            ("C=Germany", "`C` must have 2 characters"),
            (&long, "`CN` has 65 characters, at most 64 may stand there"),
            (&longer, "it has 4100 octets, 4096 are allowed"),
            ("C=D_", "`D_`: `_` is not allowed in PrintableString"),
            ("DC=é", "`é`: `é` is not allowed in IA5String"),
            ("CN=a\\00", "`a\\00` holds a control character"),
            ("CN=\"a\"", "`\"a\"`: `\"` in a value is written `\\\"`"),
            (
                "CN=a\\",
                "`a\\`: behind `\\` stands a sign to be taken as it is, or the two digits of an octet of UTF-8",
            ),
            (
                "CN=\\ff",
                "`\\ff`: behind `\\` stands a sign to be taken as it is, or the two digits of an octet of UTF-8",
            ),
            (
                "CN=#0201",
                "`#0201`: behind `#` stands the DER of one string, in hexadecimal digits",
            ),
            (
                "CN=#020101",
                "`#020101`: behind `#` stands the DER of one string, in hexadecimal digits",
            ),
            (
                "CN=#0c8101aa",
                "`#0c8101aa`: behind `#` stands the DER of one string, in hexadecimal digits",
            ),
            (
                "CN={host}",
                "`CN={host}` has an unknown placeholder; only {name} is known",
            ),
            (
                "/O=Acme/CN=a",
                "`/O=Acme/CN=a` is the form of `openssl req -subj`; here the most specific stands first, with commas between",
            ),
        ] {
            let found = parse(text, "entry").map_err(|error| error.to_string());
            assert_eq!(found, Err(expected.to_owned()), "{text}");
        }
    }

    fn value() -> impl Strategy<Value = (u8, Vec<u8>)> {
        let text = "[ -~]{1,20}|\\PC{1,10}".prop_map(|text: String| (0x0c, text.into_bytes()));
        let other = (prop_oneof![Just(0x13), Just(0x14), Just(0x16), Just(0x1e)],);
        let other = (other, proptest::collection::vec(any::<u8>(), 0..9));
        prop_oneof![text, other.prop_map(|((tag,), octets)| (tag, octets))]
    }

    proptest! {
        /// Whatever some CA wrote into a Name is written as text that gives it back, or has none.
        #[test]
        fn text_gives_the_octets_back(
            rdns in proptest::collection::vec(
                proptest::collection::vec((prop_oneof![Just(3u8), Just(6), Just(10), Just(97)], value()), 1..3),
                0..4,
            )
        ) {
            let rdn = |attributes: &Vec<(u8, (u8, Vec<u8>))>| {
                let written = attributes.iter().map(|(arc, (tag, value))| attribute_of(*arc, *tag, value));
                der::set_of(&written.collect::<Vec<_>>())
            };
            let name = der::sequence(&rdns.iter().map(rdn).collect::<Vec<_>>());
            if let Some(text) = to_text(&name) {
                prop_assert_eq!(parse(&text, "other"), Ok(name.into()));
            } else {
                prop_assert!(X509Name::from_der(&name).is_err(), "no text for {}", hex(&name));
            }
        }

        #[test]
        fn arbitrary_text_gives_a_clean_name_or_an_error(text in "\\PC*|[CNOU0-9.=+,#\\\\a-f ]{0,40}") {
            if let Ok(name) = parse(&text, "entry") {
                prop_assert!(to_text(&name).is_some(), "{}", hex(&name));
            }
        }
    }
}
