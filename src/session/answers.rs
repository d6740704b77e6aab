//! Certificates that others have signed, and the keys that they answer.

use std::{io, ops::ControlFlow};

use super::{Context, Report, adoption::issuer, renewals::tell_followers};
use crate::{
    issuance::renewal::given,
    pki::{
        certificate::Certificate,
        chain::{self, Chain, Purpose},
        csr::Csr,
        entry_name::EntryName,
        key::PrivateKey,
        serial::Serial,
    },
    store::{
        Pki, StoreError,
        layout::{Area, Place, file},
        ledger::{Record, Selection},
    },
};

/// The certificate of the key, wherever it stands in the file.
pub(crate) fn answer<'a>(given: &'a [Certificate], key: &PrivateKey) -> Option<&'a Certificate> {
    let mut given = given.iter();
    given.find(|certificate| certificate.public_key() == key.public_key())
}

/// The roots, those of --trust first of all, and what may stand between.
pub(crate) fn divide(
    given: &[Certificate],
    trusted: &[Certificate],
) -> (Vec<Certificate>, Vec<Certificate>) {
    let named = trusted.iter().any(Certificate::is_self_signed);
    let all = given.iter().chain(trusted);
    let others = all.filter(|certificate| !certificate.is_self_signed());
    let roots = if named { trusted } else { given };
    let roots = roots
        .iter()
        .filter(|certificate| certificate.is_self_signed());
    (roots.cloned().collect(), others.cloned().collect())
}

/// The CAs between a certificate and its root.
pub(crate) fn intermediates(
    file: &str,
    leaf: &Certificate,
    untrusted: &[Certificate],
    roots: &[Certificate],
    context: &Context,
) -> Result<Vec<Certificate>, Report> {
    if roots.is_empty() {
        let message = format!("{file}: there is no root certificate in it");
        return Err(Report::failed("no-trust", message)
            .hint("name the file that holds it with `--trust ca.pem`"));
    }
    let request = chain::Request {
        leaf,
        untrusted,
        trust: roots,
        crls: &[],
        purpose: Purpose::Any,
        host: None,
        at: context.now,
        policy: chain::Policy::Openssl,
    };
    let Chain { certificates } = chain::verify(&request)
        .map_err(|failure| Report::failed("chain", format!("{file}: {failure}")))?;
    let between = certificates.get(1..certificates.len().saturating_sub(1));
    Ok(between.unwrap_or_default().to_vec())
}

/// The next certificate of a CA in use; all below it gets the new chain.
pub(crate) fn renewed(
    pki: &mut Pki,
    record: &Record,
    certificate: &Certificate,
    dry_run: bool,
    context: &Context,
) -> Result<Record, Report> {
    let (successor, followers) = given::install(pki, record, certificate.clone(), dry_run)?;
    tell_followers(&followers, dry_run, context);
    Ok(successor)
}

pub(crate) fn is_same(record: &Record, certificate: &Certificate) -> bool {
    *record.to_be_signed == *certificate.parsed().tbs_certificate.as_ref()
}

/// Refuses what cannot follow the certificate in use: of another name or issuer, or one that it has followed itself.
pub(crate) fn refuse_other(
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
pub(crate) fn request(pki: &Pki, name: &EntryName) -> Result<Csr, Report> {
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
