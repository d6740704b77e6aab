//! Chain and trust bundle have the CAs as they are in use.

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
    meaning: "The chain or the trust bundle of an entry or a CA holds a CA as it was before its renewal: it holds until that certificate ends, and not longer",
    hint: "`certctl check --fix` puts the new one there; copies of the file elsewhere need it too",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let parts: &[Part] = match site.kind {
        SiteKind::Authority => &[Part::Bundle, Part::Chain],
        SiteKind::Entry => &[Part::Certificate, Part::Trust, Part::TrustChain],
        _ => &[],
    };
    let items = parts.iter().filter_map(|&part| site.item(part));
    items.filter_map(|item| fault(site, item)).collect()
}

fn fault(site: &Site, item: &Item) -> Option<Fault> {
    let is_outdated = |it: &&Certificate| {
        // A root that a CA here has beside its own is there on purpose.
        let known = match it.is_self_signed() {
            true => &site.known,
            false => &site.authorities,
        };
        !known.contains(it) && known.iter().any(|new| is_of_same_authority(it, new))
    };
    let old = item.certificates().iter().find(is_outdated)?;
    let subject = display(&old.subject());
    let message = format!("it holds {subject:?} as it was before its renewal");
    Some(Fault::new(item, message))
}

fn is_of_same_authority(one: &Certificate, other: &Certificate) -> bool {
    // Who has the name and the key, and another issuer, stands beside it.
    one.subject() == other.subject()
        && one.issuer() == other.issuer()
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
        bad(
            "an intermediate before its renewal",
            with(
                Part::Certificate,
                &[&KIT.leaf.certificate, &KIT.first_issuing],
            ),
        ),
        bad(
            "the chain of a CA",
            authority().with_content(
                Part::Chain,
                &Content::Certificates(vec![KIT.first_issuing.clone()]),
            ),
        ),
        bad("both", trust(&[first, root])),
        bad(
            "the long one",
            with(Part::TrustChain, &[first, &KIT.issuing.certificate]),
        ),
    ]
}
