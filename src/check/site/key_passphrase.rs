//! The passphrase that a server is given opens its key.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Content, Part, PublicHalf, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-passphrase",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The passphrase that the configuration gives does not open the key; the server does not start",
    hint: "give its own: `openssl pkey -in {path} -noout` tells whether it is",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let key = site.item(Part::Key);
    let locked = key.filter(|key| matches!(key.content(), Content::Key(PublicHalf::Locked)));
    let fault = |item| Fault::new(item, "the passphrase that is given for it does not open it");
    locked.map(fault).into_iter().collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let locked = Content::Key(PublicHalf::Locked);
    let encrypted = Content::Key(PublicHalf::Encrypted);
    vec![
        good("a plain key", endpoint()),
        good(
            "none is given",
            endpoint().with_content(Part::Key, &encrypted),
        ),
        bad("another", endpoint().with_content(Part::Key, &locked)),
    ]
}
