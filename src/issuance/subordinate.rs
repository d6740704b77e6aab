//! A CA whose key lies in one place and its issuer's in another: the request, the signature, and the answer.

use time::{Duration, OffsetDateTime};

use super::{
    IssueError, SigningAuthority,
    authority::{AuthorityRequest, Certified, assemble, plan, record, record_of, stage, subject},
    check_plan, constraining,
    own_key::{Keeping, OwnKey},
};
use crate::{
    pki::{
        certificate::Certificate,
        csr::{self, Csr},
        entry_name::EntryName,
        extension::{PermittedSubtrees, key_identifier},
        issuer::{Issuer, IssuerError},
        key::{KeyType, Signer},
        plan::signature_holds,
        rules::Role,
        validity::Lifetime,
    },
    store::{
        authority::Authority,
        layout::{Place, file},
        ledger::{Origin, Record},
        stage::StagedFile,
        transaction::Transaction,
    },
};

/// What the request for a new CA says.
#[derive(Debug)]
pub struct Wish<'a> {
    /// Its name in the PKI directory
    pub name: EntryName,
    /// Its common name; made of its name and key where nobody gives one
    pub common_name: Option<&'a str>,
    /// Its organization
    pub organization: Option<&'a str>,
    /// Type of its key
    pub key_type: KeyType,
    /// Where that is kept
    pub keeping: Keeping<'a>,
}

/// Makes the key of a CA, and the request for its certificate.
///
/// # Errors
///
/// Where a key or file cannot be made.
pub fn ask(transaction: &Transaction<'_>, wish: &Wish<'_>) -> Result<(), IssueError> {
    let key = OwnKey::new(wish.key_type, wish.keeping)?;
    let identifier = key_identifier(key.signer.public_key());
    let subject = subject(&wish.name, wish.common_name, wish.organization, &identifier);
    let request = csr::write_authority(&*key.signer, &subject)?;
    let files = [key.staged(), StagedFile::public(file::REQUEST, &request)];
    let place = Place::authority(wish.name.clone());
    Ok(transaction.stage(1)?.add(&place, &files)?)
}

/// Makes the request for the next certificate of a CA in use, which keeps its key.
///
/// # Errors
///
/// Where the request cannot be made.
pub fn ask_again(
    transaction: &Transaction<'_>,
    name: EntryName,
    key: &dyn Signer,
    in_use: &Certificate,
) -> Result<(), IssueError> {
    let request = csr::write_authority(key, in_use.parsed().subject().as_raw())?;
    let files = [StagedFile::public(file::REQUEST, &request)];
    Ok(transaction
        .stage(1)?
        .change(&Place::authority(name), &files)?)
}

/// How a request for a CA is signed.
#[derive(Debug)]
pub struct Terms {
    /// Its name in the PKI directory
    pub name: EntryName,
    /// How long it is valid
    pub lifetime: Lifetime,
    /// How far its beginning lies before now
    pub backdate: Duration,
    /// How many CAs may follow below it
    pub path_len: u8,
}

/// Signs the request of a CA whose key stays where the request was made.
///
/// # Errors
///
/// Where the plan is not allowed, or a file cannot be made.
pub fn certify(
    transaction: &mut Transaction<'_>,
    csr: &Csr,
    terms: Terms,
    parent: &SigningAuthority,
    now: OffsetDateTime,
) -> Result<Record, IssueError> {
    let key_type = csr.public_key.name().parse();
    let request = AuthorityRequest {
        name: terms.name,
        common_name: None,
        organization: None,
        key_type: key_type.map_err(|_| IssuerError::KeyType)?,
        lifetime: terms.lifetime,
        backdate: terms.backdate,
        path_len: Some(terms.path_len),
        permitted: PermittedSubtrees::default(),
        keeping: Keeping::File(None),
        crl_url: None,
    };
    let certified = Certified {
        subject: csr.subject.clone(),
        public_key_info: csr.public_key.info().clone(),
        key_identifier: csr.public_key.identifier(),
    };
    let planned = plan(&request, certified, Some(parent), now)?;
    let above = constraining(&parent.authority);
    check_plan(
        request.name.as_str(),
        &planned,
        Role::Authority,
        &above,
        now,
    )?;
    let record = Record {
        origin: Origin::Requested,
        ..record(&request, &planned, Some(parent))
    };
    let recorded = planned.recorded(|| transaction.record(std::slice::from_ref(&record)))?;
    let certificate = recorded.sign(&*parent.key)?;
    Issuer::from_certificate(&certificate)?;
    if !signature_holds(&certificate, &parent.authority.certificate) {
        return Err(IssueError::Signature(request.name.to_string()));
    }
    let authority = assemble(&request.name, certificate, Some(parent));
    stage(transaction, &authority, None, None)?;
    Ok(record)
}

/// Puts the first certificate of a CA beside the key that asked for it.
///
/// # Errors
///
/// Where it is no CA, or `parent` has not signed it.
pub fn install(
    transaction: &mut Transaction<'_>,
    name: EntryName,
    certificate: &Certificate,
    parent: &Authority,
) -> Result<Record, IssueError> {
    let record = record_of(&name, certificate, Some(parent))?;
    transaction.record(std::slice::from_ref(&record))?;
    let own = certificate.to_pem();
    let above = parent.chain.iter().map(Certificate::to_pem);
    let chain: String = std::iter::once(own.clone()).chain(above).collect();
    let files = [
        StagedFile::public(file::CERTIFICATE, &own),
        StagedFile::public(file::CHAIN, &chain),
    ];
    transaction
        .stage(1)?
        .change(&Place::authority(name), &files)?;
    Ok(record)
}
