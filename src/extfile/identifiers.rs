//! The identifiers of the subject's and the issuer's key.

use super::{
    diagnostic::{Mistakes, all},
    extensions::Value,
    request::Request,
    text::{Item, Word},
    usage::unknown,
    values,
};
use crate::pki::der::{self, tag};

/// `subjectKeyIdentifier`: `hash`, `none` or octets.
pub(super) fn subject(word: Word<'_>) -> Result<Value, Mistakes> {
    match word.as_str() {
        "hash" => Ok(Value::KeyHash),
        "none" => Ok(Value::Absent),
        _ => {
            let octets = values::hexadecimal(word)
                .map_err(|mistake| mistake.hint("write `hash`, `none` or hexadecimal octets"))?;
            Ok(Value::Der(der::octet_string(&octets)))
        }
    }
}

/// Whether a part of the identifier is wanted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Wanted {
    #[default]
    No,
    Yes,
    Always,
}

/// `authorityKeyIdentifier`: `none`, or `keyid` and `issuer`, each with or without `:always`.
///
/// `keyid` yields nothing where the certificate signs itself, and `issuer` nothing where `keyid` has
/// yielded something, unless it is `always`.
pub(super) fn authority(request: &Request<'_>, items: &[Item<'_>]) -> Result<Value, Mistakes> {
    if let [only] = items
        && only.name.as_str() == "none"
    {
        return Ok(Value::Absent);
    }
    let (mut key, mut issuer) = (Wanted::No, Wanted::No);
    all(items.iter().map(|item| {
        let part = match item.name.as_str() {
            "keyid" => &mut key,
            "issuer" => &mut issuer,
            _ => return Err(unknown(item.name, &["issuer", "keyid", "none"]).into()),
        };
        *part = match item.value {
            None => Wanted::Yes,
            Some(value) if value.as_str() == "always" => Wanted::Always,
            Some(value) => return Err(unknown(value, &["always"]).into()),
        };
        Ok(())
    }))?;
    let from = request.issuer;
    if key == Wanted::Yes && from.self_signed {
        key = Wanted::No;
    }
    let identifier = from.key_identifier.as_ref().filter(|_| key != Wanted::No);
    let needed = key == Wanted::Always || (key == Wanted::Yes && issuer == Wanted::No);
    if let (true, None, Some(item)) = (needed, identifier, items.first()) {
        let mistake = item
            .name
            .mistake("the issuer's certificate has no key identifier");
        return Err(mistake.hint("write `keyid,issuer`").into());
    }
    let mut parts: Vec<_> = identifier
        .map(|identifier| der::tlv(tag::context(0), identifier))
        .into_iter()
        .collect();
    if issuer == Wanted::Always || (issuer == Wanted::Yes && identifier.is_none()) {
        let name = der::tlv(tag::context_constructed(4), &from.issuer);
        parts.push(der::tlv(tag::context_constructed(1), &name));
        parts.push(der::tlv(tag::context(2), &from.serial));
    }
    Ok(match parts.as_slice() {
        [] => Value::Absent,
        parts => Value::Der(der::sequence(parts)),
    })
}
