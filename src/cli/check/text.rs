//! Findings for a person to read.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use clap::builder::styling::AnsiColor;

use super::{Context, Found, Mended};
use crate::{
    check::{Finding, Severity},
    cli::{
        document::{self, remaining},
        quoted,
    },
    pki::name::visible,
};

/// Findings grouped by path, and a summary.
pub(super) fn text(found: &Found, context: &Context) -> String {
    let width = found
        .findings()
        .map(|(finding, _)| finding.code.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    let mut last = None;
    for (finding, mended) in found.findings() {
        let heading = heading(finding);
        if last.as_ref() != Some(&heading) {
            let _ = writeln!(text, "{heading}");
            last = Some(heading);
        }
        text += &line(finding, mended, width);
    }
    text + &summary(found, context)
}

/// A finding below what it is about, with codes in a column of `width`.
pub(in crate::cli) fn told(finding: &Finding, width: usize) -> String {
    line(finding, Mended::No, width)
}

fn line(finding: &Finding, mended: Mended, width: usize) -> String {
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
        debug_assert!(quoted::commands_parse(&finding.hint), "{}", finding.hint);
        let hint = visible(&finding.hint);
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
fn summary(found: &Found, context: &Context) -> String {
    let mut counts = BTreeMap::new();
    for finding in found.left() {
        *counts
            .entry(std::cmp::Reverse(finding.severity))
            .or_insert(0) += 1;
    }
    let told = [(Mended::Yes, "fixed"), (Mended::Would, "fixable")];
    let mended = told.map(|(wanted, word)| {
        let all = found.mended.iter();
        (all.filter(|&&mended| mended == wanted).count(), word)
    });
    let wrong: Vec<_> = counts
        .iter()
        .map(|(severity, &count)| number(count, severity.0.name()))
        .chain(
            (mended.into_iter().filter(|(count, _)| *count > 0))
                .map(|(count, word)| format!("{count} {word}")),
        )
        .collect();
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

pub(super) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
