//! Passphrases of keys: given by options, for one CA or for all others, or else asked for on a terminal.

use std::{path::Path, rc::Rc};

use super::{Context, Report, secrets::Secret, ui};
use crate::{
    pki::{
        certificate::Certificate, entry_name::EntryName, key::PrivateKey, key_file,
        key_file::KeyFileError, secret::Passphrase,
    },
    store::{Pki, authority::read_key},
};

/// How often a person may mistype.
const TRIES: usize = 3;

fn given_twice(owner: Option<&EntryName>) -> Report {
    match owner {
        Some(name) => Report::usage(format!("two passphrases are given for `{name}`")),
        None => Report::usage("two passphrases are given, and neither says for which CA")
            .hint("name the CA: `--passphrase-file CA=FILE` or `--passphrase-env CA=VARIABLE`"),
    }
}

fn unknown(name: &EntryName) -> Report {
    Report::usage(format!(
        "a passphrase is given for `{name}`, but there is no such CA"
    ))
    .hint(format!(
        "`certctl list` shows the CAs; a file whose own name begins so is written `./{name}=…`"
    ))
}

/// The passphrases of one command.
pub(crate) struct Passphrases<'a> {
    given: Vec<Secret>,
    context: &'a Context,
}

/// A key file that may be encrypted.
pub(crate) struct KeyFile<'a> {
    /// Of the CA or entry
    pub(crate) name: &'a EntryName,
    /// Whose key it is, in words: ``the CA `root` ``
    pub(crate) owner: &'a str,
    pub(crate) path: &'a Path,
    pub(crate) octets: &'a [u8],
}

impl<'a> Passphrases<'a> {
    /// Those that were given, for the CAs of a PKI directory, and for others that are `made` or meant.
    ///
    /// Fails where two are given for the same key, or one for a CA that is not there.
    pub(crate) fn among(
        given: Vec<Secret>,
        context: &'a Context,
        pki: &Pki,
        made: &[EntryName],
    ) -> Result<Self, Report> {
        let authorities = pki.authorities()?;
        let is_known =
            |name: &EntryName| made.contains(name) || authorities.iter().any(|it| it.name == *name);
        let mut reports = Vec::new();
        for (index, secret) in given.iter().enumerate() {
            if given[..index].iter().any(|it| it.owner == secret.owner) {
                reports.push(given_twice(secret.owner.as_ref()));
            }
            reports.extend(
                secret
                    .owner
                    .as_ref()
                    .filter(|it| !is_known(it))
                    .map(unknown),
            );
        }
        Report::none(reports).map(|()| Self { given, context })
    }

    /// What the command works with besides.
    pub(super) fn context(&self) -> &'a Context {
        self.context
    }

    /// The passphrase that was given for a CA; `None` where none was.
    pub(crate) fn given(&self, name: &EntryName) -> Result<Option<Rc<Passphrase>>, Report> {
        let find = |owner| {
            self.given
                .iter()
                .find(|secret| secret.owner.as_ref() == owner)
        };
        let secret = find(Some(name)).or_else(|| find(None));
        let read = |secret: &Secret| self.context.secrets.read(&secret.source, &self.context.ui);
        secret.map(read).transpose()
    }

    /// The PIN of what has a CA's key: given as its passphrase would be, or asked for.
    pub(crate) fn pin(&self, name: &EntryName, of: &str) -> Result<Rc<Passphrase>, Report> {
        match self.given(name)? {
            Some(given) => Ok(given),
            None => asked(&format!("PIN of {of}"), false, || options("it", name)),
        }
    }

    /// The passphrase of a new key: given, asked for where it is to be encrypted, or none.
    pub(crate) fn of_new(
        &self,
        name: &EntryName,
        encrypt: bool,
    ) -> Result<Option<Rc<Passphrase>>, Report> {
        match self.given(name)? {
            None if encrypt => ask("of the new CA key", true, || options("it", name)).map(Some),
            given => Ok(given),
        }
    }

    /// Reads a key, which must belong to the certificate; `failed` says why another thing than the passphrase
    /// is in the way.
    pub(crate) fn key(
        &self,
        file: &KeyFile<'_>,
        certificate: &Certificate,
        failed: impl Fn(KeyFileError) -> Report,
    ) -> Result<PrivateKey, Report> {
        if !key_file::is_encrypted(file.octets) {
            return read_key(file.octets, None, certificate).map_err(failed);
        }
        let given = self.given(file.name)?;
        let tries = if given.is_some() { 1 } else { TRIES };
        for count in 1..=tries {
            let passphrase = match &given {
                Some(given) => Rc::clone(given),
                None => ask(&format!("of {}", file.owner), false, || {
                    options("it", file.name)
                })?,
            };
            match read_key(file.octets, Some(&*passphrase), certificate) {
                Err(KeyFileError::WrongPassphrase) if count < tries => {
                    self.context
                        .ui
                        .warning("the passphrase does not open the key; once more");
                }
                Err(KeyFileError::WrongPassphrase) => break,
                other => return other.map_err(failed),
            }
        }
        let message = format!(
            "{}: the passphrase does not open the key of {}",
            file.path.display(),
            file.owner
        );
        Err(Report::failed("passphrase", message).hint(options("the right one", file.name)))
    }
}

/// The terminal's passphrase.
pub(crate) fn ask(
    of: &str,
    repeat: bool,
    hint: impl FnOnce() -> String,
) -> Result<Rc<Passphrase>, Report> {
    asked(&format!("passphrase {of}"), repeat, hint)
}

fn asked(
    what: &str,
    repeat: bool,
    hint: impl FnOnce() -> String,
) -> Result<Rc<Passphrase>, Report> {
    if !ui::is_interactive() {
        let message = format!("the {what} is needed, and there is no terminal to ask on");
        return Err(Report::usage(message).hint(hint()));
    }
    let text = ui::ask_secret(what, repeat)?;
    Ok(Rc::new(Passphrase::new(text)))
}

/// How to give a passphrase without a terminal.
pub(super) fn options(what: &str, name: &EntryName) -> String {
    format!(
        "give {what} with `--passphrase-file {name}=FILE` or `--passphrase-env {name}=VARIABLE`"
    )
}
