//! Which certificates are to be revoked, or released.

use std::collections::HashSet;

use super::{Report, names::Target};
use crate::{
    issuance::revocation::{Wish, is_hold},
    pki::{entry_name::EntryName, serial::Serial, validity::rfc3339},
    store::{Pki, ledger::Record},
};

/// What is asked for: names, or a serial number and, where several CAs have given it, the CA.
pub(crate) struct Wanted {
    pub(crate) names: Vec<Target>,
    pub(crate) serial: Option<Serial>,
    pub(crate) ca: Option<EntryName>,
    pub(crate) wish: Wish,
}

impl Wanted {
    /// All of them; reports every name that has none.
    pub(crate) fn records(&self, pki: &Pki) -> Result<Vec<Record>, Report> {
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
        match Report::all(missing) {
            Some(report) if self.wish == Wish::Release => {
                Err(report.hint("`certctl list --revoked` shows what is revoked"))
            }
            Some(report) => Err(report.hint(
                "`certctl list` shows the entries, and `certctl list --revoked` what was revoked",
            )),
            None => Ok(records),
        }
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
