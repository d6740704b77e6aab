//! What is renewed: everything or what was named, as far as it is due.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::ControlFlow,
};

use crate::{
    cli::{
        Context, Report,
        document::{date, time},
        elsewhere::{self, foreign},
        open::mended,
        subjects::Subject,
    },
    emit::shell_word,
    issuance::authorities::authorities,
    pki::{
        authorities::{Authorities, Fallen, State},
        entry_name::EntryName,
        profile::Profile,
        renewal::Margin,
    },
    store::{
        Pki,
        layout::{Area, Place, file},
        ledger::{Origin, Record, Selection, Status},
    },
};

/// What is to be renewed.
#[derive(Default)]
pub(super) struct Due {
    /// Parents before their children
    pub(super) authorities: Vec<Record>,
    pub(super) leaves: Vec<Record>,
}

/// What can be renewed.
const BELONGS: &str = "what is renewed is an entry or CA of this PKI directory, by its name, its directory or its cert.pem";

/// What was named, if it is due; with no `margin`, all of it.
pub(super) fn named(
    pki: &Pki,
    subjects: &[Subject],
    margin: Option<Margin>,
    context: &Context,
) -> Result<Due, Report> {
    let mut seen = HashSet::new();
    let mut reports = Vec::new();
    let mut records = Vec::new();
    for subject in subjects {
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
    let authorities = authorities(pki)?;
    reports.extend(records.iter().filter_map(|record| {
        let fallen = fallen_issuer(&authorities, record)?;
        Some(issuer_fallen(record, &fallen))
    }));
    if let Some(report) = Report::all(reports) {
        return Err(report);
    }
    let (mut due, mut reports) = (Due::default(), Vec::new());
    for record in records {
        let from = margin.map(|margin| margin.due_from(record.validity));
        match from.filter(|from| *from > context.now) {
            Some(from) => context.ui.note(format!(
                "`{}` is not due before {}; `--force` renews it all the same",
                record.name,
                time(from)
            )),
            None if record.origin == Origin::Installed => reports.push(foreign(pki, &record)),
            None => due.add(record),
        }
    }
    if let Some(report) = Report::all(reports) {
        return Err(report);
    }
    due.sort(pki)?;
    Ok(due)
}

/// Everything that is due and can be renewed here; with no `margin`, whether due or not.
pub(super) fn all(pki: &Pki, margin: Option<Margin>, context: &Context) -> Result<Due, Report> {
    let _snapshot = pki.ledger().snapshot()?;
    let selection = Selection {
        statuses: vec![Status::Current],
        ..Selection::default()
    };
    let mut chosen = Vec::new();
    let mut next = None;
    let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
        let from = margin.map(|margin| margin.due_from(record.validity));
        match from.filter(|from| *from > context.now) {
            Some(from) if next.as_ref().is_none_or(|(soonest, _)| from < *soonest) => {
                next = Some((from, record.name));
            }
            Some(_) => {}
            None => chosen.push(record),
        }
        ControlFlow::Continue(())
    })?;
    let authorities = authorities(pki)?;
    let mut due = Due::default();
    for record in chosen {
        if let Some(obstacle) = obstacle(pki, &authorities, &record) {
            let end = date(record.validity.not_after);
            context.ui.warning(format!(
                "`{}` ends on {end}, and is left alone: {obstacle}",
                record.name
            ));
        } else if let Some(record) = pki.ledger().current(record.kind.area(), &record.name)? {
            due.add(record);
        }
    }
    if let (true, Some((from, name))) = (due.is_empty(), next) {
        context
            .ui
            .note(format!("nothing is due before {} (`{name}`)", time(from)));
    }
    due.sort(pki)?;
    Ok(due)
}

/// What keeps a certificate from being renewed here, though it is due.
fn obstacle(pki: &Pki, authorities: &Authorities, record: &Record) -> Option<String> {
    if let Some(fallen) = fallen_issuer(authorities, record) {
        return Some(fallen.to_string());
    }
    if record.origin == Origin::Installed {
        let way = elsewhere::way(pki, &record.name);
        return Some(format!("a CA elsewhere has signed it; {way}"));
    }
    if record.kind.area() == Area::Entries {
        return None;
    }
    let signer = record.issuer.as_ref().unwrap_or(&record.name);
    let place = Place::authority(signer.clone());
    let key = pki.layout().place(&place).join(file::KEY);
    (!pki.layout().holds(&key).unwrap_or(true))
        .then(|| format!("the key of the CA `{signer}` is not here"))
}

/// The CA that signed it, where no peer believes that any more.
fn fallen_issuer(authorities: &Authorities, record: &Record) -> Option<Fallen> {
    authorities.fallen(record.issuer.as_ref()?)
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

impl Due {
    pub(super) fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.leaves.is_empty()
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.authorities.iter().chain(&self.leaves)
    }

    fn add(&mut self, record: Record) {
        match record.kind.area() {
            Area::Authorities => self.authorities.push(record),
            Area::Entries => self.leaves.push(record),
        }
    }

    /// Puts parents before their children.
    fn sort(&mut self, pki: &Pki) -> Result<(), Report> {
        if self.authorities.len() < 2 {
            return Ok(());
        }
        let parents = parents(pki)?;
        let depth = |record: &Record| {
            let above = |name: &EntryName| parents.get(name).cloned().flatten();
            // A loop would need a CA that signed its own issuer; the number of CAs bounds it all the same.
            let above = std::iter::successors(record.issuer.clone(), above);
            above.take(parents.len()).count()
        };
        self.authorities.sort_by_key(depth);
        Ok(())
    }

    /// The CAs that sign what is renewed.
    pub(super) fn signers(&self) -> BTreeSet<EntryName> {
        let of_authorities = self
            .authorities
            .iter()
            .map(|record| record.issuer.as_ref().unwrap_or(&record.name));
        let of_leaves = self
            .leaves
            .iter()
            .filter_map(|record| record.issuer.as_ref());
        of_authorities.chain(of_leaves).cloned().collect()
    }

    pub(super) fn leaves_by_issuer(&self) -> BTreeMap<Option<EntryName>, Vec<&Record>> {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in &self.leaves {
            groups
                .entry(record.issuer.clone())
                .or_default()
                .push(record);
        }
        groups
    }

    /// Entries that stay as they are below a CA that is renewed, by the CA that signed them.
    pub(super) fn followers(
        &self,
        pki: &Pki,
    ) -> Result<HashMap<EntryName, Vec<EntryName>>, Report> {
        let parents = parents(pki)?;
        let mut changing: HashSet<&EntryName> =
            self.authorities.iter().map(|record| &record.name).collect();
        // Each round goes one step down.
        for _ in 0..parents.len() {
            let below = parents.iter().filter(|(_, parent)| {
                parent
                    .as_ref()
                    .is_some_and(|parent| changing.contains(parent))
            });
            changing.extend(below.map(|(name, _)| name).collect::<Vec<_>>());
        }
        let renewed: HashSet<_> = self.leaves.iter().map(|record| &record.name).collect();
        let mut followers: HashMap<EntryName, Vec<EntryName>> = HashMap::new();
        for issuer in changing {
            let selection = Selection {
                area: Some(Area::Entries),
                issuer: Some(issuer.clone()),
                statuses: vec![Status::Current],
                ..Selection::default()
            };
            let names = followers.entry(issuer.clone()).or_default();
            let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
                if !renewed.contains(&record.name) {
                    names.push(record.name);
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(followers)
    }
}

/// All CAs that are in use, each with the one above it.
fn parents(pki: &Pki) -> Result<HashMap<EntryName, Option<EntryName>>, Report> {
    let records = pki.authorities()?.into_iter();
    Ok(records.map(|record| (record.name, record.issuer)).collect())
}
