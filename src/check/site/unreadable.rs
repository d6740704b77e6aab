//! Everything can be read.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Content, Found, Item, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "unreadable",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The file or directory could not be read, so that nothing is known of it",
    hint: "run as the user who owns it, or look at its mode",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let fault = |(item, found): (&Item, &Found)| match &found.content {
        Content::Unreadable(reason) => {
            Some(Fault::new(item, format!("it cannot be read: {reason}")))
        }
        _ => None,
    };
    site.found().filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let refused = Content::Unreadable(String::from("permission denied"));
    vec![
        good("an entry", entry()),
        bad("a key", entry().with_content(Part::Key, &refused)),
        bad(
            "an archived directory",
            archived().with_content(Part::Directory, &refused),
        ),
    ]
}
