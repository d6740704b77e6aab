//! What an operator does where a CA elsewhere signs the certificate of an entry or CA.

use super::{Context, Report, names::Target};
use crate::{
    issuance::renewal::choice::Obstacle,
    pki::entry_name::EntryName,
    store::{
        Pki,
        layout::{Area, Layout, Place},
        ledger::{Kind, Listed, Record},
        waiting::{Waiting, waiting},
    },
};

/// The way to the next certificate of an entry or CA, from where it stands.
pub(crate) fn way(pki: &Pki, place: &Place) -> String {
    let (area, name) = (place.area.directory(), &place.name);
    match (waiting(pki.layout(), place), place.area) {
        (Ok(Some(_)), Area::Entries) => format!(
            "its request {area}/{name}/request.csr waits: sign that where its CA is, and \
             `certctl install {name} CERT` here"
        ),
        (Ok(Some(_)), Area::Authorities) => format!(
            "its request {area}/{name}/request.csr waits: sign that where its issuer's key is, and \
             `certctl install ca/{name} CERT` here"
        ),
        (_, Area::Authorities) => {
            format!("`certctl init-intermediate {name} --request` asks for its next certificate")
        }
        (_, Area::Entries) => format!(
            "`certctl request {name}` makes its next key and a request, which its CA signs; \
             `certctl install {name} CERT` then changes both"
        ),
    }
}

/// The way to the successor of what cannot be renewed here.
pub(crate) fn way_around(obstacle: &Obstacle, pki: &Pki, record: &Listed) -> Option<String> {
    match (obstacle, record.kind) {
        (Obstacle::Foreign, _) | (Obstacle::KeyAbsent(_), Kind::Intermediate) => {
            Some(way(pki, &record.place()))
        }
        _ => None,
    }
}

/// Says that the next certificate of an entry or CA is asked for.
pub(crate) fn note_waiting(context: &Context, pki: &Pki, place: &Place) -> Result<(), Report> {
    if waiting(pki.layout(), place)?.is_some() {
        let name = &place.name;
        context.ui.note(format!("`{name}`: {}", way(pki, place)));
    }
    Ok(())
}

/// The error where an entry or CA has no certificate yet, but a request for one; `None` where it has none either.
pub(crate) fn waits_for_first(pki: &Pki, target: &Target) -> Result<Option<Report>, Report> {
    for area in [Area::Entries, Area::Authorities] {
        let name = target.name.clone();
        let place = Place { area, name };
        let is_meant = target.area.is_none_or(|meant| meant == area);
        if is_meant && waiting(pki.layout(), &place)?.is_some() {
            let message = format!("`{}` waits for its first certificate", place.name);
            let report = Report::failed("no-entry", message);
            return Ok(Some(report.hint(way(pki, &place))));
        }
    }
    Ok(None)
}

/// Warns of next keys that a new certificate of their entry, signed here, sends to the archive.
pub(crate) fn warn_of_waiting<'n>(
    context: &Context,
    layout: &Layout,
    names: impl IntoIterator<Item = &'n EntryName>,
) -> Result<(), Report> {
    for name in names {
        if waiting(layout, &Place::entry(name.clone()))? == Some(Waiting::Next) {
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

/// Says which entries, or CAs, wait for an answer.
pub(crate) fn note_all_waiting(context: &Context, area: Area, waiting: &[EntryName]) {
    /// So many are named.
    const NAMED: usize = 20;
    let named: Vec<_> = waiting.iter().take(NAMED).map(EntryName::as_str).collect();
    let more = match waiting.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    if !named.is_empty() {
        context.ui.note(format!(
            "these wait for a CA elsewhere to sign {}/NAME/request.csr: {}{more}",
            area.directory(),
            named.join(", ")
        ));
    }
}

/// The error where a certificate is to be renewed whose CA is elsewhere.
pub(crate) fn foreign(pki: &Pki, record: &Record) -> Report {
    let name = &record.name;
    let message = format!("`{name}` was signed by a CA elsewhere, which alone can renew it");
    Report::failed("foreign", message).hint(way(pki, &record.place()))
}
