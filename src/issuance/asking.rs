//! Keys and requests, made on the node that keeps the keys: of an entry in use they wait beside what is in use.

use super::IssueError;
use crate::{
    pki::{
        certificate::Certificate,
        csr,
        entry_name::EntryName,
        general_name::GeneralName,
        key::{KeyType, PrivateKey},
        octets::Name,
        profile::Profile,
        subject,
    },
    store::{
        entry,
        layout::{Layout, Place, file},
        stage::{Stage, StagedFile},
    },
};

/// What one request is to ask for; what nobody says is as in the certificate in use, or else as usual.
#[derive(Debug)]
pub struct Wish {
    /// Name of the entry
    pub name: EntryName,
    /// What the certificate is to be for
    pub profile: Option<Profile>,
    /// Exact DER of its subject
    pub subject: Option<Name>,
    /// Its subject alternative names
    pub names: Option<Vec<GeneralName>>,
    /// Type of the key
    pub key_type: Option<KeyType>,
}

/// A request that was made.
#[derive(Debug)]
pub struct Asked {
    /// Name of the entry
    pub name: EntryName,
    /// What the certificate is to be for
    pub profile: Profile,
    /// The subject alternative names that it asks for
    pub names: Vec<GeneralName>,
    /// Type of the key
    pub key_type: KeyType,
    /// Whether the entry has a certificate, which stays in use until the answer is installed
    pub is_in_use: bool,
}

/// Makes a key and stages it with its request.
///
/// # Errors
///
/// Where there is no name to ask for, or a file cannot be read or made.
pub fn ask(
    stage: &Stage,
    layout: &Layout,
    wish: Wish,
    own_names: &[GeneralName],
) -> Result<Asked, IssueError> {
    let in_use = entry::certificates(layout, &wish.name)?.into_iter().next();
    let in_use = in_use.as_ref();
    let names = wish.names.or_else(|| in_use.map(Certificate::names));
    let names = names.unwrap_or_else(|| own_names.to_vec());
    if names.is_empty() {
        return Err(IssueError::NoNames(wish.name.to_string()));
    }
    let subject = wish.subject.or_else(|| in_use.map(Certificate::subject));
    let subject = subject.unwrap_or_else(|| subject::usual(&wish.name));
    let profile = wish
        .profile
        .or(in_use.map(Profile::nearest))
        .unwrap_or_default();
    let key_type = wish.key_type.or(in_use.and_then(Certificate::key_type));
    let key_type = key_type.unwrap_or_default();
    let key = PrivateKey::generate(key_type)?;
    let request = csr::write(&key.to_signing_key()?, &subject, &names, profile)?;
    let key = key.to_pem();
    let place = Place::entry(wish.name.clone());
    let files = |key_file| {
        [
            StagedFile::private(key_file, &key),
            StagedFile::public(file::REQUEST, &request),
        ]
    };
    match in_use {
        Some(_) => {
            archive_waiting(stage, layout, &wish.name)?;
            stage.change(&place, &files(file::NEW_KEY))?;
        }
        None => stage.add(&place, &files(file::KEY))?,
    }
    Ok(Asked {
        name: wish.name,
        profile,
        names,
        key_type,
        is_in_use: in_use.is_some(),
    })
}

/// Sends a key that waits already to the archive, with its request.
fn archive_waiting(stage: &Stage, layout: &Layout, name: &EntryName) -> Result<(), IssueError> {
    let Some(key) = entry::other(layout, name, file::NEW_KEY)?.map(zeroize::Zeroizing::new) else {
        return Ok(());
    };
    let request = entry::other(layout, name, file::REQUEST)?.unwrap_or_default();
    let part = |name, content| StagedFile {
        name,
        content,
        mode: file::mode(name),
    };
    let files = [
        part(file::KEY, key.as_slice()),
        part(file::REQUEST, &request),
    ];
    Ok(stage.archive(name, "request", &files)?)
}
