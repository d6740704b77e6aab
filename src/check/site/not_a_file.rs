//! Files are files, and directories are directories.

#[cfg(test)]
use super::sample::prelude::*;
use super::{Fault, Severity, SiteRule};
use crate::check::{
    Terms,
    facts::{Content, FileKind, Found, Item, Part, Site},
};

pub(super) const RULE: SiteRule = SiteRule {
    code: "not-a-file",
    severity: Severity::Error,
    source: "certctl(1), FILES",
    meaning: "Where a file belongs there is a directory, a pipe or a device; or a file where a directory belongs",
    hint: "take away what is there",
    broken,
    #[cfg(test)]
    cases,
};

fn broken(site: &Site, _: &Terms) -> Vec<Fault> {
    let fault = |(item, found): (&Item, &Found)| {
        let wanted = match item.part {
            Part::Archive | Part::Directory | Part::Parent | Part::Staging | Part::Stray => {
                return None;
            }
            part if part.is_folder() => FileKind::Directory,
            _ => FileKind::File,
        };
        let is_program = item.part.is_program() && found.kind == FileKind::File;
        if is_program && found.mode & 0o111 == 0 {
            return Some(Fault::new(item, "nobody may run it"));
        }
        if matches!(found.content, Content::Unreadable(_)) {
            return None;
        }
        let message = match (&found.link, found.kind) {
            (_, kind) if kind == wanted => return None,
            // That is a rule of its own.
            (_, FileKind::Link) => return None,
            (Some(target), FileKind::Other) => {
                format!("it is a symlink to {}, which is no file", target.display())
            }
            (_, FileKind::File) => String::from("it is a file, and a folder belongs there"),
            (_, FileKind::Directory) => String::from("it is a directory"),
            _ => String::from("it is no regular file"),
        };
        Some(Fault::new(item, message))
    };
    site.found().filter_map(fault).collect()
}

#[cfg(test)]
fn cases() -> Vec<Case> {
    let kind = |part, kind| entry().changed(part, move |found| found.kind = kind);
    vec![
        good("an entry", entry()),
        good("the PKI directory", pki()),
        good(
            "a link that was not followed",
            kind(Part::Trust, FileKind::Link).linked(Part::Trust, "ca.pem"),
        ),
        good("a folder", endpoint().beside(Holds::Folder, Some(0o755))),
        bad("no folder", endpoint().beside(Holds::Folder, Some(0o644))),
        good("a program", endpoint().beside(Holds::Program, Some(0o755))),
        bad("no program", endpoint().beside(Holds::Program, Some(0o644))),
        bad("a directory", kind(Part::Certificate, FileKind::Directory)),
        bad("a pipe", kind(Part::Key, FileKind::Other)),
        bad(
            "a link to nothing",
            kind(Part::Trust, FileKind::Other).linked(Part::Trust, "gone"),
        ),
        bad(
            "the ledger",
            pki().changed(Part::Ledger, |found| found.kind = FileKind::Directory),
        ),
    ]
}
