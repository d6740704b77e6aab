//! Distinguished names that stand in sections.

use super::{
    mistakes::{Mistake, Mistakes, all},
    objects,
    request::Request,
    strings,
    text::{Item, Word},
};
use crate::pki::{attribute::Bounds, der, octets::Name};

/// Writes the Name that a section holds.
pub(super) fn name<'a>(request: &Request<'a>, section: Word<'a>) -> Result<Name, Mistakes> {
    let rdns = relative_names(request, section)?;
    let rdns: Vec<_> = rdns.iter().map(|rdn| der::set_of(rdn)).collect();
    Ok(der::sequence(&rdns).into())
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
    let bounds = Bounds::of(&oid);
    bounds
        .check(name.as_str(), value.as_str())
        .map_err(|error| value.mistake(error.to_string()))?;
    let value = strings::write(bounds.string_type, value, value.as_str())?;
    Ok((joins, der::sequence(&[der::oid(&oid), value])))
}

/// Drops what precedes the first `.`, `:` or `,`, which tells repeated attributes apart.
fn without_label(name: Word<'_>) -> Word<'_> {
    let label = name.as_str().find(['.', ':', ',']);
    let rest = label.and_then(|end| name.strip_prefix(&name.as_str()[..=end]));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(name)
}
