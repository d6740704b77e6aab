//! Subject alternative names as people write them: parsed into names that cannot be misread.
//!
//! What looks like a mistyped address is never taken for a host name, because a certificate for
//! the DNS name `10.0.0.999` is of use to nobody but an attacker.

use std::net::{IpAddr, Ipv6Addr};

use super::general_name::GeneralName;

/// Stands for the entry's name in a SAN.
pub const NAME_PLACEHOLDER: &str = "{name}";

/// What `--local` adds.
pub const LOCAL: &str = "localhost,127.0.0.1,::1";

/// Why text is no subject alternative name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SanError {
    /// Nothing there.
    #[error("a name is empty")]
    Empty,
    /// An address with a prefix length.
    #[error("`{0}` is a network, not an address")]
    Network(String),
    /// A name or an address with a port.
    #[error("`{0}` has a port; a certificate names hosts only")]
    Port(String),
    /// Looks like an address and is none.
    #[error("`{0}` is not an IP address")]
    NotAnIp(String),
    /// A type of name that is not taken.
    #[error("`{0}` has an unknown type; write DNS:, IP:, URI: or email:")]
    UnknownType(String),
    /// An address that only one host understands.
    #[error("`{0}` has a zone; a certificate names addresses without one")]
    Zone(String),
    /// Not a host name.
    #[error("`{name}` is not a host name: {reason}")]
    NotAHost {
        /// What was written
        name: String,
        /// Which rule it breaks
        reason: HostReason,
    },
    /// Not a mailbox.
    #[error("`{0}` is not an email address")]
    NotAnEmail(String),
    /// Not a URI.
    #[error("`{0}` is not a URI with a scheme and a host or path")]
    NotAUri(String),
    /// Braces that are no placeholder.
    #[error("`{0}` has an unknown placeholder; only {{name}} is known")]
    Placeholder(String),
}

/// Rules of a DNS name, the same wherever one is given or read: those of host names (RFC 1034 §3.5, RFC 1123 §2.1,
/// RFC 5280 §4.2.1.6, RFC 5890), but for underscores, which OpenSSL, Go and Java take. [`is_unusual`] tells of those.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HostReason {
    /// `a..b`
    #[error("a label is empty")]
    EmptyLabel,
    /// 64 octets or more
    #[error("a label is longer than 63 octets")]
    LongLabel,
    /// 254 octets or more
    #[error("it is longer than 253 octets")]
    LongName,
    /// Anything but letters, digits, hyphens and underscores
    #[error("only letters, digits, hyphens, underscores and dots are allowed")]
    Character,
    /// A hyphen at the end of a label
    #[error("a label begins or ends with a hyphen")]
    Hyphen,
    /// `node1.`
    #[error("it ends with a dot")]
    TrailingDot,
    /// `a.*.b`, `a*`
    #[error("a wildcard stands for the whole leftmost label only, as in `*.example.org`")]
    Wildcard,
    /// IDNA refuses it
    #[error("it has no form in ASCII (IDNA)")]
    Idna,
}

/// Reads one `--san` argument: names with commas between them, with `{name}` replaced.
///
/// # Errors
///
/// The mistakes of all names, not the first alone.
pub fn parse_list(text: &str, entry: &str) -> Result<Vec<GeneralName>, Vec<SanError>> {
    let mut names = Vec::new();
    let mut errors = Vec::new();
    for part in text.split(',') {
        match parse(&part.trim().replace(NAME_PLACEHOLDER, entry)) {
            Ok(name) => names.push(name),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(names)
    } else {
        Err(errors)
    }
}

/// Reads one name: typed (`DNS:`, `IP:`, `URI:`, `email:`, in any case) or bare.
///
/// # Errors
///
/// Where it is not a valid name of its type, or, bare, could be misread.
pub fn parse(text: &str) -> Result<GeneralName, SanError> {
    if text.contains(['{', '}']) {
        return Err(SanError::Placeholder(text.to_owned()));
    }
    if let Some((kind, value)) = text.split_once(':') {
        let typed = match kind.to_ascii_lowercase().as_str() {
            "dns" => Some(host_name(value).map(GeneralName::Dns)),
            "ip" => Some(ip(value).map(GeneralName::Ip)),
            "uri" => Some(uri(value)),
            "email" => Some(email(value)),
            _ => None,
        };
        if let Some(name) = typed {
            return name;
        }
        if is_type(kind) && !value.starts_with("//") && !is_number(value) {
            return Err(SanError::UnknownType(text.to_owned()));
        }
    }
    bare(text)
}

/// Whether what stands before a colon was meant for a type: it is no part of an IPv6 address.
fn is_type(kind: &str) -> bool {
    kind.bytes().all(|octet| octet.is_ascii_alphabetic())
        && kind.bytes().any(|octet| !octet.is_ascii_hexdigit())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

fn bare(text: &str) -> Result<GeneralName, SanError> {
    if text.is_empty() {
        return Err(SanError::Empty);
    }
    if text.contains("://") {
        return uri(text);
    }
    if text.contains('@') {
        return email(text);
    }
    if looks_like_ip(text) {
        return ip(text).map(GeneralName::Ip);
    }
    host_name(text).map(GeneralName::Dns)
}

/// Whether a person, or a URL parser, would take `text` for an address.
///
/// As in the WHATWG URL standard a name whose last label is a number is an IPv4 address or nothing.
fn looks_like_ip(text: &str) -> bool {
    if text.contains([':', '/', '%', '[']) {
        return true;
    }
    let last = text
        .trim_end_matches('.')
        .rsplit('.')
        .next()
        .unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    !last.is_empty()
        && (last.bytes().all(|c| c.is_ascii_digit())
            || hexadecimal.is_some_and(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit())))
}

/// Reads an address; IPv6 may stand in brackets.
fn ip(text: &str) -> Result<IpAddr, SanError> {
    let unbracketed = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    if let Ok(ip) = unbracketed.unwrap_or(text).parse() {
        return Ok(ip);
    }
    let owned = || text.to_owned();
    if let Some((address, _)) = text.split_once('%')
        && address.trim_start_matches('[').parse::<Ipv6Addr>().is_ok()
    {
        return Err(SanError::Zone(owned()));
    }
    if let Some((_, prefix)) = text.split_once('/')
        && is_number(prefix)
    {
        return Err(SanError::Network(owned()));
    }
    if let Some((host, port)) = text.rsplit_once(':')
        && is_number(port)
        && (!host.contains(':') || host.ends_with(']'))
    {
        return Err(SanError::Port(owned()));
    }
    Err(SanError::NotAnIp(owned()))
}

/// Reads a host name into lower-case A-labels; the leftmost label may be `*`.
///
/// # Errors
///
/// Where RFC 1123 or IDNA has no such name.
pub fn host_name(text: &str) -> Result<String, SanError> {
    let error = |reason| SanError::NotAHost {
        name: text.to_owned(),
        reason,
    };
    if text.is_empty() {
        return Err(SanError::Empty);
    }
    let (wildcard, host) = match text.strip_prefix("*.") {
        Some(rest) => ("*.", rest),
        None => ("", text),
    };
    if host.contains('*') {
        return Err(error(HostReason::Wildcard));
    }
    let ascii = if host.is_ascii() && !host.to_ascii_lowercase().contains("xn--") {
        host.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(host).map_err(|_| error(HostReason::Idna))?
    };
    match broken_rule(&ascii) {
        Some(reason) => Err(error(reason)),
        None if wildcard.len() + ascii.len() > MAX_NAME => Err(error(HostReason::LongName)),
        None => Ok(format!("{wildcard}{ascii}")),
    }
}

/// Longest host name in octets, as text without the root's dot (RFC 1035 §2.3.4).
pub const MAX_NAME: usize = 253;
/// Longest label in octets (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// Whether a DNS name is no host name by RFC 1123: it has an underscore, which some programs refuse.
#[must_use]
pub fn is_unusual(name: &str) -> bool {
    name.contains('_')
}

/// The rule that a name in ASCII, without wildcard, breaks.
#[must_use]
pub fn broken_rule(name: &str) -> Option<HostReason> {
    if name.ends_with('.') {
        return Some(HostReason::TrailingDot);
    }
    if name.len() > MAX_NAME {
        return Some(HostReason::LongName);
    }
    name.split('.').find_map(|label| match label {
        "" => Some(HostReason::EmptyLabel),
        _ if label.len() > MAX_LABEL => Some(HostReason::LongLabel),
        _ if !label
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c)) =>
        {
            Some(HostReason::Character)
        }
        _ if label.starts_with('-') || label.ends_with('-') => Some(HostReason::Hyphen),
        _ => None,
    })
}

/// Reads a mailbox: printable ASCII, `@`, host name (RFC 5280 §4.2.1.6 takes no display name).
fn email(text: &str) -> Result<GeneralName, SanError> {
    let error = || SanError::NotAnEmail(text.to_owned());
    let (local, host) = text.rsplit_once('@').ok_or_else(error)?;
    let is_atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&c);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || dots || !local.bytes().all(is_atom) || host.starts_with('*') {
        return Err(error());
    }
    Ok(GeneralName::Email(format!("{local}@{}", host_name(host)?)))
}

/// Reads an absolute URI: a scheme, then something; ASCII without blanks (RFC 3986 §3, RFC 5280 §4.2.1.6).
fn uri(text: &str) -> Result<GeneralName, SanError> {
    let error = || SanError::NotAUri(text.to_owned());
    let (scheme, rest) = text.split_once(':').ok_or_else(error)?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c));
    let is_character = |c: u8| c.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&c);
    let named = rest.trim_start_matches('/');
    if !is_scheme || named.is_empty() || !rest.bytes().all(is_character) {
        return Err(error());
    }
    Ok(GeneralName::Uri(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_are_taken() {
        for (text, expected) in [
            ("node1", "DNS:node1"),
            ("Node1.DB.Internal", "DNS:node1.db.internal"),
            ("*.db.internal", "DNS:*.db.internal"),
            ("bücher.example", "DNS:xn--bcher-kva.example"),
            ("*.bücher.example", "DNS:*.xn--bcher-kva.example"),
            ("10.0.0.1", "IP:10.0.0.1"),
            ("::1", "IP:::1"),
            ("[2001:db8::1]", "IP:2001:db8::1"),
            ("IP:10.0.0.1", "IP:10.0.0.1"),
            ("ip:::1", "IP:::1"),
            ("DNS:192.168.0.12", "DNS:192.168.0.12"),
            ("dns:node1", "DNS:node1"),
            ("URI:urn:uuid:1", "URI:urn:uuid:1"),
            ("spiffe://prod/db", "URI:spiffe://prod/db"),
            ("dba@example.org", "email:dba@example.org"),
            ("email:dba@Example.ORG", "email:dba@example.org"),
            ("1node.2dc.x3", "DNS:1node.2dc.x3"),
            ("DB_node_1", "DNS:db_node_1"),
            ("_a.b_", "DNS:_a.b_"),
            ("*.bü_cher.example", "DNS:*.xn--b_cher-3ya.example"),
        ] {
            assert_eq!(
                parse(text).map(|name| name.to_string()),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn names_that_are_refused() {
        let host = |name: &str, reason| SanError::NotAHost {
            name: name.to_owned(),
            reason,
        };
        let long = "a".repeat(64);
        let longer = ["a".repeat(60).as_str(); 5].join(".");
        for (text, expected) in [
            ("", SanError::Empty),
            ("DNS:", SanError::Empty),
            ("10.0.0.999", SanError::NotAnIp("10.0.0.999".into())),
            ("10.0.0", SanError::NotAnIp("10.0.0".into())),
            ("10", SanError::NotAnIp("10".into())),
            ("010.0.0.1", SanError::NotAnIp("010.0.0.1".into())),
            ("0x7f.0x1", SanError::NotAnIp("0x7f.0x1".into())),
            ("node.123", SanError::NotAnIp("node.123".into())),
            ("fe80::g", SanError::NotAnIp("fe80::g".into())),
            ("IP:node1", SanError::NotAnIp("node1".into())),
            ("dir:x", SanError::UnknownType("dir:x".into())),
            ("RID:1.2.3", SanError::UnknownType("RID:1.2.3".into())),
            ("node:80", SanError::Port("node:80".into())),
            ("fe80::1%eth0", SanError::Zone("fe80::1%eth0".into())),
            ("10.0.0.0/8", SanError::Network("10.0.0.0/8".into())),
            ("node1:8080", SanError::Port("node1:8080".into())),
            ("10.0.0.1:28015", SanError::Port("10.0.0.1:28015".into())),
            ("[::1]:80", SanError::Port("[::1]:80".into())),
            ("node1.", host("node1.", HostReason::TrailingDot)),
            ("a..b", host("a..b", HostReason::EmptyLabel)),
            ("-a", host("-a", HostReason::Hyphen)),
            ("a b", host("a b", HostReason::Character)),
            ("a.*.b", host("a.*.b", HostReason::Wildcard)),
            ("*", host("*", HostReason::Wildcard)),
            ("n*.b", host("n*.b", HostReason::Wildcard)),
            ("xn--a-ecp.ru", host("xn--a-ecp.ru", HostReason::Idna)),
            ("node\u{0}1", host("node\u{0}1", HostReason::Character)),
            (&long, host(&long, HostReason::LongLabel)),
            (&longer, host(&longer, HostReason::LongName)),
            ("@example.org", SanError::NotAnEmail("@example.org".into())),
            ("a@b@c", SanError::NotAnEmail("a@b@c".into())),
            ("https://", SanError::NotAUri("https://".into())),
            ("URI:nothing", SanError::NotAUri("nothing".into())),
            ("{host}.x", SanError::Placeholder("{host}.x".into())),
        ] {
            assert_eq!(parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn lists_expand_the_name_and_report_every_mistake() {
        let names = parse_list("{name}.db.internal, 10.0.0.1", "node7").expect("valid");
        let shown: Vec<_> = names.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["DNS:node7.db.internal", "IP:10.0.0.1"]);
        assert_eq!(
            parse_list("ok,10.0.0.999,a..b", "n").map_err(|errors| errors.len()),
            Err(2)
        );
    }

    proptest! {
        #[test]
        fn arbitrary_text_gives_a_clean_name_or_an_error(text in "\\PC*|[0-9a-fx.:/%\\[\\]*@-]{0,40}") {
            if let Ok(name) = parse(&text) {
                let shown = name.to_string();
                prop_assert!(shown.bytes().all(|c| c.is_ascii_graphic()), "{shown:?}");
                prop_assert_eq!(parse(&shown), Ok(name));
            }
        }
    }
}
