//! What is told of a code or a text, for people: who refused whom comes first.

use crate::documents::explain::{CauseDocument, Document, FaultDocument, SaidDocument};
use crate::{messages::Direction, rulebook, terminal::table::wrapped};

/// One paragraph for each thing that was found.
pub(super) fn text(document: &Document<'_>, width: Option<u16>) -> String {
    let code = document.code.as_deref().unwrap_or_default();
    let findings = document.findings.iter().map(|it| {
        let server = it.server.map(|server| format!(" of {server}"));
        let head = format!(
            "{code}: {}{}, found by {}\n",
            it.severity,
            server.unwrap_or_default(),
            rulebook::tellers(it.told_by)
        );
        let rows = [
            ["  meaning", it.meaning],
            ["  source", it.source],
            ["  remedy", it.hint],
        ];
        head + &wrapped(rows.into_iter().filter(|[_, text]| !text.is_empty()), width)
    });
    let error = document.error.iter().map(|error| {
        let exits: Vec<_> = error.exit_codes.iter().map(u8::to_string).collect();
        let head = format!("{code}: failure, exit code {}\n", exits.join(" or "));
        head + &wrapped([["  meaning", error.meaning]], width)
    });
    let is_log = document.lines.is_some_and(|lines| lines > 1);
    let faults = document.faults.iter().map(|it| fault(it, is_log, width));
    findings
        .chain(error)
        .chain(faults)
        .collect::<Vec<_>>()
        .join("\n")
}

fn fault(fault: &FaultDocument<'_>, is_log: bool, width: Option<u16>) -> String {
    let condition = match (fault.conditional, fault.direction) {
        (true, Direction::PeerRefused) => "Where this alert was received: ",
        (true, _) => "Where this alert was sent: ",
        (false, _) => "",
    };
    let head = format!("{condition}{} ({})\n", fault.headline, fault.fault);
    let mut rows = Vec::new();
    for said in &fault.said {
        rows.push(["  says".to_owned(), says(said, is_log)]);
        if is_log {
            rows.push(["  ".to_owned(), said.excerpt.clone()]);
        }
    }
    rows.push(["  meaning".to_owned(), fault.meaning.to_owned()]);
    for (number, cause) in fault.causes.iter().enumerate() {
        let label = if number == 0 { "  causes" } else { "  " };
        rows.extend(of_cause(label, number + 1, cause));
    }
    head + &wrapped(rows, width)
}

fn says(said: &SaidDocument<'_>, is_log: bool) -> String {
    let read = said.read.map(|source| format!(", as read in {source}"));
    let read = read.unwrap_or_default();
    let of = format!("{}: {}{read}", said.stack, said.says);
    match (is_log, said.count) {
        (false, _) => of,
        (true, 1) => format!("{of}, in line {}", said.line),
        (true, count) => format!("{of}, in {count} lines, first in line {}", said.line),
    }
}

fn of_cause(label: &str, number: usize, cause: &CauseDocument<'_>) -> Vec<[String; 2]> {
    let mut rows = vec![[label.to_owned(), format!("{number}. {}", cause.text)]];
    for found in &cause.evidence {
        let text = format!("   FOUND {}: {}: {}", found.code, found.path, found.message);
        rows.push(["  ".to_owned(), text]);
    }
    rows.push(["  ".to_owned(), format!("   $ {}", cause.check)]);
    rows
}
