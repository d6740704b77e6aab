//! Proxies: HTTP's CONNECT (RFC 9110 §9.3.6) and SOCKS 5 (RFC 1928), as pure conversations.

use std::net::IpAddr;

use super::{
    address::{AddressError, host_and_port},
    before::{Next, shown},
};
use crate::pki::chain::Host;

/// Whom connections go through.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proxy {
    kind: Kind,
    /// Where it is
    pub(super) host: Host,
    /// Where it is
    pub(super) port: u16,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Http,
    Socks,
}

/// Why text is no proxy.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProxyError {
    /// Its address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Of another kind, or none.
    #[error("write `http://HOST:PORT` or `socks5://HOST:PORT`")]
    Scheme,
}

impl Proxy {
    /// Reads `http://HOST:PORT` or `socks5://HOST:PORT`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        let (scheme, rest) = text.split_once("://").ok_or(ProxyError::Scheme)?;
        let (kind, usual) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Kind::Http, 8080),
            "socks5" | "socks5h" => (Kind::Socks, 1080),
            _ => return Err(ProxyError::Scheme),
        };
        let (host, port) = host_and_port(rest.strip_suffix('/').unwrap_or(rest))?;
        let port = port.unwrap_or(usual);
        Ok(Self { kind, host, port })
    }

    /// Goes on with the conversation that asks it for a connection, as [`super::before::next`].
    pub(super) fn next(&self, to: &Host, port: u16, turn: usize, heard: &[u8]) -> Next {
        match self.kind {
            Kind::Http => http(to, port, turn, heard),
            Kind::Socks => socks(to, port, turn, heard),
        }
    }
}

fn http(to: &Host, port: u16, turn: usize, heard: &[u8]) -> Next {
    if turn == 0 {
        let to = match to {
            Host::Ip(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
            other => format!("{other}:{port}"),
        };
        return Next::Say(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").into_bytes());
    }
    if !heard.windows(4).any(|end| end == b"\r\n\r\n") {
        return Next::Hear;
    }
    let status = heard.strip_prefix(b"HTTP/1.").and_then(|it| it.get(2..5));
    match status {
        Some([b'2', ..]) => Next::Begin,
        _ => Next::Refused(format!("the proxy says `{}`", shown(heard))),
    }
}

fn socks(to: &Host, port: u16, turn: usize, heard: &[u8]) -> Next {
    const VERSION: u8 = 5;
    const ANONYMOUS: u8 = 0;
    let refused = |reason: &str| Next::Refused(format!("the proxy {reason}"));
    match (turn, heard) {
        (0, _) => Next::Say(vec![VERSION, 1, ANONYMOUS]),
        (_, [first, ..]) if *first != VERSION => refused("does not speak SOCKS 5"),
        (1, [_, ANONYMOUS]) => Next::Say(socks_request(to, port)),
        (1, [_, _, ..]) => refused("wants to know who asks, which certctl does not tell"),
        (2, [_, code, ..]) if *code != 0 => refused(socks_refusal(*code)),
        // Behind the code: a zero, the kind of an address, the address, a port.
        (2, [_, _, _, kind, rest @ ..]) => {
            let length = match (kind, rest) {
                (1, _) => 4,
                (4, _) => 16,
                (3, [length, ..]) => 1 + usize::from(*length),
                _ => usize::MAX - 2,
            };
            if rest.len() >= length + 2 {
                Next::Begin
            } else {
                Next::Hear
            }
        }
        _ => Next::Hear,
    }
}

/// The proxy looks names up: it may know others than this machine.
fn socks_request(to: &Host, port: u16) -> Vec<u8> {
    const CONNECT: [u8; 3] = [5, 1, 0];
    let mut request = CONNECT.to_vec();
    match to {
        Host::Dns(name) => {
            // Host names are of 253 octets at most (RFC 1035 §2.3.4).
            request.extend([3, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
            request.extend(name.bytes());
        }
        Host::Ip(IpAddr::V4(ip)) => {
            request.push(1);
            request.extend(ip.octets());
        }
        Host::Ip(IpAddr::V6(ip)) => {
            request.push(4);
            request.extend(ip.octets());
        }
    }
    request.extend(port.to_be_bytes());
    request
}

/// RFC 1928 §6.
const fn socks_refusal(code: u8) -> &'static str {
    match code {
        2 => "does not allow the connection",
        3 => "cannot reach the network",
        4 => "cannot reach the host",
        5 => "says that the connection was refused",
        6 => "says that nobody answered in time",
        _ => "could not connect",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read() {
        for (text, expected) in [
            ("http://proxy.test:3128", true),
            ("SOCKS5://10.0.0.1", true),
            ("socks5h://[::1]:9/", true),
            ("https://proxy.test", false),
            ("proxy.test:3128", false),
            ("http://", false),
            ("http://a:0", false),
        ] {
            assert_eq!(Proxy::parse(text).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn proxies_are_asked() {
        let host = |text| Host::parse(text).expect("a host");
        let table: &[(&str, &str, usize, &[u8], Next)] = &[
            (
                "http://p",
                "::1",
                0,
                b"",
                Next::Say(b"CONNECT [::1]:5 HTTP/1.1\r\nHost: [::1]:5\r\n\r\n".to_vec()),
            ),
            ("http://p", "a", 1, b"HTTP/1.1 200 OK\r\n", Next::Hear),
            ("http://p", "a", 1, b"HTTP/1.1 200 OK\r\n\r\n", Next::Begin),
            (
                "http://p",
                "a",
                1,
                b"HTTP/1.0 403 No\r\nA: b\r\n\r\n",
                Next::Refused(String::from("the proxy says `HTTP/1.0 403 No`")),
            ),
            ("socks5://p", "a", 0, b"", Next::Say(vec![5, 1, 0])),
            (
                "socks5://p",
                "ab",
                1,
                b"\x05\x00",
                Next::Say(vec![5, 1, 0, 3, 2, b'a', b'b', 0, 5]),
            ),
            (
                "socks5://p",
                "10.0.0.1",
                1,
                b"\x05\x00",
                Next::Say(vec![5, 1, 0, 1, 10, 0, 0, 1, 0, 5]),
            ),
            (
                "socks5://p",
                "a",
                1,
                b"\x05\xff",
                Next::Refused(String::from(
                    "the proxy wants to know who asks, which certctl does not tell",
                )),
            ),
            (
                "socks5://p",
                "a",
                1,
                b"HTTP",
                Next::Refused(String::from("the proxy does not speak SOCKS 5")),
            ),
            (
                "socks5://p",
                "a",
                2,
                b"\x05\x00\x00\x01\0\0\0\0\0",
                Next::Hear,
            ),
            (
                "socks5://p",
                "a",
                2,
                b"\x05\x00\x00\x01\0\0\0\0\0\0",
                Next::Begin,
            ),
            (
                "socks5://p",
                "a",
                2,
                b"\x05\x05",
                Next::Refused(String::from(
                    "the proxy says that the connection was refused",
                )),
            ),
            (
                "socks5://p",
                "a",
                2,
                b"\x05\x00\x00\x09aaaaaaaaaaaaaaaaaa",
                Next::Hear,
            ),
        ];
        for (proxy, to, turn, heard, expected) in table {
            let proxy = Proxy::parse(proxy).expect("a proxy");
            assert_eq!(
                proxy.next(&host(to), 5, *turn, heard),
                *expected,
                "{heard:?}"
            );
        }
    }
}
