//! `--cert FILE [--key FILE|--key-uri URI]`: a CA that was made elsewhere.

use std::path::{Path, PathBuf};

use super::{
    Context, Report,
    bounded::Kind,
    input::Input,
    passphrases::{KeyFile, Passphrases},
    tokens,
};
use crate::{
    issuance::{IssueError, authority::Adoption, authority::adopt},
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        key::PrivateKey,
        key_file::KeyFileError,
        key_uri::KeyUri,
        name::display,
        plan::signature_holds,
        revocation_list::RevocationList,
        rules::{Moment, Role, View, breaches},
        secret::Passphrase,
    },
    severity::Severity,
    store::{Pki, authority::Authority, layout::file, ledger::Record, transaction::Transaction},
};

/// The files of a CA that was made elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    /// Its certificate, and what follows it
    pub(crate) cert: Option<&'a Path>,
    /// Its private key
    pub(crate) key: Option<&'a Path>,
    /// What names its private key where that is
    pub(crate) uri: Option<&'a KeyUri>,
    /// Its last CRL
    pub(crate) crl: Option<&'a Path>,
    /// Whether the key is to be encrypted here
    pub(crate) encrypt: bool,
}

/// The CA that is to be adopted, read and checked.
pub(crate) struct Source {
    chain: Vec<Certificate>,
    key: Option<PrivateKey>,
    uri: Option<KeyUri>,
    cert_file: PathBuf,
    crl: Option<RevocationList>,
}

/// Reads the certificates that `--cert` names, that of the CA first; `None` where it is left out.
pub(crate) fn chain(files: Files<'_>) -> Result<Option<Vec<Certificate>>, Report> {
    let Some(path) = files.cert else {
        return Ok(None);
    };
    let chain = Input::read(path, Kind::Certificates)?.certificates()?;
    match chain.is_empty() {
        true => Err(at(path, &"there is no certificate in it")),
        false => Ok(Some(chain)),
    }
}

/// The CA here that has signed a certificate.
pub(crate) fn signer(pki: &Pki, certificate: &Certificate) -> Result<Option<EntryName>, Report> {
    for record in pki.authorities()? {
        let path = pki.layout().place(&record.place()).join(file::CERTIFICATE);
        let found = pki.certificates(&path)?.swap_remove(0);
        if found.subject() == certificate.issuer() && signature_holds(certificate, &found) {
            return Ok(Some(record.name));
        }
    }
    Ok(None)
}

/// The CA here that has signed a certificate.
pub(crate) fn issuer(pki: &Pki, certificate: &Certificate) -> Result<EntryName, Report> {
    signer(pki, certificate)?.ok_or_else(|| {
        let message = format!("its issuer {} is not here", display(&certificate.issuer()));
        Report::failed("adopt", message).hint(
            "adopt that first: `certctl init-ca NAME --cert FILE` a root, `certctl init-intermediate NAME --cert FILE` \
             another; its key can stay where it is",
        )
    })
}

fn at(path: &Path, error: &dyn std::fmt::Display) -> Report {
    Report::failed("adopt", format!("{}: {error}", path.display()))
}

impl Source {
    /// Reads what `--key` and `--crl` name beside the certificates; `None` where there are none.
    ///
    /// An encrypted key is opened with the passphrase that was given, which then also encrypts the copy.
    pub(crate) fn of(
        files: Files<'_>,
        chain: Option<Vec<Certificate>>,
        name: &EntryName,
        passphrases: &Passphrases<'_>,
    ) -> Result<Option<Self>, Report> {
        let (Some(chain), Some(cert_file)) = (chain, files.cert) else {
            return Ok(None);
        };
        let certificate = &chain[0];
        let key = files.key;
        let key = key.map(|path| own_key(path, certificate, name, passphrases));
        let key = key.transpose()?;
        if key.is_none() && files.encrypt {
            return Err(Report::usage("`--encrypt` is for a key, and none is given")
                .hint("give it with `--key FILE`; without it the CA's key stays elsewhere"));
        }
        if let Some(uri) = files.uri {
            tokens::of_certificate(name, uri, certificate, passphrases)?;
        }
        let crl = files.crl;
        let crl = crl.map(|path| last_crl(path, certificate)).transpose()?;
        Ok(Some(Self {
            key,
            uri: files.uri.cloned(),
            cert_file: cert_file.to_owned(),
            crl,
            chain,
        }))
    }

    /// Whether its key signs here: it comes here, or is where something names it.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some() || self.uri.is_some()
    }

    /// Whether its key comes here.
    pub(crate) fn has_key_file(&self) -> bool {
        self.key.is_some()
    }

    /// Adopts a root, which must have signed itself.
    pub(crate) fn adopt_root(
        &self,
        transaction: &mut Transaction<'_>,
        name: &EntryName,
        passphrase: Option<&Passphrase>,
    ) -> Result<Record, Report> {
        if !self.chain[0].is_self_signed() {
            let message = format!(
                "{}: the certificate is not a root",
                self.cert_file.display()
            );
            return Err(Report::failed("adopt", message)
                .hint("adopt its root first, `certctl init-ca NAME --cert ROOT`, for which no key is needed; then this one with `certctl init-intermediate NAME --key FILE --cert FILE`"));
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
        if !self.has_key() {
            context
                .ui
                .note("its key stays elsewhere: here it signs neither certificates nor CRLs");
        } else if self.crl.is_none() {
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
            key: self.key.as_ref(),
            uri: self.uri.as_ref(),
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

/// The CA's key, which must belong to the certificate.
fn own_key(
    path: &Path,
    certificate: &Certificate,
    name: &EntryName,
    passphrases: &Passphrases<'_>,
) -> Result<PrivateKey, Report> {
    let input = Input::read(path, Kind::Key)?;
    let file = KeyFile {
        name,
        owner: "the CA that is adopted",
        path,
        octets: &input.octets,
    };
    passphrases.key(&file, certificate, |error| {
        let foreign = match error {
            KeyFileError::NoKey | KeyFileError::Malformed(_) => {
                input.foreign("adopt", "a private key")
            }
            _ => None,
        };
        let report = foreign.unwrap_or_else(|| at(path, &error));
        if let Some(command) = error.conversion(&path.to_string_lossy()) {
            return report.hint(format!("convert it: `{command}`"));
        }
        let hints = Report::from(error);
        hints.hints().iter().fold(report, Report::hint)
    })
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
