//! What is said of a renewal, and who signs it.

use std::collections::HashMap;

use super::{
    Context, Report, elsewhere,
    errors::mended,
    passphrases::Passphrases,
    signers::{orphaned_authority, signing_authority},
};
use crate::{
    emit::shell_word,
    issuance::{
        SigningAuthority,
        authorities::authorities,
        renewal::choice::{Choice, Due},
    },
    pki::{
        authorities::{Fallen, State},
        entry_name::EntryName,
        profile::Profile,
        validity::rfc3339 as time,
    },
    store::{Pki, layout::Area, ledger::Record},
    terminal::times::date,
};

/// CAs are few, and entries are many.
pub(crate) fn is_kept(record: &Record, context: &Context) -> bool {
    record.kind.area() == Area::Authorities || context.ui.is_json()
}

/// Says what is not due, or is left alone.
pub(crate) fn tell_others(choice: &Choice, pki: &Pki, context: &Context) {
    for (name, from) in &choice.early {
        context.ui.note(format!(
            "`{name}` is not due before {}; `--force` renews it all the same",
            time(*from)
        ));
    }
    for (record, obstacle) in &choice.left {
        let end = date(record.validity.not_after);
        context.ui.warning(format!(
            "`{}` ends on {end}, and is left alone: {obstacle}",
            record.name
        ));
        if let Some(way) = elsewhere::way_around(obstacle, pki, record) {
            context.ui.hint(way);
        }
    }
    if let (true, Some((from, name))) = (choice.due.is_empty(), &choice.next) {
        context
            .ui
            .note(format!("nothing is due before {} (`{name}`)", time(*from)));
    }
}

/// A renewal would be refused like what it renews.
pub(crate) fn issuer_fallen(record: &Record, fallen: &Fallen) -> Report {
    let message = format!("`{}` cannot be renewed: {fallen}", record.name);
    let report = Report::refused("ca-fallen", message).hint(mended(fallen));
    match (fallen.state, record.kind.profile()) {
        (State::Orphaned, _) => report,
        (_, Some(profile)) => report.hint(format!(
            "then, or below another CA: {}",
            again(record, profile)
        )),
        (_, None) => report.hint(format!(
            "then, or below another CA: `certctl init-intermediate {} --ca CA --force`",
            record.name
        )),
    }
}

/// The command that issues a certificate for the same names.
pub(crate) fn again(record: &Record, profile: Profile) -> String {
    let names = record.names.join(",");
    format!(
        "`certctl issue {} --profile {profile} --no-name-san --san {} --ca CA --force`",
        record.name,
        shell_word(&names)
    )
}

/// The CAs that have to sign, each once.
pub(crate) fn signers(
    pki: &Pki,
    due: &Due,
    passphrases: &Passphrases<'_>,
) -> Result<HashMap<EntryName, SigningAuthority>, Report> {
    let mut signers = HashMap::new();
    let standing = authorities(pki)?;
    for name in due.signers() {
        let is_renewed = due.authorities.iter().any(|record| record.name == name);
        let signer = match is_renewed && standing.fallen(&name).is_some() {
            true => orphaned_authority(pki, &name, passphrases)?,
            false => signing_authority(pki, &name, passphrases)?,
        };
        signers.insert(name, signer);
    }
    Ok(signers)
}
