//! `certctl apply`: make the PKI directory what a fleet file says.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use time::Duration;

mod authorities;
pub(super) mod document;
mod standing;

use super::{
    Context, Report, Run,
    bounded::{self, Allowance},
    exposed, extfiles, init_ca, init_intermediate,
    made::tell_owners,
    open::signing_authority,
    passphrases::{PassphraseArgs, Passphrases},
    report::Outcome,
    unusual::Unusual,
};
use crate::{
    extfile::Requested,
    fleet::{
        self, EntrySpec, Fleet, Loader,
        plan::{Action, Change, Signed},
    },
    issuance::{
        self, IssueError, SigningAuthority,
        leaf::{Batch, issue},
        request::{LeafRequest, Model},
    },
    pki::{
        authorities::Authorities, entry_name::EntryName, revocation, subject, validity::Lifetime,
    },
    store::{
        Access, Pki,
        layout::Place,
        ledger::revocation::{Change as LedgerChange, Fate},
        transaction::Transaction,
    },
};
use standing::Directory;

/// Make the PKI directory what a fleet file says
///
/// Issues what is missing, renews what is due, re-issues what differs, and leaves the rest alone; a
/// second run changes nothing. All of it is one transaction. The plan is printed first; -n stops there.
/// A key that is elsewhere stays: its next certificate is to be installed there.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl apply fleet.toml -n\n  \
    certctl apply fleet.toml\n  \
    certctl apply fleet.toml --prune")]
pub(crate) struct Apply {
    /// Fleet file
    #[arg(value_name = "FLEET.toml")]
    file: PathBuf,
    /// Revoke entries that the file does not name
    #[arg(long)]
    prune: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl Run for Apply {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Create)?;
        let there = issuance::authorities::authorities(&pki)?;
        let fleet = self.read(&there)?;
        let authorities = authorities::Plan::new(&fleet, &there);
        let made: Vec<_> = fleet
            .authorities
            .iter()
            .map(|spec| spec.name.clone())
            .collect();
        let passphrases = self.passphrase.among(context, &pki, &made)?;
        let signed = authorities::signed(&fleet)?;
        let base = self.file.parent();
        let directory = Directory::read(&pki, &there, &fleet, base, &context.surroundings)?;
        let standing = |spec: &EntrySpec| directory.standing(spec);
        let damage = |spec: &EntrySpec, issuer: &EntryName| directory.damage(spec, issuer);
        let planned = fleet::plan::entries(&signed, standing, context.now, damage);
        let pruned = if self.prune {
            directory.unnamed(&fleet)
        } else {
            Vec::new()
        };
        let mut changes = authorities.changes();
        changes.extend(planned.iter().map(|(_, change)| change.clone()));
        changes.extend(pruned.iter().filter_map(|name| directory.revoked(name)));
        let is_changed = changes.iter().any(|change| change.action != Action::None);
        if !context.ui.is_json() {
            context.ui.print(&text(&changes, self.dry_run))?;
        }
        directory.refuse_other_keys(&fleet)?;
        if is_changed && !self.dry_run {
            let due = planned
                .iter()
                .filter(|(_, change)| change.action != Action::None)
                .map(|(signed, _)| *signed);
            let work = Work {
                due: due.collect(),
                pruned,
                authorities: &authorities,
                directory: &directory,
            };
            self.carry_out(context, &mut pki, &work, &passphrases)?;
            let elsewhere = work
                .due
                .iter()
                .filter(|(spec, _)| directory.lacks_key(spec));
            tell_owners(context, elsewhere.map(|(spec, _)| spec.name.as_str()));
        }
        if context.ui.is_json() {
            context
                .ui
                .result(String::new, &document::document(&changes, pki.layout()))?;
        }
        Ok(if is_changed {
            Outcome::Changed
        } else {
            Outcome::Unchanged
        })
    }
}

/// What is to be done, and what that needs to know.
struct Work<'f> {
    due: Vec<Signed<'f>>,
    pruned: Vec<EntryName>,
    authorities: &'f authorities::Plan<'f>,
    directory: &'f Directory,
}

impl Apply {
    fn read(&self, standing: &Authorities) -> Result<Fleet, Report> {
        let files = Files::beside(&self.file);
        let text = files.read(&self.file).map_err(|error| {
            let message = format!("cannot read {}: {error}", self.file.display());
            Report::failed("fleet", message)
        })?;
        fleet::parse(&self.file.display().to_string(), &text, &files, standing)
            .map_err(|mistakes| Report::of_file("fleet", mistakes))
    }

    fn carry_out(
        &self,
        context: &Context,
        pki: &mut Pki,
        work: &Work<'_>,
        passphrases: &Passphrases<'_>,
    ) -> Result<(), Report> {
        let Work {
            due,
            pruned,
            authorities,
            directory,
        } = work;
        let replaced = due.iter().map(|(spec, _)| &spec.name).chain(pruned);
        exposed::warn(context, pki.layout(), replaced.cloned().map(Place::entry));
        let mut signers: HashMap<EntryName, SigningAuthority> = HashMap::new();
        let wanted = due
            .iter()
            .map(|(_, issuer)| *issuer)
            .chain(authorities.standing_parents());
        for name in wanted {
            if authorities.is_standing(name) && !signers.contains_key(name) {
                signers.insert(name.clone(), signing_authority(pki, name, passphrases)?);
            }
        }
        let revoked = pruned
            .iter()
            .map(|name| revocation_of(pki, name, context))
            .collect::<Result<Vec<_>, _>>()?;
        let mut transaction = pki.begin()?;
        authorities.create(&mut transaction, &mut signers, passphrases, context.now)?;
        let mut unusual = Unusual::default();
        let bar = context.ui.progress(due.len(), "issuing");
        for ((issuer, extfile, section), specs) in groups(due) {
            let issuer = authorities::signer(&signers, issuer)?;
            let requested = extfile
                .map(|file| self.requested(&file, section.as_deref(), issuer, specs[0], context))
                .transpose()?;
            let batch = Batch {
                issuer: Some(issuer),
                extensions: requested.as_ref(),
                now: context.now,
                verify_all: specs.len() <= 64,
                progress: &|count| bar.advance(count),
            };
            issue(
                &mut transaction,
                specs.into_iter().map(|spec| request(spec, directory)),
                &batch,
                &mut |record| unusual.note(&record.names),
            )?;
        }
        drop(bar);
        unusual.tell(context);
        revoke(&mut transaction, pruned, revoked);
        Ok(transaction.commit()?)
    }

    fn requested(
        &self,
        file: &str,
        section: Option<&str>,
        issuer: &SigningAuthority,
        first: &EntrySpec,
        context: &Context,
    ) -> Result<Requested, Report> {
        let (requested, read) = standing::requested(
            self.file.parent(),
            file,
            section,
            &issuer.authority.certificate,
            &context.surroundings,
        )?;
        if first.subject == subject::usual(&first.name) {
            extfiles::note_subject(file, &read, &first.subject, context, |text| {
                let text = toml::Value::from(text);
                format!("`subject = {text}` in the fleet file takes it")
            });
        }
        Ok(requested)
    }
}

/// A fleet file, and beside it those that it includes.
struct Files {
    directory: PathBuf,
    allowance: RefCell<Allowance>,
}

impl Files {
    fn beside(file: &Path) -> Self {
        Self {
            directory: file.parent().map(Path::to_owned).unwrap_or_default(),
            allowance: RefCell::new(Allowance::of(bounded::Kind::Fleet)),
        }
    }

    fn read(&self, path: &Path) -> io::Result<String> {
        let octets = self.allowance.borrow_mut().read(path)?;
        let mut text = bounded::text(octets)?;
        Ok(std::mem::take(&mut *text))
    }
}

impl Loader for Files {
    fn load(&self, path: &str) -> Result<String, String> {
        let text = self.read(&self.directory.join(path));
        text.map_err(|error| error.to_string())
    }
}

/// One year, as for `issue`.
const DEFAULT_LIFETIME: Duration = Duration::days(365);

fn request(spec: &EntrySpec, directory: &Directory) -> Result<LeafRequest, IssueError> {
    Ok(LeafRequest {
        name: spec.name.clone(),
        profile: spec.profile,
        key: directory.key(spec)?,
        model: Model::Profile {
            subject: spec.subject.clone(),
            names: spec.names.clone(),
        },
        lifetime: spec
            .lifetime
            .map_or(Lifetime::Default(DEFAULT_LIFETIME), Lifetime::For),
        backdate: Duration::minutes(5),
    })
}

/// What is issued with the same CA and the same extfile goes together.
type Group<'f> = (&'f EntryName, Option<String>, Option<String>);

fn groups<'f>(due: &[Signed<'f>]) -> BTreeMap<Group<'f>, Vec<&'f EntrySpec>> {
    let mut groups: BTreeMap<Group<'_>, Vec<&EntrySpec>> = BTreeMap::new();
    for &(spec, issuer) in due {
        let group = (issuer, spec.extfile.clone(), spec.extensions.clone());
        groups.entry(group).or_default().push(spec);
    }
    groups
}

fn revocation_of(pki: &Pki, name: &EntryName, context: &Context) -> Result<LedgerChange, Report> {
    let record = pki
        .ledger()
        .current(crate::store::layout::Area::Entries, name)?;
    let record = record.ok_or_else(|| Report::failed("ledger", format!("`{name}` is gone")))?;
    let fate = Fate::Revoked(context.now, revocation::Reason::CessationOfOperation);
    Ok(LedgerChange {
        issuer: record.issuer,
        serial: record.serial,
        fate,
    })
}

fn revoke(transaction: &mut Transaction<'_>, pruned: &[EntryName], changes: Vec<LedgerChange>) {
    for (name, change) in pruned.iter().zip(changes) {
        transaction.retire(Place::entry(name.clone()));
        transaction.change(change);
    }
}

fn text(changes: &[Change], dry_run: bool) -> String {
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
