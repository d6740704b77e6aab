//! A trust bundle holds no root whose time is over.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Part, Site},
};
use crate::pki::validity::rfc3339;
use crate::pki::{certificate::Certificate, name::display};

pub(super) const RULE: SiteRule = SiteRule {
    code: "bundle-expired",
    severity: Severity::Info,
    source: "RFC 5280 §4.1.2.5",
    meaning: "The trust bundle holds a root whose time is over; it lets nobody in, and does no harm",
    hint: "take it out once nothing that it signed is in use",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let chain = match site.path(terms) {
        Some(Ok(chain)) => &chain.certificates[..],
        Some(Err(failure)) => &failure.chain,
        None => &[],
    };
    let items = [Part::Bundle, Part::Trust]
        .into_iter()
        .filter_map(|part| site.item(part))
        // In a folder of many they do no harm.
        .filter(|item| !item.is_hashed());
    let fault = |item, it: &Certificate| {
        let (name, end) = (display(&it.subject()), it.validity().not_after);
        // Where the own chain needs it, that is a rule of the certificate's.
        let over = end < terms.now && !chain.contains(it) && site.own() != Some(it);
        over.then(|| {
            Fault::new(
                item,
                format!("it holds {name}, which expired on {}", rfc3339(end)),
            )
        })
    };
    items
        .flat_map(|item| {
            item.certificates()
                .iter()
                .filter_map(move |it| fault(item, it))
        })
        .collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let both = certificates(&[&KIT.root, &KIT.old_root]);
    let late = || Terms {
        now: NOW + Duration::days(36500),
        ..terms()
    };
    vec![
        good("an entry", entry()),
        good("its own root", entry()).by(late()),
        bad("another", entry().with_content(Part::Trust, &both)),
        bad("in a root's", root().with_content(Part::Bundle, &both)),
    ]
}
