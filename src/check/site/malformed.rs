//! Every file holds what its name says.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::{
    check::{
        Terms,
        facts::{Content, Found, Item, Site, SiteKind},
    },
    emit::shell_word,
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "malformed",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The file does not hold what its name promises, or is cut off",
    hint: "put it back from a backup, or issue it again",
    broken,
    #[cfg(test)]
    cases,
};

/// What helps where nobody knows where a file came from.
const LONE: &str = "get it again from where it came from, each block of PEM in lines of its own";

/// What helps where a command makes PEM of it.
const CONVERTED: &str = "convert it, and put what comes out in its place";

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let fault = |(item, found): (&Item, &Found)| match &found.content {
        Content::Malformed(reason) => Some(Fault {
            // What somebody named on the command line need not have been whole here.
            hint: (site.kind == SiteKind::Lone).then_some(LONE),
            ..Fault::new(item, reason.clone())
        }),
        Content::Foreign(foreign) => {
            let path = shell_word(&item.path.to_string_lossy());
            let message = foreign.in_words().replace("FILE", &path);
            Some(Fault {
                hint: foreign.conversion.map(|_| CONVERTED),
                ..Fault::new(item, message)
            })
        }
        _ => None,
    };
    site.found().filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let cut = Content::Malformed(String::from("line 3: the block's base64 is cut off"));
    vec![
        good("an entry", entry()),
        good("a request", requested()),
        bad(
            "a certificate",
            entry().with_content(Part::Certificate, &cut),
        ),
        bad(
            "a key store",
            entry().with_content(
                Part::Key,
                &Content::parse(Part::Key, b"\xfe\xed\xfe\xed\0\0\0\x02"),
            ),
        ),
        bad("the ledger", pki().with_content(Part::Ledger, &cut)),
    ]
}
