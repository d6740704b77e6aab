//! Passphrases of keys: given by options, for one CA or for all others, or else asked for on a terminal.

use std::{cell::Cell, path::Path, rc::Rc};

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

/// What a secret is called, and the options that give it.
fn called(secret: &Secret) -> (&'static str, &'static str) {
    match secret.is_pin {
        true => ("PIN", "pin"),
        false => ("passphrase", "passphrase"),
    }
}

fn given_twice(secret: &Secret) -> Report {
    let (what, option) = called(secret);
    match &secret.owner {
        Some(name) => Report::usage(format!("two {what}s are given for `{name}`")),
        None => Report::usage(format!(
            "two {what}s are given, and neither says for which CA"
        ))
        .hint(format!(
            "name the CA: `--{option}-file CA=FILE` or `--{option}-env CA=VARIABLE`"
        )),
    }
}

fn unknown(secret: &Secret, name: &EntryName) -> Report {
    let (what, _) = called(secret);
    Report::usage(format!(
        "a {what} is given for `{name}`, but there is no such CA"
    ))
    .hint(format!(
        "`certctl list` shows the CAs; a file whose own name begins so is written `./{name}=…`"
    ))
}

/// The passphrases of one command.
pub(crate) struct Passphrases<'a> {
    given: Vec<Secret>,
    /// Whether there is a token that a PIN may be meant for
    has_token: Cell<bool>,
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
            let is_same = |it: &Secret| it.owner == secret.owner && it.is_pin == secret.is_pin;
            if given[..index].iter().any(is_same) {
                reports.push(given_twice(secret));
            }
            let unknown_owner = secret.owner.as_ref().filter(|it| !is_known(it));
            reports.extend(unknown_owner.map(|name| unknown(secret, name)));
        }
        Report::none(reports)?;
        let mut has_token = false;
        for authority in &authorities {
            has_token |= pki.authority_key_uri(&authority.name)?.is_some();
        }
        Ok(Self {
            given,
            has_token: Cell::new(has_token),
            context,
        })
    }

    /// What the command works with besides.
    pub(super) fn context(&self) -> &'a Context {
        self.context
    }

    /// The passphrase that was given for a CA; `None` where none was.
    pub(crate) fn given(&self, name: &EntryName) -> Result<Option<Rc<Passphrase>>, Report> {
        let secret = self.meant(name, false);
        secret.map(|secret| self.read(secret)).transpose()
    }

    /// The PIN or passphrase that is meant for a CA: its own, or that of all others.
    fn meant(&self, name: &EntryName, is_pin: bool) -> Option<&Secret> {
        let find = |owner| {
            let mut kind = self.given.iter().filter(|it| it.is_pin == is_pin);
            kind.find(|it| it.owner.as_ref() == owner)
        };
        find(Some(name)).or_else(|| find(None))
    }

    fn read(&self, secret: &Secret) -> Result<Rc<Passphrase>, Report> {
        self.context.secrets.read(&secret.source, &self.context.ui)
    }

    /// The PIN of what has a CA's key: given, also as its passphrase would be, or asked for.
    pub(crate) fn pin(&self, name: &EntryName, of: &str) -> Result<Rc<Passphrase>, Report> {
        self.has_token.set(true);
        let secret = self.meant(name, true).or_else(|| self.meant(name, false));
        match secret {
            Some(secret) => self.read(secret),
            None => asked(&format!("PIN of {of}"), false, || pin_options("it", name)),
        }
    }

    /// The passphrase of a new key: given, asked for where it is to be encrypted, or none.
    pub(crate) fn of_new(
        &self,
        name: &EntryName,
        encrypt: bool,
    ) -> Result<Option<Rc<Passphrase>>, Report> {
        match (self.given(name)?, encrypt) {
            (None, true) => ask("of the new CA key", true, || options("it", name)).map(Some),
            (None, false) => self.in_the_clear(name).map(|()| None),
            (given, _) => Ok(given),
        }
    }

    /// Makes sure that nobody takes a PIN for what encrypts a key in a file.
    fn in_the_clear(&self, name: &EntryName) -> Result<(), Report> {
        let message =
            format!("the key of `{name}` is to be in a file, which a PIN does not encrypt");
        match self.meant(name, true) {
            // For others' keys, which are in a token.
            Some(pin) if pin.owner.is_none() && self.has_token.get() => {
                let hint = options("a passphrase", name);
                self.context.ui.note(format!("{message}; {hint}"));
                Ok(())
            }
            Some(_) => Err(Report::usage(message)
                .hint(options("a passphrase", name))
                .hint("`--key-uri` says where a token has the key")),
            None => Ok(()),
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

/// How to give a PIN without a terminal.
pub(super) fn pin_options(what: &str, name: &EntryName) -> String {
    format!("give {what} with `--pin-file {name}=FILE` or `--pin-env {name}=VARIABLE`")
}

/// How to give a passphrase without a terminal.
pub(super) fn options(what: &str, name: &EntryName) -> String {
    format!(
        "give {what} with `--passphrase-file {name}=FILE` or `--passphrase-env {name}=VARIABLE`"
    )
}
