//! `--profile intermediate`: the request of a CA whose key is elsewhere.

use super::{Signing, WORDING, read};
use crate::{
    issuance::{
        orphans::Below,
        subordinate::{Terms, certify},
    },
    pki::{entry_name::EntryName, subject},
    session::{
        Context, Report,
        authorities::refuse_existing,
        made::{Made, note_shortened},
        orphans,
        passphrases::Passphrases,
        report::Outcome,
        signers::{issuing_authority, signing_authority},
    },
    store::{Access, Pki, layout::Area},
};

/// Signs it below the CA that is asked for, or that has signed its last certificate, or the only one that can.
pub(super) fn run(sign: &Signing<'_>, context: &Context) -> Result<Outcome, Report> {
    if !sign.san.is_empty() || sign.extfile.is_given() || sign.subject.is_given() {
        return Err(Report::usage(
            "`--san`, `--extfile` and `--subject` are for entries; a CA has the subject that it asks for",
        ));
    }
    let (input, csr) = read(sign.file)?;
    if *csr.subject == *subject::EMPTY || subject::to_text(&csr.subject).is_none() {
        let message = format!("{}: a CA needs a subject, and it asks for none", input.name);
        return Err(Report::failed("csr", message));
    }
    let name = sign.entry_name(&csr)?;
    let mut pki = context.open(Access::Write)?;
    let passphrases = Passphrases::among(sign.given.clone(), context, &pki, &[])?;
    if pki.has_authority_key(&name)? {
        let message = format!("the CA `{name}` has its key here");
        return Err(Report::refused("exists", message).hint("take another name with `--name NAME`"));
    }
    refuse_existing(&pki, &name, sign.force)?;
    let last = pki.ledger().current(Area::Authorities, &name)?;
    let issuer = sign.ca.cloned().or(last.and_then(|last| last.issuer));
    let issuer = issuer.map_or_else(|| only_with_key(&pki), |name| Ok(Some(name)))?;
    let issuer = issuing_authority(&pki, issuer.as_ref())?;
    let issuer = signing_authority(&pki, &issuer, &passphrases)?;
    let terms = Terms {
        name: name.clone(),
        lifetime: sign.lifetime,
        backdate: sign.backdate,
        path_len: sign.path_len.unwrap_or(0),
    };
    let below = Below::of(&pki, &name)?;
    let mut transaction = pki.begin()?;
    let record = certify(&mut transaction, &csr, terms, &issuer, context.now)?;
    orphans::warn(&below, &record, false, context);
    let dry_run = sign.dry_run;
    transaction.finish(dry_run)?;
    Made::signed(&record).tell(context, pki.layout(), &WORDING, dry_run)?;
    note_shortened(sign.lifetime, &record, context);
    if !dry_run && !context.ui.is_json() {
        context.ui.hint(format!(
            "next, where the key is: `certctl install ca/{name} cert.pem` with the file of ca/{name}"
        ));
    }
    Ok(Outcome::Changed)
}

/// The only CA whose key is here, as on a root's stick.
fn only_with_key(pki: &Pki) -> Result<Option<EntryName>, Report> {
    let mut found = Vec::new();
    for record in pki.authorities()? {
        if pki.has_authority_key(&record.name)? {
            found.push(record.name);
        }
    }
    Ok(found.pop().filter(|_| found.is_empty()))
}
