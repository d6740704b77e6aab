//! A private key that root shares with servers is told, so that somebody may ask whether it should be.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, secrets};
use crate::check::{
    Policy, Terms,
    facts::{Found, Item, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-shared",
    severity: Severity::Info,
    source: "certctl(1), FILES",
    meaning: "The private key is root's, and a group without people may read it, as packages share it with servers (Debian's `ssl-cert`): each server in that group can be who the key says",
    hint: "`--policy group`, if all of the group are meant to use it",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let is_wrong = |found: &Found| {
        let right = terms.policy.key_mode(found.mode, found.owner);
        is_shared(site, found) && found.mode != right
    };
    let fault = |(item, found): (&Item, &Found)| {
        let group = found.shared_with.as_ref().filter(|_| is_wrong(found))?;
        let mode = found.mode;
        Some(Fault::new(
            item,
            format!("mode {mode:04o} of root lets the group {group} read it"),
        ))
    };
    secrets(site).filter_map(fault).collect()
}

/// Whether a secret that certctl does not keep itself is as packages share theirs with servers.
pub(super) fn is_shared(site: &Site, found: &Found) -> bool {
    let is_others = matches!(site.kind, SiteKind::Endpoint | SiteKind::Lone);
    let is_right = Policy::Group.key_mode(found.mode, found.owner) == found.mode;
    is_others && is_right && found.shared_with.is_some()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let group = Terms {
        policy: Policy::Group,
        ..terms()
    };
    let of_another = shared(endpoint(), 0o640).changed(Part::Key, |found| found.owner = 7);
    vec![
        bad("0640, of a server", shared(endpoint(), 0o640)),
        bad("0440, named", shared(lone(), 0o440)),
        good("0640, of an entry", shared(entry(), 0o640)),
        good("0660", shared(endpoint(), 0o660)),
        good("0644", shared(endpoint(), 0o644)),
        good("0600", endpoint()),
        good("of another", of_another),
        good("as wanted", shared(endpoint(), 0o640)).by(group),
    ]
}
