//! A private key, and what opens one, is its owner's alone.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule, key_shared::is_shared, secrets};
use crate::check::{
    Policy, Terms,
    facts::{Found, Site, SiteKind},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "key-mode",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "Others than its owner can use the private key, or read what opens it or a session, or its owner cannot read it; under `--policy group` a root-owned 0640 will do, and outside of a PKI directory where no people are in its group",
    hint: "`chmod {mode} {path}`, or `certctl check --fix`",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, terms: &Terms) -> Vec<Fault> {
    let wrong = secrets(site).filter_map(|(item, found)| {
        let policy = match item.path.starts_with(CREDENTIALS) || is_shared(site, found) {
            true => Policy::Group,
            false => terms.policy,
        };
        let right = policy.key_mode(found.mode, found.owner);
        let is_key = item.part.is_key() || found.holds_key;
        let message = match found.mode & 0o077 {
            0 if is_key => "is not that of a private key",
            0 => "is not that of a secret",
            _ if is_key => "lets others use the private key",
            _ => "lets others read the secret",
        };
        let fault = (found.mode != right).then(|| Fault::mode(item, found.mode, right, message))?;
        Some(
            match site.kind == SiteKind::Endpoint && is_of_group(found) {
                true => Fault {
                    hint: Some(SHARED),
                    mend: None,
                    ..fault
                },
                false => fault,
            },
        )
    });
    wrong.collect()
}

/// Where systemd lays out copies for services: root's, with an access control list that lets the unit's user in alone,
/// and whose mask stands where the group's rights do (systemd.exec(5), "Credentials"; acl(5)).
const CREDENTIALS: &str = "/run/credentials";

/// A server may read it as a member of its group, and would not any more if others could not.
const SHARED: &str = "`--policy group`, if that is the group of its server alone; else `chown` it to the server's user, and `chmod 0600 {path}`";

/// Whether root lets a group read it.
fn is_of_group(found: &Found) -> bool {
    found.group != 0 && Policy::Group.key_mode(found.mode, found.owner) == found.mode
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
    let credential = |mode| {
        let mut site = of_root(mode);
        let keys = site.items.iter_mut().filter(|it| it.part == Part::Key);
        keys.for_each(|it| it.path = "/run/credentials/db.service/key.pem".into());
        site
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
        good("0440 of root, by systemd", credential(0o440)),
        bad("0444 of root, by systemd", credential(0o444)),
        bad("0640 of root, strict", of_root(0o640)),
        bad(
            "0640 of root, of a server",
            endpoint().changed(Part::Key, |found| {
                (found.mode, found.owner, found.group) = (0o640, 0, 7);
            }),
        ),
        good(
            "0640 of root, shared with servers",
            shared(endpoint(), 0o640),
        ),
        bad("0640 of root, shared, of an entry", shared(entry(), 0o640)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_reads_by_its_group_is_not_taken_from_it() {
        for (mode, group, is_mended) in [
            (0o640, 7, false),
            (0o440, 7, false),
            (0o640, 0, true),
            (0o644, 7, true),
            (0o660, 7, true),
        ] {
            let site = endpoint().changed(Part::Key, move |found| {
                (found.mode, found.owner, found.group) = (mode, 0, group);
            });
            let faults = broken(&site, &terms());
            let mended: Vec<_> = faults.iter().map(|fault| fault.mend.is_some()).collect();
            assert_eq!(mended, [is_mended], "{mode:o} {group}");
        }
    }
}
