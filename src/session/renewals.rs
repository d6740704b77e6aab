//! What is said of a renewal, and who signs it.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
};

use super::{
    Context, Report, elsewhere,
    errors::mended,
    exposed,
    made::Made,
    passphrases::Passphrases,
    reload::Scope,
    signers::{able, able_orphan},
    subjects::subjects,
};
use crate::{
    emit::shell_word,
    issuance::{
        SigningAuthority,
        authorities::authorities,
        renewal::{
            Followers, Renewal, Terms,
            choice::{self, Choice, Due},
        },
    },
    pki::{
        authorities::{Authorities, Fallen, State},
        entry_name::EntryName,
        profile::Profile,
        renewal::Margin,
        validity::rfc3339 as time,
    },
    store::{
        Pki,
        layout::Area,
        ledger::{Origin, Record},
    },
    terminal::times::date,
};

/// The CAs that sign, by name.
pub(crate) type Signers = HashMap<EntryName, SigningAuthority>;

/// What may be named.
const BELONGS: &str = "what is renewed is an entry or CA of this PKI directory, by its name, its directory or its cert.pem";

/// What `renew` was asked to renew.
pub(crate) struct Renewing<'a> {
    pub(crate) targets: &'a [OsString],
    /// All that is due
    pub(crate) all: bool,
    /// What is due; left out, everything is
    pub(crate) margin: Option<Margin>,
    pub(crate) terms: Terms,
    pub(crate) dry_run: bool,
}

impl Renewing<'_> {
    /// What is renewed, and of which changes `--exec` tells.
    pub(crate) fn choice(&self, pki: &Pki, context: &Context) -> Result<(Choice, Scope), Report> {
        let (choice, scope) = match self.all {
            true => (choice::all(pki, self.margin, context.now)?, Scope::All),
            false => {
                let named = self.named(pki, context)?;
                let scope = Scope::Of(named.iter().map(Record::place).collect());
                (choice::named(pki, named, self.margin, context.now)?, scope)
            }
        };
        tell_others(&choice, pki, context);
        let foreign = choice.due.leaves.iter();
        let foreign = foreign.filter(|record| record.origin == Origin::Installed);
        Report::none(foreign.map(|record| elsewhere::foreign(pki, record)))?;
        Ok((choice, scope))
    }

    /// What was named.
    fn named(&self, pki: &Pki, context: &Context) -> Result<Vec<Record>, Report> {
        let mut seen = HashSet::new();
        let (mut records, mut reports) = (Vec::new(), Vec::new());
        for subject in &subjects(self.targets, context)? {
            let target = match subject.owner(pki) {
                Ok(target) => target,
                Err(report) => {
                    reports.push(report.hint(BELONGS));
                    continue;
                }
            };
            match target.record(pki)? {
                Some(record) if seen.insert((record.kind.area(), record.name.clone())) => {
                    records.push(record);
                }
                Some(_) => {}
                None => reports.push(target.unknown(pki)?),
            }
        }
        let fallen = choice::fallen(pki, &records)?;
        reports.extend(fallen.iter().map(|(record, it)| issuer_fallen(record, it)));
        Report::none(reports).map(|()| records)
    }

    /// The CAs that have to sign, each once; tells besides whether one of them cannot.
    ///
    /// Of all that is due, what such a CA would sign is left; what was named is renewed together or not at all.
    pub(crate) fn signers(
        &self,
        pki: &Pki,
        due: &mut Due,
        passphrases: &Passphrases<'_>,
        context: &Context,
    ) -> Result<(Signers, bool), Report> {
        let standing = authorities(pki)?;
        let (mut signers, mut unable) = (Signers::new(), Vec::new());
        for name in due.signers() {
            let signer = match due.renews(&name) && standing.fallen(&name).is_some() {
                true => able_orphan(pki, &name, passphrases)?,
                false => able(pki, &name, passphrases)?,
            };
            match signer {
                Ok(signer) => drop(signers.insert(name, signer)),
                Err(report) => unable.push((name, report)),
            }
        }
        if !self.all {
            let reports = unable.into_iter().map(|(_, report)| report);
            return Report::none(reports).map(|()| (signers, false));
        }
        let is_left = !unable.is_empty();
        for (name, report) in unable {
            let left = unsigned_by(&name, &due.leave(&name));
            context.warn_of(left, report);
        }
        // Whose own next certificate is left signs nothing that anybody would believe.
        while let Some(fallen) = unbelieved(due, &standing) {
            let left = unsigned_by(&fallen.name, &due.leave(&fallen.name));
            context.warn_of(left, fallen.into());
        }
        Ok((signers, is_left))
    }

    /// Renews what is due, and says what follows.
    pub(crate) fn carry_out(
        &self,
        pki: &mut Pki,
        due: &Due,
        signers: Signers,
        context: &Context,
    ) -> Result<Made, Report> {
        exposed::warn(context, pki.layout(), due.records().map(Record::place));
        let leaves = due.leaves.iter().map(|leaf| &leaf.name);
        elsewhere::warn_of_waiting(context, pki.layout(), leaves)?;
        let mut made = Made::default();
        let bar = context.ui.progress(due.leaves.len(), "renewing");
        let renewal = Renewal {
            terms: self.terms,
            now: context.now,
            dry_run: self.dry_run,
            progress: &|count| bar.advance(count),
            note: &mut |record| made.note(record, is_kept(record, context)),
        };
        let followers = renewal.carry_out(pki, due, signers)?;
        drop(bar);
        tell_followers(&followers, self.dry_run, context);
        Ok(made)
    }
}

/// Says who below gets the new chain, and whom it does not help.
pub(crate) fn tell_followers(followers: &Followers, dry_run: bool, context: &Context) {
    let Followers { count, bound } = followers;
    if *count > 0 {
        let verb = if dry_run { "would get" } else { "got" };
        let entries = if *count == 1 { "entry" } else { "entries" };
        context.ui.note(format!(
            "{count} {entries} below {verb} the new chain; keys and certificates stay"
        ));
    }
    if !bound.is_empty() {
        let names: Vec<_> = bound.iter().map(EntryName::as_str).collect();
        let names = names.join(" ");
        context.ui.warning(format!(
            "these name their CA by its old serial number, so that verifiers will refuse them; \
             `certctl renew {names} --force` mends it"
        ));
    }
}

/// CAs are few, and entries are many.
fn is_kept(record: &Record, context: &Context) -> bool {
    record.kind.area() == Area::Authorities || context.ui.is_json()
}

/// Says what is not due, or is left alone.
fn tell_others(choice: &Choice, pki: &Pki, context: &Context) {
    for (name, from) in &choice.early {
        context.ui.note(format!(
            "`{name}` is not due before {}; `--force` renews it all the same",
            time(*from)
        ));
    }
    for (record, obstacle) in &choice.left {
        let end = date(record.validity.not_after);
        context.ui.warning(format!(
            "`{}` ends on {end}, and is left alone: {obstacle}",
            record.name
        ));
        if let Some(way) = elsewhere::way_around(obstacle, pki, record) {
            context.ui.hint(way);
        }
    }
    if let (true, Some((from, name))) = (choice.due.is_empty(), &choice.next) {
        context
            .ui
            .note(format!("nothing is due before {} (`{name}`)", time(*from)));
    }
}

/// A renewal would be refused like what it renews.
fn issuer_fallen(record: &Record, fallen: &Fallen) -> Report {
    let message = format!("`{}` cannot be renewed: {fallen}", record.name);
    let report = Report::refused("ca-fallen", message).hint(mended(fallen));
    match (fallen.state, record.kind.profile()) {
        (State::Orphaned, _) => report,
        (_, Some(profile)) => report.hint(format!(
            "then, or below another CA: {}",
            again(record, profile)
        )),
        (_, None) => report.hint(format!(
            "then, or below another CA: `certctl init-intermediate {} --ca CA --force`",
            record.name
        )),
    }
}

/// The command that issues a certificate for the same names.
fn again(record: &Record, profile: Profile) -> String {
    let names = record.names.join(",");
    format!(
        "`certctl issue {} --profile {profile} --no-name-san --san {} --ca CA --force`",
        record.name,
        shell_word(&names)
    )
}

/// A CA that would sign, and whom nobody believes.
fn unbelieved(due: &Due, standing: &Authorities) -> Option<Fallen> {
    let signers = due.signers();
    let mut signers = signers.iter().filter(|name| !due.renews(name));
    signers.find_map(|name| standing.fallen(name))
}

/// What is due and left alone, because this CA cannot sign it.
fn unsigned_by(name: &EntryName, left: &[Record]) -> String {
    /// So many are named.
    const NAMED: usize = 20;
    let named = left.iter().take(NAMED);
    let named: Vec<_> = named.map(|record| record.name.as_str()).collect();
    let more = match left.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    format!(
        "what the CA `{name}` has to sign is due, and left alone ({}{more})",
        named.join(", ")
    )
}
