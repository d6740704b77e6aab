//! One subtree of names (RFC 5280 §4.2.1.10), and which names lie within.

use std::net::IpAddr;

use ipnet::IpNet;
use x509_parser::{
    asn1_rs::{Any, Class},
    prelude::FromDer as _,
};

use crate::pki::{general_name::GeneralName, name, octets::Name};

/// The base of a `GeneralSubtree`; minimum and maximum must be absent in RFC 5280.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Subtree {
    Directory(Name),
    Dns(String),
    Email(String),
    Ip(IpNet),
    /// A kind that is not compared, by its tag
    Other(u32),
    Uri(String),
}

impl Subtree {
    pub(super) fn from_any(subtree: &Any<'_>) -> Option<Self> {
        let base = match &elements(sequence_content(subtree)?)?[..] {
            [base] if base.class() == Class::ContextSpecific => base.clone(),
            _ => return None,
        };
        let text = || {
            let text = std::str::from_utf8(base.data).ok()?;
            text.is_ascii().then(|| text.to_owned())
        };
        Some(match base.tag().0 {
            1 => Self::Email(text()?),
            2 => Self::Dns(text()?),
            4 => Self::Directory(base.data.into()),
            6 => Self::Uri(text()?),
            7 => Self::Ip(network(base.data)?),
            number => Self::Other(number),
        })
    }

    pub(super) fn kind(&self) -> u32 {
        match self {
            Self::Email(_) => 1,
            Self::Dns(_) => 2,
            Self::Directory(_) => 4,
            Self::Uri(_) => 6,
            Self::Ip(_) => 7,
            Self::Other(number) => *number,
        }
    }

    /// Whether RFC 5280 knows no such base: a DNS name has no leading dot and no wildcard, a URI's is a host.
    pub(super) fn is_odd(&self) -> bool {
        let is_host =
            |base: &str| base.is_empty() || (is_host_name(base) && !base.starts_with('*'));
        let is_domain = |base: &str| is_host(base.strip_prefix('.').unwrap_or(base));
        match self {
            Self::Dns(base) => !is_host(base),
            Self::Email(base) if base.contains('@') => mailbox(base).is_none(),
            Self::Email(base) | Self::Uri(base) => !is_domain(base),
            Self::Directory(_) | Self::Ip(_) | Self::Other(_) => false,
        }
    }

    /// Whether all that the name stands for lies within; `None` where that cannot be told.
    pub(super) fn contains(&self, name: &GeneralName) -> Option<bool> {
        match (self, name) {
            (Self::Dns(base), GeneralName::Dns(name)) => dns_contains(base, name),
            (Self::Email(base), GeneralName::Email(name)) => email_contains(base, name),
            (Self::Uri(base), GeneralName::Uri(name)) => Some(host_contains(base, uri_host(name)?)),
            (Self::Ip(base), GeneralName::Ip(name)) => Some(base.contains(name)),
            (Self::Directory(base), GeneralName::Directory(found)) => name::contains(base, found),
            _ => None,
        }
    }

    /// Whether something that the name stands for may lie within: `*.a` can become `b.a`.
    pub(super) fn may_contain(&self, name: &GeneralName) -> bool {
        let expands_to = |base: &str, name: &str| {
            let below = name.strip_prefix("*.");
            below.is_some_and(|below| {
                let parent = base.split_once('.').map(|(_, parent)| parent);
                parent.is_some_and(|parent| parent.eq_ignore_ascii_case(below))
            })
        };
        let expanded = match (self, name) {
            (Self::Dns(base), GeneralName::Dns(name)) => expands_to(base, name),
            _ => false,
        };
        expanded || self.contains(name).unwrap_or(true)
    }
}

/// Typed, as OpenSSL's `nameConstraints` has them: `DNS:db.internal`, `IP:10.0.0.0/8`.
impl std::fmt::Display for Subtree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::Directory(name) => GeneralName::Directory(name.clone()),
            Self::Dns(base) if base.is_empty() => return f.write_str("all DNS names"),
            Self::Dns(base) => GeneralName::Dns(base.clone()),
            Self::Email(base) => GeneralName::Email(base.clone()),
            Self::Ip(network) => return write!(f, "IP:{network}"),
            Self::Other(number) => return write!(f, "a name of kind {number}"),
            Self::Uri(base) => GeneralName::Uri(base.clone()),
        };
        name.fmt(f)
    }
}

/// The tag number of `GeneralName` (RFC 5280 appendix A.2).
pub(super) fn kind(name: &GeneralName) -> u32 {
    match name {
        GeneralName::Other(..) => 0,
        GeneralName::Email(_) => 1,
        GeneralName::Dns(_) => 2,
        GeneralName::Directory(_) => 4,
        GeneralName::Uri(_) => 6,
        GeneralName::Ip(_) => 7,
        GeneralName::RegisteredId(_) => 8,
        GeneralName::Opaque(der) => der.first().map_or(0, |tag| u32::from(tag & 0x1f)),
    }
}

/// The domain itself and everything below it; with a leading dot, only what is below. `None` where the name
/// is none that a host could have.
fn dns_contains(base: &str, name: &str) -> Option<bool> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if !is_host_name(name) {
        return None;
    }
    if base.is_empty() || name.eq_ignore_ascii_case(base) {
        return Some(true);
    }
    Some(match strip_suffix_ignore_case(name, base) {
        Some(below) => base.starts_with('.') || below.ends_with('.'),
        None => false,
    })
}

/// A host; with a leading dot, everything below a domain and not the domain itself.
fn host_contains(base: &str, host: &str) -> bool {
    if base.starts_with('.') {
        strip_suffix_ignore_case(host, base).is_some_and(|below| !below.is_empty())
    } else {
        host.eq_ignore_ascii_case(base)
    }
}

/// One mailbox (its local part is compared exactly), all of a host, or all below a domain.
fn email_contains(base: &str, name: &str) -> Option<bool> {
    let (local, host) = mailbox(name)?;
    Some(match base.rsplit_once('@') {
        Some((wanted, base)) => wanted == local && host.eq_ignore_ascii_case(base),
        None => host_contains(base, host),
    })
}

/// Local part and host of a mailbox (RFC 5321 §4.1.2); `@` stands in a local part only where that is quoted.
fn mailbox(text: &str) -> Option<(&str, &str)> {
    let (local, host) = text.rsplit_once('@')?;
    let is_local = !local.is_empty() && (!local.contains('@') || local.starts_with('"'));
    is_local.then_some((local, host))
}

/// The DNS name or the address in a URI or a mail address; `None` where there is none.
pub(super) fn host_of(name: &GeneralName) -> Option<GeneralName> {
    let host = match name {
        GeneralName::Email(mailbox) => mailbox.rsplit_once('@')?.1,
        GeneralName::Uri(uri) => match uri_host(uri) {
            Some(host) => host,
            None => authority(uri)?.trim_matches(['[', ']']),
        },
        _ => return None,
    };
    Some(match host.parse() {
        Ok(address) => GeneralName::Ip(address),
        Err(_) => GeneralName::Dns(host.to_owned()),
    })
}

/// What stands between user and port: a host name, or an address, of IPv6 in brackets.
fn authority(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    match host.find(']') {
        Some(end) => host.get(..=end),
        None => host.split(':').next(),
    }
}

/// The host of a URI with an authority (RFC 3986 §3.2.2), where it is a name and no address.
fn uri_host(uri: &str) -> Option<&str> {
    let host = authority(uri)?;
    let host = host.strip_suffix('.').unwrap_or(host);
    (is_host_name(host) && host.parse::<IpAddr>().is_err()).then_some(host)
}

pub(super) fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        !label.is_empty() && label.bytes().all(allowed)
    };
    text.strip_prefix("*.")
        .unwrap_or(text)
        .split('.')
        .all(label)
}

fn strip_suffix_ignore_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let split = text.len().checked_sub(suffix.len())?;
    let (before, end) = (text.get(..split)?, text.get(split..)?);
    end.eq_ignore_ascii_case(suffix).then_some(before)
}

/// Address and mask, as in RFC 4632; a mask with holes is no network.
fn network(octets: &[u8]) -> Option<IpNet> {
    let (address, mask) = octets.split_at(octets.len() / 2);
    let ip = crate::pki::general_name::ip_from_octets;
    IpNet::with_netmask(ip(address)?, ip(mask)?).ok()
}

pub(super) fn sequence(der: &[u8]) -> Option<&[u8]> {
    match Any::from_der(der) {
        Ok(([], any)) => sequence_content(&any),
        _ => None,
    }
}

fn sequence_content<'a>(any: &Any<'a>) -> Option<&'a [u8]> {
    (any.class() == Class::Universal && any.tag().0 == 16).then_some(any.data)
}

pub(super) fn elements(mut der: &[u8]) -> Option<Vec<Any<'_>>> {
    let mut elements = Vec::new();
    while !der.is_empty() {
        let (rest, element) = Any::from_der(der).ok()?;
        elements.push(element);
        der = rest;
    }
    Some(elements)
}
