//! `certctl pull`: public files from a shared ledger.

use clap::Args;

use super::{
    Context, Report, Run,
    names::{Target, target},
    report::Outcome,
};
use crate::{
    documents::pull::Document,
    store::{
        Access, Pki, StoreError,
        layout::{Area, Place},
        pull::Pulled,
    },
};

/// Fetch public files from the shared ledger
///
/// Certificates, chains, bundles and CRLs come from the ledger that several machines share. Trust bundles of entries
/// whose keys are here follow the CAs.
/// What other machines issued is here then, without keys: those stay where they were made. CAs are always fetched, so
/// that what is issued here has the newest bundle and CRL beside it. An entry whose key is here, for a certificate that
/// is no longer in use, is left as it is.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl pull\n  \
    certctl pull node1 node2\n  \
    certctl pull --all")]
pub(crate) struct Pull {
    /// Entries to fetch; without any, those that are here already, and those in the archive that are no longer on hold
    #[arg(value_name = "NAME", value_parser = target, conflicts_with = "all")]
    names: Vec<Target>,
    /// Fetch every entry in use
    #[arg(long)]
    all: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Run for Pull {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        if !pki.ledger().is_shared() {
            return Err(
                Report::failed("ledger-shared", "this PKI directory has its own ledger")
                    .hint("`certctl ledger copy URL` has others share it"),
            );
        }
        let places = self.places(&pki)?;
        let mut pulled = pki.pull(&places, self.dry_run)?;
        // Where the trust of a CA has changed, what lies here is made anew: others have no files of it.
        let rebuilt = pki.to_rebuild()?;
        if !self.dry_run && !rebuilt.is_empty() {
            pki.rebuild(&rebuilt)?;
        }
        pulled.retain(|(place, _)| !rebuilt.iter().any(|(it, _)| it == place));
        pulled.extend(
            rebuilt
                .into_iter()
                .map(|(place, _)| (place, Pulled::Updated)),
        );
        pulled.sort_by(|(one, _), (other, _)| one.cmp(other));
        tell(context, &pki, &pulled, self.dry_run)
    }
}

impl Pull {
    /// The CAs, and the entries that are meant.
    fn places(&self, pki: &Pki) -> Result<Vec<Place>, Report> {
        let in_use = pki.places_in_use()?;
        for name in &self.names {
            let is_meant = |place: &&Place| place.name == name.name;
            if !in_use.iter().any(|place| is_meant(&place)) {
                let message = format!("there is no certificate in use for `{}`", name.name);
                return Err(Report::failed("no-entry", message).hint("`certctl list` shows them"));
            }
        }
        let is_wanted = |place: &Place| -> Result<bool, StoreError> {
            Ok(place.area == Area::Authorities
                || self.all
                || self.names.iter().any(|name| name.name == place.name)
                || (self.names.is_empty() && (pki.is_here(place)? || pki.is_archived(place)?)))
        };
        let mut wanted = Vec::new();
        for place in in_use {
            if is_wanted(&place)? {
                wanted.push(place);
            }
        }
        Ok(wanted)
    }
}

/// Says what came, and what could.
pub(super) fn tell(
    context: &Context,
    pki: &Pki,
    pulled: &[(Place, Pulled)],
    dry_run: bool,
) -> Result<Outcome, Report> {
    let mut elsewhere = Vec::new();
    for place in pki.places_in_use()? {
        let is_pulled = pulled.iter().any(|(it, _)| *it == place);
        if place.area == Area::Entries && !is_pulled && !pki.is_here(&place)? {
            elsewhere.push(place.name.to_string());
        }
    }
    let document = Document::new(pulled, elsewhere, dry_run);
    context.ui.result(
        || match document.is_changed() {
            true => document.text(),
            false => format!("{}everything is here as it is there\n", document.text()),
        },
        &document,
    )?;
    let hint = "`certctl pull --all` fetches all but their keys";
    match document.elsewhere.len() {
        0 => {}
        1 => context
            .ui
            .note(format!("1 entry is not on this machine; {hint}")),
        more => context
            .ui
            .note(format!("{more} entries are not on this machine; {hint}")),
    }
    Ok(match document.is_changed() {
        true => Outcome::Changed,
        false => Outcome::Unchanged,
    })
}
