//! All that the ledger knows to be revoked is in the CRLs that wait.

use std::collections::HashSet;

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Item, Part, Site},
};
use crate::pki::revocation_list::RevocationList;

pub(super) const RULE: SiteRule = SiteRule {
    code: "crl-ahead-incomplete",
    severity: Severity::Warning,
    source: "certctl-crl(1)",
    meaning: "Certificates were revoked after CRLs were made ahead, which will be published and do not list them: servers let them in",
    hint: "sign new ones where the key is, `certctl crl --ca {name} --ahead 12`: their numbers are higher, and end the others",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let Some(item) = site.item(Part::CrlAhead) else {
        return Vec::new();
    };
    let published = site.item(Part::Crl).map(Item::revocation_lists);
    let published = published.unwrap_or_default().iter();
    let published = published.filter_map(RevocationList::number).max();
    let lists = item.revocation_lists().iter();
    let waiting = lists.filter(|list| list.number() > published);
    let lacking = |list: &RevocationList| {
        let listed: HashSet<_> = list.revocations().into_iter().map(|it| it.serial).collect();
        let revoked = site.revoked.iter();
        let counts = |not_after| not_after >= terms.now && not_after >= list.this_update();
        let missing = revoked.filter(|it| counts(it.not_after) && !listed.contains(&it.serial));
        missing.count()
    };
    let most = waiting.map(lacking).max().unwrap_or_default();
    let message = format!("what waits in it lacks {most} of the certificates that were revoked");
    let found = (most > 0).then(|| Fault::new(item, message));
    found.into_iter().collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let serials = [KIT.leaf.certificate.serial()];
    let site = |listed: usize, is_published: bool| {
        let published = with_crl(&KIT.root, &serials[..listed], NOW);
        let content = published.item(Part::Crl).map(|item| item.content().clone());
        let ahead = crl_ahead(content.unwrap_or(Content::None));
        let mut site = match is_published {
            true => published.with(ahead),
            false => root().with(ahead),
        };
        let serial = serials[0].clone();
        let not_after = NOW;
        site.revoked = vec![Revoked { serial, not_after }];
        site
    };
    vec![
        good("none", root()),
        good("listed", site(1, false)),
        good("nothing waits", site(0, true)),
        bad("not listed", site(0, false)),
    ]
}
