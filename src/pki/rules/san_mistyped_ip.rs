//! No DNS name is a mistyped address.

use std::net::Ipv4Addr;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-mistyped-ip",
    severity: Severity::Error,
    source: "certctl-issue(1)",
    meaning: "A DNS name looks like an address with a slip in it, such as 10.0.0.999; it matches nothing",
    hint: "issue it again with the address that was meant",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let numbers = |name: &&str| {
        let is_number =
            |label: &str| !label.is_empty() && label.bytes().all(|c| c.is_ascii_digit());
        name.contains('.') && name.split('.').all(is_number)
    };
    it.dns_names()
        .filter(numbers)
        .find(|name| name.parse::<Ipv4Addr>().is_err())
        .map(|name| format!("the DNS name {name:?} looks like an address, and is none"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let dns = |name| Sample::leaf_for_dns(&[name]);
    vec![
        good("a name", dns("node1.db.internal")),
        good("a number", dns("1")),
        good("an address, for Erlang", dns("192.168.0.12")),
        bad("too large", dns("10.0.0.999")),
        bad("too short", dns("10.0.1")),
        bad("leading zeros", dns("010.000.000.001")),
    ]
}
