//! A DNS name is a host name, or a wildcard for its whole leftmost label.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::san::{SanError, host_name};

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-host-name",
    severity: Severity::Warning,
    source: "RFC 5280 §4.2.1.6",
    meaning: "A DNS name among the names is none that a peer can look for, so that it matches nothing",
    hint: "issue it again with a host name; `*.example.org` is how a wildcard is written",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let mut names = it.dns_names();
    names.find_map(|name| match host_name(name) {
        Ok(_) => None,
        Err(SanError::NotAHost { reason, .. }) => {
            Some(format!("DNS:{name:?} is no host name: {reason}"))
        }
        Err(error) => Some(format!("DNS:{name:?} is no host name: {error}")),
    })
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let dns = |name| Sample::leaf_for_dns(&[name]);
    vec![
        good("a name", dns("node1.db.internal")),
        good("upper case", dns("Node1")),
        good("a wildcard", dns("*.db.internal")),
        bad("empty", dns("")),
        good("underscore", dns("my_service")),
        bad("part of a label", dns("redis-*.example.org")),
        bad("the root's dot", dns("node1.")),
        bad("a URL", dns("https://node1")),
    ]
}
