//! CAs that came below the old one when its rotation was announced already: they get successors before the switch.

use std::collections::HashMap;

use super::signers::new_passphrases;
use crate::{
    issuance::{
        defaults,
        rotation::announcement::{Announcement, Lineup, Terms},
    },
    pki::entry_name::EntryName,
    session::{Context, passphrases::Passphrases, secrets::Secret, signers::signing_authority},
    store::{
        Pki,
        ledger::rotation::{Phase, Rotation},
    },
    terminal::Report,
};

/// What came of it.
pub(crate) struct TakenIn {
    pub(crate) rotation: Rotation,
    /// Their names, where they have CRLs from the first day, which nobody has got yet
    pub(crate) listed: Vec<EntryName>,
}

/// Takes them into the rotation.
pub(crate) fn take_in(
    pki: &mut Pki,
    rotation: Rotation,
    given: &[Secret],
    dry_run: bool,
    context: &Context,
) -> Result<TakenIn, Report> {
    let nobody = |rotation| TakenIn {
        rotation,
        listed: Vec::new(),
    };
    if rotation.phase != Phase::Announced {
        return Ok(nobody(rotation));
    }
    let lineup = Lineup::latecomers(pki, &rotation)?;
    if lineup.members.is_empty() {
        return Ok(nobody(rotation));
    }
    let made: Vec<_> = lineup.members.iter().map(|(_, new)| new.clone()).collect();
    let passphrases = Passphrases::among(given.to_vec(), context, pki, &made)?;
    let mut parents = HashMap::new();
    for (old, _) in &lineup.members {
        let Some(issuer) = &old.issuer else { continue };
        if let Some(successor) = rotation.successor(issuer) {
            let signing = signing_authority(pki, successor, &passphrases)?;
            parents.insert(issuer.clone(), signing);
        }
    }
    let announcement = Announcement {
        lineup: &lineup,
        terms: &Terms {
            key_type: None,
            lifetime: None,
            backdate: defaults::BACKDATE,
            common_name: None,
        },
        parents: &parents,
        cross: None,
        joins: Some(&rotation),
        passphrases: &new_passphrases(pki, &lineup, false, &passphrases)?,
        crl_url: &|_| None,
        outside: &[],
        now: context.now,
        dry_run,
    };
    let stepped = announcement.carry_out(pki)?;
    let names: Vec<_> = made.iter().map(EntryName::as_str).collect();
    let verb = if dry_run { "would make" } else { "made" };
    let names = names.join(", ");
    context.ui.note(format!(
        "{verb} {names}: what came below the old CA has a successor, too"
    ));
    // In a rehearsal they are gone again.
    if dry_run {
        return Ok(nobody(rotation));
    }
    let mut listed = Vec::new();
    for name in made {
        if pki.ledger().crl_state(&name)?.number > 0 {
            listed.push(name);
        }
    }
    Ok(TakenIn {
        rotation: stepped.rotation,
        listed,
    })
}
