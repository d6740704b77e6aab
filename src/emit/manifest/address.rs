//! Where servers listen and are reached, in the forms that they take.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a value is `HOST:PORT`, where a host with colons stands in brackets.
pub(super) fn has_port(value: &str, any_port: bool) -> bool {
    let Some((host, port)) = value.rsplit_once(':') else {
        return false;
    };
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    // No domain's last label is a number (RFC 3696 §2): what ends so is an address of IPv4, or nothing.
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let is_name =
        !host.contains([':', '[', ']']) && (!is_number || host.parse::<Ipv4Addr>().is_ok());
    let is_host = inner.is_some() || is_name;
    is_host && (port.parse::<u16>().is_ok() || any_port && port == "-1")
}

/// Whether a value is a port, perhaps with an address before it.
pub(super) fn has_port_last(value: &str) -> bool {
    let (address, port) = value.rsplit_once(':').unwrap_or(("::", value));
    let bare = address.trim_matches(['[', ']']);
    // Of what is missing its line is told.
    value.is_empty() || bare.parse::<IpAddr>().is_ok() && port.parse::<u16>().is_ok()
}

/// Whether a value is a port, or one and a host behind it, or 0 and a path.
pub(super) fn has_port_first(value: &str) -> bool {
    let (port, host) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
    let host = host.trim_start();
    let may_be_in_host = |it: char| it.is_alphanumeric() || "._-:%".contains(it);
    let is_host = match host.parse::<Ipv6Addr>() {
        Ok(_) => true,
        Err(_) => has_port(&format!("{host}:1"), false) && host.chars().all(may_be_in_host),
    };
    let is_port = port.parse::<u16>().is_ok();
    is_port && (host.is_empty() || is_host || port == "0")
}

/// Whether a server can listen there, as nginx takes it: several ports may be told at once.
pub(super) fn is_listening(address: &str) -> bool {
    if let Some(path) = address.strip_prefix("unix:") {
        return !path.is_empty();
    }
    let is_port = |text: &str| text.parse::<u16>().is_ok_and(|port| port > 0);
    let is_range = |text: &str| text.split('-').all(is_port) && text.split('-').count() <= 2;
    let may_be_in_host = |it: char| it.is_alphanumeric() || "._-*".contains(it);
    let is_host = |host: &str| !host.is_empty() && host.chars().all(may_be_in_host);
    if let Some(rest) = address.strip_prefix('[') {
        let split = rest.split_once(']');
        return split.is_some_and(|(host, port)| {
            let port = port.strip_prefix(':');
            host.parse::<Ipv6Addr>().is_ok() && (rest.ends_with(']') || port.is_some_and(is_range))
        });
    }
    match address.split_once(':') {
        Some((host, port)) => is_host(host) && is_range(port),
        None if address.starts_with(|it: char| it.is_ascii_digit()) && !address.contains('.') => {
            is_range(address)
        }
        None => is_host(address),
    }
}
