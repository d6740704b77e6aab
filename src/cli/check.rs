//! `certctl check`: what is wrong with a PKI directory, an entry's copy, keys, certificates and the
//! configuration of servers.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use super::{
    Context, Report, Run,
    args::{FailOn, margin},
    emitting,
    report::Outcome,
};
use crate::{
    check::{self, Finding, Terms},
    documents::check::Document,
    emit::Version,
    formats::{Account, Subject},
    inspection::{Fix, Found, Looked, Mended},
    pki::renewal::Margin,
    rulebook::{Teller, entries},
    session::examination::{Wish, examine},
    terminal::findings,
};

pub(super) mod rules;

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
    /// Server whose configuration the files are [default: told by their content]
    #[arg(long, value_name = "SERVER", requires = "targets")]
    server: Option<String>,
    /// Version of the server [default: the newest that is known]
    #[arg(long, value_name = "VERSION", value_parser = emitting::version)]
    server_version: Option<Version>,
    #[command(flatten)]
    templates: emitting::TemplatesArgs,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Policy {
    /// 0600 or 0400
    #[default]
    Strict,
    /// Also 0640 where root owns the file
    Group,
}

impl From<Policy> for check::Policy {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Strict => Self::Strict,
            Policy::Group => Self::Group,
        }
    }
}

impl Run for Check {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        if self.list {
            return rules::list(&self.templates.catalogue()?, context);
        }
        let wish = Wish {
            targets: &self.targets,
            fix: match (self.fix, self.dry_run) {
                (false, _) => Fix::No,
                (true, true) => Fix::Rehearsed,
                (true, false) => Fix::Done,
            },
            terms: Terms {
                within: self.within.unwrap_or_default(),
                policy: self.policy.into(),
                ..context.usual_terms()
            },
            server: self.server.as_deref(),
            version: self.server_version.as_ref(),
            templates: self.templates.templates.as_deref(),
        };
        let (found, errors) = examine(&wish, context)?;
        let is_told = |(finding, mended): (&Finding, Mended)| {
            mended != Mended::No || finding.severity >= self.fail_on.told()
        };
        let text = || findings::text(&found, &context.ui, context.now);
        context.ui.findings(
            found.findings().any(is_told),
            text,
            &Document::new(&found),
            || self.account(&found, context),
        )?;
        Report::none(errors)?;
        Ok(
            match self.fail_on.outcome(found.left().map(|it| it.severity)) {
                Outcome::Unchanged => Outcome::changed(found.changes_anything()),
                outcome => outcome,
            },
        )
    }
}

impl Check {
    /// What is still wrong, and what was looked at.
    fn account(&self, found: &Found, context: &Context) -> Result<Account, Report> {
        let looked_at = found.inspection.looked_at.iter().cloned();
        let subject = |Looked { path, certificates }| Subject::file(path, certificates);
        Ok(Account {
            teller: Teller::Check,
            now: context.now,
            fails_from: self.fail_on.into(),
            subjects: looked_at.map(subject).collect(),
            findings: found.there().cloned().collect(),
            rules: entries(&self.templates.catalogue()?.servers()?),
        })
    }
}
