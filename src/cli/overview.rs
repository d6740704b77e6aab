//! `certctl report`: the PKI at a glance, as a page for people who do not work with it daily.

use std::{
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Context, Report as Failure, Run, report::Outcome, taken};
use crate::{
    documents::report::Document,
    inspection::{Inspection, inspect},
    overview::{CRL, Item, Overview, State, Trouble},
    pki::{renewal::Margin, validity::Validity},
    store::{
        Access, Pki,
        files::PUBLIC,
        ledger::{Listed, Order, Selection, Status},
        outside,
    },
    supply::printable,
    survey::{Purpose, Survey, Target},
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
            write(path, &html, self.force)?;
        }
        match context.ui.is_json() {
            true => context.ui.result(String::new, &document)?,
            false => {
                let verb = if self.dry_run { "would write" } else { "wrote" };
                context.ui.note(format!("{verb} {}", path.display()));
            }
        }
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

/// Gathers what is in use, and what is wrong.
fn overview(context: &Context) -> Result<Overview, Failure> {
    let mut overview = Overview {
        directory: context.dir.display().to_string(),
        version: env!("CARGO_PKG_VERSION"),
        now: context.now,
        authorities: Vec::new(),
        entries: Vec::new(),
        crls: Vec::new(),
        findings: Vec::new(),
    };
    {
        let pki = context.open(Access::Read)?;
        let selection = Selection {
            statuses: vec![Status::Current],
            order: Order::Name,
            ..Selection::default()
        };
        let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
            let is_authority = record.kind.profile().is_none();
            let item = item(record, context);
            match is_authority {
                true => overview.authorities.push(item),
                false => overview.entries.push(item),
            }
            ControlFlow::Continue(())
        })?;
        let authorities = overview.authorities.iter();
        overview.crls = authorities
            .filter_map(|authority| newest_crl(&pki, &authority.name, context))
            .collect();
    }
    let findings = found(context)?.findings.into_iter().map(|it| Trouble {
        code: it.code.into_owned(),
        severity: it.severity,
        path: inside(&it.path, &context.dir),
        message: it.message,
        hint: it.hint,
    });
    overview.findings = findings.collect();
    Ok(overview)
}

/// The path from the PKI directory on, which stands above all of them.
fn inside(path: &Path, directory: &Path) -> String {
    match path.strip_prefix(directory) {
        Ok(inside) if !inside.as_os_str().is_empty() => inside.display().to_string(),
        _ => path.display().to_string(),
    }
}

fn state(validity: Validity, context: &Context) -> State {
    match context.now {
        now if validity.not_after < now => State::Over,
        now if Margin::Usual.due_from(validity) <= now => State::Due,
        _ => State::Good,
    }
}

fn item(record: Listed, context: &Context) -> Item {
    Item {
        name: record.name.to_string(),
        kind: record.kind.name(),
        issuer: record.issuer.as_ref().map(ToString::to_string),
        ends: record.validity.not_after,
        state: state(record.validity, context),
        names: record.names,
    }
}

/// The newest CRL that a CA has published; what is wrong with a CA or its CRLs, `check` finds.
fn newest_crl(pki: &Pki, name: &str, context: &Context) -> Option<Item> {
    let authority = pki.authority(&name.parse().ok()?).ok()?;
    let lists = pki.standing_crls(&authority).into_iter();
    let newest = lists.max_by_key(|list| (list.number(), list.this_update()))?;
    let ends = newest.next_update()?;
    let validity = Validity {
        not_before: newest.this_update(),
        not_after: ends,
    };
    Some(Item {
        name: newest
            .number()
            .map_or_else(String::new, |it| it.to_string()),
        kind: CRL,
        issuer: Some(name.to_owned()),
        ends,
        state: state(validity, context),
        names: Vec::new(),
    })
}

/// What `check` finds in the PKI directory.
fn found(context: &Context) -> Result<Inspection, Failure> {
    let wait = context.wait;
    let target = Target::Pki(context.dir.clone());
    let survey = Survey::open(&target, Purpose::See, wait)?;
    let bar = context.ui.progress(survey.spots().len(), "checking");
    Ok(inspect(&survey, context.usual_terms(), &|count| {
        bar.advance(count);
    }))
}

/// Writes the page as a whole or not at all.
fn write(path: &Path, html: &str, force: bool) -> Result<(), Failure> {
    let written = outside::write_whole(path, html.as_bytes(), PUBLIC, force);
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken::report(path, taken::REPLACE),
        _ => Failure::failed("io", format!("cannot write {}: {error}", path.display())),
    })
}
