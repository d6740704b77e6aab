//! A file that somebody named is one that can be judged.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Content, Item, Part, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "unrecognised",
    severity: Severity::Error,
    source: "certctl-check(1)",
    meaning: "The file that was named is no key, certificate or CRL, and no server's configuration that is known",
    hint: "if it is a server's configuration, name the server with `--server SERVER`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let items = site.items.iter().filter(|_| site.kind == SiteKind::Lone);
    let is_unknown = |item: &&Item| {
        // What is known of it is told as such.
        let is_told = matches!(
            item.content(),
            Content::Malformed(_) | Content::Foreign(_) | Content::Certificates(_)
        );
        item.part == Part::Stray && item.found.is_some() && !is_told
    };
    let unknown = items.filter(is_unknown);
    let message = "there is no certificate, private key or CRL in it, and nothing that tells whose configuration it is";
    unknown.map(|item| Fault::new(item, message)).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let notes = || file(Part::Stray, "notes", 0o644);
    vec![
        good("a key and its certificate", lone()),
        good("beside an entry's files", entry().with(notes())),
        good(
            "a bundle that is cut off",
            lone().with(notes()).with_content(
                Part::Stray,
                &Content::Malformed(String::from("BEGIN without END")),
            ),
        ),
        good(
            "certificates in another form than PEM",
            lone()
                .with(notes())
                .with_content(Part::Stray, &certificates(&[&KIT.leaf])),
        ),
        bad("anything else", lone().with(notes())),
    ]
}
