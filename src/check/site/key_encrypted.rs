//! A server can open its key.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Content, Item, Part, PublicHalf, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-encrypted",
    severity: Severity::Warning,
    source: "certctl(1), FILES",
    meaning: "The private key is encrypted, so that a server asks for a passphrase, or does not start",
    hint: "decrypt it, `openssl pkey -in {path} -out NEW`, unless somebody types at every start",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let encrypted = |item: &&Item| matches!(item.content(), Content::Key(PublicHalf::Encrypted));
    let key = site
        .item(Part::Key)
        .filter(encrypted)
        .filter(|_| site.is_entry());
    key.map(|item| Fault::new(item, "it is encrypted, so that no server starts by itself"))
        .into_iter()
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let encrypted = Content::Key(PublicHalf::Encrypted);
    vec![
        good("a plain key", entry()),
        good("a CA's key", root().with_content(Part::Key, &encrypted)),
        bad("an entry's", entry().with_content(Part::Key, &encrypted)),
        bad("a copy's", copy().with_content(Part::Key, &encrypted)),
    ]
}
