//! What is published beside certificates, made anew from the certificates: chains and trust bundles.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Pki, StoreError,
    authority::{Authority, Files},
    entry,
    generations::{Generations, union, without},
    layout::{Area, Place, file},
    ledger::{Record, Status},
    stage::StagedFile,
    trust::Distrust,
};
use crate::pki::{certificate::Certificate, entry_name::EntryName, pem, plan::signature_holds};

/// Files of one directory, and what is to be in them.
pub type Rebuilt = (Place, Vec<(&'static str, String)>);

impl Pki {
    /// Chains, also those behind entries' own certificates, and trust bundles that are missing, or not what the ledger
    /// and the CAs' certificates say.
    ///
    /// What others can change is left out, as is what is below a CA whose certificates do not fit together.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn to_rebuild(&self) -> Result<Vec<Rebuilt>, StoreError> {
        let authorities = beside_each_other(&self.rebuilt_authorities()?, &self.generations()?);
        let mut all = Vec::new();
        for authority in authorities.values() {
            let place = Place::authority(authority.name.clone());
            let others = match authority.chain.is_empty() {
                true => (file::BUNDLE, text(&authority.roots)),
                false => (file::CHAIN, text(&authority.chain)),
            };
            all.extend(self.differing(place, vec![others]));
        }
        let mut entries = Vec::new();
        self.ledger().for_each(|record| {
            if record.status == Status::Current && record.kind.area() == Area::Entries {
                entries.push((record.name, record.issuer));
            }
        })?;
        for (name, issuer) in entries {
            let authority = issuer.and_then(|issuer| authorities.get(&issuer));
            let Some(authority) = authority else {
                continue;
            };
            let standing = entry::certificates(self.layout(), &name).unwrap_or_default();
            let is_signed = |leaf: &&Certificate| signature_holds(leaf, &authority.certificate);
            if let Some(leaf) = standing.first().filter(is_signed) {
                let files = entry_files(leaf, authority);
                all.extend(self.differing(Place::entry(name), files));
            }
        }
        Ok(all)
    }

    /// Puts these files into their places, all or none.
    ///
    /// # Errors
    ///
    /// Where a file cannot be made, or others can change the directory.
    pub fn rebuild(&mut self, rebuilt: &[Rebuilt]) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        let stage = transaction.stage(rebuilt.len())?;
        for (place, files) in rebuilt {
            let staged = files
                .iter()
                .map(|(name, text)| StagedFile::public(name, text));
            stage.change(place, &staged.collect::<Vec<_>>())?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// CAs as they must lie there, by name; those whose certificates are not here or do not fit are left out.
    fn rebuilt_authorities(&self) -> Result<BTreeMap<EntryName, Authority>, StoreError> {
        let mut made = BTreeMap::new();
        let mut waiting = self.authorities()?;
        loop {
            let is_ready = |record: &Record| match &record.issuer {
                None => true,
                Some(issuer) => made.contains_key(issuer),
            };
            let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
            if ready.is_empty() {
                return Ok(made);
            }
            for record in ready {
                let parent = record.issuer.as_ref().and_then(|issuer| made.get(issuer));
                if let Some(authority) = self.rebuilt_authority(&record, parent) {
                    made.insert(record.name, authority);
                }
            }
            waiting = later;
        }
    }

    fn rebuilt_authority(&self, record: &Record, parent: Option<&Authority>) -> Option<Authority> {
        let name = &record.name;
        let directory = self.authority_directory(name);
        let [certificate, chain, bundle] =
            [file::CERTIFICATE, file::CHAIN, file::BUNDLE].map(|name| directory.join(name));
        let own = self.certificates(&certificate).ok()?.swap_remove(0);
        let files = Files {
            certificate: &certificate,
            chain: &chain,
            bundle: &bundle,
        };
        let vouched = |authority: Authority| {
            let is_vouched = self.check_lineage(&authority, &files).is_ok();
            is_vouched.then_some(authority)
        };
        let authority = |chain: Vec<Certificate>, roots| Authority {
            name: name.clone(),
            certificate: own.clone(),
            cross: Vec::new(),
            intermediates: chain.clone(),
            chain,
            roots,
        };
        let Some(parent) = parent else {
            // A bundle may hold other roots besides, as far as they were recorded here.
            let standing = self.certificates(&bundle).ok();
            let standing = standing.and_then(|roots| vouched(authority(Vec::new(), roots)));
            let roots = standing.map_or_else(|| vec![own.clone()], |standing| standing.roots);
            let roots = self.of_both(name, &own, roots)?;
            return vouched(authority(Vec::new(), roots));
        };
        let chain = std::iter::once(&own).chain(&parent.chain).cloned();
        vouched(authority(chain.collect(), parent.roots.clone()))
    }

    /// A root's bundle as its rotation wants it: with both, or with the successor alone.
    fn of_both(
        &self,
        name: &EntryName,
        own: &Certificate,
        roots: Vec<Certificate>,
    ) -> Option<Vec<Certificate>> {
        let generations = self.generations().ok()?;
        let read = |name: &EntryName| {
            let path = self.authority_directory(name).join(file::CERTIFICATE);
            Some(self.certificates(&path).ok()?.swap_remove(0))
        };
        if let Some(pair) = generations.counterpart(name) {
            let both = [read(&pair.old)?, read(&pair.new)?];
            if both.iter().all(|it| roots.contains(it)) {
                return Some(roots);
            }
            let others: Vec<_> = roots.into_iter().filter(|it| !both.contains(it)).collect();
            return Some(union(&both, &others));
        }
        if !generations.is_retired(name) {
            return Some(roots);
        }
        let current = read(generations.current(name))?;
        Some(union(&[current], &without(&roots, own)))
    }

    /// Those of these files that are not so, in a directory that is there and nobody else can change.
    fn differing(&self, place: Place, files: Vec<(&'static str, String)>) -> Option<Rebuilt> {
        let directory = self.layout().place(&place);
        if !matches!(Distrust::in_authority(self.layout(), &directory), Ok(None)) {
            return None;
        }
        let differs = |path: PathBuf, text: &str| match self.layout().directory().read(path) {
            Ok(octets) => octets != text.as_bytes() && !is_same(&octets, text),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        let files = files.into_iter();
        let files: Vec<_> = files
            .filter(|(name, text)| differs(directory.join(Path::new(name)), text))
            .collect();
        (!files.is_empty()).then_some((place, files))
    }
}

/// Those that are rotated list each other's chains.
fn beside_each_other(
    authorities: &BTreeMap<EntryName, Authority>,
    generations: &Generations,
) -> BTreeMap<EntryName, Authority> {
    let beside = |(name, authority): (&EntryName, &Authority)| {
        let pair = generations.counterpart(name);
        let other = pair.and_then(|pair| match pair.old == *name {
            true => authorities.get(&pair.new).map(|it| (it, true)),
            false => authorities.get(&pair.old).map(|it| (it, false)),
        });
        let authority = authority.clone();
        let authority = match other {
            Some((other, is_older)) => authority.beside(&other.behind(), is_older),
            None => authority,
        };
        (name.clone(), authority)
    };
    authorities.iter().map(beside).collect()
}

/// What lies beside the key of an entry that this CA has signed.
fn entry_files(leaf: &Certificate, authority: &Authority) -> Vec<(&'static str, String)> {
    let roots = text(&authority.roots);
    let own = leaf.to_pem() + &text(&authority.behind());
    let both = format!("{roots}{}", text(&authority.intermediates));
    vec![
        (file::CERTIFICATE, own),
        (file::TRUST, roots),
        (file::TRUST_CHAIN, both),
    ]
}

/// Whether a file holds the same certificates, whatever else stands in it.
fn is_same(octets: &[u8], wanted: &str) -> bool {
    let read = |octets| pem::decode_certificates(octets).ok();
    read(octets).is_some_and(|found| Some(found) == read(wanted.as_bytes()))
}

fn text(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}
