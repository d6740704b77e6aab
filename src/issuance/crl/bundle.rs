//! A root's CRL bundle: its own CRL and those of all CAs below it.

use std::{collections::BTreeMap, io};

use super::Signed;
use crate::{
    pki::entry_name::EntryName,
    store::{
        Pki, StoreError,
        layout::{Place, file},
        ledger::Record,
    },
};

/// Names of files, and what is in them.
type Files = Vec<(&'static str, String)>;

/// Each CA without one above it, with itself and all below it.
#[must_use]
pub fn families(authorities: &[Record]) -> BTreeMap<EntryName, Vec<EntryName>> {
    let find = |name: &EntryName| authorities.iter().find(|record| record.name == *name);
    let mut families = BTreeMap::<_, Vec<_>>::new();
    for record in authorities {
        let mut top = record;
        // No CA is above itself; the number of CAs bounds it all the same.
        for _ in authorities {
            top = top.issuer.as_ref().and_then(find).unwrap_or(top);
        }
        families
            .entry(top.name.clone())
            .or_default()
            .push(record.name.clone());
    }
    families
}

/// Roots that took each other's places, and all CAs below them: who trusts one has to know what any of them revoked.
#[derive(Debug)]
pub struct Line {
    /// The roots
    pub roots: Vec<EntryName>,
    /// Their CRLs, by the names of the CAs
    lists: Vec<(EntryName, String)>,
}

impl Line {
    /// The line to which a CA belongs.
    ///
    /// # Errors
    ///
    /// Where the ledger or a CRL cannot be read.
    pub fn of(pki: &Pki, name: &EntryName) -> Result<Self, StoreError> {
        let lines = Self::all(pki)?.into_iter();
        let mut holding = lines.filter(|line| line.lists.iter().any(|(it, _)| it == name));
        let alone = || Self {
            roots: vec![name.clone()],
            lists: Vec::new(),
        };
        Ok(holding.next().unwrap_or_else(alone))
    }

    fn all(pki: &Pki) -> Result<Vec<Self>, StoreError> {
        let generations = pki.generations()?;
        let mut lines: BTreeMap<EntryName, Self> = BTreeMap::new();
        for (root, family) in families(&pki.authorities()?) {
            let lists = family.into_iter().map(|name| {
                let text = standing(pki, &name)?;
                Ok((name, text))
            });
            let lists = lists.collect::<Result<Vec<_>, StoreError>>()?;
            let line = lines.entry(generations.first(&root).clone());
            let line = line.or_insert_with(|| Self {
                roots: Vec::new(),
                lists: Vec::new(),
            });
            line.roots.push(root);
            line.lists.extend(lists);
        }
        Ok(lines.into_values().collect())
    }

    /// Whether a CA has a CRL.
    #[must_use]
    pub fn has(&self, name: &EntryName) -> bool {
        let mut lists = self.lists.iter();
        lists.any(|(it, text)| it == name && !text.is_empty())
    }

    /// Takes the next CRL of a CA.
    pub fn put(&mut self, name: &EntryName, text: String) {
        match self.lists.iter_mut().find(|(it, _)| it == name) {
            Some((_, old)) => *old = text,
            None => self.lists.push((name.clone(), text)),
        }
    }

    /// Forgets a CA.
    pub fn forget(&mut self, name: &EntryName) {
        self.roots.retain(|it| it != name);
        self.lists.retain(|(it, _)| it != name);
    }

    /// All of them; `None` where there is no CRL.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let text: String = self.lists.iter().map(|(_, text)| text.as_str()).collect();
        (!text.is_empty()).then_some(text)
    }
}

/// The files of each CA that these CRLs change.
pub(super) fn files(pki: &Pki, lists: &[Signed]) -> Result<BTreeMap<EntryName, Files>, StoreError> {
    let mut changed = BTreeMap::<_, Files>::new();
    for list in lists {
        let files = changed.entry(list.issuer.clone()).or_default();
        files.push((file::CRL, list.text.clone()));
        let ahead = list.ahead.as_ref();
        files.extend(ahead.map(|ahead| (file::CRL_AHEAD, ahead.text.clone())));
    }
    for mut line in Line::all(pki)? {
        let new = |(name, _): &(EntryName, String)| lists.iter().find(|it| it.issuer == *name);
        let new: Vec<_> = line.lists.iter().filter_map(new).collect();
        if new.is_empty() {
            continue;
        }
        for list in new {
            line.put(&list.issuer, list.text.clone());
        }
        let text = line.text().unwrap_or_default();
        for root in line.roots {
            let files: &mut Files = changed.entry(root).or_default();
            files.push((file::CRL_BUNDLE, text.clone()));
        }
    }
    Ok(changed)
}

/// The last CRL of a CA, or nothing.
fn standing(pki: &Pki, name: &EntryName) -> Result<String, StoreError> {
    let place = pki.layout().place(&Place::authority(name.clone()));
    let path = place.join(file::CRL);
    match pki.layout().directory().read(&path) {
        Ok(octets) => Ok(String::from_utf8_lossy(&octets).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(StoreError::io("read", &path, error)),
    }
}
