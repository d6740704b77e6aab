//! Opening the PKI directory and its CAs, as every command does it.

use std::{path::Path, time::Duration};

use super::{
    Context, Report,
    errors::mended,
    foreign::with_import,
    passphrases::{KeyFile, Passphrases},
};
use crate::{
    check::{Policy, Terms},
    emit::shell_word,
    issuance::{SigningAuthority, authorities::authorities},
    pki::{
        authorities::{Authorities, Undecided},
        entry_name::EntryName,
        issuer::Issuer,
        name::visible,
        renewal::Margin,
    },
    store::{
        Access, Distrust, Pki, StoreError,
        authority::Authority,
        layout::{Layout, Place, file},
    },
};

impl Context {
    /// Opens the PKI directory; says so where something had to be repaired.
    pub(crate) fn open(&self, access: Access) -> Result<Pki, Report> {
        let wait = Duration::try_from(self.global.wait).unwrap_or_default();
        let opened = Pki::open(&self.global.dir, access, wait);
        let mut pki = opened.map_err(|error| match error {
            StoreError::NoPki(_) => with_import(error.into(), &self.global.dir),
            error => error.into(),
        })?;
        pki.set_author(self.author.clone());
        self.is_changing.set(access != Access::Read);
        if let Some(distrust) = pki.distrust() {
            self.distrusted(distrust);
        }
        if let Some(repaired) = pki.repaired() {
            self.ui
                .note(format!("{}: {repaired}", self.global.dir.display()));
        }
        Ok(pki)
    }

    /// What `check` judges by where nobody asked for something else.
    pub(crate) fn usual_terms(&self) -> Terms {
        Terms {
            now: self.now,
            within: Margin::default(),
            policy: Policy::default(),
            user: rustix::process::geteuid().as_raw(),
        }
    }

    /// Says once that a PKI directory was looked at, and no more.
    pub(crate) fn distrusted(&self, distrust: &Distrust) {
        if self.has_warned.replace(true) {
            return;
        }
        self.ui.warning(format!(
            "{distrust}: it is looked at as it is, without repair and without lock"
        ));
    }

    /// A path in the PKI directory, as somebody would write it who wrote `--dir` as it is.
    pub(crate) fn shown(&self, layout: &Layout, path: &Path) -> String {
        let shown = match path.strip_prefix(layout.root()) {
            Ok(below) => self.global.dir.join(below),
            Err(_) => path.to_owned(),
        };
        visible(&shown.to_string_lossy()).into_owned()
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

/// The CA that signs: the one that was asked for, or the one that took its place; or else the only one without a CA below it.
pub(crate) fn issuing_authority(pki: &Pki, asked: Option<&EntryName>) -> Result<EntryName, Report> {
    let authorities = authorities(pki)?;
    if let Some(name) = asked {
        refuse_fallen(&authorities, name)?;
        return Ok(pki.generations()?.current(name).clone());
    }
    authorities.signer().cloned().map_err(undecided)
}

/// Refuses a CA whose signatures nobody believes.
pub(crate) fn refuse_fallen(authorities: &Authorities, name: &EntryName) -> Result<(), Report> {
    believed(authorities, name).map_err(|report| report.hint("or name another CA with `--ca NAME`"))
}

/// Refuses a CA that has fallen, and says what helps.
pub(crate) fn believed(authorities: &Authorities, name: &EntryName) -> Result<(), Report> {
    authorities
        .fallen(name)
        .map_or(Ok(()), |fallen| Err(fallen.into()))
}

fn undecided(undecided: Undecided) -> Report {
    let message = undecided.to_string();
    match undecided {
        Undecided::None => Report::failed("no-ca", message)
            .hint("make one with `certctl init-ca`, or everything at once with `--init`"),
        Undecided::Several(_) => Report::usage(message).hint("name one with `--ca NAME`"),
        Undecided::Fallen(fallen) => {
            let report = Report::refused("ca-fallen", message).hint(mended(&fallen));
            match &fallen.above {
                Some(above) => report.hint(format!(
                    "`{above}` above it signs in its place only where it is told to: `--ca {above}`"
                )),
                None => report,
            }
        }
    }
}

/// Reads a CA's certificates, where somebody believes them.
pub(crate) fn standing_authority(pki: &Pki, name: &EntryName) -> Result<Authority, Report> {
    believed(&authorities(pki)?, name)?;
    Ok(pki.authority(name)?)
}

/// Reads a CA with its key, asking for a passphrase where the key needs one.
pub(crate) fn signing_authority(
    pki: &Pki,
    name: &EntryName,
    passphrases: &Passphrases<'_>,
) -> Result<SigningAuthority, Report> {
    let authority = standing_authority(pki, name)?;
    pki.check_anchored(&authority)?;
    with_key(pki, authority, passphrases)
}

/// Reads the key of a CA that lost its root, and is given the next one before it signs.
pub(crate) fn orphaned_authority(
    pki: &Pki,
    name: &EntryName,
    passphrases: &Passphrases<'_>,
) -> Result<SigningAuthority, Report> {
    with_key(pki, pki.orphan(name)?, passphrases)
}

fn with_key(
    pki: &Pki,
    authority: Authority,
    passphrases: &Passphrases<'_>,
) -> Result<SigningAuthority, Report> {
    let name = &authority.name;
    let place = pki.layout().place(&Place::authority(name.clone()));
    if !pki.layout().holds(&place.join(file::KEY))? {
        let message = format!("the key of the CA `{name}` is not here");
        return Err(Report::refused("key-elsewhere", message)
            .hint("sign where it is, or put it back for as long as it signs, mode 0600")
            .hint("`--ca NAME` names another CA"));
    }
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
        content(error.of_file(&path)).into()
    })?;
    let issuer = Issuer::from_certificate(&authority.certificate)
        .map_err(|error| content(error.to_string()))?;
    let key = key
        .to_signing_key()
        .map_err(|error| content(error.to_string()))?;
    let crl_url = pki.ledger().crl_state(name)?.url;
    Ok(SigningAuthority {
        authority,
        issuer,
        crl_url,
        key,
    })
}
