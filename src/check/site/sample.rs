//! Sites for the rules' examples: one PKI with real signatures, then bent in one place.

use std::{path::PathBuf, sync::Arc};

use ring::digest;
use time::{OffsetDateTime, macros::datetime};

/// What examples are made of.
pub(super) mod prelude {
    pub(in super::super) use time::Duration;

    pub(in super::super) use super::*;
    pub(in super::super) use crate::check::Policy;
}

mod kit;

pub(in crate::check) use kit::{KIT, Made};

pub(super) use crate::emit::Holds;

pub(super) use crate::check::{
    Terms,
    facts::{
        Content, FileKind, Found, Item, Part, PublicHalf, Recorded, Revoked, Row, Site, SiteKind,
    },
};
use crate::{
    check::Policy as KeyPolicy,
    pki::{certificate::Certificate, serial::Serial},
};

/// The middle of every certificate's life.
pub(super) const NOW: OffsetDateTime = datetime!(2030-06-01 00:00 UTC);
/// Who runs the program, and owns all that is his.
pub(super) const USER: u32 = 1000;

/// What the examples are judged by.
pub(super) fn terms() -> Terms {
    Terms {
        now: NOW,
        within: crate::pki::renewal::Margin::Usual,
        policy: KeyPolicy::Strict,
        user: USER,
    }
}

/// A site that breaks a rule, or does not.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) site: Site,
    pub(super) terms: Terms,
    pub(super) bad: bool,
}

impl Case {
    /// Judged by other terms.
    pub(super) fn by(self, terms: Terms) -> Self {
        Self { terms, ..self }
    }
}

pub(super) fn good(name: &'static str, site: Site) -> Case {
    let (terms, bad) = (terms(), false);
    Case {
        name,
        site,
        terms,
        bad,
    }
}

pub(super) fn bad(name: &'static str, site: Site) -> Case {
    let (terms, bad) = (terms(), true);
    Case {
        name,
        site,
        terms,
        bad,
    }
}

/// What the ledger says of a certificate.
pub(super) fn row(made: &Made) -> Row {
    let parsed = made.certificate.parsed();
    let tbs = digest::digest(&digest::SHA256, parsed.tbs_certificate.as_ref());
    Row {
        serial: made.certificate.serial(),
        digest: tbs.as_ref().try_into().expect("32 octets"),
        issuer: (!made.certificate.is_self_signed()).then(|| String::from("issuing")),
        has_key: true,
        is_current: true,
        is_crossing: false,
        has_made_way: false,
        is_shared: false,
    }
}

/// A file as it should be, with nothing in it.
pub(super) fn file(part: Part, name: &str, mode: u32) -> Item {
    let kind = match part {
        Part::Directory | Part::Parent | Part::Staging => FileKind::Directory,
        _ => FileKind::File,
    };
    let found = Found {
        kind,
        mode,
        owner: USER,
        group: USER,
        shared_with: None,
        link: None,
        holds_key: part == Part::Key,
        content: Content::None,
    };
    Item {
        part,
        path: PathBuf::from("pki").join(name),
        found: Some(found),
    }
}

/// What names the key of a CA.
pub(super) fn key_uri(text: &str) -> Item {
    let uri = text.parse().expect("a URI");
    with_content(Part::KeyUri, "ca/root/key.uri", 0o644, Content::KeyUri(uri))
}

fn with_content(part: Part, name: &str, mode: u32, content: Content) -> Item {
    let mut item = file(part, name, mode);
    if let Some(found) = &mut item.found {
        found.content = content;
    }
    item
}

pub(super) fn certificates(all: &[&Made]) -> Content {
    Content::Certificates(all.iter().map(|made| made.certificate.clone()).collect())
}

pub(super) fn key_of(made: &Made) -> Content {
    Content::Key(PublicHalf::Known(made.key.public_key().to_vec()))
}

fn known() -> Arc<[Certificate]> {
    [&KIT.root, &KIT.issuing]
        .map(|made| made.certificate.clone())
        .into()
}

fn directory_of(kind: SiteKind, name: &str, made: &Made, others: Vec<Item>, own: Content) -> Site {
    let mut items = vec![
        file(Part::Directory, name, 0o700),
        with_content(Part::Certificate, &format!("{name}/cert.pem"), 0o644, own),
        with_content(Part::Key, &format!("{name}/key.pem"), 0o600, key_of(made)),
    ];
    items.extend(others);
    let mut site = Site::new(kind, items);
    site.name = name.rsplit('/').next().unwrap_or_default().to_owned();
    site.recorded = Recorded::As(row(made));
    site.known = known();
    site.authorities = known();
    site.base_owner = USER;
    site
}

pub(super) fn root() -> Site {
    let bundle = with_content(
        Part::Bundle,
        "ca/root/bundle.pem",
        0o644,
        certificates(&[&KIT.root]),
    );
    let own = certificates(&[&KIT.root]);
    directory_of(SiteKind::Authority, "ca/root", &KIT.root, vec![bundle], own)
}

/// A root with a CRL that `signer` made for 30 days.
pub(super) fn with_crl(signer: &Made, revoked: &[Serial], this_update: OffsetDateTime) -> Site {
    let content = Content::RevocationLists(vec![signer.revoke(revoked, this_update)]);
    root().with(with_content(Part::Crl, "ca/root/crl.pem", 0o644, content))
}

/// CRLs that wait.
pub(super) fn crl_ahead(content: Content) -> Item {
    with_content(Part::CrlAhead, "ca/root/crl-ahead.pem", 0o644, content)
}

pub(super) fn authority() -> Site {
    let own = certificates(&[&KIT.issuing]);
    let chain = with_content(Part::Chain, "ca/issuing/chain.pem", 0o644, own.clone());
    directory_of(
        SiteKind::Authority,
        "ca/issuing",
        &KIT.issuing,
        vec![chain],
        own,
    )
}

/// An entry with this leaf.
pub(super) fn entry_of(leaf: &Made) -> Site {
    let trust = certificates(&[&KIT.root]);
    let both = certificates(&[&KIT.root, &KIT.issuing]);
    let others = vec![
        with_content(Part::Trust, "certs/node1/ca.pem", 0o644, trust),
        with_content(Part::TrustChain, "certs/node1/ca-chain.pem", 0o644, both),
    ];
    let own = certificates(&[leaf, &KIT.issuing]);
    directory_of(SiteKind::Entry, "certs/node1", leaf, others, own)
}

pub(super) fn entry() -> Site {
    entry_of(&KIT.leaf)
}

/// An entry that waits for its certificate.
pub(super) fn requested() -> Site {
    let mut site = entry();
    site.recorded = Recorded::No;
    let waiting = [Part::Directory, Part::Key];
    site.items.retain(|item| waiting.contains(&item.part));
    site.with(file(Part::Request, "certs/node1/request.csr", 0o644))
}

pub(super) fn copy() -> Site {
    let mut site = entry();
    site.kind = SiteKind::Copy;
    site.recorded = Recorded::Unknown;
    site.known = Arc::default();
    site.authorities = Arc::default();
    site
}

/// What a configuration file names for one endpoint.
pub(super) fn endpoint() -> Site {
    let mut site = copy();
    site.kind = SiteKind::Endpoint;
    site.items.retain(|item| item.part != Part::Directory);
    site
}

pub(super) fn archived() -> Site {
    let items = vec![
        file(Part::Directory, "archive/node1-01", 0o700),
        file(Part::Key, "archive/node1-01/key.pem", 0o600),
    ];
    let mut site = Site::new(SiteKind::Archived, items);
    site.base_owner = USER;
    site
}

/// A site whose key is root's, and which a group of servers may use.
pub(super) fn shared(site: Site, mode: u32) -> Site {
    site.changed(Part::Key, move |found| {
        (found.mode, found.owner, found.group) = (mode, 0, 7);
        found.shared_with = Some(String::from("`keys` (db)"));
    })
}

/// A key and its certificate, each named for itself.
pub(super) fn lone() -> Site {
    let items = vec![
        with_content(
            Part::Certificate,
            "tls.crt",
            0o644,
            certificates(&[&KIT.leaf]),
        ),
        with_content(Part::Key, "tls.key", 0o600, key_of(&KIT.leaf)),
    ];
    let mut site = Site::new(SiteKind::Lone, items);
    site.base_owner = USER;
    site
}

pub(super) fn pki() -> Site {
    let mut items = vec![file(Part::Ledger, "ledger.db", 0o600)];
    let directories = ["", "ca", "certs", "archive"];
    items.extend(directories.map(|name| file(Part::Directory, name, 0o700)));
    let mut parent = file(Part::Parent, "..", 0o755);
    if let Some(found) = &mut parent.found {
        found.owner = 0;
    }
    items.push(parent);
    let mut site = Site::new(SiteKind::Pki, items);
    site.base_owner = USER;
    site
}

impl Site {
    /// Adds a file.
    pub(super) fn with(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// Takes a file away, so that it is missing.
    pub(super) fn without(mut self, part: Part) -> Self {
        for item in self.items.iter_mut().filter(|item| item.part == part) {
            item.found = None;
        }
        self
    }

    /// Changes what was found of a file.
    pub(super) fn changed(mut self, part: Part, change: impl Fn(&mut Found)) -> Self {
        let items = self.items.iter_mut().filter(|item| item.part == part);
        items
            .filter_map(|item| item.found.as_mut())
            .for_each(change);
        self
    }

    pub(super) fn with_mode(self, part: Part, mode: u32) -> Self {
        self.changed(part, |found| found.mode = mode)
    }

    pub(super) fn with_content(self, part: Part, content: &Content) -> Self {
        self.changed(part, |found| found.content = content.clone())
    }

    /// What an option names besides: nothing there, or something that is a folder if one may enter it.
    pub(super) fn beside(mut self, holds: Holds, mode: Option<u32>) -> Self {
        let mut item = file(Part::Beside(holds), "/etc/beside", mode.unwrap_or_default());
        if let Some(found) = &mut item.found
            && holds == Holds::Folder
            && found.mode & 0o111 != 0
        {
            found.kind = FileKind::Directory;
        }
        item.found = item.found.filter(|_| mode.is_some());
        self.items.push(item);
        self
    }

    pub(super) fn linked(self, part: Part, target: &str) -> Self {
        self.changed(part, |found| found.link = Some(PathBuf::from(target)))
    }

    pub(super) fn recorded(mut self, recorded: Recorded) -> Self {
        self.recorded = recorded;
        self
    }
}
