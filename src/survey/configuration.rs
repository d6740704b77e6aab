//! Looks at the files that a server's configuration names.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use super::{
    included,
    look::{self, Reach},
    mend,
    unlock::unlock,
};
use crate::{
    check::facts::{Item, Part, Site, SiteKind, part_of},
    emit::{Beside, Endpoint, Named, Paths, Reading, Target},
    pki::certificate::Certificate,
    store::layout::file,
};

/// The text of a file that is neither certificate, private key nor CRL; `None` of anything else.
#[must_use]
pub fn text(path: &Path) -> Option<String> {
    let octets = included::octets(path).ok()?;
    let text = str::from_utf8(&octets).ok()?;
    (part_of(&octets) == Part::Stray).then(|| text.to_owned())
}

/// Changes the mode of a file that the configuration in `named_by` names, if nobody else could have had it
/// named there.
///
/// # Errors
///
/// Where the operating system refuses, the configuration or the file is another user's, or it has changed.
pub fn change_mode(named_by: &Path, path: &Path, from: u32, to: u32) -> io::Result<()> {
    let user = rustix::process::geteuid().as_raw();
    let metadata = fs::metadata(named_by)?;
    if ![0, user].contains(&metadata.uid()) || metadata.mode() & 0o022 != 0 {
        return Err(io::Error::other(format!(
            "others can change {}, which names it",
            named_by.display()
        )));
    }
    // Root looks after servers' keys.
    mend::change_mode(path, to, |look| {
        look.mode == from && (look.owner == user || user == 0)
    })
}

/// Who owns each file that was read, in their order.
#[must_use]
pub fn owners(reading: &Reading<'_>) -> Vec<Option<u32>> {
    let owner = |path: &PathBuf| Some(fs::metadata(path).ok()?.uid());
    reading.files.iter().map(owner).collect()
}

/// What lies where each endpoint says, in the endpoints' order. Endpoints that name the same files share
/// a site.
#[must_use]
pub fn sites(reading: &Reading<'_>) -> Vec<Rc<Site>> {
    let mut different: Vec<&Named<'_>> = Vec::new();
    let mut indices = HashMap::new();
    let mut index_of = |named| {
        *indices.entry(key(named)).or_insert_with(|| {
            different.push(named);
            different.len() - 1
        })
    };
    let order: Vec<usize> = reading.endpoints.iter().map(&mut index_of).collect();
    let paths = &reading.server.manifest.paths;
    let all: Vec<Vec<Item>> = different.iter().map(|named| items(named, paths)).collect();
    let known: Arc<[Certificate]> = (all.iter().flatten())
        .flat_map(|item| item.certificates().to_vec())
        .chain(different.iter().flat_map(|named| beside(named)))
        .collect();
    let site = |items: Vec<Item>| {
        // On a node root may look after what belongs to a server.
        let owner = |part| {
            let item = items.iter().find(|item: &&Item| item.part == part)?;
            Some(item.found.as_ref()?.owner)
        };
        let base_owner = owner(Part::Key).or_else(|| owner(Part::Certificate));
        let mut site = Site::new(SiteKind::Endpoint, items);
        site.known = Arc::clone(&known);
        site.base_owner = base_owner.unwrap_or_default();
        Rc::new(site)
    };
    let sites: Vec<Rc<Site>> = all.into_iter().map(site).collect();
    order
        .into_iter()
        .map(|index| Rc::clone(&sites[index]))
        .collect()
}

/// What tells the files of endpoints apart: what names them, and where they are.
fn key<'n>(
    named: &'n Named<'_>,
) -> (
    *const Endpoint,
    bool,
    [Option<&'n Path>; 5],
    Option<&'n str>,
) {
    let paths = named.targets.each_ref().map(Target::path);
    let unlock = named.unlock.as_ref().map(|unlock| &*unlock.value);
    (named.endpoint, named.pins, paths, unlock)
}

/// What lies where options name files besides, in their order; where nobody here can see, an empty site.
#[must_use]
pub fn besides(reading: &Reading<'_>) -> Vec<Site> {
    let site = |beside: &Beside| {
        let part = Part::Beside(beside.holds);
        let item = absolute(&beside.target).map(|path| Reach::Anywhere.item(part, &path));
        let parents = item
            .as_ref()
            .filter(|_| part.is_secret() || part.is_program());
        let parents = parents.and_then(|item| look::parents(&item.path).ok());
        let owner = item.as_ref().and_then(|item| item.found.as_ref());
        let owner = owner.map(|found| found.owner).unwrap_or_default();
        let items = item.into_iter().chain(parents.into_iter().flatten());
        let mut site = Site::new(SiteKind::Endpoint, items.collect());
        site.base_owner = owner;
        site
    };
    reading.besides.iter().map(site).collect()
}

fn items(named: &Named<'_>, paths: &Paths) -> Vec<Item> {
    let [certificate, key, trust, clients, crl] = &named.targets;
    let item = |part, target: &Target| Some(Reach::Anywhere.item(part, &absolute(target)?));
    let peers = if named.pins {
        Part::Peers
    } else {
        Part::Bundle
    };
    let mut items: Vec<Item> = [
        item(Part::Certificate, certificate),
        item(Part::Key, key),
        item(Part::Trust, trust),
        item(peers, clients),
        item(Part::Crl, crl),
    ]
    .into_iter()
    .flatten()
    .collect();
    if named.endpoint.key.is_none() {
        items = with_key(items);
    }
    unlock(named, paths, &mut items);
    let secret = items.iter().find(|item| item.part == Part::Key);
    let parents = secret.and_then(|key| look::parents(&key.path).ok());
    items.extend(parents.into_iter().flatten());
    items
}

/// Adds the key that is in the certificate's file, or else in the one beside it.
fn with_key(mut items: Vec<Item>) -> Vec<Item> {
    let certificate = items.iter().find(|item| item.part == Part::Certificate);
    let key = certificate.and_then(|item| {
        let found = item.found.as_ref()?;
        let mut beside = OsString::from(&item.path);
        beside.push(".key");
        let path = match found.holds_key {
            true => item.path.clone(),
            false => PathBuf::from(beside),
        };
        Some(Reach::Anywhere.item(Part::Key, &path))
    });
    items.extend(key);
    items
}

/// The roots in the folder of a certificate, where it is laid out as an entry's is.
fn beside(named: &Named<'_>) -> Vec<Certificate> {
    let Some(certificate) = absolute(&named.targets[0]) else {
        return Vec::new();
    };
    let of = |name| Reach::Anywhere.item(Part::Trust, &certificate.with_file_name(name));
    let items = [file::TRUST, file::TRUST_CHAIN].map(of);
    items
        .iter()
        .flat_map(|item| item.certificates().to_vec())
        .collect()
}

fn absolute(target: &Target) -> Option<PathBuf> {
    std::path::absolute(target.path()?).ok()
}
