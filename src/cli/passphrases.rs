//! Options that give passphrases of keys.

use clap::Args;

use super::{
    Context, Report,
    secrets::{Secret, owned_file, owned_pin_file, owned_pin_variable, owned_variable},
};
pub(crate) use crate::session::passphrases::{Passphrases, ask};
use crate::{pki::entry_name::EntryName, store::Pki};

/// Where passphrases come from.
#[derive(Args, Debug)]
pub(crate) struct PassphraseArgs {
    /// File whose first line is the passphrase of the CA keys, or of that of one CA; `-` is standard input (can be repeated)
    #[arg(long, value_name = "[CA=]FILE", value_parser = owned_file())]
    passphrase_file: Vec<Secret>,
    /// Environment variable that holds the passphrase of the CA keys, or of that of one CA (can be repeated)
    #[arg(long, value_name = "[CA=]VARIABLE", value_parser = owned_variable())]
    passphrase_env: Vec<Secret>,
    /// File whose first line is the PIN of the tokens that have CA keys, or that of one CA (can be repeated)
    #[arg(long, value_name = "[CA=]FILE", value_parser = owned_pin_file())]
    pin_file: Vec<Secret>,
    /// Environment variable that holds the PIN of the tokens that have CA keys, or that of one CA (can be repeated)
    #[arg(long, value_name = "[CA=]VARIABLE", value_parser = owned_pin_variable())]
    pin_env: Vec<Secret>,
}

impl PassphraseArgs {
    /// Whether any option gives one.
    pub(crate) fn is_given(&self) -> bool {
        !self.given().is_empty()
    }

    /// Those that the options give.
    pub(crate) fn given(&self) -> Vec<Secret> {
        let passphrases = self.passphrase_file.iter().chain(&self.passphrase_env);
        let pins = self.pin_file.iter().chain(&self.pin_env);
        passphrases.chain(pins).cloned().collect()
    }

    /// The passphrases for the CAs of a PKI directory, and for others that are `made` or meant.
    ///
    /// Fails where two are given for the same key, or one for a CA that is not there.
    pub(crate) fn among<'a>(
        &self,
        context: &'a Context,
        pki: &Pki,
        made: &[EntryName],
    ) -> Result<Passphrases<'a>, Report> {
        self.with(Vec::new(), context, pki, made)
    }

    /// As [`Self::among`], where other options give passphrases too.
    pub(crate) fn with<'a>(
        &self,
        mut given: Vec<Secret>,
        context: &'a Context,
        pki: &Pki,
        made: &[EntryName],
    ) -> Result<Passphrases<'a>, Report> {
        given.extend(self.given());
        Passphrases::among(given, context, pki, made)
    }
}
