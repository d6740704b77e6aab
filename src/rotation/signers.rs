//! Which root is meant, and who signs.

use std::collections::HashMap;

use crate::{
    issuance::{
        SigningAuthority,
        crossing::CrossError,
        rotation::{announcement::Lineup, switching::Switch},
    },
    pki::entry_name::EntryName,
    session::{passphrases::Passphrases, signers::signing_authority},
    store::{Pki, ledger::Kind},
    terminal::Report,
};

/// The root that is meant where none is named.
pub(crate) fn only_root(pki: &Pki) -> Result<EntryName, Report> {
    let generations = pki.generations()?;
    let roots = pki.authorities()?.into_iter();
    let roots = roots.filter(|it| it.kind == Kind::Root && !generations.is_retired(&it.name));
    let mut names: Vec<_> = roots.map(|record| record.name).collect();
    match (names.len(), generations.open()) {
        (_, Some(rotation)) => Ok(rotation.top().old.clone()),
        (1, None) => Ok(names.swap_remove(0)),
        (0, None) => Err(Report::failed("no-ca", "there is no CA yet")
            .hint("make one with `certctl init-ca`, or everything at once with `--init`")),
        (_, None) => {
            let names: Vec<_> = names.iter().map(EntryName::as_str).collect();
            let message = format!("there are several roots: {}", names.join(", "));
            Err(Report::usage(message).hint("name one: `certctl rotate-ca start CA`"))
        }
    }
}

/// The CAs that sign, with their keys.
pub(crate) fn signers(
    pki: &Pki,
    switch: &Switch<'_>,
    passphrases: &Passphrases<'_>,
) -> Result<HashMap<EntryName, SigningAuthority>, Report> {
    let mut signers = HashMap::new();
    for name in switch.signers() {
        let signer = signing_authority(pki, &name, passphrases)?;
        signers.insert(name, signer);
    }
    Ok(signers)
}

/// The old CA of a line-up, which signs a cross certificate for the new one, and what that is called.
pub(crate) fn crossing(
    pki: &Pki,
    lineup: &Lineup,
    passphrases: &Passphrases<'_>,
) -> Result<(SigningAuthority, EntryName), Report> {
    let (old, new) = &lineup.members[0];
    if old.issuer.is_some() {
        return Err(CrossError::NotRoot(old.name.clone()).into());
    }
    let name = pki.crossing_name(new, &old.name)?;
    let name = name.ok_or_else(|| CrossError::Name {
        of: new.clone(),
        by: old.name.clone(),
    })?;
    Ok((signing_authority(pki, &old.name, passphrases)?, name))
}
