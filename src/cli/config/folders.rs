//! `certctl config --out-dir`: a folder for each entry, all of them or none.

use std::path::Path;

use zeroize::Zeroizing;

use super::{Config, tell_place};
use crate::{
    cli::{Context, Report, emitting::tell_findings, laid, report::Outcome},
    documents::{
        config::copies,
        config_folders::{Change, Document},
        laid::{Action, Tally},
    },
    emit::{Format, Rendered, Server},
    inspection,
    store::{
        Access, Pki,
        files::{PRIVATE, PUBLIC},
        outside::{Laying, Sheet},
    },
    supply::{Asked, System, printable},
};

/// A node with what is written for it.
type Written = (String, Rendered);

pub(super) fn write(
    config: &Config,
    context: &Context,
    server: &Server,
    format: &Format,
    folder: &Path,
) -> Result<Outcome, Report> {
    printable(folder)?;
    let pki = context.open(Access::Read)?;
    let written = written(config, context, server, format, &pki)?;
    let sheets = written.iter().map(|(name, rendered)| Sheet {
        path: Path::new(name).join(format.file_name(&server.name, name)),
        octets: Zeroizing::new(rendered.text.as_bytes().to_vec()),
        mode: if rendered.secret { PRIVATE } else { PUBLIC },
    });
    let laying =
        Laying::compare(folder, sheets.collect()).map_err(|it| laid::failed(folder, &it))?;
    laid::refuse(&laying, config.emit.force)?;
    if !config.emit.dry_run {
        laid::carry_out(&laying)?;
    }
    let tally = Tally::of([&laying]);
    let document = Document {
        schema: "certctl/config-folders/v1",
        server: &server.name,
        format: &format.name,
        place: &format.path,
        changes: changes(&written, &laying),
        changed: tally.changed,
        unchanged: tally.unchanged,
    };
    if context.ui.is_json() || laying.has_changes() || context.ui.tells_good() {
        context
            .ui
            .result(|| laid::text(&[&laying], config.emit.dry_run), &document)?;
    }
    if !context.ui.is_json() {
        tell(context, &written);
        tell_place(context, server, format);
    }
    let findings = written.iter().flat_map(|(_, it)| &it.findings);
    Ok(config.emit.outcome(findings, laying.has_changes()))
}

/// What is written for each entry; all mistakes of all of them, each once.
fn written(
    config: &Config,
    context: &Context,
    server: &Server,
    format: &Format,
    pki: &Pki,
) -> Result<Vec<Written>, Report> {
    let chosen = config.chosen(server, format)?;
    let (asked, names) = config.asked(context, pki, chosen, |asked| names(config, asked))?;
    let outside = System::new(Some(pki));
    let mut written = Vec::new();
    let mut reports: Vec<Report> = Vec::new();
    for name in names {
        let rendered = asked.of(&name).map_err(Report::from);
        let rendered = rendered.and_then(|request| {
            let rendered =
                inspection::write(server, format, &request, outside.clone(), context.now);
            rendered.map_err(Report::from)
        });
        match rendered {
            Ok(rendered) => written.push((name, rendered)),
            Err(report) if reports.iter().any(|it| it.messages() == report.messages()) => {}
            Err(report) => reports.push(report),
        }
    }
    Report::all(reports).map_or(Ok(written), Err)
}

/// The entries that are named, or all that will do.
fn names(config: &Config, asked: &Asked<'_>) -> Result<Vec<String>, Report> {
    let mut names = match (config.all, config.names.is_empty()) {
        (false, true) => {
            return Err(Report::usage("--out-dir: name the entries to write for")
                .hint("`--all` takes every one that can present its certificate there"));
        }
        (false, false) => config.names.clone(),
        (true, _) => asked.able()?,
    };
    let mut seen = Vec::new();
    names.retain(|name| {
        let is_new = !seen.contains(name);
        seen.push(name.clone());
        is_new
    });
    match names.is_empty() {
        false => Ok(names.iter().map(ToString::to_string).collect()),
        true => Err(
            Report::failed("no-entry", "there is no entry that a server could present")
                .hint("make one with `certctl issue node1`"),
        ),
    }
}

fn changes<'a>(written: &'a [Written], laying: &Laying) -> Vec<Change<'a>> {
    let both = written.iter().zip(laying.sheets());
    let change = |((name, rendered), (sheet, standing)): (&'a Written, &(Sheet, _))| Change {
        action: Action::from(*standing),
        name,
        path: laying.path(sheet).display().to_string(),
        version: &rendered.version,
        secret: rendered.secret,
        copies: copies(rendered),
        findings: &rendered.findings,
    };
    both.map(change).collect()
}

/// Says each finding once, and of which entries where it is not of all; what to copy only as a detail.
fn tell(context: &Context, written: &[Written]) {
    let findings: Vec<_> = written
        .iter()
        .map(|(name, it)| (name.clone(), it.findings.clone()))
        .collect();
    tell_findings(context, &findings);
    for (name, rendered) in written {
        for (from, to) in &rendered.copies {
            context.ui.detail(format!("{name}: copy {from} to {to}"));
        }
    }
}
