//! Parameters of a Diffie-Hellman exchange are long enough.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Content, Found, Item, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "weak-parameters",
    severity: Severity::Warning,
    source: "RFC 9325 §4.3",
    meaning: "The Diffie-Hellman group is shorter than 2048 bits; where OpenSSL keeps to its security level 2, as in Debian and since 3.2, the server does not start",
    hint: "make others, `openssl dhparam -out {path} 2048`, or leave the option out: clients of today use curves",
    broken,
    #[cfg(test)]
    cases,
};

/// Shortest prime that stands for 112 bits of strength.
const LEAST: usize = 2048;

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let fault = |(item, found): (&Item, &Found)| match found.content {
        Content::Parameters(bits) if bits < LEAST => Some(Fault::new(
            item,
            format!("its prime has {bits} bits, less than {LEAST}"),
        )),
        _ => None,
    };
    site.found().filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let with = |bits| {
        let content = Content::Parameters(bits);
        let site = endpoint().beside(Holds::Parameters, Some(0o644));
        site.with_content(Part::Beside(Holds::Parameters), &content)
    };
    vec![
        good("long enough", with(2048)),
        good("longer", with(4096)),
        bad("too short", with(1024)),
    ]
}
