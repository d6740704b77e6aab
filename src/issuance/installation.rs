//! Installing what a CA elsewhere has signed, beside the key that is here.

use super::IssueError;
use crate::{
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        key::{KeyType, PrivateKey},
        profile::Profile,
    },
    store::{
        entry,
        files::PUBLIC,
        layout::{Layout, Place, file},
        ledger::{Origin, Record, Status},
        stage::{Stage, StagedFile},
        transaction::Transaction,
    },
};

/// A certificate whose chain holds, with all that lies beside it.
#[derive(Debug)]
pub struct Installation<'a> {
    /// Name of the entry
    pub name: EntryName,
    /// Type of its key
    pub key_type: KeyType,
    /// The key that waited for this certificate, and takes the place of the one in use; `None` where that stays
    pub key: Option<&'a PrivateKey>,
    /// The certificate of that key
    pub leaf: &'a Certificate,
    /// The CAs above it, without the root
    pub intermediates: &'a [Certificate],
    /// The trust bundle
    pub roots: &'a [Certificate],
}

/// Stages the files of an installed entry; those of its last certificate go to the archive. A new key comes with its
/// certificate: the whole directory is swapped, with what somebody else has put there.
///
/// # Errors
///
/// Where a file cannot be read or made.
pub fn install(
    transaction: &mut Transaction<'_>,
    layout: &Layout,
    installation: Installation<'_>,
) -> Result<Record, IssueError> {
    let Installation {
        name,
        leaf,
        intermediates,
        roots,
        ..
    } = installation;
    let record = Record {
        issuer: None,
        serial: leaf.serial(),
        name: name.clone(),
        kind: Profile::nearest(leaf).into(),
        validity: leaf.validity(),
        names: leaf.names().iter().map(ToString::to_string).collect(),
        key_type: installation.key_type.to_string(),
        origin: Origin::Installed,
        status: Status::Current,
        to_be_signed: leaf.parsed().tbs_certificate.as_ref().into(),
    };
    transaction.record(std::slice::from_ref(&record))?;
    let pem = |certificates: &[Certificate]| -> String {
        certificates.iter().map(Certificate::to_pem).collect()
    };
    let (above, roots) = (pem(intermediates), pem(roots));
    let own = leaf.to_pem() + &above;
    let roots_and_chain = format!("{roots}{above}");
    let files = [
        StagedFile::public(file::CERTIFICATE, &own),
        StagedFile::public(file::TRUST, &roots),
        StagedFile::public(file::TRUST_CHAIN, &roots_and_chain),
    ];
    let stage = transaction.stage(1)?;
    match installation.key {
        None => {
            archive(&stage, layout, &name, leaf)?;
            stage.change(&Place::entry(name), &files)?;
        }
        Some(key) => {
            let key = key.to_pem();
            let others = entry::foreign(layout, &name)?;
            let others = others.iter().map(|other| StagedFile {
                name: &other.name,
                content: &other.content,
                mode: other.mode,
            });
            let whole = [StagedFile::private(file::KEY, &key)];
            let whole: Vec<_> = whole.into_iter().chain(files).chain(others).collect();
            stage.add(&Place::entry(name), &whole)?;
        }
    }
    Ok(record)
}

/// Puts what another certificate takes the place of into the archive.
fn archive(
    stage: &Stage,
    layout: &Layout,
    name: &EntryName,
    next: &Certificate,
) -> Result<(), IssueError> {
    let label = match entry::certificates(layout, name) {
        Ok(certificates) if certificates.first().is_none_or(|it| it == next) => return Ok(()),
        Ok(certificates) => certificates[0].serial().to_string(),
        Err(_) => String::from("unreadable"),
    };
    let mut contents = Vec::new();
    for file in [file::CERTIFICATE, file::TRUST, file::TRUST_CHAIN] {
        let content = entry::other(layout, name, file)?;
        contents.extend(content.map(|content| (file, content)));
    }
    let files: Vec<_> = contents
        .iter()
        .map(|(name, content)| StagedFile {
            name,
            content,
            mode: PUBLIC,
        })
        .collect();
    Ok(stage.archive(name, &label, &files)?)
}
