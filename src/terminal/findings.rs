//! Findings for a person to read.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use clap::builder::styling::AnsiColor;
use time::OffsetDateTime;

use super::{times::remaining, ui::Ui};
use crate::{
    check::{Finding, Severity},
    inspection::{Found, Mended},
    pki::{name::visible, validity::rfc3339},
};

/// All that was found, and a summary.
pub(crate) fn text(found: &Found, ui: &Ui, now: OffsetDateTime) -> String {
    grouped(found.findings(), ui) + &summary(found, now)
}

/// Findings below what they are about.
pub(crate) fn grouped<'f>(
    findings: impl Iterator<Item = (&'f Finding, Mended)> + Clone,
    ui: &Ui,
) -> String {
    let width = width(findings.clone().map(|(finding, _)| finding));
    let mut text = String::new();
    let mut last = None;
    for (finding, mended) in findings {
        let heading = heading(finding);
        if last.as_ref() != Some(&heading) {
            let _ = writeln!(text, "{heading}");
            last = Some(heading);
        }
        text += &line(finding, mended, width, ui);
    }
    text
}

/// Findings that stand below something else.
pub(crate) fn listed(findings: &[Finding], ui: &Ui) -> String {
    let width = width(findings.iter());
    let line = |finding| line(finding, Mended::No, width, ui);
    findings.iter().map(line).collect()
}

/// Of the column with the codes.
fn width<'f>(findings: impl Iterator<Item = &'f Finding>) -> usize {
    let widths = findings.map(|finding| finding.code.len());
    widths.max().unwrap_or_default()
}

fn line(finding: &Finding, mended: Mended, width: usize, ui: &Ui) -> String {
    let style = match finding.severity {
        _ if mended != Mended::No => AnsiColor::Green,
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
    };
    let style = style.on_default().bold();
    let word = match mended {
        Mended::No => finding.severity.name(),
        Mended::Would => "fixable",
        Mended::Yes => "fixed",
    };
    let (code, message) = (&finding.code, message(finding));
    let now = finding.mend.filter(|_| mended == Mended::Yes);
    let now = now.map_or_else(String::new, |mend| format!("; now {:04o}", mend.to));
    let mut text = format!("  {style}{word:7}{style:#}  {code:width$}  {message}{now}\n");
    if mended == Mended::No {
        let hint = visible(ui.checked(&finding.hint));
        let _ = writeln!(text, "  {:7}  {:width$}  hint: {hint}", "", "");
    }
    text
}

/// What a finding stands below: the line of a configuration file, or the file itself.
fn heading(finding: &Finding) -> String {
    match &finding.place {
        Some(place) => visible(&place.to_string()).into_owned(),
        None => shown(&finding.path),
    }
}

/// What is wrong, with the file that it is about where the heading names another.
fn message(finding: &Finding) -> String {
    let message = visible(&finding.message);
    match &finding.place {
        Some(place) if place.path != finding.path => {
            format!("{}: {message}", shown(&finding.path))
        }
        _ => message.into_owned(),
    }
}

/// How much is wrong, in how much, and what ends next.
fn summary(found: &Found, now: OffsetDateTime) -> String {
    let mut counts = BTreeMap::new();
    for finding in found.left() {
        let severity = std::cmp::Reverse(finding.severity);
        *counts.entry(severity).or_insert(0) += 1;
    }
    let wrong = counts
        .iter()
        .map(|(severity, &count)| number(count, severity.0.name()));
    let told = [(Mended::Yes, "fixed"), (Mended::Would, "fixable")];
    let mended = told
        .into_iter()
        .map(|(mended, word)| (found.count(mended), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"));
    let wrong: Vec<_> = wrong.chain(mended).collect();
    let inspection = &found.inspection;
    let places: Vec<_> = [
        (inspection.authorities, "CA"),
        (inspection.entries, "entry"),
        (inspection.archived, "archived directory"),
        (inspection.configurations, "configuration file"),
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
        let (end, left) = (rfc3339(*end), remaining(*end, now));
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

/// A path, with what cannot be seen made visible.
pub(crate) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
