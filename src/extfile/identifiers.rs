//! The identifiers of the subject's and the issuer's key.

use super::{
    mistakes::{Mistakes, all},
    request::Request,
    text::{Item, Word},
    usage::unknown,
    values,
};
use crate::pki::der::{self, tag};

/// What an extension is to hold; some of it differs from certificate to certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Value {
    /// The extension is left out
    Absent,
    /// This very value
    Der(Vec<u8>),
    /// The certificate itself as its own issuer
    Itself(Parts),
    /// The hash of the subject's key
    KeyHash,
}

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

/// The parts of an authority key identifier that are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Parts {
    key: bool,
    name: bool,
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
    let (key, name) = wanted(items)?;
    let has_key = match request.issuer {
        Some(issuer) => key != Wanted::No && issuer.key_identifier.is_some(),
        None => key == Wanted::Always,
    };
    let needs_key = key == Wanted::Always || (key == Wanted::Yes && name == Wanted::No);
    if let (Some(_), true, false, Some(item)) = (request.issuer, needs_key, has_key, items.first())
    {
        let mistake = item
            .name
            .mistake("the issuer's certificate has no key identifier");
        return Err(mistake.hint("write `keyid,issuer`").into());
    }
    let parts = Parts {
        key: has_key,
        name: name == Wanted::Always || (name == Wanted::Yes && !has_key),
    };
    Ok(match (parts, request.issuer) {
        (
            Parts {
                key: false,
                name: false,
            },
            _,
        ) => Value::Absent,
        (_, None) => Value::Itself(parts),
        (_, Some(issuer)) => {
            let key = issuer.key_identifier.as_deref().unwrap_or_default();
            Value::Der(parts.write(key, &issuer.issuer, &issuer.serial))
        }
    })
}

fn wanted(items: &[Item<'_>]) -> Result<(Wanted, Wanted), Mistakes> {
    let (mut key, mut name) = (Wanted::No, Wanted::No);
    all(items.iter().map(|item| {
        let part = match item.name.as_str() {
            "keyid" => &mut key,
            "issuer" => &mut name,
            _ => return Err(unknown(item.name, &["issuer", "keyid", "none"]).into()),
        };
        *part = match item.value {
            None => Wanted::Yes,
            Some(value) if value.as_str() == "always" => Wanted::Always,
            Some(value) => return Err(unknown(value, &["always"]).into()),
        };
        Ok(())
    }))?;
    Ok((key, name))
}

impl Parts {
    /// Writes them; `name` is who issued the certificate that `serial` numbers.
    pub(super) fn write(self, key: &[u8], name: &[u8], serial: &[u8]) -> Vec<u8> {
        let mut parts = Vec::new();
        if self.key {
            parts.push(der::tlv(tag::context(0), key));
        }
        if self.name {
            let name = der::tlv(tag::context_constructed(4), name);
            parts.push(der::tlv(tag::context_constructed(1), &name));
            parts.push(der::tlv(tag::context(2), serial));
        }
        der::sequence(&parts)
    }
}
