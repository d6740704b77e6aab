//! `--key FILE --cert FILE`: a CA that was made elsewhere.

use std::path::{Path, PathBuf};

use super::{
    Context, Report,
    args::PassphraseArgs,
    bounded::{self, Kind},
    init_ca::AuthorityArgs,
};
use crate::{
    check::{
        Terms,
        certificate::{Role, View, breaches},
    },
    issuance::{IssueError, authority::Adoption, authority::adopt},
    pki::{
        certificate::Certificate, entry_name::EntryName, key::PrivateKey, key_file, pem,
        secret::Passphrase,
    },
    severity::Severity,
    store::{
        StoreError,
        authority::{Authority, read_key},
        ledger::Record,
        transaction::Transaction,
    },
};

/// The CA that is to be adopted, read and checked.
pub(crate) struct Source {
    chain: Vec<Certificate>,
    key: PrivateKey,
    cert_file: PathBuf,
}

impl Source {
    /// Reads what `--key` and `--cert` name; `None` where they are left out.
    ///
    /// An encrypted key is opened with the passphrase that was given, which then also encrypts the copy.
    pub(crate) fn of(args: &AuthorityArgs) -> Result<Option<Self>, Report> {
        let (Some(key_file), Some(cert_file)) = (&args.key_file, &args.cert_file) else {
            return Ok(None);
        };
        let at = |path: &Path, error: &dyn std::fmt::Display| {
            Report::failed("adopt", format!("{}: {error}", path.display()))
        };
        let unread = |path: &Path, error| Report::from(StoreError::io("read", path, error));
        let text = bounded::read(cert_file, Kind::Certificates)
            .map_err(|error| unread(cert_file, error))?;
        let chain = if text.first() == Some(&0x30) {
            vec![Certificate::from_der(text.to_vec()).map_err(|error| at(cert_file, &error))?]
        } else {
            pem::decode_certificates(&text).map_err(|error| at(cert_file, &error))?
        };
        let Some(certificate) = chain.first() else {
            return Err(at(cert_file, &"there is no certificate in it"));
        };
        let octets = bounded::read(key_file, Kind::Key).map_err(|error| unread(key_file, error))?;
        let passphrase = opening_passphrase(&octets, &args.passphrase)?;
        let key = read_key(&octets, passphrase.as_ref(), certificate).map_err(|error| {
            let report = at(key_file, &error);
            let hints = Report::from(error);
            hints.hints().iter().fold(report, Report::hint)
        })?;
        Ok(Some(Self {
            chain,
            key,
            cert_file: cert_file.clone(),
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

    /// Says which rules the CA breaks: peers may refuse what it issues.
    pub(crate) fn warn(&self, context: &Context) {
        let certificate = self.chain[0].parsed();
        let terms = Terms::at(context.now);
        for breach in breaches(&View::new(&certificate, Role::Authority), &terms) {
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

fn opening_passphrase(octets: &[u8], args: &PassphraseArgs) -> Result<Option<Passphrase>, Report> {
    if !key_file::is_encrypted(octets) {
        return Ok(None);
    }
    match args.given()? {
        Some(passphrase) => Ok(Some(passphrase)),
        None => args.asked("of the key that is adopted", false).map(Some),
    }
}
