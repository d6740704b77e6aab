//! A private key, and what opens one, is its owner's alone.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{FileKind, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-mode",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "Others than its owner can use the private key, or read what opens it or a session, or its owner cannot read it; under `--policy group` a root-owned 0640 will do",
    hint: "`chmod {mode} {path}`, or `certctl check --fix`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let keys = site.found().filter(|(item, found)| {
        (item.part.is_secret() || found.holds_key) && found.kind == FileKind::File
    });
    let wrong = keys.filter_map(|(item, found)| {
        let right = terms.policy.key_mode(found.mode, found.owner);
        let is_key = item.part.is_key() || found.holds_key;
        let message = match found.mode & 0o077 {
            0 if is_key => "is not that of a private key",
            0 => "is not that of a secret",
            _ if is_key => "lets others use the private key",
            _ => "lets others read the secret",
        };
        (found.mode != right).then(|| Fault::mode(item, found.mode, right, message))
    });
    wrong.collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let mode = |mode| entry().with_mode(Part::Key, mode);
    let group = || Terms {
        policy: Policy::Group,
        ..terms()
    };
    let of_root = |mode| {
        entry().changed(Part::Key, move |found| {
            found.mode = mode;
            found.owner = 0;
        })
    };
    let stray = |holds_key| {
        let stray = entry().with(file(Part::Stray, "certs/node1/old", 0o644));
        stray.changed(Part::Stray, |found| found.holds_key = holds_key)
    };
    vec![
        good("0600", mode(0o600)),
        good("0400", mode(0o400)),
        good("archived", archived()),
        good("another file", stray(false)),
        good("0640 of root", of_root(0o640)).by(group()),
        good("0440 of root", of_root(0o440)).by(group()),
        bad("0640 of root, strict", of_root(0o640)),
        bad("0640 of another", mode(0o640)).by(group()),
        bad("0660 of root", of_root(0o660)).by(group()),
        bad("0644", mode(0o644)),
        bad("0666", mode(0o666)),
        bad("nobody can read it", mode(0o200)),
        bad("0700", mode(0o700)),
        bad("setuid", mode(0o4600)),
        bad("archived", archived().with_mode(Part::Key, 0o644)),
        bad("in a file that is for something else", stray(true)),
        bad(
            "beside the certificate",
            lone().changed(Part::Certificate, |found| found.holds_key = true),
        ),
    ]
}
