//! What is wrong, and what is to be done about it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Overview, State, Trouble, counted};
use crate::severity::Severity;

/// Findings of one code that are shown.
const MOST: usize = 25;

/// Steps that are shown.
const STEPS: usize = 8;

/// One thing to do.
#[derive(Serialize)]
pub(super) struct Step {
    state: State,
    what: String,
    how: Vec<Piece>,
}

/// A piece of a sentence.
#[derive(Serialize)]
pub(super) struct Piece {
    is_command: bool,
    text: String,
}

/// All findings of one code.
#[derive(Serialize)]
pub(super) struct Group {
    code: String,
    severity: Severity,
    count: usize,
    rows: Vec<Row>,
    /// How many are not shown
    more: usize,
}

#[derive(Serialize)]
struct Row {
    path: String,
    message: String,
    hint: Vec<Piece>,
}

/// The findings by their codes, the worst first.
pub(super) fn groups(overview: &Overview) -> Vec<Group> {
    let groups = by_code(overview)
        .into_iter()
        .map(|((severity, code), all)| {
            let rows = all.iter().take(MOST).map(|it| Row {
                path: it.path.clone(),
                message: it.message.clone(),
                hint: pieces(&it.hint),
            });
            Group {
                code: code.to_owned(),
                severity: severity.0,
                count: all.len(),
                rows: rows.collect(),
                more: all.len().saturating_sub(MOST),
            }
        });
    groups.collect()
}

/// What to do next: first what keeps the cluster running, then what the findings ask for.
pub(super) fn todo(overview: &Overview) -> Vec<Step> {
    let mut steps = Vec::new();
    let of = |state| overview.all().filter(|it| it.state == state).count();
    let (over, due) = (of(State::Over), of(State::Due));
    if over + due > 0 {
        let parts = [(over, "ended"), (due, "due for renewal")];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<_> = parts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        steps.push(Step {
            state: if over > 0 { State::Over } else { State::Due },
            what: format!("Renew certificates: {}", parts.join(", ")),
            how: pieces("`certctl renew --all`, then have the servers load the new files"),
        });
    }
    // The line above is about them.
    let is_told = |code: &str| matches!(code, "expired" | "expiring");
    let by_code = by_code(overview).into_iter();
    let rest =
        by_code.filter(|((severity, code), _)| severity.0 > Severity::Info && !is_told(code));
    for ((severity, code), all) in rest.take(STEPS) {
        let first = all[0];
        let more = match all.len() - 1 {
            0 => String::new(),
            others => format!(
                " ({} more of the kind)",
                counted(i64::try_from(others).unwrap_or(i64::MAX), "finding")
            ),
        };
        steps.push(Step {
            state: if severity.0 == Severity::Error {
                State::Over
            } else {
                State::Due
            },
            what: format!("{}: {}{more}", first.path, first.message),
            how: pieces(match first.hint.is_empty() {
                true => code,
                false => &first.hint,
            }),
        });
    }
    steps
}

/// Sorts the worst first.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Worst(Severity);

impl Ord for Worst {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.cmp(&self.0)
    }
}

impl PartialOrd for Worst {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn by_code(overview: &Overview) -> BTreeMap<(Worst, &str), Vec<&Trouble>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for finding in &overview.findings {
        let key = (Worst(finding.severity), finding.code.as_str());
        groups.entry(key).or_default().push(finding);
    }
    groups
}

/// Commands stand between backquotes.
fn pieces(text: &str) -> Vec<Piece> {
    let pieces = text.split('`').enumerate().map(|(number, text)| Piece {
        is_command: number % 2 == 1,
        text: text.to_owned(),
    });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}
