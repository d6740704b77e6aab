//! `certctl check`: what is wrong with a PKI directory, an entry's copy, keys and certificates.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, path::PathBuf};

use clap::{Args, ValueEnum, builder::styling::AnsiColor};
use serde::Serialize;
use time::Duration;

use super::{
    Context, Report, Run,
    document::{self, remaining},
    duration,
    report::Outcome,
};
use crate::{
    check::{self, Finding, Severity, Terms},
    inspection::{Inspection, inspect},
    store::{
        files,
        survey::{Purpose, Survey, Target, recognise},
    },
};

/// Find what is wrong with keys, certificates and the ledger
///
/// Looks at modes and owners, symlinks, expiry, keys and certificates that do not match, broken chains,
/// trust bundles, and what the ledger says. PATH is a PKI directory, the directory of a CA or an entry, in
/// its PKI directory or on a node, or a key, certificate or CRL. Nothing is changed without --fix.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl check\n  \
    certctl check --within 60d --fail-on error\n  \
    certctl check /etc/rethinkdb/tls --policy group\n  \
    certctl check server.crt server.key\n  \
    certctl check --fix")]
pub(crate) struct Check {
    /// What to check [default: the PKI directory]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which modes private keys may have
    #[arg(long, value_name = "POLICY", value_enum, default_value_t)]
    policy: Policy,
    /// Tell what expires so soon
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = duration::parse)]
    within: Duration,
    /// Exit with 3 from this severity on
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t)]
    fail_on: FailOn,
    /// Correct modes of keys, directories and other files
    #[arg(long)]
    fix: bool,
    /// Say what --fix would correct, and correct nothing
    #[arg(short = 'n', long, requires = "fix")]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Policy {
    /// 0600 or 0400
    #[default]
    Strict,
    /// Also 0640 where root owns the file
    Group,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum FailOn {
    /// Only what is insecure or does not work
    Error,
    /// Also what works today, or for some
    #[default]
    Warning,
    /// Everything
    Info,
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Info => Self::Info,
        }
    }
}

impl Run for Check {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let targets = match self.paths.is_empty() {
            true => vec![Target::Pki(short(&context.global.dir))],
            false => recognise(&self.paths)?,
        };
        let terms = Terms {
            now: context.now,
            within: self.within,
            policy: match self.policy {
                Policy::Strict => check::Policy::Strict,
                Policy::Group => check::Policy::Group,
            },
            user: rustix::process::geteuid().as_raw(),
        };
        let mut found = Found::default();
        for target in &targets {
            self.check(target, terms, context, &mut found)?;
        }
        let document = Document::new(&found);
        context.ui.result(|| text(&found, context), &document)?;
        let worst = found.left().map(|finding| finding.severity).max();
        Ok(match worst {
            Some(worst) if worst >= self.fail_on.into() => Outcome::Found,
            _ if found.fixed.iter().any(|&fixed| fixed) => Outcome::Changed,
            _ => Outcome::Unchanged,
        })
    }
}

/// All that was found, and for each finding whether it was mended.
#[derive(Default)]
struct Found {
    inspection: Inspection,
    fixed: Vec<bool>,
}

impl Found {
    fn findings(&self) -> impl Iterator<Item = (&Finding, bool)> {
        self.inspection
            .findings
            .iter()
            .zip(self.fixed.iter().copied())
    }

    /// What is still wrong.
    fn left(&self) -> impl Iterator<Item = &Finding> {
        self.findings()
            .filter(|(_, fixed)| !fixed)
            .map(|(finding, _)| finding)
    }
}

impl Check {
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
        let wait = std::time::Duration::try_from(context.global.wait).unwrap_or_default();
        let survey = Survey::open(target, purpose, wait)?;
        if let Some(repaired) = survey.repaired() {
            context
                .ui
                .note(format!("{}: {repaired}", context.global.dir.display()));
        }
        let bar = context.ui.progress(survey.spots().len(), "checking");
        let inspection = inspect(&survey, terms, &|count| bar.inc(count));
        bar.finish_and_clear();
        let fixed = inspection
            .findings
            .iter()
            .map(|finding| self.mend(finding, context));
        found.fixed.extend(fixed);
        found.inspection.merge(inspection);
        Ok(())
    }

    /// Corrects a mode, or says what would be done; true where it was done.
    fn mend(&self, finding: &Finding, context: &Context) -> bool {
        let Some(mend) = finding.mend.filter(|_| self.fix) else {
            return false;
        };
        let change = format!(
            "{}: {:04o} → {:04o}",
            shown(&finding.path),
            mend.from,
            mend.to
        );
        if self.dry_run {
            context.ui.note(format!("would change {change}"));
            return false;
        }
        match files::change_mode(&finding.path, mend.from, mend.to) {
            Ok(()) => {
                context.ui.note(format!("changed {change}"));
                true
            }
            Err(error) => {
                context
                    .ui
                    .warning(format!("cannot change {change}: {error}"));
                false
            }
        }
    }
}

/// Findings grouped by path, and a summary.
fn text(found: &Found, context: &Context) -> String {
    let width = found
        .findings()
        .map(|(finding, _)| finding.code.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    let mut last: Option<&Path> = None;
    for (finding, fixed) in found.findings() {
        if last != Some(&finding.path) {
            let _ = writeln!(text, "{}", shown(&finding.path));
            last = Some(&finding.path);
        }
        let style = match finding.severity {
            _ if fixed => AnsiColor::Green,
            Severity::Error => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Info => AnsiColor::Cyan,
        };
        let style = style.on_default().bold();
        let word = if fixed {
            "fixed"
        } else {
            finding.severity.name()
        };
        let (code, message) = (finding.code, escaped(&finding.message));
        let now = finding.mend.filter(|_| fixed);
        let now = now.map_or_else(String::new, |mend| format!("; now {:04o}", mend.to));
        let _ = writeln!(
            text,
            "  {style}{word:7}{style:#}  {code:width$}  {message}{now}"
        );
        if !fixed {
            debug_assert!(
                super::report::quoted_commands_parse(&finding.hint),
                "{}",
                finding.hint
            );
            let _ = writeln!(
                text,
                "  {:7}  {:width$}  hint: {}",
                "",
                "",
                escaped(&finding.hint)
            );
        }
    }
    text + &summary(found, context)
}

/// How much is wrong, in how much, and what ends next.
fn summary(found: &Found, context: &Context) -> String {
    let mut counts = BTreeMap::new();
    for finding in found.left() {
        *counts
            .entry(std::cmp::Reverse(finding.severity))
            .or_insert(0) += 1;
    }
    let fixed = found.fixed.iter().filter(|&&fixed| fixed).count();
    let wrong: Vec<_> = counts
        .iter()
        .map(|(severity, &count)| number(count, severity.0.name()))
        .chain((fixed > 0).then(|| format!("{fixed} fixed")))
        .collect();
    let inspection = &found.inspection;
    let places: Vec<_> = [
        (inspection.authorities, "CA"),
        (inspection.entries, "entry"),
        (inspection.archived, "archived directory"),
    ]
    .into_iter()
    .filter(|&(count, _)| count > 0)
    .map(|(count, what)| number(count, what))
    .collect();
    let mut text = match wrong.is_empty() {
        true => String::from("nothing wrong"),
        false => wrong.join(", "),
    };
    if !places.is_empty() {
        let _ = write!(text, " in {}", places.join(", "));
    }
    if let Some((end, path)) = &inspection.next_to_end {
        let (end, left) = (document::time(*end), remaining(*end, context.now));
        let _ = write!(text, "; next to expire: {} on {end} ({left})", shown(path));
    }
    text
}

/// `1 entry`, `2 entries`.
fn number(count: usize, what: &str) -> String {
    match (count, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) if what == "info" => format!("{count} {what}"),
        (_, None) => format!("{count} {what}s"),
    }
}

/// Without a leading `./`, which says nothing.
fn short(path: &Path) -> PathBuf {
    let stripped = path.strip_prefix(".").ok();
    let stripped = stripped.filter(|path| !path.as_os_str().is_empty());
    stripped.unwrap_or(path).to_owned()
}

fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}

/// Names and messages may come from others' certificates and directories.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(escape).collect()
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    findings: Vec<FindingDocument>,
    checked: Checked,
    next_to_expire: Option<NextToExpire>,
}

#[derive(Serialize)]
struct FindingDocument {
    code: &'static str,
    severity: &'static str,
    path: String,
    message: String,
    hint: String,
    fixed: bool,
}

#[derive(Serialize)]
struct Checked {
    authorities: usize,
    entries: usize,
    archived: usize,
}

#[derive(Serialize)]
struct NextToExpire {
    path: String,
    not_after: String,
}

impl Document {
    fn new(found: &Found) -> Self {
        let inspection = &found.inspection;
        let finding = |(finding, fixed): (&Finding, bool)| FindingDocument {
            code: finding.code,
            severity: finding.severity.name(),
            path: finding.path.display().to_string(),
            message: finding.message.clone(),
            hint: finding.hint.clone(),
            fixed,
        };
        Self {
            schema: "certctl/check/v1",
            findings: found.findings().map(finding).collect(),
            checked: Checked {
                authorities: inspection.authorities,
                entries: inspection.entries,
                archived: inspection.archived,
            },
            next_to_expire: inspection
                .next_to_end
                .as_ref()
                .map(|(end, path)| NextToExpire {
                    path: path.display().to_string(),
                    not_after: document::time(*end),
                }),
        }
    }
}
