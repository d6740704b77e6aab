//! `--key FILE --cert FILE`: a CA that was made elsewhere.

use std::path::{Path, PathBuf};

use super::{
    Context, Report,
    bounded::Kind,
    init_ca::AuthorityArgs,
    input::Input,
    passphrases::{KeyFile, Passphrases},
};
use crate::{
    issuance::{IssueError, authority::Adoption, authority::adopt},
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        key::PrivateKey,
        key_file::KeyFileError,
        revocation_list::RevocationList,
        rules::{Moment, Role, View, breaches},
        secret::Passphrase,
    },
    severity::Severity,
    store::{authority::Authority, ledger::Record, transaction::Transaction},
};

/// The CA that is to be adopted, read and checked.
pub(crate) struct Source {
    chain: Vec<Certificate>,
    key: PrivateKey,
    cert_file: PathBuf,
    crl: Option<RevocationList>,
}

impl Source {
    /// Reads what `--key` and `--cert` name; `None` where they are left out.
    ///
    /// An encrypted key is opened with the passphrase that was given, which then also encrypts the copy.
    pub(crate) fn of(
        args: &AuthorityArgs,
        name: &EntryName,
        passphrases: &Passphrases<'_>,
    ) -> Result<Option<Self>, Report> {
        let (Some(key_file), Some(cert_file)) = (&args.key_file, &args.cert_file) else {
            return Ok(None);
        };
        let at = |path: &Path, error: &dyn std::fmt::Display| {
            Report::failed("adopt", format!("{}: {error}", path.display()))
        };
        let chain = Input::read(cert_file, Kind::Certificates)?.certificates()?;
        let Some(certificate) = chain.first() else {
            return Err(at(cert_file, &"there is no certificate in it"));
        };
        let input = Input::read(key_file, Kind::Key)?;
        let file = KeyFile {
            name,
            owner: "the CA that is adopted",
            path: key_file,
            octets: &input.octets,
        };
        let key = passphrases.key(&file, certificate, |error| {
            let foreign = match error {
                KeyFileError::NoKey | KeyFileError::Malformed(_) => {
                    input.foreign("adopt", "a private key")
                }
                _ => None,
            };
            let report = foreign.unwrap_or_else(|| at(key_file, &error));
            let hints = Report::from(error);
            hints.hints().iter().fold(report, Report::hint)
        })?;
        let crl = args.crl_file.as_deref();
        let crl = crl.map(|path| last_crl(path, certificate)).transpose()?;
        Ok(Some(Self {
            key,
            cert_file: cert_file.clone(),
            crl,
            chain,
        }))
    }

    /// Adopts a root, which must have signed itself.
    pub(crate) fn adopt_root(
        &self,
        transaction: &mut Transaction<'_>,
        name: &EntryName,
        passphrase: Option<&Passphrase>,
    ) -> Result<Record, Report> {
        if !self.chain[0].is_self_issued() {
            let message = format!(
                "{}: the certificate is not a root",
                self.cert_file.display()
            );
            return Err(Report::failed("adopt", message)
                .hint("adopt its root first, then this one with `certctl init-intermediate NAME --key FILE --cert FILE`"));
        }
        self.adopt(transaction, name, passphrase, None)
    }

    /// Adopts an intermediate, which `parent` must have signed.
    pub(crate) fn adopt_below(
        &self,
        transaction: &mut Transaction<'_>,
        name: &EntryName,
        passphrase: Option<&Passphrase>,
        parent: &Authority,
    ) -> Result<Record, Report> {
        self.adopt(transaction, name, passphrase, Some(parent))
    }

    /// Says which rules the CA breaks: peers may refuse what it issues. Says, too, what it means that its CRL
    /// was not given.
    pub(crate) fn warn(&self, context: &Context) {
        if self.crl.is_none() {
            context.ui.warning(
                "what this CA has revoked before is not known here: its next CRL would not list it, and \
                 would have number 1",
            );
            context
                .ui
                .hint("where it has made a CRL, adopt it with `--crl FILE`");
        }
        let view = View::new(self.chain[0].parsed(), Role::Authority);
        for breach in breaches(&view, &Moment::at(context.now)) {
            if breach.rule.severity >= Severity::Warning {
                context.ui.warning(&breach);
                context.ui.hint(breach.rule.hint);
            }
        }
    }

    fn adopt(
        &self,
        transaction: &mut Transaction<'_>,
        name: &EntryName,
        passphrase: Option<&Passphrase>,
        parent: Option<&Authority>,
    ) -> Result<Record, Report> {
        let adoption = Adoption {
            name: name.clone(),
            chain: self.chain.clone(),
            key: &self.key,
            passphrase,
            crl: self.crl.as_ref(),
        };
        adopt(transaction, adoption, parent).map_err(|error| match (error, parent) {
            (IssueError::Signature(_), Some(parent)) => {
                let message = format!(
                    "{}: the CA `{}` did not sign it",
                    self.cert_file.display(),
                    parent.name
                );
                Report::failed("adopt", message).hint("name its issuer with `--ca PARENT`")
            }
            (IssueError::Signature(_), None) => {
                let message = format!(
                    "{}: its signature is broken, or made with what is weak, such as SHA-1",
                    self.cert_file.display()
                );
                Report::failed("adopt", message)
                    .hint("`certctl inspect FILE` shows how it was signed")
            }
            (error, _) => Report::failed("adopt", format!("{}: {error}", self.cert_file.display())),
        })
    }
}

/// The last complete CRL in a file that the CA has signed.
fn last_crl(path: &Path, certificate: &Certificate) -> Result<RevocationList, Report> {
    let wrong = |reason: &str| Report::failed("adopt", format!("{}: {reason}", path.display()));
    let mut lists = Input::read(path, Kind::RevocationList)?.revocation_lists()?;
    let differs = lists
        .iter()
        .any(|list| list.differs_in_encoding(certificate));
    lists.retain(|list| list.is_signed_by(certificate));
    if lists.is_empty() && differs {
        return Err(wrong(
            "this CA has signed it, and its name has other octets there than in its certificate, so that \
             GnuTLS, Go and rustls do not find it",
        ));
    }
    if lists.is_empty() {
        return Err(wrong("there is no CRL in it that this CA has signed"));
    }
    lists.retain(RevocationList::is_complete);
    let last = lists
        .into_iter()
        .max_by_key(|list| (list.number(), list.this_update()));
    match last {
        Some(last) if !last.is_beyond_counting() => Ok(last),
        Some(_) => Err(wrong(
            "its number is larger than 2^63, which certctl does not go on from",
        )),
        None => Err(
            wrong("it is a delta CRL, an indirect one, or one for some reasons only")
                .hint("give the complete CRL"),
        ),
    }
}
