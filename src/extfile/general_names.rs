//! Names of all kinds: `DNS:`, `IP:`, `URI:`, `email:`, `RID:`, `dirName:`, `otherName:`.

use std::net::IpAddr;

use super::{
    asn1, directory_name,
    mistakes::{Mistake, Mistakes, all, both},
    objects,
    request::Request,
    text::{Item, Word},
};
use crate::pki::{
    der::{self, tag},
    general_name::{GeneralName, MAX_NAMES},
    san::{self, HostReason},
};

const KINDS: [&str; 7] = ["DNS", "IP", "RID", "URI", "dirName", "email", "otherName"];

/// What a name is for, which decides what it may hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Purpose {
    /// It bounds other names (RFC 5280 §4.2.1.10)
    Constraint,
    /// It names someone or some place
    Name,
}

/// `subjectAltName` and `issuerAltName`: a SEQUENCE OF `GeneralName`.
pub(super) fn alternative_names<'a>(
    request: &Request<'a>,
    items: &[Item<'a>],
) -> Result<Vec<u8>, Mistakes> {
    if let Some(item) = items.get(MAX_NAMES) {
        let message = format!("a certificate takes {MAX_NAMES} names at most");
        return Err(item.name.mistake(message).into());
    }
    general_names(request, items).map(|names| der::sequence(&names))
}

/// Writes each name of a list.
pub(super) fn general_names<'a>(
    request: &Request<'a>,
    items: &[Item<'a>],
) -> Result<Vec<Vec<u8>>, Mistakes> {
    let names = items
        .iter()
        .map(|item| general_name(request, item, Purpose::Name));
    all(names.map(|name| Ok(name?.to_der())))
}

/// The names that a word lists, or that stand in the section that it names by `@`.
pub(super) fn general_names_of<'a>(
    request: &Request<'a>,
    word: Word<'a>,
) -> Result<Vec<Vec<u8>>, Mistakes> {
    request.read_items(word, |items| general_names(request, items))
}

/// Reads one name.
pub(super) fn general_name<'a>(
    request: &Request<'a>,
    item: &Item<'a>,
    purpose: Purpose,
) -> Result<GeneralName, Mistakes> {
    let Some(kind) = KINDS.into_iter().find(|kind| item.is(kind)) else {
        return Err(unknown_kind(item).into());
    };
    let value = item.value()?;
    if value.is_empty() {
        return Err(value
            .mistake(format!("`{}` has no value", item.name))
            .into());
    }
    match kind {
        "DNS" => dns(value, purpose).map_err(Into::into),
        "IP" => ip(value, purpose).map_err(Into::into),
        "URI" => uri(value, purpose).map_err(Into::into),
        "email" => email(value, purpose).map_err(Into::into),
        "RID" => Ok(GeneralName::RegisteredId(
            objects::read(value)?.as_bytes().to_vec(),
        )),
        "dirName" => directory_name::name(request, value).map(GeneralName::Directory),
        _ => other_name(request, value),
    }
}

fn unknown_kind(item: &Item<'_>) -> Mistake {
    let name = item.name;
    let kind = name.as_str().split('.').next().unwrap_or_default();
    if item.value.is_some() {
        let message = format!("`{name}` is not a kind of name");
        return name.mistake(message).nearest(kind, KINDS);
    }
    if name.as_str().starts_with('@') {
        let message = format!("`{name}` names a section, which can't stand in a list");
        return name
            .mistake(message)
            .hint("write the names here, or all of them in the section");
    }
    let kind = match name.as_str() {
        text if text.parse::<IpAddr>().is_ok() => "IP",
        text if text.contains('@') => "email",
        _ => "DNS",
    };
    name.mistake(format!("`{name}` does not say what kind of name it is"))
        .hint(format!("write `{kind}:{name}`"))
}

/// A host name, or anything of its form: Erlang's distribution wants addresses here.
fn dns(word: Word<'_>, purpose: Purpose) -> Result<GeneralName, Mistake> {
    let text = word.as_str();
    let mistake = |what: &str| word.mistake(format!("`{word}` is not a DNS name: {what}"));
    if !text.is_ascii() {
        let name = word
            .decode()
            .ok()
            .and_then(|name| idna::domain_to_ascii(&name).ok());
        let mistake = mistake("it is not ASCII");
        return Err(match name {
            Some(name) => mistake.hint(format!("write its A-label `{name}`")),
            None => mistake,
        });
    }
    let name = match purpose {
        Purpose::Constraint => text.strip_prefix('.').unwrap_or(text),
        Purpose::Name => text.strip_prefix("*.").unwrap_or(text),
    };
    if name.contains('*') {
        return Err(mistake("`*` can only be the whole leftmost label"));
    }
    if let Some(reason) = san::broken_rule(name) {
        return Err(mistake(&reason.to_string()));
    }
    if text.len() > san::MAX_NAME {
        return Err(mistake(&HostReason::LongName.to_string()));
    }
    Ok(GeneralName::Dns(text.to_owned()))
}

/// An address; as a constraint, an address and the mask of a network.
fn ip(word: Word<'_>, purpose: Purpose) -> Result<GeneralName, Mistake> {
    let text = word.as_str();
    if purpose == Purpose::Name {
        let message = || word.mistake(format!("`{word}` is not an IP address"));
        return text.parse().map(GeneralName::Ip).map_err(|_| message());
    }
    let network = text.split_once('/').and_then(|(address, mask)| {
        Some(match (address.parse().ok()?, mask.parse().ok()?) {
            (IpAddr::V4(address), IpAddr::V4(mask)) => [address.octets(), mask.octets()].concat(),
            (IpAddr::V6(address), IpAddr::V6(mask)) => [address.octets(), mask.octets()].concat(),
            _ => return None,
        })
    });
    let octets = network.ok_or_else(|| {
        let mistake = word.mistake(format!("`{word}` is not an address and a mask"));
        match text.parse::<ipnet::IpNet>() {
            Ok(network) => {
                mistake.hint(format!("write `{}/{}`", network.addr(), network.netmask()))
            }
            Err(_) => mistake.hint("write `10.0.0.0/255.0.0.0`"),
        }
    })?;
    Ok(GeneralName::Opaque(der::tlv(tag::context(7), &octets)))
}

/// An absolute URI (RFC 5280 §4.2.1.6); as a constraint, a host or a domain (§4.2.1.10).
fn uri(word: Word<'_>, purpose: Purpose) -> Result<GeneralName, Mistake> {
    let text = word.as_str();
    if let Some(bad) = text.chars().find(|c| !c.is_ascii_graphic()) {
        let bad = bad.escape_debug();
        return Err(word.mistake(format!("`{word}` is not a URI: `{bad}` can't stand in it")));
    }
    let scheme = text.split_once(':').filter(|(scheme, rest)| {
        let mut characters = scheme.chars();
        characters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
            && characters.all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
            && !rest.is_empty()
    });
    match (purpose, scheme) {
        (Purpose::Name, None) => Err(word
            .mistake(format!("`{word}` is not a URI: it begins with no scheme"))
            .hint("write it in full, such as `https://host/path`")),
        (Purpose::Constraint, Some(_)) => Err(word
            .mistake(format!(
                "`{word}` constrains nothing: a host stands here, not a URI"
            ))
            .hint("write `host.example.com`, or `.example.com` for all hosts below it")),
        _ => Ok(GeneralName::Uri(text.to_owned())),
    }
}

/// A mailbox; as a constraint, also a host, or a domain behind a dot.
fn email(word: Word<'_>, purpose: Purpose) -> Result<GeneralName, Mistake> {
    let text = word.as_str();
    let mistake = |what: &str| word.mistake(format!("`{word}` is not a mailbox{what}"));
    if let "copy" | "move" = text {
        return Err(mistake(": the subject has none to take over")
            .hint("write the mailbox itself: `email:admin@example.com`"));
    }
    let is_mailbox = text
        .split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'));
    let is_host = purpose == Purpose::Constraint && !text.contains('@');
    if !text.chars().all(|c| c.is_ascii_graphic()) || !(is_mailbox || is_host) {
        return Err(mistake(""));
    }
    Ok(GeneralName::Email(text.to_owned()))
}

/// `type;value`, the value in the language of `ASN1:`.
fn other_name<'a>(request: &Request<'a>, word: Word<'a>) -> Result<GeneralName, Mistakes> {
    let (name, value) = word.split_once(';').ok_or_else(|| {
        word.mistake(format!("`{word}` lacks `;` between type and value"))
            .hint("write `otherName:1.2.3.4;UTF8:text`")
    })?;
    let type_id = objects::read(name).map_err(Into::into);
    let (type_id, value) = both(type_id, asn1::generate(request, value))?;
    Ok(GeneralName::Other(type_id.as_bytes().to_vec(), value))
}
