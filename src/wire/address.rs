//! What somebody writes to say where a server is: `HOST:PORT`, `SCHEME://HOST[:PORT]`, `unix:PATH`.

use std::{fmt, path::PathBuf};

use crate::{
    emit::BeforeTls,
    pki::{chain::Host, san::SanError},
};

/// Where something listens, and how it begins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address {
    /// Where it is
    pub location: Location,
    /// What is spoken before TLS; `None` where nobody said
    pub before: Option<BeforeTls>,
}

/// Where something listens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Location {
    /// A host and a TCP port; `None` where the server's listeners say which
    Tcp(Host, Option<u16>),
    /// A socket in the file system
    Unix(PathBuf),
}

/// A word before `://`, what is spoken before TLS there, and the usual port.
pub type Scheme = (&'static str, BeforeTls, u16);

/// All schemes, sorted.
pub const DEFAULT_PORTS: &[Scheme] = &[
    ("amqps", BeforeTls::Nothing, 5671),
    ("ftp", BeforeTls::Ftp, 21),
    ("ftps", BeforeTls::Nothing, 990),
    ("https", BeforeTls::Nothing, 443),
    ("imap", BeforeTls::Imap, 143),
    ("imaps", BeforeTls::Nothing, 993),
    ("ldap", BeforeTls::Ldap, 389),
    ("ldaps", BeforeTls::Nothing, 636),
    ("mariadb", BeforeTls::Mysql, 3306),
    ("mqtts", BeforeTls::Nothing, 8883),
    ("mysql", BeforeTls::Mysql, 3306),
    ("nats", BeforeTls::Nats, 4222),
    ("pop3", BeforeTls::Pop3, 110),
    ("pop3s", BeforeTls::Nothing, 995),
    ("postgres", BeforeTls::Postgresql, 5432),
    ("postgresql", BeforeTls::Postgresql, 5432),
    ("rediss", BeforeTls::Nothing, 6379),
    ("smtp", BeforeTls::Smtp, 25),
    ("smtps", BeforeTls::Nothing, 465),
    ("tls", BeforeTls::Nothing, 443),
    ("xmpp", BeforeTls::Xmpp, 5222),
];

/// Why text is no address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// The host is none.
    #[error("{0}")]
    Host(SanError),
    /// What follows the colon is none.
    #[error("`{0}` is no port: it is a number from 1 to 65535")]
    Port(String),
    /// More follows than a host and a port.
    #[error("`{0}` stands behind host and port, where nothing does")]
    Rest(String),
    /// Nobody knows the scheme.
    #[error("nobody knows what is spoken before TLS by `{0}`; these are known: {known}", known = schemes())]
    Scheme(String),
    /// A socket without a path.
    #[error("the path of the socket is missing")]
    Path,
}

/// The schemes in a list.
fn schemes() -> String {
    let names: Vec<_> = DEFAULT_PORTS.iter().map(|(name, ..)| *name).collect();
    names.join(", ")
}

/// What a scheme stands for.
pub(super) fn scheme(word: &str) -> Option<&'static Scheme> {
    DEFAULT_PORTS.iter().find(|(name, ..)| *name == word)
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if let Some(path) = text.strip_prefix("unix:") {
            return match path.trim_start_matches("//") {
                "" => Err(AddressError::Path),
                path => Ok(Self::unix(path, None)),
            };
        }
        let Some((word, rest)) = text.split_once("://") else {
            let (host, port) = host_and_port(text)?;
            let location = Location::Tcp(host, port);
            let before = None;
            return Ok(Self { location, before });
        };
        let scheme = scheme(&word.to_ascii_lowercase());
        let (_, before, usual) = scheme.ok_or_else(|| AddressError::Scheme(word.to_owned()))?;
        if rest.starts_with('/') {
            return Ok(Self::unix(rest, Some(*before)));
        }
        let (host, port) = host_and_port(rest.strip_suffix('/').unwrap_or(rest))?;
        Ok(Self {
            location: Location::Tcp(host, Some(port.unwrap_or(*usual))),
            before: Some(*before),
        })
    }

    fn unix(path: &str, before: Option<BeforeTls>) -> Self {
        let location = Location::Unix(path.into());
        Self { location, before }
    }

    /// The host that it names; none for a socket in the file system.
    #[must_use]
    pub fn host(&self) -> Option<&Host> {
        match &self.location {
            Location::Tcp(host, _) => Some(host),
            Location::Unix(_) => None,
        }
    }
}

/// `HOST`, `HOST:PORT`, `[ADDRESS]:PORT`; an IPv6 address with no port may stand without brackets.
pub(super) fn host_and_port(text: &str) -> Result<(Host, Option<u16>), AddressError> {
    let host = |text: &str| Host::parse(text).map_err(AddressError::Host);
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').unwrap_or((rest, ""));
        return match rest.strip_prefix(':') {
            Some(number) => Ok((host(address)?, Some(port(number)?))),
            None if rest.is_empty() => Ok((host(address)?, None)),
            None => Err(AddressError::Rest(rest.to_owned())),
        };
    }
    match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => Ok((host(text)?, None)),
        Some((name, number)) => Ok((host(name)?, Some(port(number)?))),
        None => Ok((host(text)?, None)),
    }
}

fn port(text: &str) -> Result<u16, AddressError> {
    let is_number = text.bytes().all(|octet| octet.is_ascii_digit());
    let number = text.parse().ok().filter(|&port| is_number && port != 0);
    number.ok_or_else(|| AddressError::Port(text.to_owned()))
}

/// As somebody would write it, whose host cannot be taken for host and port.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(Host::Ip(std::net::IpAddr::V6(ip)), Some(port)) => write!(f, "[{ip}]:{port}"),
            Self::Tcp(host, Some(port)) => write!(f, "{host}:{port}"),
            Self::Tcp(host, None) => host.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        use BeforeTls::{Mysql, Nothing, Postgresql};
        for (text, expected, before) in [
            ("node1:28015", "node1:28015", None),
            ("NODE1.db.test.:443", "node1.db.test:443", None),
            ("10.0.0.1:1", "10.0.0.1:1", None),
            ("[::1]:65535", "[::1]:65535", None),
            ("::1", "::1", None),
            ("[::1]", "::1", None),
            ("node1", "node1", None),
            ("postgresql://db", "db:5432", Some(Postgresql)),
            ("POSTGRES://db:1/", "db:1", Some(Postgresql)),
            ("mysql://[::1]", "[::1]:3306", Some(Mysql)),
            ("tls://a:5", "a:5", Some(Nothing)),
            ("unix:/run/db.sock", "unix:/run/db.sock", None),
            (
                "postgresql:///run/.s.PGSQL.5432",
                "unix:/run/.s.PGSQL.5432",
                Some(Postgresql),
            ),
        ] {
            let found = Address::parse(text).expect(text);
            assert_eq!(found.location.to_string(), expected, "{text}");
            assert_eq!(found.before, before, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, expected) in [
            ("", "Host"),
            (":443", "Host"),
            ("a:", "Port"),
            ("a:0", "Port"),
            ("a:65536", "Port"),
            ("a:+1", "Port"),
            ("a:http", "Port"),
            ("[::1]x", "Rest"),
            ("[a b]:1", "Host"),
            ("gopher://a", "Scheme"),
            ("10.0.0.999:1", "Host"),
            ("unix:", "Path"),
        ] {
            let error = Address::parse(text).expect_err(text);
            assert!(
                format!("{error:?}").starts_with(expected),
                "{text}: {error:?}"
            );
        }
    }

    #[test]
    fn schemes_are_sorted() {
        assert!(DEFAULT_PORTS.is_sorted_by(|one, next| one.0 < next.0));
    }
}
