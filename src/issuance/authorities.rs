//! The CAs of a PKI directory, as its ledger tells of them.

use x509_parser::{
    certificate::TbsCertificate,
    extensions::ParsedExtension,
    prelude::{FromDer as _, X509Extension},
};

use crate::{
    pki::authorities::{Authorities, State},
    store::{
        Pki, StoreError,
        ledger::{Record, Status},
    },
};

/// Reads which CAs are in use and which were revoked.
///
/// # Errors
///
/// Where the ledger cannot be read, or holds a name that certctl gives to no CA.
pub fn authorities(pki: &Pki) -> Result<Authorities, StoreError> {
    let used = pki.authorities()?;
    let mut authorities = Authorities::default();
    for record in &used {
        let parent = used
            .iter()
            .find(|parent| record.issuer.as_ref() == Some(&parent.name));
        let state = match parent {
            Some(parent) if !is_signed_by(record, parent) => State::Orphaned,
            _ => State::Used,
        };
        authorities.add(record.name.clone(), record.issuer.clone(), state);
    }
    let generations = pki.generations()?;
    for record in used.iter().filter(|it| generations.is_resting(&it.name)) {
        authorities.rest(record.name.clone());
    }
    for record in pki.ledger().authorities_of(Status::Revoked)? {
        authorities.add(record.name, record.issuer, State::Revoked);
    }
    Ok(authorities)
}

/// Whether `parent` is the CA that signed a certificate, by name and key identifiers (RFC 5280 §4.2.1.1): a CA that
/// took the name of another has another key.
pub(super) fn is_signed_by(record: &Record, parent: &Record) -> bool {
    let (Ok((_, own)), Ok((_, above))) = (
        TbsCertificate::from_der(&record.to_be_signed),
        TbsCertificate::from_der(&parent.to_be_signed),
    ) else {
        return true;
    };
    let wanted = parsed(&own).find_map(|extension| match extension {
        ParsedExtension::AuthorityKeyIdentifier(found) => Some(found.key_identifier.as_ref()?.0),
        _ => None,
    });
    let found = parsed(&above).find_map(|extension| match extension {
        ParsedExtension::SubjectKeyIdentifier(found) => Some(found.0),
        _ => None,
    });
    let same_key = wanted
        .zip(found)
        .is_none_or(|(wanted, found)| wanted == found);
    same_key && own.issuer().as_raw() == above.subject().as_raw()
}

fn parsed<'a>(
    certificate: &'a TbsCertificate<'a>,
) -> impl Iterator<Item = &'a ParsedExtension<'a>> {
    let extensions = certificate.extensions().iter();
    extensions.map(X509Extension::parsed_extension)
}
