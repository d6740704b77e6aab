//! CAs that came below the old one when its rotation was announced already: they get successors with the switch.

use std::collections::HashMap;

use super::keys::{KeyWish, Keys};
use crate::{
    issuance::{
        SigningAuthority,
        crl::Line,
        rotation::announcement::{Announcement, Lineup, Terms},
    },
    pki::entry_name::EntryName,
    session::{Context, passphrases::Passphrases, signers::signing_authority},
    store::{
        Pki,
        ledger::rotation::{Phase, Rotation},
    },
    terminal::Report,
};

/// Those that have no successor yet; `None` where all have one.
pub(crate) fn lineup(pki: &Pki, rotation: &Rotation) -> Result<Option<Lineup>, Report> {
    if rotation.phase != Phase::Announced {
        return Ok(None);
    }
    let lineup = Lineup::latecomers(pki, rotation)?;
    Ok((!lineup.members.is_empty()).then_some(lineup))
}

/// What their successors are made with.
pub(crate) struct Latecomers<'a> {
    lineup: &'a Lineup,
    /// The rotation that they join
    rotation: &'a Rotation,
    terms: Terms,
    parents: HashMap<EntryName, SigningAuthority>,
    keys: Keys,
}

impl<'a> Latecomers<'a> {
    /// Reads who signs their successors.
    pub(crate) fn read(
        pki: &Pki,
        lineup: &'a Lineup,
        rotation: &'a Rotation,
        keys: &KeyWish<'_>,
        passphrases: &Passphrases<'_>,
    ) -> Result<Self, Report> {
        let mut parents = HashMap::new();
        for (old, _) in &lineup.members {
            let Some(issuer) = &old.issuer else { continue };
            if let Some(successor) = rotation.successor(issuer) {
                let signing = signing_authority(pki, successor, passphrases)?;
                parents.insert(issuer.clone(), signing);
            }
        }
        Ok(Self {
            lineup,
            rotation,
            terms: Terms::as_before(),
            parents,
            keys: keys.keep(pki, lineup, passphrases)?,
        })
    }

    pub(crate) fn announcement(&self, context: &Context, dry_run: bool) -> Announcement<'_> {
        Announcement {
            lineup: self.lineup,
            terms: &self.terms,
            parents: &self.parents,
            cross: None,
            joins: Some(self.rotation),
            keeping: self.keys.keeping(),
            crl_url: &|_| None,
            outside: &[],
            now: context.now,
            dry_run,
        }
    }
}

/// The names of the successors that have CRLs from the first day, which nobody has got yet.
pub(crate) fn listed(pki: &Pki, lineup: &Lineup) -> Result<Vec<EntryName>, Report> {
    let Some((first, _)) = lineup.members.first() else {
        return Ok(Vec::new());
    };
    let line = Line::of(pki, &first.name)?;
    let has_list = lineup.members.iter().filter(|(old, _)| line.has(&old.name));
    Ok(has_list.map(|(_, new)| new.clone()).collect())
}

/// Says which successors there are besides.
pub(crate) fn tell(lineup: &Lineup, dry_run: bool, context: &Context) {
    let names = lineup.members.iter().map(|(_, new)| new.as_str());
    let names: Vec<_> = names.collect();
    let verb = if dry_run { "would make" } else { "made" };
    let names = names.join(", ");
    context.ui.note(format!(
        "{verb} {names}: what came below the old CA has a successor, too"
    ));
}
