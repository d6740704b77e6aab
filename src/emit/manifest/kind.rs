//! Kinds of values that options take.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What a value must look like; `Choice` leaves it to the option's list of values.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `HOST` or `HOST:PORT`
    Address,
    /// One of the listed values
    Choice,
    /// `HOST:PORT`
    Endpoint,
    /// Stands alone, without a value
    Flag,
    /// `NAME:WORD,WORD` with the words from the listed values
    Grant,
    /// A host name or an IP address
    Host,
    /// A numeric IP address
    Ip,
    /// `NAME:HASH` with a hash of crypt(3)
    Login,
    /// A DNS name
    Name,
    /// A whole number
    Number,
    /// An absolute path
    Path,
    /// 1 to 65535
    Port,
    /// One line
    Text,
}

impl Kind {
    /// Whether `0`, `no` and the like mean that an option of this kind is not used; elsewhere they are names.
    #[must_use]
    pub const fn can_be_off(self) -> bool {
        matches!(self, Self::Choice | Self::Flag | Self::Number | Self::Port)
    }

    /// Whether `value` is of this kind; the words of `Choice` and `Grant` are judged elsewhere.
    #[must_use]
    pub fn accepts(self, value: &str) -> bool {
        if value.chars().any(char::is_control) || value.trim() != value {
            return false;
        }
        match self {
            Self::Address => is_host(value) || is_endpoint(value),
            Self::Choice | Self::Text => !value.is_empty(),
            Self::Endpoint => is_endpoint(value),
            Self::Flag => matches!(value, "true" | "false"),
            Self::Grant => value
                .split_once(':')
                .is_some_and(|(name, _)| !name.is_empty()),
            Self::Host => is_host(value),
            Self::Ip => value.parse::<IpAddr>().is_ok(),
            Self::Login => is_login(value),
            Self::Name => is_host(value) && value.parse::<IpAddr>().is_err(),
            Self::Number => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
            Self::Path => value.starts_with('/'),
            Self::Port => is_port(value),
        }
    }

    /// For "it takes …".
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Address => "HOST or HOST:PORT",
            Self::Choice => "a word from its list",
            Self::Endpoint => "HOST:PORT",
            Self::Flag => "no value (or `true`, `false`)",
            Self::Grant => "NAME:WORD,WORD",
            Self::Host => "a host name or an IP address",
            Self::Ip => "a numeric IP address",
            Self::Login => "NAME:HASH with a hash of crypt(3), as `openssl passwd -6` makes it",
            Self::Name => "a DNS name, not an address",
            Self::Number => "a whole number",
            Self::Path => "an absolute path",
            Self::Port => "a port from 1 to 65535",
            Self::Text => "text on one line",
        }
    }
}

fn is_port(text: &str) -> bool {
    !text.starts_with('+') && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Lenient on purpose: underscores and trailing dots are the resolver's business.
fn is_host(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    let name = !text.contains(':') || text.parse::<IpAddr>().is_ok();
    !text.is_empty() && !text.starts_with('-') && name && text.bytes().all(legal)
}

fn is_endpoint(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    is_host(inner.unwrap_or(host)) && is_port(port)
}

fn is_login(text: &str) -> bool {
    let Some((name, hash)) = text.split_once(':') else {
        return false;
    };
    let legal = |byte: u8| byte.is_ascii_graphic() && !b"\"'\\#".contains(&byte);
    !name.is_empty() && text.bytes().all(legal) && hash.starts_with('$') && !hash.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts() {
        for (kind, good, bad) in [
            (Kind::Address, "db1", "db1:"),
            (Kind::Endpoint, "db1:28015", "db1"),
            (Kind::Endpoint, "[::1]:1", "::1"),
            (Kind::Choice, "TLSv1.2", ""),
            (Kind::Flag, "true", "yes"),
            (Kind::Grant, "bob:all", "bob"),
            (Kind::Host, "db1.internal", "db 1"),
            (Kind::Host, "::1", "db1:1"),
            (Kind::Ip, "127.0.0.1", "localhost"),
            (Kind::Login, "admin:$6$salt$hash", "admin:secret"),
            (Kind::Name, "localhost", "127.0.0.1"),
            (Kind::Number, "0", "-1"),
            (Kind::Path, "/a b", "a"),
            (Kind::Port, "1", "0"),
            (Kind::Port, "65535", "+1"),
            (Kind::Text, "a = b", "a\nb"),
        ] {
            assert!(kind.accepts(good), "{kind:?} {good}");
            assert!(!kind.accepts(bad), "{kind:?} {bad}");
        }
    }
}
