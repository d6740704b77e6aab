//! `install ca/NAME`: the certificate of a CA beside the key that asked for it, or the next one of a CA in use.

use std::{io, ops::ControlFlow};

use super::{Install, WORDING};
use crate::{
    cli::{
        Context, Report, adoption::issuer, bounded::Kind, input::Input, made::Made, report::Outcome,
    },
    issuance::{renewal::given, subordinate},
    pki::{certificate::Certificate, csr::Csr, entry_name::EntryName, serial::Serial},
    store::{
        Access, Pki, StoreError,
        layout::{Area, Place, file},
        ledger::{Record, Selection},
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

fn is_same(record: &Record, certificate: &Certificate) -> bool {
    *record.to_be_signed == *certificate.parsed().tbs_certificate.as_ref()
}

/// Refuses what cannot follow the certificate in use: of another name or issuer, or one that it has followed itself.
fn refuse_other(
    pki: &Pki,
    record: &Record,
    certificate: &Certificate,
    file: &str,
) -> Result<(), Report> {
    let name = &record.name;
    let chain = |message| Err(Report::failed("chain", format!("{file}: {message}")));
    if certificate.subject() != pki.authority(name)?.certificate.subject() {
        return chain(format!("it names another CA than `{name}`"));
    }
    if had_before(pki, name, &certificate.serial())? {
        let message = format!("{file}: `{name}` had this certificate before the one in use");
        return Err(Report::refused("exists", message)
            .hint(format!("`certctl show ca/{name}` has its history")));
    }
    if certificate.validity().not_after < record.validity.not_after {
        let message = format!("{file}: it ends before the certificate of `{name}` in use");
        let command = match record.issuer {
            None => "init-ca",
            Some(_) => "init-intermediate",
        };
        return Err(Report::refused("ends-earlier", message).hint(format!(
            "`certctl {command} {name} --cert FILE --force` takes it all the same"
        )));
    }
    match &record.issuer {
        None if certificate.is_self_signed() => Ok(()),
        None => chain(format!("`{name}` is a root, and this is none")),
        Some(in_use) => match issuer(pki, certificate)? {
            parent if parent == *in_use => Ok(()),
            parent => chain(format!(
                "the CA `{parent}` has signed it, not the issuer of `{name}`"
            )),
        },
    }
}

fn had_before(pki: &Pki, name: &EntryName, serial: &Serial) -> Result<bool, StoreError> {
    let selection = Selection {
        area: Some(Area::Authorities),
        name: Some(name.clone()),
        ..Selection::default()
    };
    let found = pki
        .ledger()
        .select(&selection, |record| match record.serial == *serial {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })?;
    Ok(found.is_break())
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
