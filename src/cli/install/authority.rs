//! `install ca/NAME`: the certificate of a CA beside the key that asked for it.

use std::io;

use super::{Install, WORDING};
use crate::{
    cli::{
        Context, Report, bounded::Kind, init_intermediate::issuer, input::Input, made::Made,
        report::Outcome,
    },
    issuance::{renewal::given, subordinate},
    pki::{certificate::Certificate, csr::Csr, entry_name::EntryName},
    store::{
        Access, Pki, StoreError,
        layout::{Area, Place, file},
        ledger::Record,
    },
};

/// Installs it below the CA here that has signed it.
pub(super) fn run(install: &Install, context: &Context) -> Result<Outcome, Report> {
    let name = &install.target.name;
    if install.trust.is_some() {
        let message = "`--trust` is for entries; the root of a CA is a CA here";
        return Err(Report::usage(message)
            .hint("`certctl init-ca NAME --cert ROOT` takes it in; its key can stay elsewhere"));
    }
    let input = Input::read(&install.cert, Kind::Certificates)?;
    let given = input.certificates()?;
    let mut pki = context.open(Access::Write)?;
    let in_use = pki.ledger().current(Area::Authorities, name)?;
    if let Some(record) = &in_use
        && has_it(&pki, record, &given)?
    {
        Made::given(record).tell(context, pki.layout(), &WORDING, install.dry_run)?;
        context
            .ui
            .note(format!("`{name}` has this certificate already"));
        return Ok(Outcome::Unchanged);
    }
    let csr = request(&pki, name)?;
    let is_answer = |it: &&Certificate| it.public_key() == csr.public_key.octets();
    let certificate = given.iter().find(is_answer).ok_or_else(|| {
        let file = &input.name;
        let message =
            format!("{file}: the certificate does not belong to the key of the CA `{name}`");
        Report::failed("key-mismatch", message)
    })?;
    let parent = issuer(&pki, certificate)?;
    let record = match in_use {
        Some(record) if record.issuer.as_ref() != Some(&parent) => {
            let file = &input.name;
            let message =
                format!("{file}: the CA `{parent}` has signed it, not the issuer of `{name}`");
            return Err(Report::failed("chain", message));
        }
        Some(record) => renewed(&mut pki, &record, certificate, install.dry_run, context)?,
        None => {
            let parent = pki.authority(&parent)?;
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

/// The next certificate of a CA in use; all below it gets the new chain.
fn renewed(
    pki: &mut Pki,
    record: &Record,
    certificate: &Certificate,
    dry_run: bool,
    context: &Context,
) -> Result<Record, Report> {
    let (successor, followers) = given::install(pki, record, certificate.clone(), dry_run)?;
    if let count @ 1.. = followers.count {
        let verb = if dry_run { "would get" } else { "got" };
        let entries = if count == 1 { "entry" } else { "entries" };
        context.ui.note(format!(
            "{count} {entries} below {verb} the new chain; keys and certificates stay"
        ));
    }
    Ok(successor)
}

/// Whether the certificate that is given for the key is the one in use, whose request is gone.
fn has_it(pki: &Pki, record: &Record, given: &[Certificate]) -> Result<bool, Report> {
    let key = pki.authority(&record.name)?.certificate;
    let mut own = given.iter();
    let own = own.find(|it| it.public_key() == key.public_key());
    Ok(own.is_some_and(|it| *record.to_be_signed == *it.parsed().tbs_certificate.as_ref()))
}

/// The request that waits for an answer.
fn request(pki: &Pki, name: &EntryName) -> Result<Csr, Report> {
    let place = pki.layout().place(&Place::authority(name.clone()));
    let path = place.join(file::REQUEST);
    let octets = match pki.layout().directory().read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = format!("there is no request of the CA `{name}` here");
            return Err(Report::failed("no-key", message).hint(format!(
                "`certctl init-intermediate {name} --request` makes one"
            )));
        }
        read => read.map_err(|error| StoreError::io("read", &path, error))?,
    };
    Csr::read(&octets)
        .map_err(|error| Report::failed("csr", format!("{}: {error}", path.display())))
}
