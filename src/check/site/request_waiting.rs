//! No request waits for its answer.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "request-waiting",
    severity: Severity::Info,
    source: "certctl-request(1)",
    meaning: "A key waits for its certificate; what is in use stays so until then",
    hint: "sign the request where its CA is, and `certctl install NAME CERT` here; a CA is `ca/NAME`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let is_authority = site.kind == SiteKind::Authority;
    let is_in_use = site.is_entry() || is_authority;
    let waits = is_authority || site.has(Part::WaitingKey) || !site.has(Part::Certificate);
    let request = site.item(Part::Request).filter(|_| is_in_use && waits);
    let message = match site.has(Part::WaitingKey) {
        _ if is_authority && site.has(Part::Certificate) => "it waits for the next certificate",
        true => "it waits for the next certificate, with the key for that beside it",
        false => "it waits for the first certificate",
    };
    request
        .map(|item| Fault::new(item, message))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let request = || file(Part::Request, "certs/node1/request.csr", 0o644);
    let key = || file(Part::WaitingKey, "certs/node1/key.new.pem", 0o600);
    vec![
        good("an entry", entry()),
        good("in the archive", archived().with(request())),
        good("answered", entry().with(request())),
        bad("the first", requested()),
        bad(
            "the next of a CA",
            authority().with(file(Part::Request, "ca/issuing/request.csr", 0o644)),
        ),
        bad("the next", entry().with(request()).with(key())),
    ]
}
