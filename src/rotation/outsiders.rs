//! Who trusts a CA and is no entry here, and what they are told by it.

use std::{collections::BTreeMap, path::Path};

use time::OffsetDateTime;

use crate::{
    issuance::{
        authorities::authorities,
        rotation::announcement::{Lineup, Outsider},
    },
    pki::entry_name::EntryName,
    session::{Context, fleet_file},
    store::{Pki, ledger::rotation::Sighting},
    terminal::{Report, errors::mended},
};

/// Who trusts the CA, or one that is rotated with it, by a fleet file.
pub(crate) fn of_fleet(file: &Path, pki: &Pki, lineup: &Lineup) -> Result<Vec<Outsider>, Report> {
    let fleet = fleet_file::read(file, &authorities(pki)?)?;
    let generations = pki.generations()?;
    let is_meant = |ca: &EntryName| {
        let ca = generations.current(ca);
        lineup.members.iter().any(|(old, _)| old.name == *ca)
    };
    let meant = fleet.trust.into_iter().filter(|spec| is_meant(&spec.ca));
    let outsider = meant.map(|spec| Outsider {
        name: spec.name,
        format: spec.format,
    });
    Ok(outsider.collect())
}

/// Who trusts the CA that is being rotated, each with the CA that a fleet file names, and is not known to yet: by
/// their names, with that CA.
pub(crate) fn new_ones(
    pki: &Pki,
    trusting: impl Iterator<Item = (EntryName, Outsider)>,
    now: OffsetDateTime,
) -> Result<BTreeMap<EntryName, (EntryName, Sighting)>, Report> {
    let generations = pki.generations()?;
    let Some(rotation) = generations.open() else {
        return Ok(BTreeMap::new());
    };
    let known = pki.ledger().sightings(rotation.began)?;
    let is_rotated = |ca: &EntryName| {
        let mut pairs = rotation.pairs.iter();
        pairs.any(|pair| generations.first(&pair.old) == generations.first(ca))
    };
    let new = trusting.filter(|(ca, it)| is_rotated(ca) && !known.contains_key(&it.name));
    let named = new.map(|(ca, it)| (it.name.clone(), (ca, it.named(rotation.began, now))));
    Ok(named.collect())
}

/// Says who was noted, or would be.
pub(crate) fn tell<'n>(
    new: impl Iterator<Item = (&'n EntryName, &'n EntryName)>,
    dry_run: bool,
    context: &Context,
) {
    let noted = if dry_run { "would be noted" } else { "noted" };
    for (name, ca) in new {
        context.ui.note(format!(
            "`{name}` trusts `{ca}`, which is being rotated: {noted} for `certctl rotate-ca status`"
        ));
    }
}

/// Who knows another CA alone, which vouches for the old root, does not take what the new one signs.
pub(crate) fn warn_of_crossings(
    pki: &Pki,
    lineup: &Lineup,
    context: &Context,
) -> Result<(), Report> {
    for (old, new) in &lineup.members {
        let crossings = pki.crossings()?.into_iter();
        for crossing in crossings.filter(|it| it.of == old.name) {
            let by = &crossing.by;
            context.ui.warning(format!(
                "`{by}` vouches for `{}`, and not for `{new}`: who knows `{by}` alone will refuse what that signs",
                old.name
            ));
            context.ui.hint(format!(
                "before the switch: `certctl cross-sign {new} --by {by}`"
            ));
        }
    }
    Ok(())
}

/// What an earlier CA of its issuer's name has signed gets no successor: it has to be signed anew first.
pub(crate) fn warn_of_fallen(lineup: &Lineup, context: &Context) {
    for fallen in &lineup.fallen {
        let warning = format!("{fallen}: it gets no successor");
        context.ui.warning(warning);
        context.ui.hint(mended(fallen));
    }
}

/// The certificates of a successor that was given no URL tell nobody where its CRL is, where the old one's did.
pub(crate) fn warn_of_urls(pki: &Pki, lineup: &Lineup, context: &Context) -> Result<(), Report> {
    for (old, new) in &lineup.members {
        if let Some(url) = pki.ledger().crl_state(&old.name)?.url {
            context.ui.warning(format!(
                "the certificates of `{}` say where its CRL is ({url}), those of `{new}` will not: `--crl-url` says where",
                old.name
            ));
        }
    }
    Ok(())
}
