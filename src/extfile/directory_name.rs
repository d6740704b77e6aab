//! Distinguished names that stand in sections.

use super::{
    mistakes::{Mistake, Mistakes, all},
    objects,
    request::Request,
    strings::StringType,
    text::{Item, Word},
};
use crate::pki::der;

/// Attributes whose string type or length is bounded, by short name: type, least and most characters
/// (RFC 5280 appendix A.1, RFC 2985, RFC 4524). All others are `UTF8String`s of any length.
#[rustfmt::skip]
const ATTRIBUTES: [(&str, StringType, usize, usize); 25] = [
    ("C", StringType::Printable, 2, 2),
    ("CN", StringType::Utf8, 1, 64),
    ("CSPName", StringType::Bmp, 0, usize::MAX),
    ("DC", StringType::Ia5, 1, usize::MAX),
    ("GN", StringType::Utf8, 1, 32_768),
    ("INN", StringType::Numeric, 1, 12),
    ("L", StringType::Utf8, 1, 128),
    ("O", StringType::Utf8, 1, 64),
    ("OGRN", StringType::Numeric, 1, 13),
    ("OU", StringType::Utf8, 1, 64),
    ("SN", StringType::Utf8, 1, 32_768),
    ("SNILS", StringType::Numeric, 1, 11),
    ("ST", StringType::Utf8, 1, 128),
    ("c3", StringType::Printable, 3, 3),
    ("challengePassword", StringType::Utf8, 1, usize::MAX),
    ("dnQualifier", StringType::Printable, 0, usize::MAX),
    ("emailAddress", StringType::Ia5, 1, 128),
    ("friendlyName", StringType::Bmp, 0, usize::MAX),
    ("initials", StringType::Utf8, 1, 32_768),
    ("jurisdictionC", StringType::Printable, 2, 2),
    ("mail", StringType::Ia5, 1, 256),
    ("name", StringType::Utf8, 1, 32_768),
    ("serialNumber", StringType::Printable, 1, 64),
    ("unstructuredAddress", StringType::Utf8, 1, usize::MAX),
    ("unstructuredName", StringType::Utf8, 1, usize::MAX),
];

/// Writes the Name that a section holds.
pub(super) fn name<'a>(request: &Request<'a>, section: Word<'a>) -> Result<Vec<u8>, Mistakes> {
    let rdns = relative_names(request, section)?;
    let rdns: Vec<_> = rdns.iter().map(|rdn| der::set_of(rdn)).collect();
    Ok(der::sequence(&rdns))
}

/// The attributes of a section, by RDN: one whose name begins with `+` joins the one before it.
pub(super) fn relative_names<'a>(
    request: &Request<'a>,
    section: Word<'a>,
) -> Result<Vec<Vec<Vec<u8>>>, Mistakes> {
    let items = request.section(section)?;
    if items.is_empty() {
        let message = format!("the section [{section}] is empty");
        return Err(request.absence(section.mistake(message)));
    }
    let attributes = all(items.iter().map(|item| attribute(item).map_err(Into::into)))?;
    let mut rdns: Vec<Vec<Vec<u8>>> = Vec::new();
    for (joins, attribute) in attributes {
        match rdns.last_mut() {
            Some(rdn) if joins => rdn.push(attribute),
            _ => rdns.push(vec![attribute]),
        }
    }
    Ok(rdns)
}

/// Writes an `AttributeTypeAndValue`; true where its name begins with `+`.
fn attribute(item: &Item<'_>) -> Result<(bool, Vec<u8>), Mistake> {
    let (joins, name) = match without_label(item.name) {
        name if name.as_str().starts_with('+') => (true, name.strip_prefix("+").unwrap_or(name)),
        name => (false, name),
    };
    let oid = objects::read(name)?;
    let value = item.value()?;
    let short_name = objects::short_name(&oid);
    let row = ATTRIBUTES
        .iter()
        .find(|(known, ..)| Some(*known) == short_name);
    let &(_, string_type, least, most) = row.unwrap_or(&("", StringType::Utf8, 0, usize::MAX));
    let length = value.as_str().chars().count();
    if length < least || length > most {
        let message = match (least, most) {
            _ if length == 0 => format!("`{name}` is empty"),
            (2 | 3, _) => format!("`{name}` must have {least} characters"),
            _ => format!("`{name}` has {length} characters, at most {most} may stand there"),
        };
        return Err(value.mistake(message));
    }
    let value = string_type.write(value, value.as_str())?;
    Ok((joins, der::sequence(&[der::oid(&oid), value])))
}

/// Drops what precedes the first `.`, `:` or `,`, which tells repeated attributes apart.
fn without_label(name: Word<'_>) -> Word<'_> {
    let label = name.as_str().find(['.', ':', ',']);
    let rest = label.and_then(|end| name.strip_prefix(&name.as_str()[..=end]));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(name)
}
