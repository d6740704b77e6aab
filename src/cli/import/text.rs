//! What an import did, for people.

use std::collections::BTreeMap;

use crate::{
    documents::import::{Told, kind},
    import::plan::{Authority, Fate, Plan},
};

/// What was taken over of which CA, or would be.
pub(super) fn text(told: &Told<'_>) -> String {
    let Told {
        found,
        plan,
        source,
        dry_run,
        ..
    } = told;
    if !plan.has_changes() {
        return format!(
            "nothing new in {source} ({}): {} on record",
            found.tool,
            certificates(plan.known)
        );
    }
    let verb = if *dry_run {
        "would take over"
    } else {
        "took over"
    };
    let mut lines = vec![format!("{verb} {source} ({})", found.tool)];
    for authority in &plan.authorities {
        lines.push(line(authority, plan));
    }
    for (old, new) in &plan.superseded {
        lines.push(format!("  `{old}` has made way for `{new}`"));
    }
    if !plan.revoked.is_empty() {
        lines.push(format!(
            "  {} on record revoked",
            certificates(plan.revoked.len())
        ));
    }
    if !plan.keyed.is_empty() {
        let have = if plan.keyed.len() == 1 {
            "has its key"
        } else {
            "have their keys"
        };
        lines.push(format!(
            "  {} on record {have} here now",
            certificates(plan.keyed.len())
        ));
    }
    lines.join("\n")
}

/// ``  root CA `vpn`: 3 in use, 2 kept, 1 revoked; its next CRL has the number 4``
fn line(authority: &Authority, plan: &Plan) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for new in plan.new.iter().filter(|new| new.issuer == authority.name) {
        let fate = match (&new.fate, &new.certificate) {
            (Fate::InUse, _) => "1 in use",
            (Fate::Kept, Some(_)) => "2 kept",
            (Fate::Revoked(_), Some(_)) => "3 revoked",
            (Fate::Kept, None) => "4 known by the serial alone",
            (Fate::Revoked(_), None) => "5 revoked and known by the serial alone",
        };
        *counts.entry(fate).or_default() += 1;
    }
    if !authority.adopted.is_empty() {
        counts.insert(
            "6 revoked and known by the CRL alone",
            authority.adopted.len(),
        );
    }
    let counts: Vec<_> = counts
        .iter()
        .map(|(what, count)| format!("{count} {}", &what[2..]))
        .collect();
    let what = match counts.is_empty() {
        true if authority.is_here => String::from("no certificate that is new"),
        true => String::from("no certificate"),
        false => counts.join(", "),
    };
    let standing = match (authority.is_here, &authority.revocation, &authority.key) {
        (_, Some(_), _) => ", which is revoked",
        (true, _, Some(_)) => ", which was here and has its key now",
        (true, ..) => ", which was here",
        (false, _, Some(_)) => " with its key",
        (false, ..) => "",
    };
    let next = match authority.last_number {
        0 => String::new(),
        last => format!("; its next CRL has the number {}", last + 1),
    };
    format!(
        "  {} CA `{}`{standing}: {what}{next}",
        kind(authority),
        authority.name
    )
}

pub(super) fn certificates(count: usize) -> String {
    match count {
        1 => String::from("1 certificate"),
        count => format!("{count} certificates"),
    }
}
