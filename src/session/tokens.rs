//! Keys in tokens and agents: found by their URIs, opened with a PIN where they have one, compared with the
//! certificate before they sign.

use std::{rc::Rc, sync::Arc};

use super::{
    Report,
    passphrases::{Passphrases, pin_options},
};
use crate::{
    host::signer::{Asking, Found, Remote, SignerError},
    issuance::{
        IssueError,
        own_key::{Held, Keeping},
    },
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        key::{KeyType, PrivateKey, Signer},
        key_uri::KeyUri,
        secret::Passphrase,
    },
    signer::answer::Kind,
};

/// What options say of the key of a new CA.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// Where it is, unless in a file here
    pub(crate) uri: Option<&'a KeyUri>,
    /// Whether it is made there
    pub(crate) generate: bool,
    /// The type that is asked for
    pub(crate) key_type: Option<KeyType>,
    /// The type of one that is made where none is asked for
    pub(crate) usual_type: KeyType,
    /// Whether its file is encrypted
    pub(crate) encrypt: bool,
}

/// Where the key of a new CA is kept.
pub(crate) enum Kept {
    File(Option<Rc<Passphrase>>),
    Held(Held),
}

impl Kept {
    pub(crate) fn keeping(&self) -> Keeping<'_> {
        match self {
            Self::File(passphrase) => Keeping::File(passphrase.as_deref()),
            Self::Held(held) => Keeping::Held(held),
        }
    }

    /// What encrypts the file.
    pub(crate) fn passphrase(&self) -> Option<&Passphrase> {
        match self {
            Self::File(passphrase) => passphrase.as_deref(),
            Self::Held(_) => None,
        }
    }

    /// The type of the key; `wanted` where it is made yet.
    pub(crate) fn key_type(&self, wanted: KeyType) -> KeyType {
        self.keeping().key_type(wanted)
    }
}

impl Wish<'_> {
    /// The type of one that is made.
    pub(crate) fn of_new(&self) -> KeyType {
        self.key_type.unwrap_or(self.usual_type)
    }

    /// Finds or makes the key that is in a token or an agent; asks for the passphrase of one that will be in a file.
    pub(crate) fn keep(
        &self,
        name: &EntryName,
        passphrases: &Passphrases<'_>,
    ) -> Result<Kept, Report> {
        let Some(uri) = self.uri else {
            return passphrases.of_new(name, self.encrypt).map(Kept::File);
        };
        let key = Key {
            name,
            uri,
            passphrases,
        };
        let context = passphrases.context();
        let signer: Arc<dyn Signer> = match self.generate {
            true if context.dry_run => key.rehearse(self.of_new())?,
            true => {
                let made = key.open(Some(self.of_new()))?;
                context
                    .ui
                    .note(format!("made a {} key: {uri}", self.of_new()));
                Arc::new(made)
            }
            false => self.fitting(uri, key.open(None)?)?,
        };
        let uri = uri.clone();
        Ok(Kept::Held(Held { uri, signer }))
    }

    /// A key that is there has its type already.
    fn fitting(&self, uri: &KeyUri, found: Remote) -> Result<Arc<dyn Signer>, Report> {
        let found_type = found.key_type();
        if let Some(wanted) = self.key_type.filter(|it| *it != found_type) {
            let message =
                format!("the key {uri} is of type {found_type}, and {wanted} is asked for");
            return Err(Report::usage(message)
                .hint("leave out `--key-type`, or have one made with `--generate`"));
        }
        Ok(Arc::new(found))
    }
}

/// The key of a CA that exists; it is that of the certificate.
pub(crate) fn of_certificate(
    name: &EntryName,
    uri: &KeyUri,
    certificate: &Certificate,
    passphrases: &Passphrases<'_>,
) -> Result<Arc<dyn Signer>, Report> {
    let key = Key {
        name,
        uri,
        passphrases,
    };
    let found = key.open(None)?;
    if certificate.parsed().public_key().raw != &**found.info() {
        let message = format!("the key {uri} is not that of the certificate of the CA `{name}`");
        return Err(Report::failed("key-mismatch", message).hint(
            "put the token or the key back that the certificate was made for; nothing was signed",
        ));
    }
    Ok(Arc::new(found))
}

/// A key that is asked for.
struct Key<'a> {
    name: &'a EntryName,
    uri: &'a KeyUri,
    passphrases: &'a Passphrases<'a>,
}

impl Key<'_> {
    /// Opens it, or has one of this type made.
    fn open(&self, generate: Option<KeyType>) -> Result<Remote, Report> {
        self.opened(generate).map_err(|error| match error {
            Failure::Signer(error) => self.report(&error),
            Failure::Pin(report) => *report,
        })
    }

    fn opened(&self, generate: Option<KeyType>) -> Result<Remote, Failure> {
        let asking = Asking::begin(self.uri, &self.passphrases.context().surroundings)?;
        let (asking, what) = match asking.open(generate, None)? {
            Found::Key(key) => return Ok(key),
            Found::PinOf(asking, what) => (asking, what),
        };
        let pin = self.passphrases.pin(self.name, &what);
        let pin = pin.map_err(|report| Failure::Pin(Box::new(report)))?;
        match asking.open(generate, Some(&pin))? {
            Found::Key(key) => Ok(key),
            // It was given.
            Found::PinOf(_, what) => Err(Failure::Pin(Box::new(Report::failed(
                "signer",
                format!("the PIN of {what} does not open it"),
            )))),
        }
    }

    /// Makes sure that a key could be made, and takes another for the rehearsal.
    fn rehearse(&self, key_type: KeyType) -> Result<Arc<dyn Signer>, Report> {
        match self.opened(None) {
            Ok(_) => {
                let message = format!("there is a key {} already", self.uri);
                Err(Report::refused("exists", message).hint("leave out `--generate` to take it"))
            }
            Err(Failure::Signer(error)) if error.kind() == Some(Kind::NoKey) => {
                let key = PrivateKey::generate(key_type).map_err(IssueError::from)?;
                Ok(key.to_signer().map_err(IssueError::from)?)
            }
            Err(Failure::Signer(error)) => Err(self.report(&error)),
            Err(Failure::Pin(report)) => Err(*report),
        }
    }

    fn report(&self, error: &SignerError) -> Report {
        let report = match error.kind() {
            Some(Kind::Pin) => Report::failed("passphrase", error)
                .hint("it was tried once: after a few wrong ones a token locks itself")
                .hint(pin_options("the right one", self.name)),
            Some(Kind::NoKey) => Report::failed("no-key", error),
            Some(Kind::Exists) => {
                Report::refused("exists", error).hint("leave out `--generate` to take it")
            }
            _ => Report::failed("signer", error),
        };
        match error.hint() {
            Some(hint) => report.hint(hint),
            None => report,
        }
    }
}

/// Why a key was not opened.
enum Failure {
    Signer(SignerError),
    Pin(Box<Report>),
}

impl From<SignerError> for Failure {
    fn from(error: SignerError) -> Self {
        Self::Signer(error)
    }
}
