//! The second step: leaves come from the successor, all at once or some at a time; and back again.

use std::collections::{BTreeMap, HashMap};

use time::{Duration, OffsetDateTime};

use super::{
    RotateError,
    announcement::Announcement,
    evidence::{Consumer, Generation},
    stepped,
};
use crate::{
    issuance::{
        IssueError, SigningAuthority,
        authority::Made,
        leaf::{Batch, issue},
        renewal::{Keys, Terms, request},
    },
    pki::{entry_name::EntryName, validity::Lifetime},
    store::{
        Pki,
        layout::Area,
        ledger::{
            Record,
            rotation::{Phase, Rotation, Step},
        },
    },
};

/// Which of those that are left are switched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Share {
    /// All
    All,
    /// These
    Named(Vec<EntryName>),
    /// So many
    Count(usize),
    /// So many hundredths of all that take part, rounded up
    Percent(u8),
}

/// How leaves get their certificates from the other CA.
pub struct Switch<'a> {
    /// The rotation
    pub rotation: &'a Rotation,
    /// From which CA they come then
    pub to: Generation,
    /// Which, as they are
    pub leaves: Vec<Record>,
    /// CAs that came below the old one meanwhile, and get their successors first
    pub latecomers: Option<&'a Announcement<'a>>,
    /// How far the rotation is then
    pub phase: Phase,
    /// How long they are valid
    pub lifetime: Option<Lifetime>,
    /// How far their beginning lies before now
    pub backdate: Duration,
    /// The time of signing
    pub now: OffsetDateTime,
    /// Take all of it back in the end
    pub dry_run: bool,
    /// Called with how many leaves have been written since the last call
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Those that come next, in the order of their names; and whether none is left then. What other machines have the keys
/// of is left to them unless it is named.
///
/// # Errors
///
/// Where one that is named takes no part, or the ledger cannot be read.
pub fn chosen(
    pki: &Pki,
    consumers: &[Consumer],
    from: Generation,
    share: &Share,
) -> Result<(Vec<Record>, bool), RotateError> {
    let waiting = consumers.iter().filter(|it| it.leaf == Some(from));
    let here = waiting.clone().filter(|it| !is_elsewhere(pki, it));
    let here = here.map(|it| &it.name);
    let waiting: Vec<_> = waiting.map(|it| &it.name).collect();
    let all = consumers.iter().filter(|it| it.leaf.is_some()).count();
    let names: Vec<&EntryName> = match share {
        Share::All => here.collect(),
        Share::Count(count) => here.take(*count).collect(),
        Share::Percent(percent) => {
            let count = (all * usize::from(*percent)).div_ceil(100);
            here.take(count).collect()
        }
        Share::Named(names) => {
            let takes_part = |name: &&EntryName| consumers.iter().any(|it| it.name == **name);
            if let Some(unknown) = names.iter().find(|name| !takes_part(name)) {
                return Err(RotateError::Unknown(unknown.clone()));
            }
            let is_waiting = |name: &&EntryName| waiting.contains(name);
            names.iter().filter(is_waiting).collect()
        }
    };
    let is_last = names.len() == waiting.len();
    let _snapshot = pki.ledger().snapshot()?;
    let mut records = Vec::new();
    for name in names {
        records.extend(pki.ledger().current(Area::Entries, name)?);
    }
    Ok((records, is_last))
}

/// Whether the key of somebody's certificate is on another machine that shares the ledger.
#[must_use]
pub fn is_elsewhere(pki: &Pki, consumer: &Consumer) -> bool {
    let record = consumer.record.as_ref();
    record.is_some_and(|it| it.origin.has_key() && pki.is_kept_elsewhere(&it.place()))
}

impl Switch<'_> {
    /// The CAs that sign and are there already.
    #[must_use]
    pub fn signers(&self) -> Vec<EntryName> {
        let made = self.latecomers.iter().flat_map(|it| &it.lineup.members);
        let made: Vec<_> = made.map(|(_, new)| new).collect();
        let all = self.groups().into_keys();
        all.filter(|name| !made.contains(&name)).collect()
    }

    fn groups(&self) -> BTreeMap<EntryName, Vec<&Record>> {
        let mut groups: BTreeMap<EntryName, Vec<&Record>> = BTreeMap::new();
        for record in &self.leaves {
            let other = record.issuer.as_ref().and_then(|issuer| match self.to {
                Generation::New => self.rotation.successor(issuer),
                Generation::Old => self.rotation.predecessor(issuer),
            });
            if let Some(other) = other {
                groups.entry(other.clone()).or_default().push(record);
            }
        }
        groups
    }

    /// Does it, in one transaction; `note` gets each record.
    ///
    /// # Errors
    ///
    /// The first that occurs; nothing is changed then.
    pub fn carry_out(
        &self,
        pki: &mut Pki,
        signers: &HashMap<EntryName, SigningAuthority>,
        note: &mut dyn FnMut(&Record),
    ) -> Result<Rotation, RotateError> {
        let layout = pki.layout().clone();
        let terms = Terms {
            keys: Keys::New,
            lifetime: self.lifetime,
            backdate: self.backdate,
        };
        let names = self.leaves.iter().map(|it| &it.name);
        let read = |it: &Announcement<'_>| it.read(pki, names);
        let before = self.latecomers.map(read).transpose()?;
        let mut transaction = pki.begin()?;
        let made = match self.latecomers.zip(before) {
            Some((late, before)) => late.announce(&mut transaction, before)?.made,
            None => Vec::new(),
        };
        for (signer, records) in self.groups() {
            let missing = || IssueError::NoIssuer(signer.to_string());
            let is_signer = |it: &&Made| it.record.name == signer;
            let late = made.iter().find(is_signer).map(|it| &it.signing);
            let issuer = late.or_else(|| signers.get(&signer));
            let batch = Batch {
                issuer: Some(issuer.ok_or_else(missing)?),
                extensions: None,
                now: self.now,
                progress: self.progress,
            };
            let requests = records
                .iter()
                .map(|record| request(record, &layout, &terms));
            issue(&mut transaction, requests, &batch, note)?;
        }
        let rotation = stepped(self.rotation, self.phase);
        transaction.step(Step::of(&rotation));
        transaction.finish(self.dry_run)?;
        Ok(rotation)
    }
}
