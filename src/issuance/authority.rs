//! Making CAs: roots, intermediates, and the adoption of CAs that were made elsewhere.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::{
    IssueError, SigningAuthority, check_plan, constraining,
    own_key::{Keeping, KeyFile, OwnKey, key_pem},
};
use crate::{
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        extension::{PermittedSubtrees, key_identifier},
        issuer::Issuer,
        key::{KeyType, PrivateKey},
        key_uri::KeyUri,
        name::{MAX_ATTRIBUTE_LENGTH, distinguished_name},
        octets::{KeyId, Name, Spki},
        pem,
        plan::{Contents, Planned, signature_holds},
        profile::ca_extensions,
        revocation_list::{LABEL, RevocationList},
        rules::Role,
        secret::Passphrase,
        serial::Serial,
        validity::{Lifetime, Validity},
    },
    store::{
        authority::Authority,
        layout::{Place, file},
        ledger::{Kind, Origin, Record, Status, revocation::CrlState},
        stage::StagedFile,
        transaction::Transaction,
    },
};

/// What a new CA is to be.
#[derive(Debug)]
pub struct AuthorityRequest<'a> {
    /// Its name in the PKI directory
    pub name: EntryName,
    /// Its common name; made of its name and key where nobody gives one, so that no two CAs share a
    /// subject (chains are found by it, RFC 5280 §6.1)
    pub common_name: Option<String>,
    /// Its organization
    pub organization: Option<String>,
    /// Type of its key
    pub key_type: KeyType,
    /// How long it is valid
    pub lifetime: Lifetime,
    /// How far its beginning lies before now
    pub backdate: Duration,
    /// How many CAs may follow below it
    pub path_len: Option<u8>,
    /// What it may issue for; empty for everything
    pub permitted: PermittedSubtrees,
    /// Where that is kept
    pub keeping: Keeping<'a>,
    /// Where its CRL will be served
    pub crl_url: Option<String>,
}

/// A CA that was signed, before its files are staged.
pub(super) struct Made {
    pub(super) signing: SigningAuthority,
    pub(super) record: Record,
    pub(super) key: OwnKey,
}

/// Makes a CA in `transaction`: a root, or below `parent`.
///
/// # Errors
///
/// Where the plan is not allowed, or a key or file cannot be made.
pub fn create(
    transaction: &mut Transaction<'_>,
    request: &AuthorityRequest<'_>,
    parent: Option<&SigningAuthority>,
    now: OffsetDateTime,
) -> Result<(SigningAuthority, Record), IssueError> {
    let made = make(transaction, request, parent, now)?;
    made.stage(transaction)?;
    Ok((made.signing, made.record))
}

/// Records and signs a CA: a root, or below `parent`.
pub(super) fn make(
    transaction: &mut Transaction<'_>,
    request: &AuthorityRequest<'_>,
    parent: Option<&SigningAuthority>,
    now: OffsetDateTime,
) -> Result<Made, IssueError> {
    let key = OwnKey::new(request.key_type, request.keeping)?;
    let (key_type, public_key) = (key.signer.key_type(), key.signer.public_key());
    let key_identifier = key_identifier(public_key);
    let common_name = request.common_name.as_deref();
    let organization = request.organization.as_deref();
    let certified = Certified {
        subject: subject(&request.name, common_name, organization, &key_identifier),
        public_key_info: key_type.public_key_info(public_key),
        key_identifier,
    };
    let planned = plan(request, certified, parent, now)?;
    let constraining = parent.map(|parent| constraining(&parent.authority));
    check_plan(
        request.name.as_str(),
        &planned,
        Role::Authority,
        &constraining.unwrap_or_default(),
        now,
    )?;
    let record = record(request, &planned, parent);
    let recorded = planned.recorded(|| transaction.record(std::slice::from_ref(&record)))?;
    if request.crl_url.is_some() {
        let state = CrlState {
            url: request.crl_url.clone(),
            ..transaction.crl_state(&request.name)?
        };
        transaction.note_crl(&request.name, state);
    }
    let certificate = recorded.sign(&**parent.map_or(&key.signer, |parent| &parent.key))?;
    let issuer = parent.map_or(&certificate, |parent| &parent.authority.certificate);
    if !signature_holds(&certificate, issuer) {
        return Err(IssueError::Signature(request.name.to_string()));
    }
    let authority = assemble(&request.name, certificate, parent);
    let issuer = Issuer::from_certificate(&authority.certificate)?;
    Ok(Made {
        signing: SigningAuthority {
            authority,
            issuer,
            crl_url: request.crl_url.clone(),
            key: Arc::clone(&key.signer),
        },
        record,
        key,
    })
}

impl Made {
    /// Stages its directory.
    pub(super) fn stage(&self, transaction: &Transaction<'_>) -> Result<(), IssueError> {
        stage(
            transaction,
            &self.signing.authority,
            Some(self.key.staged()),
            None,
        )
    }
}

/// Who a CA is: its exact subject, and its key.
pub(super) struct Certified {
    pub(super) subject: Name,
    pub(super) public_key_info: Spki,
    pub(super) key_identifier: KeyId,
}

pub(super) fn plan(
    request: &AuthorityRequest<'_>,
    certified: Certified,
    parent: Option<&SigningAuthority>,
    now: OffsetDateTime,
) -> Result<Planned, IssueError> {
    let name = request.name.to_string();
    if let Some(parent) = parent.filter(|parent| parent.issuer.path_len == Some(0)) {
        return Err(IssueError::PathLength(parent.authority.name.to_string()));
    }
    let issuer_validity = parent.map(|parent| parent.issuer.validity);
    let validity = Validity::plan(request.lifetime, request.backdate, issuer_validity, now)
        .map_err(|source| IssueError::Validity { name, source })?;
    let Certified {
        subject,
        public_key_info,
        key_identifier: subject_key,
    } = certified;
    let mut extensions = ca_extensions(
        request.path_len,
        &request.permitted,
        &subject_key,
        parent.is_none(),
    );
    if let Some(url) = parent.and_then(|parent| parent.crl_url.as_ref()) {
        extensions.add_crl_url(url);
    }
    let serial = Serial::generate()?;
    let own = Issuer::of_itself(&subject, subject_key, &serial, validity, request.key_type);
    let contents = Contents {
        serial,
        subject,
        validity,
        public_key_info,
        extensions,
    };
    let issuer = parent.map_or(&own, |parent| &parent.issuer);
    Ok(Planned::new(contents, issuer)?)
}

pub(super) fn subject(
    name: &EntryName,
    common_name: Option<&str>,
    organization: Option<&str>,
    subject_key: &[u8],
) -> Name {
    if let Some(common_name) = common_name {
        return distinguished_name(Some(common_name), organization);
    }
    let key = base16ct::upper::encode_string(&subject_key[..4]);
    let room = MAX_ATTRIBUTE_LENGTH - key.len() - " CA ".len();
    let name: String = name.as_str().chars().take(room).collect();
    distinguished_name(Some(&format!("{name} CA {key}")), organization)
}

pub(super) fn record(
    request: &AuthorityRequest<'_>,
    planned: &Planned,
    parent: Option<&SigningAuthority>,
) -> Record {
    Record {
        issuer: parent.map(|parent| parent.authority.name.clone()),
        serial: planned.serial().clone(),
        name: request.name.clone(),
        kind: if parent.is_some() {
            Kind::Intermediate
        } else {
            Kind::Root
        },
        validity: planned.validity(),
        names: Vec::new(),
        key_type: request.key_type.to_string(),
        origin: Origin::Issued,
        status: Status::Current,
        to_be_signed: planned.to_be_signed().into(),
    }
}

/// Adds a CA to its parent's chain and bundle.
pub(super) fn assemble(
    name: &EntryName,
    certificate: Certificate,
    parent: Option<&SigningAuthority>,
) -> Authority {
    let Some(parent) = parent else {
        let roots = vec![certificate.clone()];
        return Authority {
            name: name.clone(),
            certificate,
            chain: Vec::new(),
            cross: Vec::new(),
            intermediates: Vec::new(),
            roots,
        };
    };
    let mut chain = vec![certificate.clone()];
    chain.extend(parent.authority.behind());
    Authority {
        name: name.clone(),
        certificate,
        intermediates: chain.clone(),
        cross: Vec::new(),
        chain,
        roots: parent.authority.roots.clone(),
    }
}

pub(super) fn stage(
    transaction: &Transaction<'_>,
    authority: &Authority,
    key: Option<StagedFile<'_>>,
    crl: Option<&str>,
) -> Result<(), IssueError> {
    let certificate = authority.certificate.to_pem();
    let others = if authority.chain.is_empty() {
        &authority.roots
    } else {
        &authority.chain
    };
    let others_name = if authority.chain.is_empty() {
        file::BUNDLE
    } else {
        file::CHAIN
    };
    let others: String = others.iter().map(Certificate::to_pem).collect();
    let mut files = vec![
        StagedFile::public(file::CERTIFICATE, &certificate),
        StagedFile::public(others_name, &others),
    ];
    files.extend(key);
    files.extend(crl.map(|text| StagedFile::public(file::CRL, text)));
    transaction
        .stage(1)?
        .add(&Place::authority(authority.name.clone()), &files)?;
    Ok(())
}

/// A CA made elsewhere.
#[derive(Debug)]
pub struct Adoption<'a> {
    /// Its name in the PKI directory
    pub name: EntryName,
    /// Its certificate, then its parents up to the root
    pub chain: Vec<Certificate>,
    /// Its key, which belongs to the certificate; `None` where that stays elsewhere
    pub key: Option<&'a PrivateKey>,
    /// What names its key where that stays elsewhere, and signs here all the same
    pub uri: Option<&'a KeyUri>,
    /// Encrypts its key file
    pub passphrase: Option<&'a Passphrase>,
    /// Its last complete CRL: what it lists stays revoked, and the next one's number is higher
    pub crl: Option<&'a RevocationList>,
}

/// What is recorded of a CA's certificate that exists already; `parent` has signed it, or it itself.
///
/// # Errors
///
/// Where it is no CA, or the signature does not hold.
pub(super) fn record_of(
    name: &EntryName,
    certificate: &Certificate,
    parent: Option<&Authority>,
) -> Result<Record, IssueError> {
    let issuer = Issuer::from_certificate(certificate)?;
    let signer = parent.map_or(certificate, |parent| &parent.certificate);
    if !signature_holds(certificate, signer) {
        return Err(IssueError::Signature(name.to_string()));
    }
    Ok(Record {
        issuer: parent.map(|parent| parent.name.clone()),
        serial: certificate.serial(),
        name: name.clone(),
        kind: match parent {
            Some(_) => Kind::Intermediate,
            None => Kind::Root,
        },
        validity: issuer.validity,
        names: Vec::new(),
        key_type: issuer.key_type.to_string(),
        origin: Origin::Issued,
        status: Status::Current,
        to_be_signed: certificate.parsed().tbs_certificate.as_ref().into(),
    })
}

/// Takes over a CA that was made elsewhere: below `parent`, or with a root that it brings along.
///
/// # Errors
///
/// Where it is no CA, or its certificate was not signed by `parent`.
pub fn adopt(
    transaction: &mut Transaction<'_>,
    adoption: Adoption<'_>,
    parent: Option<&Authority>,
) -> Result<Record, IssueError> {
    let certificate = &adoption.chain[0];
    let record = record_of(&adoption.name, certificate, parent)?;
    transaction.record(std::slice::from_ref(&record))?;
    let authority = match parent {
        None => Authority {
            name: adoption.name,
            chain: Vec::new(),
            cross: Vec::new(),
            intermediates: Vec::new(),
            roots: vec![certificate.clone()],
            certificate: certificate.clone(),
        },
        Some(parent) => Authority {
            name: adoption.name,
            chain: [std::slice::from_ref(certificate), &parent.behind()].concat(),
            cross: Vec::new(),
            intermediates: [std::slice::from_ref(certificate), &parent.behind()].concat(),
            roots: parent.roots.clone(),
            certificate: certificate.clone(),
        },
    };
    if let Some(list) = adoption.crl {
        transaction.adopt_revocations(&authority.name, list.revocations());
        let state = CrlState {
            url: None,
            number: list.number().unwrap_or(0),
            this_update: Some(list.this_update()),
        };
        transaction.note_crl(&authority.name, state);
    }
    let list = adoption.crl.map(|list| pem::encode(LABEL, list.der()));
    let key = match (adoption.key, adoption.uri) {
        (Some(key), _) => Some(KeyFile::Key(key_pem(key, adoption.passphrase)?)),
        (None, uri) => uri.map(|uri| KeyFile::Reference(uri.to_file())),
    };
    let key = key.as_ref().map(KeyFile::staged);
    stage(transaction, &authority, key, list.as_deref())?;
    Ok(record)
}
