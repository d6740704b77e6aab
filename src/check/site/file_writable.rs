//! Nobody else can change a certificate or a trust bundle.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{FileKind, Found, Item, Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "file-writable",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "Others can change a certificate, a trust bundle or a CRL, and so decide who is trusted",
    hint: "`chmod {mode} {path}`, or `certctl check --fix`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let files = site.found().filter(|(item, found)| {
        let own_rule = matches!(
            item.part,
            Part::Directory | Part::Key | Part::Ledger | Part::Parent
        ) || item.part.is_secret();
        !own_rule && !found.holds_key && found.kind == FileKind::File
    });
    let wrong = files.filter(|(_, found)| found.mode & 0o022 != 0);
    let fault = |(item, found): (&Item, &Found)| {
        Fault::mode(
            item,
            found.mode,
            found.mode & 0o755,
            "lets others change it",
        )
    };
    wrong.map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    vec![
        good("0644", entry()),
        good("0600", entry().with_mode(Part::Trust, 0o600)),
        bad("the group can", entry().with_mode(Part::Trust, 0o664)),
        bad("everybody can", lone().with_mode(Part::Certificate, 0o666)),
    ]
}
