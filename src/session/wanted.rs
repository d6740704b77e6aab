//! Which certificates are to be revoked, or released.

use std::{collections::HashSet, path::PathBuf};

use super::{
    Context, Report, exposed,
    given::{self, Given},
    names::Target,
};
use crate::{
    import::plan::Plan,
    issuance::{
        revocation::{self, RevokeError, Wish, is_hold},
        takeover::{Manner, carry_out},
    },
    pki::{entry_name::EntryName, serial::Serial, validity::rfc3339},
    store::{
        Pki,
        ledger::{Record, Status},
    },
};

/// What is asked for: names, or a serial number and, where several CAs have given it, the CA.
pub(crate) struct Wanted {
    pub(crate) names: Vec<Target>,
    pub(crate) serial: Option<Serial>,
    pub(crate) ca: Option<EntryName>,
    /// A certificate itself
    pub(crate) cert: Option<PathBuf>,
    pub(crate) wish: Wish,
}

/// What is revoked, or taken off hold.
pub(crate) enum Meant {
    /// What the ledger has
    Known(Vec<Record>),
    /// A certificate of a CA here that the ledger does not have: it comes into it
    Unknown(Box<Plan>),
}

impl Meant {
    /// What it is called, for a question; many are counted.
    pub(crate) fn names(&self, most: usize) -> Vec<String> {
        let records = match self {
            Self::Known(records) => records,
            Self::Unknown(plan) => return vec![plan.new[0].name.to_string()],
        };
        let names = records.iter().map(|record| record.name.to_string());
        let mut names: Vec<_> = names.take(most).collect();
        if records.len() > names.len() {
            names.push(format!("and {} more", records.len() - names.len()));
        }
        names
    }

    /// Does it; the records are as they were before.
    pub(crate) fn carry_out(
        self,
        pki: &mut Pki,
        wish: Wish,
        dry_run: bool,
        context: &Context,
    ) -> Result<Vec<Record>, Report> {
        let records = match self {
            Self::Known(records) => records,
            Self::Unknown(plan) => {
                let is_in_place = false;
                let manner = Manner {
                    dry_run,
                    is_in_place,
                };
                return Ok(carry_out(pki, &plan, manner)?);
            }
        };
        let current = records.iter().filter(|it| it.status == Status::Current);
        exposed::warn(context, pki.layout(), current.map(Record::place));
        let changes = revocation::plan(pki, &records, wish, context.now)?;
        if !dry_run {
            revocation::carry_out(pki, &records, changes)?;
        }
        Ok(records)
    }
}

/// What became of a record.
pub(crate) fn now(pki: &Pki, record: &Record) -> Result<Record, Report> {
    let found = pki.ledger().with_serial(&record.serial)?;
    let found = found
        .into_iter()
        .find(|found| found.issuer == record.issuer);
    Ok(found.unwrap_or_else(|| record.clone()))
}

impl Wanted {
    /// What is meant. Says what falls with it.
    pub(crate) fn meant(&self, pki: &Pki, context: &Context) -> Result<Meant, Report> {
        let records = match &self.cert {
            None => {
                // All of them as they are at one time, and faster.
                let _snapshot = pki.ledger().snapshot()?;
                self.records(pki)?
            }
            Some(path) => match (given::find(pki, path)?, self.wish) {
                (Given::Known(record), _) => vec![*record],
                (Given::Unknown(unknown), Wish::Revoke(reason)) => {
                    let plan = unknown.plan(pki, reason, context.now)?;
                    return Ok(Meant::Unknown(Box::new(plan)));
                }
                (Given::Unknown(unknown), Wish::Release) => {
                    return Err(RevokeError::NotOnHold(unknown.name(pki)?).into());
                }
            },
        };
        if self.wish != Wish::Release {
            for (authority, below) in revocation::below(pki, &records)? {
                context.ui.warning(format!(
                    "`{authority}` has signed what is in use, which falls with it: `{}`, {} in all",
                    below[0],
                    below.len()
                ));
            }
        }
        Ok(Meant::Known(records))
    }

    /// All of them; reports every name that has none.
    fn records(&self, pki: &Pki) -> Result<Vec<Record>, Report> {
        if let Some(serial) = &self.serial {
            let mut found = pki.ledger().with_serial(serial)?;
            found.retain(|record| self.ca.is_none() || record.issuer == self.ca);
            return match found.len() {
                1 => Ok(found),
                0 => Err(Report::failed(
                    "no-certificate",
                    format!("no certificate here has the serial {serial}"),
                )
                .hint("`certctl show NAME` and `certctl list --replaced` tell serials")),
                _ => Err(Report::refused(
                    "ambiguous",
                    format!("several certificates have the serial {serial}"),
                )
                .hint("name the CA that has signed the one with `--ca NAME`")),
            };
        }
        let mut records = Vec::new();
        let mut missing = Vec::new();
        let mut seen = HashSet::new();
        for target in self.names.iter().filter(|name| seen.insert(*name)) {
            match self.find(pki, target)? {
                Some(record) => records.push(record),
                None => missing.push(self.not_found(pki, target)?),
            }
        }
        Report::none(missing).map(|()| records).map_err(|report| {
            report.hint(match self.wish {
                Wish::Release => "`certctl list --revoked` shows what is revoked",
                Wish::Revoke(_) => {
                    "`certctl list` shows the entries, and `certctl list --revoked` what was revoked"
                }
            })
        })
    }

    /// Why there is nothing to revoke under a name, or to release.
    fn not_found(&self, pki: &Pki, target: &Target) -> Result<Report, Report> {
        let name = &target.name;
        if self.wish == Wish::Release {
            let message = format!("nothing called `{name}` is on hold");
            return Ok(Report::failed("no-entry", message));
        }
        let is_meant = |record: &Record| target.area.is_none_or(|area| area == record.kind.area());
        let named = pki.ledger().named(name)?;
        let last = named.iter().rfind(|record| is_meant(record));
        let revoked = last
            .map(|record| pki.ledger().revocation(record))
            .transpose()?;
        Ok(match revoked.flatten() {
            Some(found) => Report::failed(
                "revoked",
                format!(
                    "`{name}` has been revoked since {} ({}), and nothing of that name is in use",
                    rfc3339(found.at),
                    found.reason
                ),
            ),
            None => Report::failed(
                "no-entry",
                format!("there is no entry or CA `{name}` to revoke"),
            ),
        })
    }

    /// The certificate in use under a name; to end a hold, the last one of that name that is on hold.
    fn find(&self, pki: &Pki, target: &Target) -> Result<Option<Record>, Report> {
        if self.wish != Wish::Release {
            return target.record(pki);
        }
        let is_meant = |record: &Record| target.area.is_none_or(|area| area == record.kind.area());
        let mut held = None;
        for record in pki
            .ledger()
            .named(&target.name)?
            .into_iter()
            .filter(is_meant)
        {
            let revocation = pki.ledger().revocation(&record)?;
            if revocation.as_ref().is_some_and(is_hold) {
                held = Some(record);
            }
        }
        Ok(held)
    }
}
