//! CRLs as commands make them: of which CAs, and what is said of the others.

use std::path::Path;

use super::{Context, Report, passphrases::Passphrases, signers::signing_authority};
use crate::{
    documents::crl::ListDocument,
    issuance::{
        crl::{self, CrlError, Signed, Terms},
        defaults,
    },
    newer::Newer,
    pki::{entry_name::EntryName, serial::Serial},
    store::Pki,
};

/// All CAs that somebody believes; of the others it is said that they get no CRL.
pub(crate) fn standing(context: &Context, pki: &Pki) -> Result<Vec<EntryName>, Report> {
    let (standing, fallen) = crl::issuers(pki)?;
    for fallen in fallen {
        context
            .ui
            .warning(format!("there is no CRL of `{}`: {fallen}", fallen.name));
    }
    Ok(standing)
}

/// Those of these CAs whose keys are here; says of the others whose CRL is due, and whether there is such a one.
pub(crate) fn with_key(
    context: &Context,
    pki: &Pki,
    names: Vec<EntryName>,
) -> Result<(Vec<EntryName>, bool), Report> {
    let (here, elsewhere) = crl::by_key(pki, names)?;
    let mut is_left = false;
    for name in elsewhere {
        if crl::stands(pki, &name, context.now)? {
            continue;
        }
        is_left = true;
        context.ui.warning(format!(
            "the CRL of `{name}` is due, and the key of that CA is not here"
        ));
        context.ui.hint(format!(
            "once it is made where the key is: `certctl install ca/{name} crl.pem`"
        ));
    }
    Ok((here, is_left))
}

/// Signs what is due of every CA whose key is here; says whose is not. For `renew --all`.
pub(crate) fn renew_due(
    context: &Context,
    pki: &mut Pki,
    passphrases: &Passphrases<'_>,
    dry_run: bool,
) -> Result<bool, Report> {
    let names = standing(context, pki)?;
    let names = crl::due(pki, names, context.now)?;
    let terms = Terms {
        now: context.now.truncate_to_second(),
        life: defaults::CRL_LIFE,
        force: false,
    };
    let mut lists = Vec::new();
    for name in &with_key(context, pki, names)?.0 {
        lists.push(sign(context, pki, name, passphrases, &terms)?);
    }
    if lists.is_empty() {
        return Ok(false);
    }
    for list in &lists {
        let list = ListDocument::new(list, pki.layout());
        context.ui.note(line(making(dry_run), &list, context, pki));
    }
    if !dry_run {
        crl::publish(pki, &lists)?;
    }
    Ok(true)
}

pub(crate) fn sign(
    context: &Context,
    pki: &Pki,
    issuer: &EntryName,
    passphrases: &Passphrases<'_>,
    terms: &Terms,
) -> Result<Signed, Report> {
    let signer = signing_authority(pki, issuer, passphrases)?;
    let shown = |newer: &Newer| {
        let path = context.shown(pki.layout(), &newer.path);
        format!("{path}: {newer}")
    };
    let list = match crl::sign(pki, &signer, terms) {
        Err(CrlError::OlderLedger { newer }) => {
            return Err(older_ledger(context, pki, issuer, &newer, shown));
        }
        Err(CrlError::Store(error)) => return Err(error.into()),
        Err(error @ (CrlError::Sign(_) | CrlError::Number(_))) => {
            return Err(Report::failed("sign", error));
        }
        Ok(list) => list,
    };
    let passed_over = list.passed_over.iter();
    passed_over.for_each(|newer| context.ui.warning(shown(newer)));
    Ok(list)
}

/// Says what knows more than the ledger, and what can be done.
pub(crate) fn older_ledger(
    context: &Context,
    pki: &Pki,
    issuer: &EntryName,
    newer: &[Newer],
    shown: impl Fn(&Newer) -> String,
) -> Report {
    let refused = |message| Report::refused("crl-newer-than-ledger", message);
    let why = format!(
        "the ledger is older than what lies beside it: the next CRL of `{issuer}` would forget what was revoked"
    );
    let reports = [refused(why).hint("put the newest ledger.db back")];
    let reports = reports
        .into_iter()
        .chain(newer.iter().map(|newer| refused(shown(newer))));
    let is_known = |serial: &&Serial| {
        let records = pki.ledger().with_serial(serial);
        records.is_ok_and(|records| !records.is_empty())
    };
    let revoke = newer
        .iter()
        .flat_map(Newer::serials)
        .find(is_known)
        .map(|serial| {
            let command = context.command(&format!("revoke --serial {serial}"));
            format!("or revoke again what the ledger has forgotten: `{command}`")
        });
    let command = context.command(&format!("crl --ca {issuer} --force"));
    let force = format!("or make one from this ledger all the same: `{command}`");
    let report = Report::all(reports.collect()).unwrap_or_else(|| refused(String::new()));
    revoke.into_iter().chain([force]).fold(report, Report::hint)
}

/// What was done to a CRL, in a line.
pub(crate) fn line(verb: &str, list: &ListDocument, context: &Context, pki: &Pki) -> String {
    let path = context.shown(pki.layout(), Path::new(&list.path));
    format!(
        "{verb} CRL {} of the CA `{}` with {} revoked in {path}, next update {}",
        list.number, list.issuer, list.revoked, list.next_update
    )
}

/// How the making of a CRL is called.
pub(crate) fn making(dry_run: bool) -> &'static str {
    if dry_run { "would make" } else { "made" }
}
