//! A CA's bundle and chain begin with its own certificate.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Item, Part, Recorded, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "authority-files-differ",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "The CA's bundle.pem or chain.pem does not begin with its certificate, so that what is given to nodes would not fit what it signs",
    hint: "`certctl check --fix` makes it anew",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let Some(own) = site.own().filter(|_| site.kind == SiteKind::Authority) else {
        return Vec::new();
    };
    let has_made_way = matches!(&site.recorded, Recorded::As(row) if row.has_made_way);
    let holds_own = |item: &Item| match item.part {
        Part::Bundle if has_made_way => true,
        Part::Bundle => item.certificates().contains(own),
        _ => item.certificates().first() == Some(own),
    };
    let parts = [Part::Bundle, Part::Chain].into_iter();
    let items = parts.filter_map(|part| site.item(part));
    let wrong = items.filter(|item| !item.certificates().is_empty() && !holds_own(item));
    wrong
        .map(|item| Fault::new(item, "it does not hold the CA's own certificate"))
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let (old, new) = (&KIT.impostor, &KIT.root);
    let bundle = |all: &[&Made]| root().with_content(Part::Bundle, &certificates(all));
    let mut gone = bundle(&[old]);
    gone.recorded = Recorded::As(Row {
        has_made_way: true,
        ..row(new)
    });
    vec![
        good("a root that has made way", gone),
        good("a root", root()),
        good("an intermediate", authority()),
        good("during a rotation", bundle(&[old, new])),
        good("an entry", entry()),
        bad("another root", bundle(&[old])),
        bad(
            "another chain",
            authority().with_content(Part::Chain, &certificates(&[new])),
        ),
    ]
}
