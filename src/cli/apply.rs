//! `certctl apply`: make the PKI directory what a fleet file says.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    Context, Report, Run, extfiles, fleet_file,
    made::tell_owners,
    passphrases::PassphraseArgs,
    reload::{ReloadArgs, Scope},
    report::Outcome,
    unusual::Unusual,
};
use crate::{
    documents,
    fleet::Fleet,
    issuance::{
        authorities::authorities,
        rotation::{announcement::Outsider, evidence::note},
    },
    pki::entry_name::EntryName,
    reconcile::{Extfiles, Plan, generations},
    rotation::outsiders::{self, new_ones},
    session::plans,
    store::Access,
};

/// Make the PKI directory what a fleet file says
///
/// Issues what is missing, renews what is due, re-issues what differs, and leaves the rest alone; a
/// second run changes nothing. All of it is one transaction. The plan is printed first; -n stops there.
/// A key that is elsewhere stays: its next certificate is to be installed there.
///
/// --exec runs a command for the shell once something was made, as that of certctl renew does.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl apply fleet.toml -n\n  \
    certctl apply fleet.toml\n  \
    certctl apply fleet.toml --exec ./copy-to-nodes\n  \
    certctl apply fleet.toml --prune\n  \
    ./inventory | certctl apply -")]
pub(crate) struct Apply {
    /// Fleet file; `-` is standard input
    #[arg(value_name = "FLEET.toml")]
    file: PathBuf,
    /// Revoke entries that the file does not name
    #[arg(long)]
    prune: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    reload: ReloadArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl Run for Apply {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Create)?;
        let there = authorities(&pki)?;
        let mut fleet = fleet_file::read(&self.file, &there)?;
        generations::follow(&mut fleet, &pki)?;
        let extfiles = self.extfiles(&fleet, context)?;
        let named = fleet.authorities.iter().map(|spec| spec.name.clone());
        let named: Vec<_> = named.collect();
        let passphrases = self.passphrase.among(context, &pki, &named)?;
        let reload = self
            .reload
            .begin(&mut pki, Scope::Certificates, self.dry_run)?;
        let plan = Plan::new(&pki, &there, &fleet, &extfiles, self.prune, context.now)?;
        if !context.ui.is_json() && (plan.has_changes() || context.ui.tells_good()) {
            context
                .ui
                .print(&plans::text(plan.changes(), self.dry_run))?;
        }
        plans::refuse_other_keys(&plan)?;
        for text in plan.names_of_others() {
            context.ui.warning(text);
        }
        let trusting = fleet.trust.iter().map(|spec| {
            let (name, format) = (spec.name.clone(), spec.format.clone());
            (spec.ca.clone(), Outsider { name, format })
        });
        let new = new_ones(&pki, trusting, context.now)?;
        let sightings = new.values().map(|(_, seen)| seen.clone()).collect();
        if !plan.has_changes() && !new.is_empty() {
            note(&mut pki, sightings, self.dry_run)?;
        } else if plan.has_changes() && !self.dry_run {
            plans::carry_out(&plan, context, &mut pki, &passphrases, None, sightings)?;
            let mut unusual = Unusual::default();
            for spec in plan.due() {
                let sans = spec.names.iter().map(ToString::to_string);
                unusual.note(&sans.collect::<Vec<_>>());
            }
            unusual.tell(context);
            plans::note_subjects(&plan, &extfiles, context);
            tell_owners(context, plan.elsewhere().map(EntryName::as_str));
        }
        let has_changes = plan.has_changes() || !new.is_empty();
        let noted = new.iter().map(|(name, (ca, _))| (name, ca));
        outsiders::tell(noted, self.dry_run, context);
        if context.ui.is_json() {
            let document = documents::apply::document(plan.changes(), pki.layout());
            context.ui.result(String::new, &document)?;
        }
        let has_told = reload.map_or(Ok(false), |reload| reload.finish(pki, context))?;
        Ok(Outcome::changed(has_changes || has_told))
    }
}

impl Apply {
    /// The extfiles that the fleet file names; they lie beside it.
    fn extfiles(&self, fleet: &Fleet, context: &Context) -> Result<Extfiles, Report> {
        let base = self.file.parent().unwrap_or(Path::new(""));
        let named = fleet.entries.iter();
        let named: BTreeSet<_> = named.filter_map(|spec| spec.extfile.as_ref()).collect();
        let read = |file: &String| {
            let read = extfiles::read(&base.join(file), &context.surroundings)?;
            Ok((file.clone(), read))
        };
        named.into_iter().map(read).collect()
    }
}
