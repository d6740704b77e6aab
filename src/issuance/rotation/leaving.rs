//! The last step: one of the two leaves every bundle. The old CA stays where it is and makes CRLs; a successor that is
//! taken back is revoked, and goes to the archive.

use std::{collections::HashMap, iter};

use time::OffsetDateTime;

use super::{RotateError, announcement::Stepped, evidence::Generation, stepped};
use crate::{
    issuance::{
        crl::Line,
        renewal::{choice::following, hierarchy::Hierarchy, work::follow},
    },
    pki::revocation::Reason,
    store::{
        Pki,
        generations::without,
        layout::{Area, Place, file},
        ledger::{
            revocation::{Change, Fate},
            rotation::{Phase, Rotation, Step},
        },
        stage::StagedFile,
        transaction::Transaction,
    },
};

/// Takes one generation out of every bundle, in one transaction.
///
/// # Errors
///
/// The first that occurs; nothing is changed then.
pub fn carry_out(
    pki: &mut Pki,
    rotation: &Rotation,
    leaving: Generation,
    now: OffsetDateTime,
    dry_run: bool,
) -> Result<Stepped, RotateError> {
    let phase = match leaving {
        Generation::Old => Phase::Finished,
        Generation::New => Phase::Aborted,
    };
    let rotation = stepped(rotation, phase);
    let top = match leaving {
        Generation::Old => &rotation.top().old,
        Generation::New => &rotation.top().new,
    };
    let following = following(pki, iter::empty())?;
    let mut hierarchy = Hierarchy::read(pki, HashMap::new())?;
    let gone = pki.authority(top)?;
    let generations = pki.generations()?.with(rotation.clone());
    let taken_back = match leaving {
        Generation::Old => Vec::new(),
        Generation::New => taken_back(pki, &rotation, now)?,
    };
    let line = Line::of(pki, top)?;
    let layout = pki.layout().clone();
    let mut transaction = pki.begin()?;
    if leaving == Generation::New {
        rotation.pairs.iter().for_each(|pair| {
            hierarchy.part(&pair.new);
        });
    }
    if gone.chain.is_empty() {
        hierarchy.change_roots(|roots| without(roots, &gone.certificate));
    }
    hierarchy.set_generations(generations);
    hierarchy.settle(None)?;
    hierarchy.stage(&transaction.stage(following.len())?)?;
    let followers = follow(&transaction, &hierarchy, &following, &layout)?;
    if leaving == Generation::New {
        take_back(&mut transaction, &rotation, taken_back, line)?;
    }
    transaction.step(Step::of(&rotation));
    transaction.finish(dry_run)?;
    Ok(Stepped {
        rotation,
        made: Vec::new(),
        followers,
    })
}

/// What the ledger is to know of successors that are not wanted any more.
fn taken_back(
    pki: &Pki,
    rotation: &Rotation,
    now: OffsetDateTime,
) -> Result<Vec<Change>, RotateError> {
    let mut changes = Vec::new();
    for pair in &rotation.pairs {
        if let Some(record) = pki.ledger().current(Area::Authorities, &pair.new)? {
            changes.push(Change {
                issuer: record.issuer,
                serial: record.serial,
                fate: Fate::Revoked(now, Reason::CessationOfOperation),
            });
        }
    }
    Ok(changes)
}

fn take_back(
    transaction: &mut Transaction<'_>,
    rotation: &Rotation,
    changes: Vec<Change>,
    mut line: Line,
) -> Result<(), RotateError> {
    for change in changes {
        transaction.change(change);
    }
    for pair in &rotation.pairs {
        line.forget(&pair.new);
        transaction.retire(Place::authority(pair.new.clone()));
    }
    let Some(bundle) = line.text() else {
        return Ok(());
    };
    let stage = transaction.stage(line.roots.len())?;
    for root in &line.roots {
        let files = [StagedFile::public(file::CRL_BUNDLE, &bundle)];
        stage.change(&Place::authority(root.clone()), &files)?;
    }
    Ok(())
}
