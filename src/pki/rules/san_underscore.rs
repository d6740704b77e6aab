//! A DNS name has no underscore.

#[cfg(test)]
use super::sample::prelude::*;
use super::{CertificateRule, Moment, Severity, View};
use crate::pki::san::is_unusual;

pub(super) const RULE: CertificateRule = CertificateRule {
    code: "san-underscore",
    severity: Severity::Info,
    source: "RFC 1123 §2.1",
    meaning: "A DNS name has an underscore, and so is no host name; OpenSSL, Go and Java take it, other programs may not",
    hint: "nothing need be done where all peers take it; else rename the host and issue the certificate again",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(it: &View<'_>, _: &Moment) -> Option<String> {
    let name = it.dns_names().find(|name| is_unusual(name))?;
    Some(format!("the DNS name {name:?} has an underscore"))
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let dns = |name| Sample::leaf_for_dns(&[name]);
    vec![
        good("a name", dns("node1.db.internal")),
        good("a hyphen", dns("db-node-1")),
        bad("in the middle", dns("db_node_1")),
        bad("at the beginning", dns("_db.test")),
        bad("below a wildcard", dns("*.db_a.test")),
    ]
}
