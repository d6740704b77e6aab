//! What was seen, for a person: one line an address, and the details where they are wanted.

use std::fmt::Write as _;

use time::OffsetDateTime;

use super::{findings, table::aligned, times::remaining, ui::Ui};
use crate::{
    emit::BeforeTls,
    pki::{
        certificate::Certificate,
        name::{self, visible},
        validity::rfc3339,
    },
    wire::{Clients, Observation, Probed, Version},
};

/// A table of all addresses; one alone is told in full.
pub(crate) fn text(probed: &[Probed], ui: &Ui, now: OffsetDateTime) -> String {
    let mut text = aligned(probed.iter().map(|it| row(it, now)));
    let is_full = probed.len() == 1 || ui.is_verbose();
    for it in probed.iter().filter(|_| is_full) {
        let _ = write!(text, "\n{}", details(it, ui, now));
    }
    let wrong = probed.iter().filter(|it| !it.findings.is_empty()).count();
    if wrong > 0 && !is_full {
        ui.note(format!(
            "{wrong} of {} have findings; `-v` says more of each",
            probed.len()
        ));
    }
    text
}

fn row(it: &Probed, now: OffsetDateTime) -> [String; 5] {
    let codes: Vec<_> = it.findings.iter().map(|finding| &*finding.code).collect();
    let session = &it.seen.session;
    let leaf = session.chain.first();
    let left = leaf.map(|it| remaining(it.validity().not_after, now));
    [
        it.target.location.to_string(),
        match codes.is_empty() {
            true => String::from("ok"),
            false => codes.join(", "),
        },
        session
            .version
            .map_or_else(String::new, |it| it.to_string()),
        leaf.map(called).unwrap_or_default(),
        left.unwrap_or_default(),
    ]
}

fn called(certificate: &Certificate) -> String {
    name::display(&certificate.subject())
}

fn details(it: &Probed, ui: &Ui, now: OffsetDateTime) -> String {
    let mut text = visible(&it.target.location.to_string()).into_owned();
    if let Some(listener) = &it.target.listener {
        let _ = write!(text, " ({listener})");
    }
    text.push('\n');
    for line in facts(&it.seen, it.target.before) {
        let _ = writeln!(text, "  {}", visible(&line));
    }
    let chain = it.seen.session.chain.iter().enumerate();
    let rows = chain.map(|(index, it)| {
        let end = it.validity().not_after;
        let until = format!("until {} ({})", rfc3339(end), remaining(end, now));
        [format!("  sent {}", index + 1), called(it), until]
    });
    text += &aligned(rows);
    text + &findings::listed(&it.findings, ui)
}

/// What was agreed on, and what the server takes besides.
fn facts(seen: &Observation, before: BeforeTls) -> Vec<String> {
    let session = &seen.session;
    let Some(version) = session.version else {
        return Vec::new();
    };
    let agreed = [session.cipher.clone(), session.group.clone()];
    let alpn = session.alpn.as_ref().map(|it| format!("ALPN {it}"));
    let parts: Vec<_> = [Some(version.to_string())]
        .into_iter()
        .chain(agreed)
        .chain([alpn])
        .flatten()
        .collect();
    let mut facts = vec![parts.join(", ")];
    let takes = &seen.takes;
    if let (Some(true), Version::Tls13) = (takes.tls12, version) {
        facts.push(String::from("TLS 1.2 is taken too"));
    }
    if let Some(true) = takes.ml_kem {
        facts.push(String::from("chooses X25519MLKEM768 where it is offered"));
    }
    facts.push(clients(&session.clients, before));
    facts
}

fn clients(clients: &Clients, before: BeforeTls) -> String {
    let Some(hints) = &clients.asked else {
        return String::from("asks for no client certificate");
    };
    let mut text = String::from(match clients.required {
        Some(true) => "demands a client certificate",
        Some(false) if before.login_decides() => {
            "asks for a client certificate, and says at login who needs one"
        }
        Some(false) => "asks for a client certificate, and lets in who has none",
        None => "asks for a client certificate",
    });
    let names: Vec<_> = hints.iter().map(|it| name::display(it)).collect();
    if !names.is_empty() {
        let _ = write!(text, " by {}", names.join("; "));
    }
    text += match &clients.taken {
        Some(Ok(())) => "; ours is taken",
        Some(Err(_)) => "; ours is refused",
        None => "",
    };
    text
}
