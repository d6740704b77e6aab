//! Matches the host that somebody wants to reach with a certificate's names (RFC 9525 §6).

use std::{fmt, net::IpAddr};

use crate::pki::{
    general_name::GeneralName,
    san::{self, HostReason, SanError},
};

/// What a client connects to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Host {
    /// A host name, lower-case A-labels
    Dns(String),
    /// An address
    Ip(IpAddr),
}

impl Host {
    /// Reads a name or an address, typed (`DNS:`, `IP:`) or bare, as subject alternative names are read.
    ///
    /// # Errors
    ///
    /// Where it is neither.
    pub fn parse(text: &str) -> Result<Self, SanError> {
        match san::parse(text.strip_suffix('.').unwrap_or(text))? {
            GeneralName::Dns(name) if !name.starts_with('*') => Ok(Self::Dns(name)),
            GeneralName::Ip(ip) => Ok(Self::Ip(ip)),
            _ => Err(SanError::NotAHost {
                name: text.to_owned(),
                reason: HostReason::Character,
            }),
        }
    }

    /// Whether one of the names is this host. The common name does not count (RFC 9525 §6.3).
    #[must_use]
    pub fn is_named_by(&self, names: &[GeneralName]) -> bool {
        names.iter().any(|name| match (self, name) {
            (Self::Dns(host), GeneralName::Dns(name)) => dns_matches(host, name),
            (Self::Ip(host), GeneralName::Ip(name)) => host == name,
            _ => false,
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

/// A wildcard stands for the whole leftmost label (RFC 9525 §6.3), and only above a domain of two
/// labels or more, as in OpenSSL and rustls.
fn dns_matches(host: &str, name: &str) -> bool {
    let Some(domain) = name.strip_prefix("*.") else {
        return host.eq_ignore_ascii_case(name);
    };
    host.split_once('.').is_some_and(|(label, rest)| {
        !label.is_empty() && domain.contains('.') && rest.eq_ignore_ascii_case(domain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_named_or_not() {
        for (host, name, expected) in [
            ("node1", "DNS:node1", true),
            ("NODE1.", "DNS:node1", true),
            ("node1", "DNS:node10", false),
            ("bücher.test", "DNS:xn--bcher-kva.test", true),
            ("a.db.test", "DNS:*.db.test", true),
            ("A.DB.test", "DNS:*.db.test", true),
            ("db.test", "DNS:*.db.test", false),
            ("a.b.db.test", "DNS:*.db.test", false),
            ("a.test", "DNS:*.test", false),
            ("10.0.0.1", "IP:10.0.0.1", true),
            ("10.0.0.1", "DNS:10.0.0.1", false),
            ("DNS:10.0.0.1", "DNS:10.0.0.1", true),
            ("[::1]", "IP:::1", true),
            ("0:0::1", "IP:::1", true),
            ("::1", "IP:::2", false),
            ("DB_node_1", "DNS:db_node_1", true),
            ("a_b.db.test", "DNS:*.db.test", true),
            ("a.test", "email:x@a.test", false),
            ("a.test", "URI:https://a.test/", false),
        ] {
            let name = san::parse(name).expect("a name");
            let found = Host::parse(host).map(|host| host.is_named_by(&[name]));
            assert_eq!(found, Ok(expected), "{host}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "*.a.test",
            "a b",
            "https://a.test/",
            "x@a.test",
            "10.0.0.999",
            "a:1",
        ] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }
}
