//! The CAs that sign, and their keys.

use std::sync::Arc;

use super::{
    Report,
    errors::mended,
    passphrases::{KeyFile, Passphrases},
    tokens,
};
use crate::{
    issuance::{SigningAuthority, authorities::authorities},
    pki::{
        authorities::{Authorities, Undecided},
        certificate::Certificate,
        entry_name::EntryName,
        issuer::Issuer,
        key::Signer,
    },
    store::{
        Pki, StoreError,
        authority::Authority,
        layout::{Place, file},
    },
};

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

/// The root that is asked for, or the only one.
pub(crate) fn chosen_root(pki: &Pki, asked: Option<&EntryName>) -> Result<Authority, Report> {
    let records = pki.authorities()?;
    let mut roots = records.iter().filter(|record| record.issuer.is_none());
    let name = match (asked, roots.next(), roots.next()) {
        (Some(name), ..) => name.clone(),
        (None, Some(only), None) => only.name.clone(),
        (None, None, _) => issuing_authority(pki, None)?,
        (None, Some(_), Some(_)) => {
            return Err(Report::usage("there are several roots").hint("name one of them"));
        }
    };
    let authority = standing_authority(pki, &name)?;
    match authority.certificate.is_self_signed() {
        true => Ok(authority),
        false => Err(
            Report::refused("not-a-root", format!("`{name}` is not a root"))
                .hint("name its root: what is below a trusted root is trusted too"),
        ),
    }
}

/// Reads a CA with its key, asking for a passphrase where the key needs one.
pub(crate) fn signing_authority(
    pki: &Pki,
    name: &EntryName,
    passphrases: &Passphrases<'_>,
) -> Result<SigningAuthority, Report> {
    able(pki, name, passphrases)?
}

/// The same where many CAs sign, each for itself: what is wrong with the PKI directory fails, and what keeps this CA's
/// key from signing is told apart from that.
pub(crate) fn able(
    pki: &Pki,
    name: &EntryName,
    passphrases: &Passphrases<'_>,
) -> Result<Result<SigningAuthority, Report>, Report> {
    let authority = standing_authority(pki, name)?;
    pki.check_anchored(&authority)?;
    with_key(pki, authority, passphrases)
}

/// As [`able`], of a CA that lost its root, and is given the next one before it signs.
pub(crate) fn able_orphan(
    pki: &Pki,
    name: &EntryName,
    passphrases: &Passphrases<'_>,
) -> Result<Result<SigningAuthority, Report>, Report> {
    with_key(pki, pki.orphan(name)?, passphrases)
}

fn with_key(
    pki: &Pki,
    authority: Authority,
    passphrases: &Passphrases<'_>,
) -> Result<Result<SigningAuthority, Report>, Report> {
    let issuer = Issuer::from_certificate(&authority.certificate);
    let issuer = issuer.map_err(|error| {
        let place = Place::authority(authority.name.clone());
        StoreError::Content {
            path: pki.layout().place(&place).join(file::CERTIFICATE),
            reason: error.to_string(),
        }
    })?;
    let crl_url = pki.ledger().crl_state(&authority.name)?.url;
    let key = key_of(pki, &authority.name, &authority.certificate, passphrases);
    match key {
        Err(report) if ends_all(pki, &authority.name, &report)? => Err(report),
        key => Ok(key.map(|key| SigningAuthority {
            authority,
            issuer,
            crl_url,
            key,
        })),
    }
}

/// Who breaks off at the terminal wants the whole command to end. And a PIN that is wrong is tried once: the next CA's key
/// may be in the same token, which locks itself.
fn ends_all(pki: &Pki, name: &EntryName, report: &Report) -> Result<bool, Report> {
    let is_held = || pki.authority_key_uri(name);
    Ok(match report.code() {
        "prompt" => true,
        "passphrase" => is_held()?.is_some(),
        _ => false,
    })
}

/// The key of a CA, wherever it is; it belongs to the certificate.
pub(crate) fn key_of(
    pki: &Pki,
    name: &EntryName,
    certificate: &Certificate,
    passphrases: &Passphrases<'_>,
) -> Result<Arc<dyn Signer>, Report> {
    if let Some(uri) = pki.authority_key_uri(name)? {
        return tokens::of_certificate(name, &uri, certificate, passphrases);
    }
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
    let key = passphrases.key(&file, certificate, |error| {
        content(error.of_file(&path)).into()
    })?;
    let signer = key.to_signer();
    Ok(signer.map_err(|error| content(error.to_string()))?)
}
