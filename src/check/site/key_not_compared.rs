//! The key can be compared with the certificate.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Content, Found, Item, PublicHalf, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-not-compared",
    severity: Severity::Info,
    source: "certctl-issue(1)",
    meaning: "The private key is of a kind that cannot be read here, or in a token or an agent, so that nobody looked whether it is the certificate's",
    hint: "compare it yourself: `openssl pkey -in {path} -pubout`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let fault = |(item, found): (&Item, &Found)| match &found.content {
        Content::Key(PublicHalf::Unknown(reason)) => Some(Fault::new(item, reason.clone())),
        Content::KeyUri(uri) => Some(Fault {
            hint: Some("nothing need be done: the two are compared before anything is signed"),
            ..Fault::new(item, format!("the key is {uri}"))
        }),
        _ => None,
    };
    site.found().filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let unknown = Content::Key(PublicHalf::Unknown(String::from("a P-521 key")));
    vec![
        good("P-256", entry()),
        bad(
            "in a token",
            root()
                .without(Part::Key)
                .with(key_uri("pkcs11:object=root")),
        ),
        bad("another", lone().with_content(Part::Key, &unknown)),
    ]
}
