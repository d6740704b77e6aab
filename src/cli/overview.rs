//! `certctl report`: the PKI at a glance, as a page for people who do not work with it daily.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Report as Failure, Run, report::Outcome, taken};
use crate::{
    documents::report::Document,
    overview::{Overview, State},
    session::overview::overview,
    store::files::PUBLIC,
    supply::printable,
};

/// Write a report for people, one page of HTML
///
/// CAs, what ends when, what is wrong, and what to do next.
///
/// The page needs nothing from outside and no script; it is light or dark as its reader is, fits a phone, and can be
/// printed. It shows what the ledger has in use, and what check finds. Many entries are folded by CA and month.
/// Without --out it is printed.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl report --out report.html\n  \
    certctl report --out report.html --force\n  \
    certctl report | mail -s certificates admin@example.org")]
pub(crate) struct Report {
    /// Write to a file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace what is there
    #[arg(short, long, requires = "out")]
    force: bool,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long, requires = "out")]
    dry_run: bool,
}

impl Run for Report {
    fn run(self, context: &mut Context) -> Result<Outcome, Failure> {
        if let Some(path) = &self.out {
            printable(path)?;
            if !self.force {
                taken::refuse(path, taken::REPLACE)?;
            }
        }
        let overview = overview(context)?;
        let html = overview.page();
        let html =
            html.map_err(|error| Failure::failed("internal", format!("the page: {error}")))?;
        let document = self.document(&overview, &html);
        let Some(path) = &self.out else {
            context.ui.result(|| &html, &document)?;
            return Ok(Outcome::Unchanged);
        };
        if !self.dry_run {
            taken::write(path, html.as_bytes(), PUBLIC, self.force)?;
        }
        let verb = if self.dry_run { "would write" } else { "wrote" };
        let text = format!("{verb} {}", path.display());
        context.ui.told(text, &document)?;
        Ok(Outcome::Changed)
    }
}

impl Report {
    fn document<'a>(&self, overview: &Overview, html: &'a str) -> Document<'a> {
        let all = || overview.authorities.iter().chain(&overview.entries);
        let of = |state| all().filter(|it| it.state == state).count();
        Document {
            schema: "certctl/report/v1",
            path: self.out.as_ref().map(|path| path.display().to_string()),
            html: self.out.is_none().then_some(html),
            octets: html.len(),
            authorities: overview.authorities.len(),
            entries: overview.entries.len(),
            ended: of(State::Over),
            due: of(State::Due),
            findings: overview.findings.len(),
        }
    }
}
