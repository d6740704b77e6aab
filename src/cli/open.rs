//! Opening the PKI directory and its CAs, as every command does it.

use std::{path::Path, time::Duration};

use super::{
    Context, Report,
    passphrases::{KeyFile, Passphrases},
};
use crate::{
    emit::shell_word,
    issuance::SigningAuthority,
    pki::{entry_name::EntryName, plan::Issuer},
    store::{Access, Pki, StoreError, layout::Layout},
};

impl Context {
    /// Opens the PKI directory; says so where something had to be repaired.
    pub(crate) fn open(&self, access: Access) -> Result<Pki, Report> {
        let wait = Duration::try_from(self.global.wait).unwrap_or_default();
        let mut pki = Pki::open(&self.global.dir, access, wait)?;
        pki.set_author(self.author.clone());
        self.is_changing.set(access != Access::Read);
        if let Some(repaired) = pki.repaired() {
            self.ui
                .note(format!("{}: {repaired}", self.global.dir.display()));
        }
        Ok(pki)
    }

    /// A path in the PKI directory, as somebody would write it who wrote `--dir` as it is.
    pub(crate) fn shown(&self, layout: &Layout, path: &Path) -> String {
        let shown = match path.strip_prefix(layout.root()) {
            Ok(below) => self.global.dir.join(below),
            Err(_) => path.to_owned(),
        };
        shown.display().to_string()
    }

    /// A command line to suggest, with the `--dir` that this run was given.
    pub(crate) fn command(&self, words: &str) -> String {
        let preset = std::env::var_os("CERTCTL_DIR");
        if self.global.dir == preset.unwrap_or_else(|| super::DEFAULT_DIRECTORY.into()) {
            return format!("certctl {words}");
        }
        let dir = shell_word(&self.global.dir.display().to_string());
        format!("certctl --dir {dir} {words}")
    }
}

/// The CA that signs where `--ca` is left out: the only one without a CA below it.
pub(crate) fn issuing_authority(pki: &Pki, asked: Option<&EntryName>) -> Result<EntryName, Report> {
    if let Some(name) = asked {
        return Ok(name.clone());
    }
    let records = pki.authorities()?;
    let is_parent = |name: &str| {
        records
            .iter()
            .any(|record| record.issuer.as_deref() == Some(name))
    };
    let last: Vec<_> = records
        .iter()
        .map(|record| record.name.as_str())
        .filter(|name| !is_parent(name))
        .collect();
    match last[..] {
        [] => Err(Report::failed("no-ca", "there is no CA yet")
            .hint("make one with `certctl init-ca`, or everything at once with `--init`")),
        [name] => name
            .parse()
            .map_err(|error| Report::failed("ledger", format!("{error}"))),
        _ => Err(Report::usage(format!(
            "there are several CAs that could sign: {}",
            last.join(", ")
        ))
        .hint("name one with `--ca NAME`")),
    }
}

/// Reads a CA with its key, asking for a passphrase where the key needs one.
pub(crate) fn signing_authority(
    pki: &Pki,
    name: &EntryName,
    passphrases: &Passphrases<'_>,
) -> Result<SigningAuthority, Report> {
    let authority = pki.authority(name)?;
    let (path, octets) = pki.authority_key_file(name)?;
    let content = |reason: String| StoreError::Content {
        path: path.clone(),
        reason,
    };
    let file = KeyFile {
        name,
        owner: &format!("the CA `{name}`"),
        path: &path,
        octets: &octets,
    };
    let key = passphrases.key(&file, &authority.certificate, |error| {
        content(error.to_string()).into()
    })?;
    let issuer = Issuer::from_certificate(&authority.certificate)
        .map_err(|error| content(error.to_string()))?;
    let key = key
        .to_signing_key()
        .map_err(|error| content(error.to_string()))?;
    let crl_url = pki.ledger().crl_state(name.as_str())?.url;
    Ok(SigningAuthority {
        authority,
        issuer,
        crl_url,
        key,
    })
}
