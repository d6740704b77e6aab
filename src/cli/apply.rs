//! `certctl apply`: make the PKI directory what a fleet file says.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    rc::Rc,
};

use clap::Args;

use super::{
    Context, Report, Run, elsewhere, exposed, extfiles, fleet_file,
    made::tell_owners,
    open::signing_authority,
    passphrases::{PassphraseArgs, Passphrases},
    reload::{ReloadArgs, Scope},
    report::Outcome,
    unusual::Unusual,
};
use crate::{
    documents,
    fleet::{
        Fleet,
        plan::{Action, Change},
    },
    issuance::authorities::authorities,
    pki::{entry_name::EntryName, secret::Passphrase, subject},
    reconcile::{Extfiles, OtherKey, Plan, generations},
    store::{Access, Pki, layout::Place},
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
            context.ui.print(&text(plan.changes(), self.dry_run))?;
        }
        refuse_other_keys(&plan)?;
        for text in plan.names_of_others() {
            context.ui.warning(text);
        }
        if plan.has_changes() && !self.dry_run {
            carry_out(&plan, context, &mut pki, &passphrases, None)?;
            let mut unusual = Unusual::default();
            for spec in plan.due() {
                let sans = spec.names.iter().map(ToString::to_string);
                unusual.note(&sans.collect::<Vec<_>>());
            }
            unusual.tell(context);
            note_subjects(&plan, &extfiles, context);
            tell_owners(context, plan.elsewhere().map(EntryName::as_str));
        }
        if context.ui.is_json() {
            let document = documents::apply::document(plan.changes(), pki.layout());
            context.ui.result(String::new, &document)?;
        }
        let has_changes = plan.has_changes();
        let has_told = reload.map_or(Ok(false), |reload| reload.finish(pki, context))?;
        Ok(match has_changes || has_told {
            true => Outcome::Changed,
            false => Outcome::Unchanged,
        })
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

/// Does what is planned; new CAs get `asked` for a passphrase where it is given, or else that of the options.
pub(super) fn carry_out(
    plan: &Plan<'_>,
    context: &Context,
    pki: &mut Pki,
    passphrases: &Passphrases<'_>,
    asked: Option<&Rc<Passphrase>>,
) -> Result<(), Report> {
    let replaced = plan.replaced().cloned().map(Place::entry);
    exposed::warn(context, pki.layout(), replaced);
    elsewhere::warn_of_waiting(context, pki.layout(), plan.replaced())?;
    let mut signers = HashMap::new();
    for name in plan.signers() {
        if !signers.contains_key(name) {
            signers.insert(name.clone(), signing_authority(pki, name, passphrases)?);
        }
    }
    let mut made = HashMap::new();
    for name in plan.made() {
        let passphrase = match asked {
            Some(asked) => Some(Rc::clone(asked)),
            None => passphrases.of_new(name, false)?,
        };
        made.extend(passphrase.map(|passphrase| (name.clone(), passphrase)));
    }
    let bar = context.ui.progress(plan.due().len(), "issuing");
    let progress = |count| bar.advance(count);
    Ok(plan.carry_out(pki, signers, &made, context.now, &progress)?)
}

/// Only its owner can make a key of another type where it is elsewhere.
pub(super) fn refuse_other_keys(plan: &Plan<'_>) -> Result<(), Report> {
    let refused = |other: OtherKey| {
        let OtherKey {
            name,
            key_type,
            wanted,
        } = other;
        let message = format!(
            "`{name}` (key type {key_type} → {wanted}): its key is elsewhere, and only its owner can make another"
        );
        let hint = format!(
            "there: `certctl request {name} --key-type {wanted}`, then here: \
             `certctl sign request.csr --name {name} --force`; or take `key_type` out of the file"
        );
        Report::refused("key-elsewhere", message).hint(hint)
    };
    let reports = plan.other_keys().into_iter().map(refused);
    Report::all(reports.collect()).map_or(Ok(()), Err)
}

/// Says of each extfile that it asks for another subject than its first entry got.
fn note_subjects(plan: &Plan<'_>, extfiles: &Extfiles, context: &Context) {
    let mut told = BTreeSet::new();
    for spec in plan.due() {
        let Some((file, read)) = spec
            .extfile
            .as_ref()
            .and_then(|it| extfiles.get_key_value(it))
        else {
            continue;
        };
        if told.insert(file) && spec.subject.is_none() {
            extfiles::note_subject(file, read, &subject::usual(&spec.name), context, |text| {
                let text = toml::Value::from(text);
                format!("`subject = {text}` in the fleet file takes it")
            });
        }
    }
}

/// The plan, a line for each change.
pub(super) fn text(changes: &[Change], dry_run: bool) -> String {
    let mut lines: Vec<String> = changes
        .iter()
        .filter(|change| change.action != Action::None)
        .map(|change| {
            format!(
                "{:8} {}: {}",
                change.action.name(),
                change.name,
                change.reason
            )
        })
        .collect();
    let count = lines.len();
    let rest = changes.len() - count;
    lines.push(match (count, dry_run) {
        (0, _) => format!("nothing to do: {rest} up to date"),
        (_, true) => {
            format!("{count} to change, {rest} up to date; nothing was changed (--dry-run)")
        }
        (_, false) => format!("{count} to change, {rest} up to date"),
    });
    lines.join("\n")
}
