//! What is spoken on a connection before TLS begins.

use serde::Deserialize;

/// What client and server say to each other before TLS begins.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum BeforeTls {
    /// FTP's AUTH TLS (RFC 4217 §4)
    Ftp,
    /// IMAP's STARTTLS (RFC 9051 §6.2.1)
    Imap,
    /// LDAP's extended operation (RFC 4511 §4.14)
    Ldap,
    /// MySQL's greeting, and a packet that asks for TLS
    Mysql,
    /// NATS' INFO, after which TLS begins
    Nats,
    /// Nothing: TLS is the first thing on the connection
    #[default]
    Nothing,
    /// POP3's STLS (RFC 2595 §4)
    Pop3,
    /// PostgreSQL's SSLRequest
    Postgresql,
    /// SMTP's STARTTLS (RFC 3207)
    Smtp,
    /// XMPP's STARTTLS, for clients (RFC 6120 §5)
    Xmpp,
}

impl BeforeTls {
    /// Whether TLS asks everybody for a certificate, and who needs one is said at login, by the server's own rules.
    #[must_use]
    pub const fn login_decides(self) -> bool {
        matches!(self, Self::Mysql | Self::Postgresql)
    }
}
