//! Commands that look at one thing after the other: each is tried, and the worst of them is how it ends.

use std::{borrow::Cow, ffi::OsString};

use serde::Serialize;

use super::{
    Context, Report,
    report::Outcome,
    subjects::{Subject, subjects},
};
use crate::{
    documents::targets::{Document, TargetDocument},
    formats::Account,
};

/// A command that looks.
pub(crate) trait Look {
    /// What it sees of one thing.
    type Seen;

    /// Whether an empty line stands between what is said of two.
    const SPACED: bool = true;

    fn look(&self, subject: &Subject, context: &Context) -> Result<Self::Seen, Report>;

    fn document(seen: &Self::Seen) -> &impl Serialize;

    fn text(seen: &Self::Seen, context: &Context) -> String;

    /// All that was seen, for the formats of findings; the commands that have none were refused before.
    fn account(&self, _seen: &[&Self::Seen], _context: &Context) -> Option<Account> {
        None
    }

    /// Stands above the text where several are looked at.
    fn heading(_subject: &Subject) -> Option<String> {
        None
    }

    /// Whether it is said under `--quiet`: what was asked for is, what is as it should be is not.
    fn is_wrong(_seen: &Self::Seen) -> bool {
        true
    }

    /// What is to be said besides, and how it ended.
    fn end(&self, _seen: &Self::Seen, _context: &Context) -> Result<Outcome, Report> {
        Ok(Outcome::Unchanged)
    }

    /// How it ended for all of them; failures aside, which are worse.
    fn together(outcomes: &[Outcome]) -> Outcome {
        match outcomes.contains(&Outcome::Found) {
            true => Outcome::Found,
            false => Outcome::Unchanged,
        }
    }
}

/// Looks at all that was given and says what is there.
pub(crate) fn look_at<L: Look>(
    look: &L,
    given: &[OsString],
    context: &Context,
) -> Result<Outcome, Report> {
    let subjects = subjects(given, context)?;
    if let [only] = &subjects[..] {
        let seen = look.look(only, context)?;
        if !told(look, &[&seen], context)? {
            let text = || L::text(&seen, context);
            context
                .ui
                .verdict(L::is_wrong(&seen), text, L::document(&seen))?;
        }
        return look.end(&seen, context);
    }
    let all = match context.ui.is_json() || context.ui.is_for_findings() {
        true => together(look, &subjects, context)?,
        false => in_turn(look, &subjects, context)?,
    };
    let (mut outcomes, mut reports) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            Ok(outcome) => outcomes.push(outcome),
            Err(report) => reports.push(report),
        }
    }
    Report::none(reports).map(|()| L::together(&outcomes))
}

/// How it ended for each.
type Ends = Vec<Result<Outcome, Report>>;

/// Says of each what was seen before the next is looked at.
fn in_turn<L: Look>(look: &L, subjects: &[Subject], context: &Context) -> Result<Ends, Report> {
    let mut ends = Ends::new();
    let mut is_first = true;
    for subject in subjects {
        let seen = match look.look(subject, context) {
            Ok(seen) => seen,
            Err(report) => {
                ends.push(Err(report));
                continue;
            }
        };
        if L::is_wrong(&seen) || context.ui.tells_good() {
            let gap = if L::SPACED && !is_first { "\n" } else { "" };
            let heading = L::heading(subject).map_or_else(String::new, |it| format!("{it}:\n"));
            let text = L::text(&seen, context);
            context.ui.print(&format!("{gap}{heading}{text}"))?;
            is_first = false;
        }
        ends.push(look.end(&seen, context));
    }
    Ok(ends)
}

/// Prints findings, where they are wanted in a format of their own.
fn told<L: Look>(look: &L, seen: &[&L::Seen], context: &Context) -> Result<bool, Report> {
    let account = match context.ui.is_for_findings() {
        true => look.account(seen, context),
        false => None,
    };
    let Some(account) = account else {
        return Ok(false);
    };
    context
        .ui
        .findings(true, String::new, &(), || Ok(account))?;
    Ok(true)
}

/// Prints one document of all.
fn together<L: Look>(look: &L, subjects: &[Subject], context: &Context) -> Result<Ends, Report> {
    let looked = subjects.iter().map(|subject| look.look(subject, context));
    let all: Vec<_> = looked.collect();
    let documents = subjects.iter().zip(&all).map(|(subject, seen)| {
        let seen = seen.as_ref();
        TargetDocument {
            target: Cow::Borrowed(&subject.given),
            document: seen.ok().map(L::document),
            error: seen.err().map(Report::document),
        }
    });
    let document = Document {
        schema: "certctl/targets/v1",
        targets: documents.collect(),
    };
    let seen: Vec<_> = all.iter().flatten().collect();
    if !told(look, &seen, context)? {
        context.ui.result(String::new, &document)?;
    }
    let end = |seen: Result<L::Seen, Report>| seen.and_then(|seen| look.end(&seen, context));
    Ok(all.into_iter().map(end).collect())
}
