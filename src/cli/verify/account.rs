//! What was found of chains, for other programs' formats.

use std::path::PathBuf;

use super::{Context, Seen};
use crate::{
    check::Finding,
    formats::{Account, Subject, SubjectKind},
    pki::chain::Fault,
    rulebook::{Entry, Teller, entries},
    severity::Severity,
};

/// Every fault is an error, which fails the command.
pub(super) fn account(seen: &[&Seen], context: &Context) -> Account {
    let mut rules = entries(&[]);
    rules.retain(|it| it.tellers.contains(&Teller::Verify));
    let findings = seen.iter().flat_map(|it| {
        let faults = it.failure.iter().flat_map(|failure| &failure.faults);
        faults.map(|fault| finding(fault, path(it), &rules))
    });
    Account {
        teller: Teller::Verify,
        now: context.now,
        fails_from: Severity::Error,
        findings: findings.collect(),
        subjects: seen.iter().map(|it| subject(it)).collect(),
        rules,
    }
}

fn subject(seen: &Seen) -> Subject {
    let path = path(seen);
    Subject {
        certificates: vec![(path.clone(), seen.leaf.clone())],
        kind: match seen.file {
            Some(_) => SubjectKind::File,
            None => SubjectKind::Stream,
        },
        path,
    }
}

fn path(seen: &Seen) -> PathBuf {
    seen.file.clone().unwrap_or_else(|| (&seen.name).into())
}

fn finding(fault: &Fault, path: PathBuf, rules: &[Entry]) -> Finding {
    let code = fault.rule.code();
    let known = rules.iter().find(|it| it.explained.code == code);
    let hint = known.map(|it| it.explained.hint.to_string());
    let section = fault.rule.section();
    let section = section.map_or_else(String::new, |it| format!(" ({it})"));
    Finding {
        code: code.into(),
        severity: Severity::Error,
        path,
        place: None,
        message: format!(
            "{:?} ({}): {}{section}",
            fault.subject, fault.place, fault.rule
        ),
        hint: hint.unwrap_or_default(),
        mend: None,
    }
}
