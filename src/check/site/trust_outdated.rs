//! The trust bundle has the root as it is in use.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::{
    check::{
        Terms,
        facts::{Item, Part, Site, SiteKind},
    },
    pki::{certificate::Certificate, name::display},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "trust-outdated",
    severity: Severity::Warning,
    source: "certctl(1), FILES",
    meaning: "The trust bundle of an entry holds a root as it was before its renewal: it holds until that certificate ends, and not longer",
    hint: "`certctl check --fix` puts the new one there; copies of the file elsewhere need it too",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    if site.kind != SiteKind::Entry {
        return Vec::new();
    }
    let parts = [Part::Trust, Part::TrustChain].into_iter();
    let items = parts.filter_map(|part| site.item(part));
    items.filter_map(|item| fault(site, item)).collect()
}

fn fault(site: &Site, item: &Item) -> Option<Fault> {
    // What a CA here has beside its own is there on purpose.
    let is_outdated = |it: &&Certificate| {
        let is_renewed = |new: &Certificate| is_of_same_root(it, new);
        !site.known.contains(it) && site.known.iter().any(is_renewed)
    };
    let old = item.certificates().iter().find(is_outdated)?;
    let subject = display(&old.subject());
    let message = format!("it holds {subject:?} as it was before its renewal");
    Some(Fault::new(item, message))
}

fn is_of_same_root(one: &Certificate, other: &Certificate) -> bool {
    one.is_self_signed()
        && one.subject() == other.subject()
        && one.public_key() == other.public_key()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let (first, root) = (&KIT.first_root, &KIT.root.certificate);
    let with = |part, all: &[&Certificate]| {
        let all = all.iter().map(|&it| it.clone());
        entry().with_content(part, &Content::Certificates(all.collect()))
    };
    let trust = |all: &[&Certificate]| with(Part::Trust, all);
    let mut on_purpose = trust(&[first, root]);
    on_purpose.known = [first.clone(), root.clone()].into();
    let mut elsewhere = trust(&[first]);
    elsewhere.known = [].into();
    vec![
        good("an entry", entry()),
        good("another root", trust(&[root, &KIT.impostor.certificate])),
        good("the CA has both", on_purpose),
        good("nothing is known of the root", elsewhere),
        bad("before its renewal", trust(&[first])),
        bad("both", trust(&[first, root])),
        bad(
            "the long one",
            with(Part::TrustChain, &[first, &KIT.issuing.certificate]),
        ),
    ]
}
