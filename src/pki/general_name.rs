//! `GeneralName` (RFC 5280 §4.2.1.6): what a subject alternative name or a name constraint holds.

use std::{collections::HashSet, fmt, net::IpAddr};

use rcgen::{SanType, string::Ia5String};
use x509_parser::{
    asn1_rs::{Any, ToDer as _},
    extensions as parsed,
    oid_registry::Oid,
    prelude::FromDer as _,
};

use super::{
    der::{self, tag},
    name::{self, visible},
    octets::Name,
    oid::dotted,
};

/// One name, complete and valid for its kind.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum GeneralName {
    /// `rfc822Name`: a mailbox, ASCII
    Email(String),
    /// `dNSName`: a host name in A-label form, ASCII
    Dns(String),
    /// `directoryName`: the DER of a Name
    Directory(Name),
    /// `uniformResourceIdentifier`, ASCII
    Uri(String),
    /// `iPAddress`
    Ip(IpAddr),
    /// `registeredID`: the content octets of an OID
    RegisteredId(Vec<u8>),
    /// `otherName`: the content octets of its type's OID, and the DER of its value
    Other(Vec<u8>, Vec<u8>),
    /// A kind that is kept as it was read: `x400Address`, `ediPartyName`, a malformed address (complete DER)
    Opaque(Vec<u8>),
}

/// Most names that are asked for in one certificate: it must fit into a TLS handshake, of which OpenSSL takes
/// 100 KiB (`SSL_CTX_set_max_cert_list`).
pub const MAX_NAMES: usize = 1000;

/// The names in their order, those that stand twice once.
#[must_use]
pub fn each_once(names: impl IntoIterator<Item = GeneralName>) -> Vec<GeneralName> {
    let mut seen = HashSet::new();
    let names = names.into_iter();
    names.filter(|name| seen.insert(name.clone())).collect()
}

impl GeneralName {
    /// Writes the name with its context tag (RFC 5280 appendix A.2).
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        match self {
            Self::Other(type_id, value) => {
                let type_id = der::tlv(tag::OID, type_id);
                let value = der::tlv(tag::context_constructed(0), value);
                der::constructed(tag::context_constructed(0), &[type_id, value])
            }
            Self::Email(text) => der::tlv(tag::context(1), text.as_bytes()),
            Self::Dns(text) => der::tlv(tag::context(2), text.as_bytes()),
            // Name is a CHOICE, so its tag is explicit.
            Self::Directory(name) => der::tlv(tag::context_constructed(4), name),
            Self::Uri(text) => der::tlv(tag::context(6), text.as_bytes()),
            Self::Ip(IpAddr::V4(ip)) => der::tlv(tag::context(7), &ip.octets()),
            Self::Ip(IpAddr::V6(ip)) => der::tlv(tag::context(7), &ip.octets()),
            Self::RegisteredId(oid) => der::tlv(tag::context(8), oid),
            Self::Opaque(der) => der.clone(),
        }
    }

    /// The name as rcgen takes it; `None` for kinds that it does not write.
    #[must_use]
    pub fn to_rcgen(&self) -> Option<SanType> {
        let ascii = |text: &str| Ia5String::try_from(text).ok();
        Some(match self {
            Self::Dns(text) => SanType::DnsName(ascii(text)?),
            Self::Email(text) => SanType::Rfc822Name(ascii(text)?),
            Self::Uri(text) => SanType::URI(ascii(text)?),
            Self::Ip(address) => SanType::IpAddress(*address),
            _ => return None,
        })
    }

    /// Takes over a name that x509-parser read.
    #[must_use]
    pub fn from_parsed(name: &parsed::GeneralName<'_>) -> Self {
        match name {
            parsed::GeneralName::OtherName(oid, value) => {
                // The parser hands out the whole `[0] EXPLICIT` value.
                let inner = Any::from_der(value).map_or(*value, |(_, any)| any.data);
                Self::Other(oid.as_bytes().to_vec(), inner.to_vec())
            }
            parsed::GeneralName::RFC822Name(text) => Self::Email((*text).to_owned()),
            parsed::GeneralName::DNSName(text) => Self::Dns((*text).to_owned()),
            parsed::GeneralName::DirectoryName(name) => Self::Directory(name.as_raw().into()),
            parsed::GeneralName::URI(text) => Self::Uri((*text).to_owned()),
            parsed::GeneralName::IPAddress(octets) => ip_from_octets(octets)
                .map_or_else(|| Self::Opaque(der::tlv(tag::context(7), octets)), Self::Ip),
            parsed::GeneralName::RegisteredID(oid) => Self::RegisteredId(oid.as_bytes().to_vec()),
            parsed::GeneralName::X400Address(any) | parsed::GeneralName::EDIPartyName(any) => {
                Self::Opaque(any.to_der_vec().unwrap_or_default())
            }
            parsed::GeneralName::Invalid(number, content) => {
                let number = u8::try_from(number.0 & 0x1f).unwrap_or_default();
                Self::Opaque(der::tlv(tag::context(number), content))
            }
        }
    }
}

/// Reads the 4 or 16 octets of an `iPAddress` (RFC 5280 §4.2.1.6).
#[must_use]
pub fn ip_from_octets(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(octets) {
        return Some(v4.into());
    }
    <[u8; 16]>::try_from(octets).ok().map(Into::into)
}

/// Typed, as `--san` takes it: `DNS:node1`, `IP:10.0.0.1`.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(text) => write!(f, "email:{}", visible(text)),
            Self::Dns(text) => write!(f, "DNS:{}", visible(text)),
            Self::Directory(name) => write!(f, "dirName:{}", name::display(name)),
            Self::Uri(text) => write!(f, "URI:{}", visible(text)),
            Self::Ip(ip) => write!(f, "IP:{ip}"),
            Self::RegisteredId(oid) => {
                write!(f, "RID:{}", dotted(&Oid::new(oid.as_slice().into())))
            }
            Self::Other(oid, _) => {
                write!(f, "otherName:{}", dotted(&Oid::new(oid.as_slice().into())))
            }
            Self::Opaque(_) => f.write_str("other"),
        }
    }
}
