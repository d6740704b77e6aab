//! Options that give passphrases of keys.

use clap::Args;

use super::{
    Context, Report,
    secrets::{Secret, owned_file, owned_variable},
};
pub(crate) use crate::session::passphrases::{Passphrases, ask};
use crate::{pki::entry_name::EntryName, store::Pki};

/// Where passphrases come from.
#[derive(Args, Debug)]
pub(crate) struct PassphraseArgs {
    /// File whose first line is the passphrase of the CA keys, or of that of one CA, or a token's PIN; `-` is standard input (can be repeated)
    #[arg(long, visible_alias = "pin-file", value_name = "[CA=]FILE", value_parser = owned_file())]
    passphrase_file: Vec<Secret>,
    /// Environment variable that holds the passphrase of the CA keys, or of that of one CA, or a token's PIN (can be repeated)
    #[arg(long, visible_alias = "pin-env", value_name = "[CA=]VARIABLE", value_parser = owned_variable())]
    passphrase_env: Vec<Secret>,
}

impl PassphraseArgs {
    /// Whether any option gives one.
    pub(crate) fn is_given(&self) -> bool {
        !self.passphrase_file.is_empty() || !self.passphrase_env.is_empty()
    }

    /// Those that the options give.
    pub(crate) fn given(&self) -> Vec<Secret> {
        let all = self.passphrase_file.iter().chain(&self.passphrase_env);
        all.cloned().collect()
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
