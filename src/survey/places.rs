//! What there is in a PKI directory: CAs, entries, archive, and what else lies in it.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use super::{
    Spot,
    look::{self, Reach},
    recorded::Records,
};
use crate::{
    check::facts::{Content, Found, Item, Part, SiteKind},
    pki::{certificate::Certificate, entry_name::EntryName},
    store::{
        StoreError,
        layout::{Area, Layout, STAGING_PREFIX, file},
    },
};

/// CAs, entries and what is archived: all that is there, and all that the ledger knows.
pub(super) fn places(layout: &Layout, records: Option<&Records>) -> Result<Vec<Spot>, StoreError> {
    let mut spots = Vec::new();
    for area in Area::ALL {
        let directory = layout.area(area);
        let on_disk = list(layout, &directory)?
            .into_iter()
            .filter(|name| is_place(layout, &directory, name));
        let mut names: BTreeSet<String> = on_disk.collect();
        let rows = records.map(|records| &records.rows).into_iter().flatten();
        let current = rows.filter(|((of, _), row)| *of == area && row.is_current);
        names.extend(current.map(|((_, name), _)| name.clone()));
        spots.extend(
            names
                .iter()
                .map(|name| Spot::place(area, directory.join(name))),
        );
    }
    let archive = layout.archive();
    let archived = list(layout, &archive)?
        .into_iter()
        .map(|name| archive.join(name))
        .filter(|path| is_directory(layout, path));
    spots.extend(archived.map(|path| Spot {
        kind: SiteKind::Archived,
        name: String::new(),
        path,
        items: Vec::new(),
    }));
    Ok(spots)
}

fn is_place(layout: &Layout, directory: &Path, name: &str) -> bool {
    name.parse::<EntryName>().is_ok() && is_directory(layout, &directory.join(name))
}

fn is_directory(layout: &Layout, path: &Path) -> bool {
    let look = layout.directory().look(path);
    look.is_ok_and(|look| look.is_directory())
}

/// The PKI directory itself, without its CAs and entries.
pub(super) fn top(
    layout: &Layout,
    ledger: Item,
    records: Option<&Records>,
) -> Result<Vec<Item>, StoreError> {
    let (root, reach) = (layout.root(), Reach::Below(layout.directory()));
    let mut items = vec![reach.item(Part::Directory, root), ledger];
    for name in list(layout, root)? {
        let path = root.join(&name);
        match name.as_str() {
            "archive" | "ca" | "certs" => items.push(reach.item(Part::Directory, &path)),
            "ledger.db" => {}
            "ledger.db-shm" | "ledger.db-wal" => items.push(reach.item(Part::Ledger, &path)),
            _ if name.starts_with(STAGING_PREFIX) => items.push(reach.item(Part::Staging, &path)),
            _ => {
                let other = reach.item(Part::Stray, &path);
                // Other files may well stand here; private keys may not.
                items.extend(
                    Some(other).filter(|it| it.found.as_ref().is_some_and(|found| found.holds_key)),
                );
            }
        }
    }
    for directory in Area::ALL.map(|area| layout.area(area)) {
        let names = list(layout, &directory)?
            .into_iter()
            .filter(|name| !is_place(layout, &directory, name));
        items.extend(names.map(|name| reach.item(Part::Stray, &directory.join(name))));
    }
    let missing = records
        .map(|records| &records.archived[..])
        .unwrap_or_default()
        .iter();
    let missing = missing
        .map(|name| layout.archive().join(name))
        .filter(|path| !layout.holds(path).unwrap_or(true));
    items.extend(missing.map(|path| reach.outside(Part::Archive, &path)));
    items.extend(look::parents(root).map_err(|error| StoreError::io("look at", root, error))?);
    Ok(items)
}

/// Names in a directory that need not be there. What a symlink leads to is none of ours.
fn list(layout: &Layout, directory: &Path) -> Result<Vec<String>, StoreError> {
    let look = layout.directory().find(directory);
    let look = look.map_err(|error| StoreError::io("look at", directory, error))?;
    if directory != layout.root() && !look.is_some_and(|look| look.is_directory()) {
        return Ok(Vec::new());
    }
    let names = Reach::Below(layout.directory()).names_in(directory);
    names.map_err(|error| StoreError::io("list", directory, error))
}

/// Certificates of all CAs as they are in use; none where one that the ledger has cannot be read, as then nobody knows
/// who signed what.
pub(super) fn authorities(layout: &Layout, records: Option<&Records>) -> Arc<[Certificate]> {
    let (directory, reach) = (
        layout.area(Area::Authorities),
        Reach::Below(layout.directory()),
    );
    let first = |name: &str| {
        let path = directory.join(name).join(file::CERTIFICATE);
        match reach.item(Part::Certificate, &path).found?.content {
            Content::Certificates(found) => found.into_iter().next(),
            _ => None,
        }
    };
    let rows = records.into_iter().flat_map(|records| &records.rows);
    let mut recorded = rows.filter(|((area, _), row)| *area == Area::Authorities && row.is_current);
    if recorded.any(|((_, name), _)| first(name).is_none()) {
        return Arc::default();
    }
    let names = reach.names_in(&directory).unwrap_or_default();
    names.iter().filter_map(|name| first(name)).collect()
}

/// Certificates of all CAs, as far as they can be read.
pub(super) fn known(layout: &Layout) -> Arc<[Certificate]> {
    let (directory, reach) = (
        layout.area(Area::Authorities),
        Reach::Below(layout.directory()),
    );
    let mut known: Vec<Certificate> = Vec::new();
    for name in reach.names_in(&directory).unwrap_or_default() {
        for (file, part) in [
            (file::CERTIFICATE, Part::Certificate),
            (file::BUNDLE, Part::Bundle),
            (file::CHAIN, Part::Chain),
        ] {
            let found = reach.item(part, &directory.join(&name).join(file)).found;
            let Some(Found {
                content: Content::Certificates(found),
                ..
            }) = found
            else {
                continue;
            };
            let new = found.into_iter().filter(|it| !known.contains(it));
            let new: Vec<_> = new.collect();
            known.extend(new);
        }
    }
    known.into()
}
