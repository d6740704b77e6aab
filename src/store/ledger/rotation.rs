//! What the ledger knows of CAs that take the place of others: how far each rotation is, and what was seen of those
//! that trust.
//!
//! Its tables are made by the first transaction that begins one.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Row, params, types::ValueRef};
use time::OffsetDateTime;

use super::{
    Ledger,
    reading::{time, word},
    schema,
};
use crate::{
    pki::{entry_name::EntryName, serial::Serial},
    store::StoreError,
};

/// How far a rotation is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Phase {
    /// Every bundle holds both; leaves come from the old CA
    Announced,
    /// Some leaves come from the successor
    Switching,
    /// All leaves come from the successor
    Switched,
    /// Every bundle holds the successor alone
    Finished,
    /// The successor was taken back
    Aborted,
}

impl Phase {
    const ALL: [Self; 5] = [
        Self::Announced,
        Self::Switching,
        Self::Switched,
        Self::Finished,
        Self::Aborted,
    ];

    /// The word in the ledger and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Switching => "switching",
            Self::Switched => "switched",
            Self::Finished => "finished",
            Self::Aborted => "aborted",
        }
    }

    /// Whether bundles hold both.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Announced | Self::Switching | Self::Switched)
    }

    /// Whether new leaves come from the successor.
    #[must_use]
    pub const fn is_past_switch(self) -> bool {
        matches!(self, Self::Switched | Self::Finished)
    }
}

/// A CA, and the one that takes its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pair {
    /// The CA that leaves
    pub old: EntryName,
    /// Its successor
    pub new: EntryName,
}

/// One rotation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rotation {
    /// The transaction with which it began
    pub began: i64,
    /// How far it is
    pub phase: Phase,
    /// Since when
    pub since: OffsetDateTime,
    /// Since when all leaves come from the successor; `None` where that never was so
    pub switched: Option<OffsetDateTime>,
    /// The CA that was named, then those below it, parents first
    pub pairs: Vec<Pair>,
}

/// A step of a rotation, to be noted.
#[derive(Clone, Debug)]
pub struct Step {
    /// The transaction with which the rotation began
    pub began: i64,
    /// How far it is then
    pub phase: Phase,
    /// Which CAs
    pub pairs: Vec<Pair>,
}

/// By what something was seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SeenBy {
    /// Somebody says so
    Ack,
    /// It came into being when bundles held both; is not in the ledger
    Birth,
    /// What `check` found where it lies
    Check,
    /// A fleet file names it, and nothing was seen yet
    Fleet,
    /// A handshake, in which a certificate of the successor was taken or refused
    Probe,
    /// A handshake, in which none was asked for: only what is served was seen
    Served,
}

impl SeenBy {
    const ALL: [Self; 6] = [
        Self::Ack,
        Self::Birth,
        Self::Check,
        Self::Fleet,
        Self::Probe,
        Self::Served,
    ];

    /// The word in the ledger and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ack => "ack",
            Self::Birth => "birth",
            Self::Check => "check",
            Self::Fleet => "fleet",
            Self::Probe => "probe",
            Self::Served => "served",
        }
    }
}

/// What was seen of somebody who trusts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sighting {
    /// In which rotation
    pub began: i64,
    /// Name of an entry, or of somebody outside
    pub name: EntryName,
    /// In which format somebody outside has the bundle; `None` for an entry
    pub format: Option<String>,
    /// Whether the successor is trusted there
    pub trusts: bool,
    /// SHA-256 of the bundle that is there
    pub bundle: Option<Vec<u8>>,
    /// Serial number of the leaf that is there
    pub serial: Option<Serial>,
    /// SHA-256 of what is sent behind it
    pub chain: Option<Vec<u8>>,
    /// By what it was seen
    pub seen_by: SeenBy,
    /// When; of one that is to be noted, the time of its transaction
    pub at: OffsetDateTime,
}

impl Sighting {
    /// Whether the successor is trusted there; `None` where that was not seen.
    #[must_use]
    pub fn trust(&self) -> Option<bool> {
        let is_seen = self.bundle.is_some() || self.seen_by == SeenBy::Probe;
        (self.trusts || is_seen).then_some(self.trusts)
    }
}

impl Rotation {
    /// The CA that was named.
    ///
    /// # Panics
    ///
    /// Never: a rotation has a CA.
    #[must_use]
    pub fn top(&self) -> &Pair {
        &self.pairs[0]
    }

    /// The CA that takes the place of this one.
    #[must_use]
    pub fn successor(&self, name: &EntryName) -> Option<&EntryName> {
        let pair = self.pairs.iter().find(|pair| pair.old == *name);
        pair.map(|pair| &pair.new)
    }

    /// The CA whose place this one takes.
    #[must_use]
    pub fn predecessor(&self, name: &EntryName) -> Option<&EntryName> {
        let pair = self.pairs.iter().find(|pair| pair.new == *name);
        pair.map(|pair| &pair.old)
    }
}

impl Step {
    /// How far a rotation is, to be noted.
    #[must_use]
    pub fn of(rotation: &Rotation) -> Self {
        Self {
            began: rotation.began,
            phase: rotation.phase,
            pairs: rotation.pairs.clone(),
        }
    }
}

impl Ledger {
    /// Every rotation, oldest first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn rotations(&self) -> Result<Vec<Rotation>, StoreError> {
        if !schema::has_rotations(&self.db)? {
            return Ok(Vec::new());
        }
        let mut statement = self.db.prepare_cached(
            "SELECT began, ca, successor, phase, at,
                 (SELECT max(at) FROM rotation AS step JOIN event USING (txn)
                  WHERE step.began = rotation.began AND step.phase = 'switched')
             FROM rotation JOIN event USING (txn)
             WHERE txn = (SELECT max(txn) FROM rotation AS last WHERE last.began = rotation.began)
             ORDER BY began, place",
        )?;
        let mut rows = statement.query([])?;
        let mut rotations: Vec<Rotation> = Vec::new();
        while let Some(row) = rows.next()? {
            let began = row.get(0)?;
            let pair = Pair {
                old: row.get(1)?,
                new: row.get(2)?,
            };
            match rotations.last_mut().filter(|last| last.began == began) {
                Some(rotation) => rotation.pairs.push(pair),
                None => rotations.push(Rotation {
                    began,
                    phase: word(row, 3, Phase::ALL.map(|phase| (phase.name(), phase)))?,
                    since: time(row, 4)?,
                    switched: match row.get_ref(5)? {
                        ValueRef::Null => None,
                        _ => Some(time(row, 5)?),
                    },
                    pairs: vec![pair],
                }),
            }
        }
        Ok(rotations)
    }

    /// The rotation that is going on; there is one at a time.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn rotation(&self) -> Result<Option<Rotation>, StoreError> {
        let rotations = self.rotations()?;
        Ok(rotations.into_iter().rfind(|it| it.phase.is_open()))
    }

    /// Entries whose first certificate is younger than a rotation: their bundles have held both CAs from the beginning.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn born_in(&self, began: i64) -> Result<BTreeSet<EntryName>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT name FROM certificate WHERE kind NOT IN ('root', 'intermediate')
             GROUP BY name HAVING min(txn) > ?",
        )?;
        let names = statement.query_map([began], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// The transaction that took what a CA has cross-signed since then out of the chains; `None` where none did.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn uncrossed(&self, began: i64, by: &EntryName) -> Result<Option<i64>, StoreError> {
        let query = "SELECT max(change.txn) FROM status_change AS change
             JOIN certificate ON certificate.id = change.certificate
             WHERE origin = 'crossed' AND issuer = ?2 AND certificate.txn >= ?1 AND change.txn >= ?1";
        Ok(self
            .db
            .query_row(query, params![began, by], |row| row.get(0))?)
    }

    /// What was seen last of each that trusts, in a rotation.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn sightings(&self, began: i64) -> Result<BTreeMap<EntryName, Sighting>, StoreError> {
        if !schema::has_rotations(&self.db)? {
            return Ok(BTreeMap::new());
        }
        let mut statement = self.db.prepare_cached(
            "SELECT began, name, format, trusts, bundle, serial, chain, seen_by, at
             FROM consumer JOIN event USING (txn) WHERE began = ? ORDER BY txn",
        )?;
        let mut rows = statement.query([began])?;
        let mut last = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let sighting = sighting(row)?;
            last.insert(sighting.name.clone(), sighting);
        }
        Ok(last)
    }
}

fn sighting(row: &Row<'_>) -> rusqlite::Result<Sighting> {
    let serial: Option<Vec<u8>> = row.get(5)?;
    Ok(Sighting {
        began: row.get(0)?,
        name: row.get(1)?,
        format: row.get(2)?,
        trusts: row.get(3)?,
        bundle: row.get(4)?,
        serial: serial.map(|serial| Serial::from_integer(&serial)),
        chain: row.get(6)?,
        seen_by: word(row, 7, SeenBy::ALL.map(|by| (by.name(), by)))?,
        at: time(row, 8)?,
    })
}

/// Notes steps and sightings within the commit of a transaction.
pub(super) fn note(
    commit: &rusqlite::Transaction<'_>,
    transaction: i64,
    steps: &[Step],
    sightings: &[Sighting],
) -> rusqlite::Result<()> {
    if steps.is_empty() && sightings.is_empty() {
        return Ok(());
    }
    schema::ensure_rotations(commit)?;
    let mut insert = commit.prepare("INSERT INTO rotation VALUES (?, ?, ?, ?, ?, ?)")?;
    for step in steps {
        for (place, pair) in step.pairs.iter().enumerate() {
            let place = i64::try_from(place).unwrap_or(i64::MAX);
            let phase = step.phase.name();
            insert.execute(params![
                transaction,
                step.began,
                place,
                pair.old,
                pair.new,
                phase
            ])?;
        }
    }
    let mut insert = commit.prepare("INSERT INTO consumer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    for seen in sightings {
        insert.execute(params![
            transaction,
            seen.began,
            seen.name,
            seen.format,
            seen.trusts,
            seen.bundle,
            seen.serial.as_ref().map(Serial::as_bytes),
            seen.chain,
            seen.seen_by.name(),
        ])?;
    }
    Ok(())
}
