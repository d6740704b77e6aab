//! `install ca/NAME`: the certificate of a CA beside the key that asked for it, or the next one of a CA in use.

use super::{Install, WORDING};
use crate::session::answers::{is_same, refuse_other, renewed, request};
use crate::{
    cli::{
        Context, Report, adoption::issuer, bounded::Kind, input::Input, made::Made, report::Outcome,
    },
    issuance::subordinate,
    pki::{certificate::Certificate, revocation_list::RevocationList},
    store::{Access, layout::Area},
};

/// Installs it below the CA here that has signed it.
pub(super) fn run(install: &Install, context: &Context) -> Result<Outcome, Report> {
    let name = &install.target.name;
    if install.trust.is_some() {
        let message = "`--trust` is for entries; the root of a CA is a CA here";
        return Err(Report::usage(message)
            .hint("`certctl init-ca NAME --cert ROOT` takes it in; its key can stay elsewhere"));
    }
    // A CRL is the largest of what may come.
    let input = Input::read(&install.cert, Kind::RevocationList)?;
    let given = match input.certificates() {
        Err(report) => {
            return match RevocationList::read(&input.octets) {
                Ok(lists) => super::crl::run(install, &input.name, &lists, context),
                Err(_) => Err(report),
            };
        }
        Ok(given) => given,
    };
    let mut pki = context.open(Access::Write)?;
    let in_use = pki.ledger().current(Area::Authorities, name)?;
    let key = match in_use {
        Some(_) => pki.authority(name)?.certificate.public_key(),
        None => request(&pki, name)?.public_key.octets().to_vec(),
    };
    let is_answer = |it: &&Certificate| it.public_key() == key;
    let certificate = given.iter().find(is_answer).ok_or_else(|| {
        let file = &input.name;
        let message =
            format!("{file}: the certificate does not belong to the key of the CA `{name}`");
        Report::failed("key-mismatch", message)
    })?;
    if let Some(record) = in_use.as_ref().filter(|it| is_same(it, certificate)) {
        Made::given(record).tell(context, pki.layout(), &WORDING, install.dry_run)?;
        context
            .ui
            .note(format!("`{name}` has this certificate already"));
        return Ok(Outcome::Unchanged);
    }
    let record = match in_use {
        Some(record) => {
            refuse_other(&pki, &record, certificate, &input.name)?;
            renewed(&mut pki, &record, certificate, install.dry_run, context)?
        }
        None => {
            let parent = pki.authority(&issuer(&pki, certificate)?)?;
            let mut transaction = pki.begin()?;
            let record =
                subordinate::install(&mut transaction, name.clone(), certificate, &parent)?;
            transaction.finish(install.dry_run)?;
            record
        }
    };
    Made::given(&record).tell(context, pki.layout(), &WORDING, install.dry_run)?;
    Ok(Outcome::Changed)
}
