//! What an import did, for people and as `certctl/import/v1`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::{
    Context, Report,
    document::{Entry, time},
};
use crate::{
    import::{
        gather::Found,
        plan::{Authority, Fate, New, Plan},
    },
    store::{
        Pki,
        ledger::{Record, Status},
    },
};

/// `certctl/import/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Document {
    schema: &'static str,
    /// The tool that has made the source
    #[cfg_attr(test, schemars(extend("enum" = crate::cli::schemas::words::tools())))]
    tool: &'static str,
    /// Its CAs
    authorities: Vec<AuthorityDocument>,
    /// The certificates that are on record since then, or would be
    entries: Vec<ImportedEntry>,
    /// The certificates that were on record and are revoked now, or would be
    revoked: Vec<RevokedDocument>,
    /// How many certificates were on record before
    known: usize,
    /// What was left out, and where the source contradicts itself
    warnings: Vec<String>,
}

/// A CA of the source.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AuthorityDocument {
    /// Its name here
    name: String,
    /// `root` or `intermediate`
    #[cfg_attr(test, schemars(extend("enum" = ["root", "intermediate"])))]
    kind: &'static str,
    /// Its serial number, upper-case hexadecimal
    serial: String,
    /// Last second
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    not_after: String,
    /// File in which it was found
    origin: String,
    /// Whether it was here before
    was_here: bool,
    /// Whether its key was brought
    key_taken: bool,
    /// Number of the next CRL; 0 where no CRL was seen
    next_crl_number: u64,
}

/// A certificate.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ImportedEntry {
    #[serde(flatten)]
    entry: Entry,
    /// File in which it was found
    origin: String,
    /// Whether it is known by its serial number alone
    serial_only: bool,
}

/// A certificate that was on record.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RevokedDocument {
    /// Name of the CA
    issuer: String,
    /// Serial number, upper-case hexadecimal
    serial: String,
    /// Since when
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    revoked_at: String,
    /// Why
    #[cfg_attr(test, schemars(extend("enum" = crate::cli::schemas::words::reasons())))]
    reason: &'static str,
}

/// What was done, or would be.
pub(super) struct Told<'a> {
    pub(super) found: &'a Found,
    pub(super) plan: &'a Plan,
    pub(super) records: &'a [Record],
    pub(super) source: &'a str,
    pub(super) dry_run: bool,
}

pub(super) fn tell(context: &Context, pki: &Pki, told: &Told<'_>) -> Result<(), Report> {
    let document = document(context, pki, told);
    context.ui.result(|| text(told), &document)
}

fn document(context: &Context, pki: &Pki, told: &Told<'_>) -> Document {
    let Told {
        found,
        plan,
        records,
        ..
    } = told;
    let leaves = &records[records.len() - plan.new.len().min(records.len())..];
    let entry = |(new, record): (&New, &Record)| {
        let record = Record {
            status: match new.fate {
                Fate::InUse => Status::Current,
                Fate::Kept => Status::Replaced,
                Fate::Revoked(_) => Status::Revoked,
            },
            ..record.listed()
        };
        ImportedEntry {
            entry: Entry::new(&record, pki.layout(), context.now),
            origin: new.origin.clone(),
            serial_only: new.certificate.is_none(),
        }
    };
    Document {
        schema: "certctl/import/v1",
        tool: found.tool.name(),
        authorities: plan.authorities.iter().map(authority).collect(),
        entries: plan.new.iter().zip(leaves).map(entry).collect(),
        revoked: plan
            .revoked
            .iter()
            .map(|revoked| RevokedDocument {
                issuer: revoked.issuer.to_string(),
                serial: revoked.revocation.serial.to_string(),
                revoked_at: time(revoked.revocation.at),
                reason: revoked.revocation.reason.name(),
            })
            .collect(),
        known: plan.known,
        warnings: plan.warnings.clone(),
    }
}

fn authority(authority: &Authority) -> AuthorityDocument {
    AuthorityDocument {
        name: authority.name.to_string(),
        kind: kind(authority),
        serial: authority.certificate.serial().to_string(),
        not_after: time(authority.certificate.validity().not_after),
        origin: authority.origin.clone(),
        was_here: authority.is_here,
        key_taken: authority.key.is_some(),
        next_crl_number: match authority.last_number {
            0 => 0,
            last => last + 1,
        },
    }
}

fn kind(authority: &Authority) -> &'static str {
    match authority.certificate.is_self_signed() {
        true => "root",
        false => "intermediate",
    }
}

fn text(told: &Told<'_>) -> String {
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
    if !plan.revoked.is_empty() {
        lines.push(format!(
            "  {} on record revoked",
            certificates(plan.revoked.len())
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

/// Says lines that differ, up to so many.
pub(super) fn each_once(lines: Vec<String>, say: impl Fn(&str)) {
    const MOST: usize = 10;
    let mut seen = std::collections::HashSet::new();
    let lines: Vec<_> = lines
        .into_iter()
        .filter(|line| seen.insert(line.clone()))
        .collect();
    lines.iter().take(MOST).for_each(|line| say(line));
    if lines.len() > MOST {
        say(&format!(
            "{} more have another name here",
            lines.len() - MOST
        ));
    }
}
