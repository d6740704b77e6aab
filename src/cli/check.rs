//! `certctl check`: what is wrong with a PKI directory, an entry's copy, keys, certificates and the
//! configuration of servers.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{
    Context, Report, Run,
    args::{FailOn, margin},
    report::Outcome,
    subjects::{short, subjects},
};
use crate::{
    check::{self, Finding, Mend, Terms},
    documents::check::Document,
    inspection::{Inspection, inspect},
    pki::renewal::Margin,
    session::foreign::with_import,
    store::{Access, Pki, StoreError, rebuild::Rebuilt},
    survey::{Purpose, Survey, Target, configuration, recognise},
};

mod account;
mod configurations;
pub(super) mod rules;
mod text;

use account::account;
use configurations::ConfigurationArgs;
pub(super) use text::told;
use text::{shown, text};

/// Find faults in keys, certificates, ledger and configuration
///
/// Looks at modes and owners, symlinks, expiry, keys and certificates that do not match, broken chains,
/// trust bundles, and what the ledger says. TARGET is a PKI directory, a CA or an entry, by its name or its directory, in
/// its PKI directory or on a node, a key, certificate or CRL, or a server's configuration file. In such a
/// file, and in those that it includes, options that the server does not know, that are incomplete, or
/// that make it insecure are found, and all that is wrong with the keys and certificates that it names.
/// Nothing is changed without --fix.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl check\n  \
    certctl check --within 60d --fail-on error\n  \
    certctl check node1 ca/issuing\n  \
    certctl check /etc/rethinkdb/tls --policy group\n  \
    certctl check server.crt server.key\n  \
    certctl check /etc/redis/redis.conf --server-version 7.0.15\n  \
    certctl check --fix\n  \
    certctl check --list")]
pub(crate) struct Check {
    /// Entry, CA, file or directory [default: the PKI directory] (can be repeated)
    #[arg(value_name = "TARGET")]
    targets: Vec<OsString>,
    /// List the rules: what can be found, and how bad it is
    #[arg(long, conflicts_with_all = ["targets", "fix"])]
    list: bool,
    /// Which modes private keys may have
    #[arg(long, value_name = "POLICY", value_enum, default_value_t)]
    policy: Policy,
    /// Tell what has so much of its life left, as in 30d or 33% [default: what renew calls due, a third, at most 30d]
    #[arg(long, value_name = "DURATION|PERCENT", value_parser = margin)]
    within: Option<Margin>,
    /// Exit with 3 from this severity on
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t)]
    fail_on: FailOn,
    /// Correct modes of keys, directories and other files; make chains and trust bundles anew that are not as they must be
    #[arg(long)]
    fix: bool,
    /// Say what --fix would correct, and correct nothing
    #[arg(short = 'n', long, requires = "fix")]
    dry_run: bool,
    #[command(flatten)]
    configuration: ConfigurationArgs,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Policy {
    /// 0600 or 0400
    #[default]
    Strict,
    /// Also 0640 where root owns the file
    Group,
}

/// What nobody can check may be the PKI of another tool.
fn unrecognised(error: StoreError) -> Report {
    match &error {
        StoreError::NotRecognised(folder) => {
            let folder = folder.clone();
            with_import(error.into(), &folder)
        }
        _ => error.into(),
    }
}

impl Run for Check {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        if self.list {
            return rules::list(&self.configuration.catalogue()?, context);
        }
        let terms = Terms {
            now: context.now,
            within: self.within.unwrap_or_default(),
            policy: match self.policy {
                Policy::Strict => check::Policy::Strict,
                Policy::Group => check::Policy::Group,
            },
            user: rustix::process::geteuid().as_raw(),
        };
        let mut found = Found::default();
        let (paths, mut errors) = self.paths(context)?;
        let inspected = self.configuration.inspect(&paths, terms, context)?;
        errors.extend(inspected.errors);
        let (targets, unknown) = match self.targets.is_empty() {
            true => (vec![Target::Pki(short(&context.dir))], Vec::new()),
            false => recognise(&inspected.others),
        };
        errors.extend(unknown.into_iter().map(unrecognised));
        let mut is_empty = inspected.inspections.is_empty();
        for (path, inspection) in inspected.inspections {
            let mend = |finding: &Finding, mend: Mend| {
                configuration::change_mode(&path, &finding.path, mend.from, mend.to)
            };
            self.add(inspection, &mend, context, &mut found);
        }
        for target in &targets {
            if let (Target::Pki(path), true) = (target, self.fix) {
                found.rebuilt.extend(self.rebuild(path, context)?);
            }
            match self.check(target, terms, context, &mut found) {
                Ok(()) => is_empty = false,
                Err(report) => errors.push(report),
            }
        }
        if is_empty && let Some(report) = Report::all(errors.split_off(0)) {
            return Err(report);
        }
        let document = Document::new(
            found
                .findings()
                .map(|(it, mended)| (it, mended == Mended::Yes)),
            &found.inspection,
        );
        let is_wrong = found.findings().any(|(finding, mended)| {
            mended != Mended::No || finding.severity >= self.fail_on.told()
        });
        context.ui.findings(
            is_wrong,
            || text(&found, context),
            &document,
            || account(&found, &self, context),
        )?;
        if let Some(report) = Report::all(errors) {
            return Err(report);
        }
        let worst = found.left().map(|finding| finding.severity).max();
        Ok(match worst {
            Some(worst) if worst >= self.fail_on.into() => Outcome::Found,
            _ if found.changes_anything() => Outcome::Changed,
            _ => Outcome::Unchanged,
        })
    }
}

/// What --fix does about a finding.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Mended {
    No,
    /// In a rehearsal, which ends as what it rehearses
    Would,
    Yes,
}

/// All that was found, and for each finding whether it was mended.
#[derive(Default)]
struct Found {
    inspection: Inspection,
    mended: Vec<Mended>,
    /// Chains and bundles that were made anew, or would be
    rebuilt: Vec<PathBuf>,
}

impl Found {
    fn findings(&self) -> impl Iterator<Item = (&Finding, Mended)> {
        self.inspection
            .findings
            .iter()
            .zip(self.mended.iter().copied())
    }

    /// What is still wrong, or would be.
    fn left(&self) -> impl Iterator<Item = &Finding> {
        self.findings()
            .filter(|(_, mended)| *mended == Mended::No)
            .map(|(finding, _)| finding)
    }

    /// What is wrong now, whatever a rehearsal would mend.
    fn there(&self) -> impl Iterator<Item = &Finding> {
        self.findings()
            .filter(|(_, mended)| *mended != Mended::Yes)
            .map(|(finding, _)| finding)
    }

    fn changes_anything(&self) -> bool {
        !self.rebuilt.is_empty() || self.mended.iter().any(|&mended| mended != Mended::No)
    }
}

/// Changes the mode that a finding is about.
type ChangeMode<'a> = dyn Fn(&Finding, Mend) -> io::Result<()> + 'a;

impl Check {
    /// Where lies what was named, and what is nowhere.
    fn paths(&self, context: &Context) -> Result<(Vec<PathBuf>, Vec<Report>), Report> {
        let (mut paths, mut errors) = (Vec::new(), Vec::new());
        for subject in subjects(&self.targets, context)? {
            match subject.path(context) {
                Ok(path) => paths.push(path),
                Err(report) => errors.push(report),
            }
        }
        Ok((paths, errors))
    }

    /// Makes chains and trust bundles anew that are not as they must be, or says which would be; their paths.
    fn rebuild(&self, directory: &Path, context: &Context) -> Result<Vec<PathBuf>, Report> {
        let wait = context.wait;
        let access = match self.dry_run {
            true => Access::Read,
            false => Access::Write,
        };
        let mut pki = match Pki::open(directory, access, wait) {
            Ok(pki) if pki.distrust().is_none() => pki,
            Err(error @ StoreError::Locked { .. }) => return Err(error.into()),
            // What is wrong with it is found by the check.
            Ok(_) | Err(_) => return Ok(Vec::new()),
        };
        pki.set_author(context.author.clone());
        if let Some(repaired) = pki.repaired() {
            context
                .ui
                .note(format!("{}: {repaired}", directory.display()));
        }
        let rebuilt = pki.to_rebuild()?;
        if !self.dry_run && !rebuilt.is_empty() {
            pki.rebuild(&rebuilt)?;
        }
        let verb = if self.dry_run { "would make" } else { "made" };
        let paths = |(place, files): &Rebuilt| {
            let directory = place.below(directory);
            let names = files.iter().map(|(name, _)| name);
            names.map(|name| directory.join(name)).collect::<Vec<_>>()
        };
        let paths: Vec<_> = rebuilt.iter().flat_map(paths).collect();
        for path in &paths {
            context.ui.note(format!("{verb} {} anew", shown(path)));
        }
        Ok(paths)
    }

    fn check(
        &self,
        target: &Target,
        terms: Terms,
        context: &Context,
        found: &mut Found,
    ) -> Result<(), Report> {
        let purpose = match self.fix && !self.dry_run {
            true => Purpose::Mend,
            false => Purpose::See,
        };
        let wait = context.wait;
        let survey = Survey::open(target, purpose, wait)?;
        if let Some(repaired) = survey.repaired() {
            context
                .ui
                .note(format!("{}: {repaired}", context.dir.display()));
        }
        if let Some(distrust) = survey.distrust() {
            context.distrusted(distrust);
        }
        let bar = context.ui.progress(survey.spots().len(), "checking");
        let inspection = inspect(&survey, terms, &|count| bar.advance(count));
        drop(bar);
        let mend =
            |finding: &Finding, mend: Mend| survey.change_mode(&finding.path, mend.from, mend.to);
        self.add(inspection, &mend, context, found);
        Ok(())
    }

    /// Adds what was found, and mends what is to be mended.
    fn add(
        &self,
        inspection: Inspection,
        change_mode: &ChangeMode<'_>,
        context: &Context,
        found: &mut Found,
    ) {
        let is_rebuilt = |finding: &Finding| self.dry_run && found.rebuilt.contains(&finding.path);
        let mended = inspection.findings.iter().map(|finding| {
            match self.mend(finding, change_mode, context) {
                Mended::No if is_rebuilt(finding) => Mended::Would,
                mended => mended,
            }
        });
        let mended: Vec<_> = mended.collect();
        found.mended.extend(mended);
        found.inspection.merge(inspection);
    }

    /// Corrects a mode, or says what would be done.
    fn mend(&self, finding: &Finding, change_mode: &ChangeMode<'_>, context: &Context) -> Mended {
        let Some(mend) = finding.mend.filter(|_| self.fix) else {
            return Mended::No;
        };
        let change = format!(
            "{}: {:04o} → {:04o}",
            shown(&finding.path),
            mend.from,
            mend.to
        );
        if self.dry_run {
            context.ui.note(format!("would change {change}"));
            return Mended::Would;
        }
        match change_mode(finding, mend) {
            Ok(()) => {
                context.ui.note(format!("changed {change}"));
                Mended::Yes
            }
            Err(error) => {
                context
                    .ui
                    .warning(format!("cannot change {change}: {error}"));
                Mended::No
            }
        }
    }
}
