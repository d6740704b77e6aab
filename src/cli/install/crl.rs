//! `install ca/NAME CRL`: the CRL that a CA has signed where its key is.

use super::Install;
use crate::{
    cli::{Context, Report, report::Outcome},
    documents::crl::{Document, ListDocument},
    issuance::crl::{ReceivedError, receive},
    pki::{revocation_list::RevocationList, serial::Serial},
    session::crls::line,
    store::{Access, ledger::revocation::Fate},
};

/// Installs it where it may follow the one that is here.
pub(super) fn run(
    install: &Install,
    file: &str,
    lists: &[RevocationList],
    context: &Context,
) -> Result<Outcome, Report> {
    let name = &install.target.name;
    let mut pki = context.open(Access::Write)?;
    let received = receive(&pki, name, lists, context.now).map_err(|error| refusal(error, file))?;
    if !received.lacking.is_empty() {
        let lacking: Vec<_> = received.lacking.iter().map(Serial::to_string).collect();
        context.ui.warning(format!(
            "{file}: what was revoked here is not on it: {}; revoke it where the key is, too",
            lacking.join(", ")
        ));
    }
    for (record, change) in &received.changes {
        let fate = match change.fate {
            Fate::Revoked(_, reason) => format!("is revoked ({reason})"),
            _ => String::from("is on hold no longer"),
        };
        context
            .ui
            .note(format!("`{}` ({}) {fate}", record.name, record.serial));
    }
    let is_here = received.is_here;
    let verb = match (is_here, install.dry_run) {
        (true, _) => "kept",
        (false, true) => "would install",
        (false, false) => "installed",
    };
    let list = ListDocument::new(&received.signed, pki.layout());
    if !is_here {
        received.publish(&mut pki, install.dry_run)?;
    }
    let document = Document {
        schema: "certctl/crl/v1",
        crls: vec![list],
    };
    let text = || line(verb, &document.crls[0], context, &pki);
    context.ui.result(text, &document)?;
    Ok(if is_here {
        Outcome::Unchanged
    } else {
        Outcome::Changed
    })
}

fn refusal(error: ReceivedError, file: &str) -> Report {
    let message = format!("{file}: {error}");
    match error {
        ReceivedError::Store(error) => error.into(),
        ReceivedError::Older { .. } => Report::refused("crl-older", message),
        _ => Report::failed("crl", message),
    }
}
