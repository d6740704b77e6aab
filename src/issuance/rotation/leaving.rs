//! The last step: one of the two leaves every bundle. The old CA stays where it is and makes CRLs; a successor that is
//! taken back is revoked, and goes to the archive.

use std::{collections::HashMap, iter};

use time::OffsetDateTime;

use super::{RotateError, announcement::Stepped, evidence::Generation, stepped};
use crate::{
    issuance::{
        crl::Line,
        crossing::Chains,
        renewal::{
            choice::following,
            hierarchy::Hierarchy,
            work::{Followers, follow},
        },
    },
    pki::revocation::Reason,
    store::{
        Pki,
        crossing::Crossing,
        generations::without,
        layout::{Area, Place, file},
        ledger::{
            Record,
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
    let crossings = between(pki, &rotation)?;
    let line = Line::of(pki, top)?;
    let layout = pki.layout().clone();
    let mut transaction = pki.begin()?;
    if leaving == Generation::New {
        rotation.pairs.iter().for_each(|pair| {
            hierarchy.part(&pair.new);
        });
    }
    let fate = match leaving {
        Generation::Old => Fate::Replaced,
        Generation::New => Fate::Revoked(now, Reason::CessationOfOperation),
    };
    for record in &crossings {
        hierarchy.part(&record.name);
        end(&mut transaction, record, fate);
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

/// Takes the cross certificate of a rotation out of every chain, in one transaction; bundles stay.
///
/// # Errors
///
/// The first that occurs; nothing is changed then.
pub fn uncross(
    pki: &mut Pki,
    rotation: &Rotation,
    dry_run: bool,
) -> Result<Followers, RotateError> {
    let crossings = between(pki, rotation)?;
    let names: Vec<_> = crossings.iter().map(|it| &it.name).collect();
    let mut chains = Chains::read(pki)?;
    chains.end(&names)?;
    let mut transaction = pki.begin()?;
    let followers = chains.stage(&transaction)?;
    for record in &crossings {
        end(&mut transaction, record, Fate::Replaced);
    }
    transaction.finish(dry_run)?;
    Ok(followers)
}

/// A cross certificate goes to the archive.
fn end(transaction: &mut Transaction<'_>, record: &Record, fate: Fate) {
    transaction.retire(record.place());
    transaction.change(Change {
        issuer: record.issuer.clone(),
        serial: record.serial.clone(),
        fate,
    });
}

/// The cross certificates that one CA of the pair has signed for the other: nobody needs them any more.
fn between(pki: &Pki, rotation: &Rotation) -> Result<Vec<Record>, RotateError> {
    let pair = rotation.top();
    let is_meant = |it: &Crossing| {
        let ends = (&it.of, &it.by);
        ends == (&pair.new, &pair.old) || ends == (&pair.old, &pair.new)
    };
    let mut records = Vec::new();
    for crossing in pki.crossings()?.into_iter().filter(is_meant) {
        records.extend(pki.ledger().current(Area::Authorities, &crossing.name)?);
    }
    Ok(records)
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
