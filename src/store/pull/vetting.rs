//! What comes from a shared ledger is what the ledger and the CAs say it is, whoever laid it there.

use super::Files;
use crate::{
    pki::{
        certificate::Certificate, entry_name::EntryName, pem, plan::check_signature,
        revocation_list::RevocationList, signature::SignatureError,
    },
    store::{
        Pki, StoreError,
        directory::is_absence,
        layout::{Place, file},
        ledger::{Kind, Record, Status},
    },
};

/// Files whose certificates are sent or trusted.
const CERTIFICATES: [&str; 3] = [file::CERTIFICATE, file::CHAIN, file::BUNDLE];

/// Refuses files of a place that are not of the certificate in use, have certificates that nobody here knows, or CRLs
/// that are not the CAs' or older than those that are here.
pub(super) fn vet(
    pki: &Pki,
    place: &Place,
    files: &Files,
    authorities: &[Certificate],
) -> Result<(), StoreError> {
    let refused = |name: &str, reason: &str| StoreError::Content {
        path: pki.layout().place(place).join(name),
        reason: format!("in the shared ledger: {reason}"),
    };
    let Some(own) = first(files) else {
        return Err(refused(file::CERTIFICATE, "there is no certificate of it"));
    };
    let record = pki.ledger().record_of(&own)?;
    let is_in_use = |it: &Record| it.place() == *place && it.status == Status::Current;
    let Some(record) = record.filter(is_in_use) else {
        let reason = "it is not the certificate in use";
        return Err(refused(file::CERTIFICATE, reason));
    };
    if let Some(issuer) = &record.issuer
        && !is_signed(pki, &own, issuer, files, authorities)?
    {
        let reason = format!("the CA `{issuer}` has not signed it, though the ledger says so");
        return Err(refused(file::CERTIFICATE, &reason));
    }
    let is_foreign = has_foreign_issuers(pki)?;
    for name in CERTIFICATES {
        let here = certificates(&standing(pki, place, name)?);
        let Some(octets) = files.get(name) else {
            continue;
        };
        for certificate in certificates(octets) {
            let is_known = pki.ledger().record_of(&certificate)?.is_some();
            if !is_known && !here.contains(&certificate) && !is_foreign {
                let reason = "it has a certificate that is not in the ledger";
                return Err(refused(name, reason));
            }
        }
    }
    for name in [file::CRL, file::CRL_BUNDLE] {
        let here = lists(&standing(pki, place, name)?);
        let new = files.get(name).map(|octets| lists(octets));
        for list in new.unwrap_or_default() {
            if here.contains(&list) {
                continue;
            }
            let issuer = authorities.iter().find(|it| list.is_signed_by(it));
            let Some(issuer) = issuer else {
                return Err(refused(
                    name,
                    "it has a CRL that none of the CAs has signed",
                ));
            };
            let mut own = here.iter().filter(|it| it.is_signed_by(issuer));
            if own.any(|it| it.number() > list.number()) {
                return Err(refused(
                    name,
                    "it has a CRL that is older than the one here",
                ));
            }
        }
    }
    Ok(())
}

/// Whether a CA that the ledger knows by this name has signed a certificate: who writes to the ledger need not have its
/// key. What cannot be told, as of an algorithm that is not known here, is not held against it.
fn is_signed(
    pki: &Pki,
    certificate: &Certificate,
    issuer: &EntryName,
    files: &Files,
    authorities: &[Certificate],
) -> Result<bool, StoreError> {
    let beside = CERTIFICATES.iter().filter_map(|name| files.get(*name));
    let beside = beside.flat_map(|octets| certificates(octets));
    for candidate in beside.chain(authorities.iter().cloned()) {
        let record = pki.ledger().record_of(&candidate)?;
        let is_meant = record.is_some_and(|it| it.name == *issuer);
        if is_meant && check_signature(certificate, &candidate) != Err(SignatureError::Mismatch) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The certificate of a place's files.
pub(super) fn first(files: &Files) -> Option<Certificate> {
    certificates(files.get(file::CERTIFICATE)?)
        .into_iter()
        .next()
}

/// Whether some CA was signed elsewhere: those above it are in no ledger.
fn has_foreign_issuers(pki: &Pki) -> Result<bool, StoreError> {
    let authorities = pki.authorities()?;
    let mut authorities = authorities.iter();
    Ok(authorities.any(|it| it.kind == Kind::Intermediate && it.issuer.is_none()))
}

/// What is no certificate is none: it is refused where it is used.
fn certificates(octets: &[u8]) -> Vec<Certificate> {
    pem::decode_certificates(octets).unwrap_or_default()
}

fn lists(octets: &[u8]) -> Vec<RevocationList> {
    RevocationList::read(octets).unwrap_or_default()
}

fn standing(pki: &Pki, place: &Place, name: &str) -> Result<Vec<u8>, StoreError> {
    let path = pki.layout().place(place).join(name);
    match pki.layout().directory().read(&path) {
        Err(error) if is_absence(&error) => Ok(Vec::new()),
        octets => octets.map_err(|error| StoreError::io("read", &path, error)),
    }
}
