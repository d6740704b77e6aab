//! What the ledger knows, read without changing it.

use std::{collections::HashMap, iter, time::Duration};

use ring::digest;

use crate::{
    check::facts::{Content, FileKind, Item, Revoked, Row},
    newer::Newer,
    store::{
        Access, Pki, StoreError, evidence,
        layout::{Area, Layout, Place, STAGING_PREFIX},
        ledger::{Ledger, Origin, Record, Status, rotation::Phase},
        ledger_files::{has_certificates, has_log},
        pull::is_kept_elsewhere,
        reader::Reader,
        shared::SETTINGS,
        shared::SharedError,
    },
};

/// For each name the row in use, or else the last.
pub(super) type Rows = HashMap<(Area, String), Row>;

/// Has an interrupted command's work finished or taken back, as every command does; where that is not
/// possible, what it left is a finding.
pub(super) fn repair(layout: &Layout, wait: Duration) -> Result<Option<String>, StoreError> {
    let root = layout.root();
    let names = layout.directory().names();
    let names = names.map_err(|error| StoreError::io("list", root, error))?;
    let is_shared = names.iter().any(|name| name == SETTINGS);
    let is_left = has_log(layout) || names.iter().any(|name| name.starts_with(STAGING_PREFIX));
    if !is_left && !is_shared {
        return Ok(None);
    }
    match Pki::open(root, Access::Read, wait) {
        Ok(pki) => Ok(match pki.stale() {
            // Nothing wrong can be said of that.
            Some(broken @ SharedError::Broken(_)) => {
                return Err(StoreError::Shared(broken.clone()));
            }
            Some(stale) => Some(format!("{stale}: what others did since then is not known")),
            None => pki.repaired().map(str::to_owned),
        }),
        Err(error @ (StoreError::Locked { .. } | StoreError::Shared(_))) => Err(error),
        Err(_) => Ok(None),
    }
}

/// All that is taken from the ledger.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) rows: Rows,
    /// Names in the archive of what was replaced or revoked
    pub(super) archived: Vec<String>,
    /// Whether other machines share the ledger
    pub(super) is_shared: bool,
    /// How many entries are on other machines that share the ledger
    pub(super) elsewhere: usize,
    /// What each CA has revoked
    pub(super) revoked: HashMap<String, Vec<Revoked>>,
    /// What knows more of each CA than the ledger
    pub(super) newer: HashMap<String, Vec<Newer>>,
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

    fn read(ledger: &Ledger, layout: &Layout) -> Result<Self, StoreError> {
        let mut records = Self::default();
        let is_shared = ledger.is_copy()?;
        records.is_shared = is_shared;
        ledger.for_each(|record| {
            let place = record.place();
            match is_shared && is_kept_elsewhere(layout, &place) {
                true if !layout.holds(&layout.place(&place)).unwrap_or(true) => {
                    records.elsewhere += usize::from(record.status == Status::Current);
                    records.note_revoked(&record);
                }
                is_elsewhere => records.take(record, is_elsewhere),
            }
        })?;
        if is_shared {
            // What others archived is with them.
            records.archived.clear();
        }
        let rotations = ledger.rotations()?.into_iter();
        for pair in rotations
            .filter(|it| it.phase == Phase::Finished)
            .flat_map(|it| it.pairs)
        {
            let row = (Area::Authorities, pair.old.to_string());
            if let Some(row) = records.rows.get_mut(&row) {
                row.has_made_way = true;
            }
        }
        let reader = Reader::new(layout);
        let mut authorities = Vec::new();
        for record in ledger.authorities()? {
            let name = record.name;
            let certificate = reader.leaf(&layout.place(&Place::authority(name.clone())));
            authorities.extend(certificate.map(|certificate| (name, certificate)));
        }
        for (name, newer) in evidence::newer(&reader, ledger, &authorities)? {
            let of_authority = records.newer.entry(name.to_string());
            of_authority.or_default().push(newer);
        }
        Ok(records)
    }

    fn note_revoked(&mut self, record: &Record) {
        if let (Status::Revoked, Some(issuer)) = (record.status, &record.issuer) {
            self.revoked
                .entry(issuer.to_string())
                .or_default()
                .push(Revoked {
                    serial: record.serial.clone(),
                    not_after: record.validity.not_after,
                });
        }
    }

    fn take(&mut self, record: Record, is_key_elsewhere: bool) {
        let is_current = record.status == Status::Current;
        if !is_current && record.origin.has_files() {
            self.archived
                .push(format!("{}-{}", record.name, record.serial));
        }
        self.note_revoked(&record);
        let mut digest = [0; 32];
        digest.copy_from_slice(digest::digest(&digest::SHA256, &record.to_be_signed).as_ref());
        let key = (record.kind.area(), record.name.to_string());
        if !is_current && self.rows.get(&key).is_some_and(|row| row.is_current) {
            return;
        }
        let row = Row {
            serial: record.serial,
            digest,
            issuer: record.issuer.map(|issuer| issuer.to_string()),
            has_key: record.origin.has_key() && !is_key_elsewhere,
            is_current,
            is_crossing: record.origin == Origin::Crossed,
            has_made_way: false,
            is_shared: self.is_shared,
        };
        self.rows.insert(key, row);
    }
}

/// Reads the ledger without changing it; that it cannot be read becomes its content.
pub(super) fn read_ledger(
    item: &mut Item,
    layout: &Layout,
    is_believed: bool,
) -> Result<Option<Records>, StoreError> {
    let Some(found) = &mut item.found else {
        return match has_certificates(layout) {
            true => Ok(None),
            false => Err(StoreError::NoPki(layout.root().to_owned())),
        };
    };
    if found.kind != FileKind::File {
        return Ok(None);
    }
    if layout
        .directory()
        .look(&item.path)
        .is_ok_and(|look| look.size == 0)
    {
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
    let ledger = match is_believed {
        true => Ledger::open_read_only(layout),
        false => Ledger::copy(layout),
    };
    let read = |ledger: Ledger| match ledger.first_fault()? {
        None => Records::read(&ledger, layout),
        Some(fault) => Err(StoreError::LedgerChanged(fault)),
    };
    match ledger.and_then(read) {
        Ok(records) => Ok(Some(records)),
        Err(error) => {
            found.content = Content::Malformed(error.to_string());
            Ok(None)
        }
    }
}
