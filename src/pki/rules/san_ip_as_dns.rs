//! An address that stands as a DNS name stands as an address too.

use std::net::Ipv4Addr;

use x509_parser::extensions::GeneralName;

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-ip-as-dns",
    severity: Severity::Info,
    source: "RFC 5280 §4.2.1.6",
    meaning: "An address stands in the certificate as a DNS name only; most programs compare addresses with addresses and do not find it",
    hint: "add it as `IP:…` too: only Erlang looks for addresses among DNS names",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let has_address = |ip: Ipv4Addr| {
        let octets = ip.octets();
        it.names().into_iter().flatten().any(|name| match name {
            GeneralName::IPAddress(found) => **found == octets,
            _ => false,
        })
    };
    let mut addresses = it.dns_names().filter_map(|name| name.parse().ok());
    let missing = addresses.find(|ip| !has_address(*ip))?;
    Some(format!("the address {missing} stands as a DNS name only"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let dns = || Name::Dns(String::from("10.0.0.1"));
    let ip = Name::Ip(Ipv4Addr::new(10, 0, 0, 1).into());
    vec![
        good("a name", Sample::leaf()),
        good("both", Sample::leaf_for(&[dns(), ip])),
        bad("as a name", Sample::leaf_for(&[dns()])),
    ]
}
