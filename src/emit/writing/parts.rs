//! Filters of the templates that take a value apart or put one together. What they give is still a value:
//! a quoting has to follow before it is written.

use std::net::{IpAddr, Ipv6Addr};

use crate::pki::chain::Host;

type Filter = fn(&str) -> String;

/// All of them, by the names that templates use.
pub(super) const FILTERS: [(&str, Filter); 5] = [
    ("basename", basename),
    ("host", host),
    ("label", label),
    ("port", port),
    ("trailing_number", trailing_number),
];

/// `HOST:PORT`, the address of IPv6 in brackets (RFC 3986 §3.2.2).
pub(in crate::emit) fn endpoint(host: &str, port: u16) -> String {
    match host.parse::<Ipv6Addr>() {
        Ok(_) => format!("[{host}]:{port}"),
        Err(_) => format!("{host}:{port}"),
    }
}

/// How many octets `512`, `32k` or `10m` are; less than nothing where it is no size.
pub(in crate::emit) fn octets(text: &str) -> i64 {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1 << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        _ => (text, 1),
    };
    let is_size = digits.bytes().all(|octet| octet.is_ascii_digit());
    let count = digits.parse().ok().filter(|_| is_size);
    count.map_or(-1, |count: i64| count.saturating_mul(unit))
}

/// The host of `HOST:PORT`, without the brackets of an IPv6 address.
fn host(text: &str) -> String {
    let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
    host.trim_matches(['[', ']']).to_owned()
}

/// The nearest DNS label that begins with a letter (RFC 1035), as names in Kubernetes have to be; not cut.
fn label(text: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let label: String = text.chars().map(letter).collect();
    let label = label.trim_matches('-');
    match label.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => label.to_owned(),
        false => format!("node-{label}"),
    }
}

/// The port of `HOST:PORT`.
fn port(text: &str) -> String {
    let port = text.rsplit_once(':').map_or("", |(_, port)| port);
    port.to_owned()
}

/// The digits at the end; 0 where there are none.
fn trailing_number(text: &str) -> String {
    let start = text.trim_end_matches(|it: char| it.is_ascii_digit()).len();
    let digits = text[start..].trim_start_matches('0');
    if digits.is_empty() { "0" } else { digits }.to_owned()
}

/// The last part of a path.
fn basename(text: &str) -> String {
    text.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Whether a text, or what is left of it without blanks, is like one of these patterns, in whatever case: `*` stands for
/// anything, `?` for one character. Between slashes stands a regular expression, of which nothing is known.
pub(super) fn is_like_any(text: &str, patterns: &[String]) -> bool {
    let text = text.to_lowercase();
    let dense = text.replace(' ', "");
    patterns.iter().any(|pattern| {
        let is_expression = pattern.len() > 1 && pattern.starts_with('/') && pattern.ends_with('/');
        let pattern = pattern.to_lowercase();
        is_expression || is_like(&text, &pattern) || is_like(&dense, &pattern)
    })
}

/// As a shell matches names. Of each `*` only the last needs to be tried again: it can take what earlier ones took.
fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<_>, Vec<_>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut place) = (0, 0);
    let mut retry = None;
    while at < text.len() {
        match (pattern.get(place), retry) {
            (Some('*'), _) => {
                retry = Some((at, place));
                place += 1;
            }
            (Some(it), _) if *it == '?' || *it == text[at] => (at, place) = (at + 1, place + 1),
            (_, Some((taken, star))) => {
                retry = Some((taken + 1, star));
                (at, place) = (taken + 1, star + 1);
            }
            _ => return false,
        }
    }
    pattern[place..].iter().all(|it| *it == '*')
}

/// What a server is called, without scheme and port. Nothing where that is a pattern, a variable, or the name
/// that a machine has to itself.
pub(in crate::emit) fn called(value: &str) -> Option<&str> {
    let name = value.split_once("://").map_or(value, |(_, rest)| rest);
    let name = match name.rsplit_once(':') {
        Some((host, _port)) if !host.contains(':') => host,
        _ => name,
    };
    let is_pattern = name.starts_with(['.', '_', '~']) || name.contains(['*', '$', '%']);
    let is_ours = is_loopback(&[name.to_owned()]);
    (!is_pattern && !is_ours && Host::parse(name).is_ok()).then_some(name)
}

/// Whether all of several hosts are this machine, to itself (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3).
pub(super) fn is_loopback(hosts: &[String]) -> bool {
    hosts.iter().all(|host| match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost") || host.ends_with(".localhost"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, is_meant) in [
            ("cn=Node1,o=acme inc", true),
            ("CN=node1,O=AcmeInc", true),
            ("CN=node1, O=Acme Inc", false),
            ("CN=node1", false),
            ("CN=*", true),
            ("*,O=Acme?Inc", true),
            ("*no*1,*", true),
            ("CN=node1,O=Acme Inc*?", false),
            ("/CN=.*/", true),
            ("/", false),
            ("", false),
        ] {
            let found = is_like_any("CN=node1,O=Acme Inc", &[pattern.to_owned()]);
            assert_eq!(found, is_meant, "{pattern}");
        }
        assert!(!is_like_any("a", &[]));
    }

    #[test]
    fn parts() {
        for (filter, text, expected) in [
            (basename as Filter, "/a/b", "b"),
            (host, "[::1]:443", "::1"),
            (label, "Node_1.db_", "node-1-db"),
            (label, "10.0.0.1", "node-10-0-0-1"),
            (port, "node1:443", "443"),
            (trailing_number, "node-012", "12"),
            (trailing_number, "node", "0"),
        ] {
            assert_eq!(filter(text), expected);
        }
        for (value, expected) in [
            ("a.test", Some("a.test")),
            ("https://a.test:443", Some("a.test")),
            ("10.0.0.1", Some("10.0.0.1")),
            ("_", None),
            ("--", None),
            ("*.a.test", None),
            (".a.test", None),
            ("www.a.*", None),
            (r"~^www\d+\.a\.test$", None),
            ("$hostname", None),
            ("${NAME}", None),
            ("localhost", None),
        ] {
            assert_eq!(called(value), expected, "{value}");
        }
        for (size, expected) in [
            ("10", 10),
            ("32k", 32768),
            ("2M", 1 << 21),
            ("", -1),
            ("m", -1),
            ("-1k", -1),
            ("1g", -1),
        ] {
            assert_eq!(octets(size), expected, "{size}");
        }
        for (host, expected) in [
            ("a.test", "a.test:1"),
            ("::1", "[::1]:1"),
            ("10.0.0.1", "10.0.0.1:1"),
        ] {
            assert_eq!(endpoint(host, 1), expected);
        }
    }
}
