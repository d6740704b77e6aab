//! `certctl passphrase`: set, change or take off the passphrase of a key.

use std::path::Path;

use clap::Args;
use zeroize::Zeroizing;

use super::{
    Context, Report, Run,
    names::{Target, target},
    passphrases::{PassphraseArgs, ask},
    report::Outcome,
    secrets::{Secret, plain_file, plain_variable},
};
use crate::{
    documents::passphrase::Document,
    pki::{entry_name::EntryName, key::PrivateKey, key_file},
    session::keys::Stored,
    store::{
        Access, Pki,
        layout::{Place, file},
        stage::StagedFile,
    },
};

/// Set, change or take off the passphrase of a key
///
/// The key file of a CA, or of an entry, is written anew: encrypted with the new passphrase, or plain with
/// --remove. Both passphrases are asked for on a terminal where no option gives them. What the disk keeps of
/// the old file is beyond certctl: where it was plain, treat the disk as the key.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl passphrase ca/root\n  \
    certctl passphrase root --passphrase-file old.txt --new-passphrase-file new.txt\n  \
    certctl passphrase issuing --remove")]
pub(crate) struct Passphrase {
    /// CA or entry; ca/NAME and certs/NAME say which
    #[arg(value_name = "NAME", value_parser = target)]
    target: Target,
    /// Take the passphrase off: whoever reads the file then has the key
    #[arg(long, conflicts_with_all = ["new_passphrase_file", "new_passphrase_env"])]
    remove: bool,
    /// File whose first line is the new passphrase; `-` is standard input
    #[arg(long, value_name = "FILE", value_parser = plain_file(), conflicts_with = "new_passphrase_env")]
    new_passphrase_file: Option<Secret>,
    /// Environment variable that holds the new passphrase
    #[arg(long, value_name = "VARIABLE", value_parser = plain_variable())]
    new_passphrase_env: Option<Secret>,
    #[command(flatten)]
    old: PassphraseArgs,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Run for Passphrase {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let place = self.place(&pki)?;
        let meant = std::slice::from_ref(&place.name);
        let passphrases = self.old.among(context, &pki, meant)?;
        let stored = Stored::of(&pki, &place)?;
        let path = stored.path.as_path();
        let is_encrypted = stored.is_encrypted();
        if self.remove && !is_encrypted {
            let document = self.document(path, &place);
            let text = || format!("the key of `{}` has no passphrase", place.name);
            context.ui.result(text, &document)?;
            return Ok(Outcome::Unchanged);
        }
        let key = stored.open(&passphrases)?;
        let pem = self.written(&key, &place.name, context)?;
        let transaction = pki.begin()?;
        transaction
            .stage(1)?
            .change(&place, &[StagedFile::private(file::KEY, &pem)])?;
        transaction.finish(self.dry_run)?;
        self.tell(context, path, &place, is_encrypted)
    }
}

impl Passphrase {
    /// The CA or entry that is meant: an entry goes first where nobody says.
    fn place(&self, pki: &Pki) -> Result<Place, Report> {
        let record = self.target.record(pki)?;
        match record {
            Some(record) => Ok(record.place()),
            None => Err(self.target.unknown(pki)?),
        }
    }

    fn written(
        &self,
        key: &PrivateKey,
        name: &EntryName,
        context: &Context,
    ) -> Result<Zeroizing<String>, Report> {
        if self.remove {
            return Ok(key.to_pem());
        }
        let given = [&self.new_passphrase_file, &self.new_passphrase_env];
        let new = match given.into_iter().flatten().next() {
            Some(secret) => context.secrets.read(&secret.source, &context.ui)?,
            None => ask("that is to be the new one", true, || {
                format!(
                    "give the new one of `{name}` with `--new-passphrase-file FILE` or `--new-passphrase-env VARIABLE`"
                )
            })?,
        };
        Ok(key_file::to_encrypted_pem(key, &new).map_err(crate::issuance::IssueError::from)?)
    }

    fn document(&self, path: &Path, place: &Place) -> Document {
        Document {
            schema: "certctl/passphrase/v1",
            name: place.name.to_string(),
            path: path.display().to_string(),
            encrypted: !self.remove,
        }
    }

    fn tell(
        &self,
        context: &Context,
        path: &Path,
        place: &Place,
        was_encrypted: bool,
    ) -> Result<Outcome, Report> {
        let verb = match (self.remove, was_encrypted) {
            (true, _) => "taken off",
            (false, true) => "changed",
            (false, false) => "set",
        };
        let would = if self.dry_run { "would be" } else { "is" };
        let document = self.document(path, place);
        let text = || {
            format!(
                "the passphrase of the key of `{}` {would} {verb}",
                place.name
            )
        };
        context.ui.result(text, &document)?;
        Ok(Outcome::Changed)
    }
}
