//! What an operator does on a node whose certificate a CA elsewhere signs.

use super::{Context, Report, names::Target};
use crate::{
    issuance::renewal::choice::Obstacle,
    pki::entry_name::EntryName,
    store::{
        Pki,
        entry::{self, Waiting},
        layout::{Area, Layout},
        ledger::{Kind, Listed, Record},
    },
};

/// The way to the next certificate of an entry, from where it stands.
pub(crate) fn way(pki: &Pki, name: &EntryName) -> String {
    match entry::waiting(pki.layout(), name) {
        Ok(Some(_)) => format!(
            "its request certs/{name}/request.csr waits: sign that where its CA is, and \
             `certctl install {name} CERT` here"
        ),
        _ => format!(
            "`certctl request {name}` makes its next key and a request, which its CA signs; \
             `certctl install {name} CERT` then changes both"
        ),
    }
}

/// The way to the successor of what cannot be renewed here.
pub(crate) fn way_around(obstacle: &Obstacle, pki: &Pki, record: &Listed) -> Option<String> {
    let name = &record.name;
    match (obstacle, record.kind) {
        (Obstacle::Foreign, _) => Some(way(pki, name)),
        (Obstacle::KeyAbsent(_), Kind::Intermediate) => Some(format!(
            "`certctl init-intermediate {name} --request` asks for its next certificate"
        )),
        _ => None,
    }
}

/// Says that the next certificate of an entry is asked for, or which way leads to it.
pub(crate) fn note_waiting(context: &Context, pki: &Pki, name: &EntryName) -> Result<(), Report> {
    if entry::waiting(pki.layout(), name)?.is_some() {
        context.ui.note(format!("`{name}`: {}", way(pki, name)));
    }
    Ok(())
}

/// The error where an entry has no certificate yet, but a request for one; `None` where it has none either.
pub(crate) fn waits_for_first(pki: &Pki, target: &Target) -> Result<Option<Report>, Report> {
    let is_entry = target.area != Some(Area::Authorities);
    if !is_entry || entry::waiting(pki.layout(), &target.name)?.is_none() {
        return Ok(None);
    }
    let message = format!("`{}` waits for its first certificate", target.name);
    let report = Report::failed("no-entry", message);
    Ok(Some(report.hint(way(pki, &target.name))))
}

/// Warns of next keys that a new certificate of their entry, signed here, sends to the archive.
pub(crate) fn warn_of_waiting<'n>(
    context: &Context,
    layout: &Layout,
    names: impl IntoIterator<Item = &'n EntryName>,
) -> Result<(), Report> {
    for name in names {
        if entry::waiting(layout, name)? == Some(Waiting::Next) {
            context.ui.warning(format!(
                "the next key of `{name}` waits for its certificate; with what is replaced now it goes to the archive"
            ));
            context.ui.hint(format!(
                "an answer to its request can then not be installed: `certctl request {name}` makes another"
            ));
        }
    }
    Ok(())
}

/// Says which entries wait for an answer.
pub(crate) fn note_all_waiting(context: &Context, waiting: &[EntryName]) {
    /// So many are named.
    const NAMED: usize = 20;
    let named: Vec<_> = waiting.iter().take(NAMED).map(EntryName::as_str).collect();
    let more = match waiting.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    if !named.is_empty() {
        context.ui.note(format!(
            "these wait for a CA elsewhere to sign certs/NAME/request.csr: {}{more}",
            named.join(", ")
        ));
    }
}

/// The error where a certificate is to be renewed whose CA is elsewhere.
pub(crate) fn foreign(pki: &Pki, record: &Record) -> Report {
    let name = &record.name;
    let message = format!("`{name}` was signed by a CA elsewhere, which alone can renew it");
    Report::failed("foreign", message).hint(way(pki, name))
}
