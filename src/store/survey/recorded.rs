//! What the ledger knows, read without changing it.

use std::{collections::HashMap, fs, io, iter, path::Path, time::Duration};

use ring::digest;

use super::look;
use crate::{
    check::facts::{Content, FileKind, Item, Revoked, Row},
    store::{
        Access, Pki, StoreError,
        layout::{Area, Layout, STAGING_PREFIX},
        ledger::{Ledger, Record, Status},
        ledger_files::has_log,
    },
};

/// For each name the row in use, or else the last.
pub(super) type Rows = HashMap<(Area, String), Row>;

/// Has an interrupted command's work finished or taken back, as every command does; where that is not
/// possible, what it left is a finding.
pub(super) fn repair(root: &Path, wait: Duration) -> Result<Option<&'static str>, StoreError> {
    let layout = Layout::new(root.to_owned());
    let log = has_log(&layout);
    let names = look::names_in(root).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::NoPki(root.to_owned()),
        _ => StoreError::io("list", root, error),
    })?;
    if !log && !names.iter().any(|name| name.starts_with(STAGING_PREFIX)) {
        return Ok(None);
    }
    match Pki::open(root, Access::Read, wait) {
        Ok(pki) => Ok(pki.repaired()),
        Err(error @ StoreError::Locked { .. }) => Err(error),
        Err(_) => Ok(None),
    }
}

/// All that is taken from the ledger.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) rows: Rows,
    /// Names in the archive of what was replaced or revoked
    pub(super) archived: Vec<String>,
    /// What each CA has revoked
    pub(super) revoked: HashMap<String, Vec<Revoked>>,
}

impl Records {
    /// The nearest CA above a certificate in use that is no longer in use itself.
    pub(super) fn revoked_above(&self, row: &Row) -> Option<String> {
        let above = |row: &Row| {
            let name = row.issuer.clone()?;
            let row = self.rows.get(&(Area::Authorities, name.clone()))?;
            Some((name, row))
        };
        let path = iter::successors(above(row), |(_, row)| above(row));
        // A ledger that somebody changed may hold a circle.
        let mut path = path.take(self.rows.len());
        path.find(|(_, row)| !row.is_current).map(|(name, _)| name)
    }

    fn take(&mut self, record: Record) {
        let is_current = record.status == Status::Current;
        if !is_current {
            self.archived
                .push(format!("{}-{}", record.name, record.serial));
        }
        if let (Status::Revoked, Some(issuer)) = (record.status, &record.issuer) {
            self.revoked
                .entry(issuer.clone())
                .or_default()
                .push(Revoked {
                    serial: record.serial.clone(),
                    not_after: record.validity.not_after,
                });
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(digest::digest(&digest::SHA256, &record.to_be_signed).as_ref());
        let key = (record.kind.area(), record.name);
        if !is_current && self.rows.get(&key).is_some_and(|row| row.is_current) {
            return;
        }
        let row = Row {
            serial: record.serial,
            digest,
            issuer: record.issuer,
            has_key: record.origin.has_key(),
            is_current,
        };
        self.rows.insert(key, row);
    }
}

/// Reads the ledger without changing it; that it cannot be read becomes its content.
pub(super) fn read_ledger(item: &mut Item, layout: &Layout) -> Result<Option<Records>, StoreError> {
    let Some(found) = &mut item.found else {
        return match Area::ALL.iter().any(|&area| layout.area(area).exists()) {
            true => Ok(None),
            false => Err(StoreError::NoPki(layout.root().to_owned())),
        };
    };
    if found.kind != FileKind::File {
        return Ok(None);
    }
    if fs::metadata(&item.path).is_ok_and(|metadata| metadata.len() == 0) {
        found.content = Content::Malformed(String::from("the ledger is empty"));
        return Ok(None);
    }
    // Without the log the database alone is what it was at no time.
    if has_log(layout) {
        found.content = Content::Unreadable(String::from(
            "it is whole only with ledger.db-wal, which cannot be worked off: another program has the \
             ledger open, or the disk is full or read-only",
        ));
        return Ok(None);
    }
    let mut records = Records::default();
    let result = Ledger::open_read_only(&item.path)
        .and_then(|ledger| ledger.for_each(|record| records.take(record)));
    match result {
        Ok(()) => Ok(Some(records)),
        Err(error) => {
            found.content = Content::Malformed(error.to_string());
            Ok(None)
        }
    }
}
