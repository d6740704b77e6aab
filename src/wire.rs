//! The wire: what is served at an address, and what is wrong with it.
//!
//! Messages are made and read by pure functions, one file for each kind: `hello` and `reply` below TLS,
//! `before` and `proxy` above it. Only `dial` touches the network, and no wall clock is read: the time
//! that certificates are judged at is an argument, and so is how long a peer may take.
//!
//! What is seen is an [`Observation`]; [`findings`] judges it, and knows the codes in [`told`].

mod address;
mod alert;
mod before;
mod codes;
mod crowd;
mod dial;
mod handshake;
mod hello;
mod observe;
mod plain;
mod proxy;
mod recorder;
mod reply;
mod target;
mod verdict;

use std::time::Duration;

use crate::pki::{certificate::Certificate, chain::Host, octets::Name};

pub use address::{Address, AddressError, DEFAULT_PORTS, Location, Scheme};
pub use codes::told;
pub use crowd::each;
pub use handshake::{Identity, IdentityError};
pub use observe::{greet, observe};
pub use proxy::{Proxy, ProxyError};
pub use target::{Probed, Ready, Target};
pub use verdict::{Expected, findings, weight};

/// How a peer is reached and spoken to.
#[derive(Clone, Debug)]
pub struct Approach {
    /// How long it may take to answer, for each of the connections that are made one after the other
    pub patience: Duration,
    /// Addresses of names that are not to be looked up
    pub resolved: Vec<(String, std::net::IpAddr)>,
    /// Through whom
    pub proxy: Option<Proxy>,
    /// What is shown to a server that asks for a client certificate
    pub identity: Option<Identity>,
}

/// What was seen of one address.
#[derive(Clone, Debug)]
pub struct Observation {
    /// How the connection that counts ended
    pub end: End,
    /// What was agreed on; a handshake that failed may have got that far
    pub session: Session,
    /// What the server takes besides
    pub takes: Takes,
}

/// How a connection ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    /// The handshake failed, for this reason
    Failed(String),
    /// There is TLS, and the server is content
    Met,
    /// It is older TLS only: this version
    Old(Version),
    /// There is no TLS: what the answer looks like
    Plain(String),
    /// Nobody answered, for this reason
    Unreachable(String),
}

/// What a handshake agreed on.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// The version of TLS
    pub version: Option<Version>,
    /// The cipher suite, as IANA calls it
    pub cipher: Option<String>,
    /// The group that keys were agreed in
    pub group: Option<String>,
    /// The application protocol (RFC 7301)
    pub alpn: Option<String>,
    /// What the server sent of its chain, in its order
    pub chain: Vec<Certificate>,
    /// What it sent besides that is no certificate: why
    pub malformed: Vec<String>,
    /// Whether and how it wants client certificates
    pub clients: Clients,
}

/// What a server does about client certificates.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Clients {
    /// The names (DER) of the CAs that it hints at, where it asks at all
    pub asked: Option<Vec<Name>>,
    /// Whether it turns away who has none; unknown where it does not ask
    pub required: Option<bool>,
    /// What it said to the one that was shown; unknown where none was
    pub taken: Option<Result<(), String>>,
}

/// What a server takes besides what was agreed on; `None` where it did not say in time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Takes {
    /// TLS 1.2
    pub tls12: Option<bool>,
    /// Protocols that are older, the oldest first
    pub old: Option<Vec<Version>>,
    /// The hybrid with ML-KEM, by its own choice
    pub ml_kem: Option<bool>,
}

/// Versions of TLS, the oldest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Version {
    /// SSL 3.0 (RFC 6101)
    Ssl3,
    /// TLS 1.0 (RFC 2246)
    Tls10,
    /// TLS 1.1 (RFC 4346)
    Tls11,
    /// TLS 1.2 (RFC 5246)
    Tls12,
    /// TLS 1.3 (RFC 8446)
    Tls13,
}

impl Version {
    /// All of them, the oldest first.
    pub const ALL: [Self; 5] = [
        Self::Ssl3,
        Self::Tls10,
        Self::Tls11,
        Self::Tls12,
        Self::Tls13,
    ];

    /// As it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssl3 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }

    /// Its number on the wire.
    const fn number(self) -> u16 {
        match self {
            Self::Ssl3 => 0x0300,
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }

    fn of_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.number() == number)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl Observation {
    /// Nothing was seen but how it ended.
    fn only(end: End) -> Self {
        Self {
            end,
            session: Session::default(),
            takes: Takes::default(),
        }
    }

    /// Whether there was TLS that could be judged.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.end == End::Met
    }
}

/// The name that a client says it wants (RFC 6066 §3): none for addresses.
fn server_name(name: Option<&Host>) -> Option<&str> {
    match name {
        Some(Host::Dns(name)) => Some(name),
        Some(Host::Ip(_)) | None => None,
    }
}
