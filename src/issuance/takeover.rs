//! Taking over what a plan of [`crate::import`] says, as one change: all of it is here afterwards, or nothing.

use std::collections::HashMap;

mod knowledge;

pub use knowledge::knowledge;

use super::{
    IssueError,
    authority::{record_of, stage},
    leaf::Shared,
};
use crate::{
    import::plan::{Authority as PlannedAuthority, Fate as Planned, New, Plan},
    pki::{
        certificate::Certificate, entry_name::EntryName, pem, profile::Profile,
        revocation::Revocation, revocation_list::LABEL, validity::Validity,
    },
    store::{
        Pki,
        authority::Authority,
        layout::{Area, Place, file},
        ledger::{
            Kind, Origin, Record, Status,
            revocation::{Change, CrlState, Fate},
            rotation::{Pair, Phase, Step},
        },
        stage::{Stage, StagedFile},
        transaction::Transaction,
    },
};

/// How it is done.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Whether it is a rehearsal
    pub dry_run: bool,
    /// Whether everything lies in its place already, and is only put on record
    pub is_in_place: bool,
}

/// Does what the plan says; hands back what was recorded, in the order of the plan: CAs first.
///
/// # Errors
///
/// Where a CA's signature does not hold, or the ledger or the directory cannot be written.
pub fn carry_out(
    pki: &mut Pki,
    plan: &Plan,
    Manner {
        dry_run,
        is_in_place,
    }: Manner,
) -> Result<Vec<Record>, IssueError> {
    let authorities = authorities(pki, plan)?;
    let mut transaction = pki.begin()?;
    let mut records = Vec::new();
    for authority in plan.authorities.iter().filter(|it| !it.is_here) {
        let parent = authority.parent.as_ref().map(|parent| &authorities[parent]);
        records.push(record_of(&authority.name, &authority.certificate, parent)?);
    }
    records.extend(plan.new.iter().map(record));
    if !records.is_empty() {
        transaction.record(&records)?;
    }
    for authority in &plan.authorities {
        if !is_in_place {
            add_authority(&transaction, authority, &authorities)?;
        }
        note_authority(&mut transaction, authority)?;
    }
    match is_in_place {
        true => transaction.believe_archive(),
        false => add_certificates(&transaction, &plan.new, &authorities)?,
    }
    plan.new
        .iter()
        .filter_map(fate)
        .for_each(|change| transaction.change(change));
    for (issuer, serial) in &plan.replaced {
        transaction.change(Change {
            issuer: Some(issuer.clone()),
            serial: serial.clone(),
            fate: Fate::Replaced,
        });
    }
    for revoked in &plan.revoked {
        transaction.change(change(&revoked.issuer, &revoked.revocation));
        if let Some((name, is_authority)) = &revoked.in_use {
            transaction.retire(Place {
                area: if *is_authority {
                    Area::Authorities
                } else {
                    Area::Entries
                },
                name: name.clone(),
            });
        }
    }
    add_keys(&mut transaction, plan, is_in_place)?;
    add_successions(&mut transaction, plan);
    transaction.finish(dry_run)?;
    Ok(records)
}

/// Notes which CAs have made way before they came here, as one rotation that is over.
fn add_successions(transaction: &mut Transaction<'_>, plan: &Plan) {
    let pair = |(old, new): &(EntryName, EntryName)| Pair {
        old: old.clone(),
        new: new.clone(),
    };
    if !plan.superseded.is_empty() {
        transaction.step(Step {
            began: transaction.number(),
            phase: Phase::Finished,
            pairs: plan.superseded.iter().map(pair).collect(),
        });
    }
}

/// Brings keys to what was here without them, and notes that they are here.
fn add_keys(
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    is_in_place: bool,
) -> Result<(), IssueError> {
    let of_entries = plan.keyed.iter();
    if !is_in_place && !plan.keyed.is_empty() {
        let stage = transaction.stage(plan.keyed.len())?;
        for keyed in of_entries.clone() {
            let file = StagedFile::private(file::KEY, &keyed.key.pem);
            stage.change(&Place::entry(keyed.name.clone()), &[file])?;
        }
    }
    let of_entries = of_entries.map(|it| (Some(it.issuer.clone()), it.serial.clone()));
    let authorities = plan.authorities.iter();
    let authorities = authorities.filter(|it| it.is_here && it.key.is_some());
    let of_authorities = authorities.map(|it| (it.parent.clone(), it.certificate.serial()));
    for (issuer, serial) in of_entries.chain(of_authorities) {
        transaction.change(Change {
            issuer,
            serial,
            fate: Fate::Keyed,
        });
    }
    Ok(())
}

fn change(issuer: &EntryName, revocation: &Revocation) -> Change {
    Change {
        issuer: Some(issuer.clone()),
        serial: revocation.serial.clone(),
        fate: Fate::Revoked(revocation.at, revocation.reason),
    }
}

/// The CAs that the plan names, with what stands above them: those here, and those that come.
fn authorities(pki: &Pki, plan: &Plan) -> Result<HashMap<EntryName, Authority>, IssueError> {
    let mut all: HashMap<EntryName, Authority> = HashMap::new();
    let of_new = plan.new.iter().map(|new| &new.issuer);
    let parents = plan.authorities.iter().filter_map(|it| it.parent.as_ref());
    let own = plan
        .authorities
        .iter()
        .filter(|it| it.is_here)
        .map(|it| &it.name);
    let coming = |name: &EntryName| {
        plan.authorities
            .iter()
            .any(|it| !it.is_here && it.name == *name)
    };
    for name in of_new.chain(parents).chain(own) {
        if !all.contains_key(name) && !coming(name) {
            all.insert(name.clone(), pki.authority(name)?);
        }
    }
    for it in plan.authorities.iter().filter(|it| !it.is_here) {
        let parent = it.parent.as_ref().map(|parent| &all[parent]);
        let authority = below(it, parent);
        all.insert(it.name.clone(), authority);
    }
    Ok(all)
}

fn below(planned: &PlannedAuthority, parent: Option<&Authority>) -> Authority {
    let certificate = planned.certificate.clone();
    let own = std::slice::from_ref(&certificate);
    let (chain, roots) = match parent {
        None => (Vec::new(), own.to_vec()),
        Some(parent) => ([own, &parent.behind()].concat(), parent.roots.clone()),
    };
    Authority {
        name: planned.name.clone(),
        certificate,
        cross: Vec::new(),
        intermediates: chain.clone(),
        chain,
        roots,
    }
}

/// Puts a CA into its place, or what is new of one that is here.
fn add_authority(
    transaction: &Transaction<'_>,
    planned: &PlannedAuthority,
    authorities: &HashMap<EntryName, Authority>,
) -> Result<(), IssueError> {
    let name = &planned.name;
    let key = planned.key.as_ref();
    let key = key.map(|key| StagedFile::private(file::KEY, key.pem.as_str()));
    let list = planned
        .list
        .as_ref()
        .map(|list| pem::encode(LABEL, list.der()));
    match (&planned.revocation, &planned.parent) {
        (Some(_), Some(_)) => {
            let own = planned.certificate.to_pem();
            let files = [StagedFile::public(file::CERTIFICATE, &own)];
            let label = planned.certificate.serial().to_string();
            transaction.stage(1)?.archive(name, &label, &files)?;
        }
        _ if planned.is_here => {
            let mut files: Vec<_> = Vec::new();
            files.extend(key);
            files.extend(
                list.as_deref()
                    .map(|text| StagedFile::public(file::CRL, text)),
            );
            if !files.is_empty() {
                let place = Place::authority(name.clone());
                transaction.stage(1)?.change(&place, &files)?;
            }
        }
        _ => stage(transaction, &authorities[name], key, list.as_deref())?,
    }
    Ok(())
}

/// Notes what a CA had revoked and the number of its last CRL; or that it is revoked itself.
fn note_authority(
    transaction: &mut Transaction<'_>,
    planned: &PlannedAuthority,
) -> Result<(), IssueError> {
    let name = &planned.name;
    if let (Some(revocation), Some(parent)) = (&planned.revocation, &planned.parent) {
        transaction.change(change(parent, revocation));
        return Ok(());
    }
    if !planned.adopted.is_empty() {
        transaction.adopt_revocations(name, planned.adopted.clone());
    }
    if planned.last_number > 0 {
        let state = CrlState {
            number: planned.last_number,
            // What had ended when theirs was made is listed once more.
            this_update: None,
            ..transaction.crl_state(name)?
        };
        transaction.note_crl(name, state);
    }
    Ok(())
}

/// What is recorded of a certificate. What became of it is a change of its own.
fn record(new: &New) -> Record {
    let Some(certificate) = &new.certificate else {
        return Record {
            issuer: Some(new.issuer.clone()),
            serial: new.serial.clone(),
            name: new.name.clone(),
            kind: Kind::Node,
            // When it began nobody here knows.
            validity: Validity {
                not_before: new.not_after,
                not_after: new.not_after,
            },
            names: Vec::new(),
            key_type: String::from("unknown"),
            origin: Origin::Known,
            status: Status::Current,
            to_be_signed: Vec::new().into(),
        };
    };
    Record {
        issuer: Some(new.issuer.clone()),
        serial: new.serial.clone(),
        name: new.name.clone(),
        kind: match new.is_authority {
            true => Kind::Intermediate,
            false => Profile::nearest(certificate).into(),
        },
        validity: certificate.validity(),
        names: certificate
            .names()
            .iter()
            .map(ToString::to_string)
            .collect(),
        key_type: key_type(certificate),
        origin: match (new.is_crossing, new.has_key) {
            (true, _) => Origin::Crossed,
            (false, true) => Origin::Issued,
            (false, false) => Origin::Requested,
        },
        status: Status::Current,
        to_be_signed: certificate.parsed().tbs_certificate.as_ref().into(),
    }
}

fn key_type(certificate: &Certificate) -> String {
    let known = certificate.key_type().map(|key_type| key_type.to_string());
    known.unwrap_or_else(|| {
        certificate
            .parsed()
            .public_key()
            .algorithm
            .algorithm
            .to_id_string()
    })
}

/// What the ledger is to say of it besides that it is there.
fn fate(new: &New) -> Option<Change> {
    let fate = match &new.fate {
        Planned::InUse => return None,
        Planned::Kept => Fate::Replaced,
        Planned::Revoked(revocation) => Fate::Revoked(revocation.at, revocation.reason),
    };
    Some(Change {
        issuer: Some(new.issuer.clone()),
        serial: new.serial.clone(),
        fate,
    })
}

/// Puts what is in use into its place, and all else into the archive.
fn add_certificates(
    transaction: &Transaction<'_>,
    new: &[New],
    authorities: &HashMap<EntryName, Authority>,
) -> Result<(), IssueError> {
    let mut shared: HashMap<&EntryName, Shared> = HashMap::new();
    let count = new.iter().filter(|it| it.certificate.is_some()).count();
    let stage = transaction.stage(count)?;
    for it in new {
        if let Some(certificate) = &it.certificate {
            let authority = &authorities[&it.issuer];
            let shared = shared
                .entry(&it.issuer)
                .or_insert_with(|| Shared::of(authority));
            add_files(&stage, it, certificate, shared)?;
        }
    }
    Ok(())
}

fn add_files(
    stage: &Stage,
    new: &New,
    certificate: &Certificate,
    shared: &Shared,
) -> Result<(), IssueError> {
    let own = certificate.to_pem() + &shared.chain;
    let mut files = vec![
        StagedFile::public(file::CERTIFICATE, &own),
        StagedFile::public(file::TRUST, &shared.roots),
        StagedFile::public(file::TRUST_CHAIN, &shared.roots_and_chain),
    ];
    files.extend(
        new.key
            .as_ref()
            .map(|key| StagedFile::private(file::KEY, &key.pem)),
    );
    match new.fate {
        Planned::InUse => stage.add(&Place::entry(new.name.clone()), &files)?,
        Planned::Kept | Planned::Revoked(_) => {
            stage.archive(&new.name, &new.serial.to_string(), &files)?;
        }
    }
    Ok(())
}
