//! Who trusts a CA and is no entry here, and what they are told by it.

use std::path::Path;

use crate::{
    issuance::{
        authorities::authorities,
        rotation::{
            announcement::{Lineup, Outsider},
            evidence::note,
        },
    },
    pki::entry_name::EntryName,
    session::{Context, fleet_file},
    store::Pki,
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

/// Notes who trusts the CA that is being rotated, each with the CA that a fleet file names, and is not known to yet; says
/// whether there is anybody.
pub(crate) fn note_new(
    pki: &mut Pki,
    trusting: impl Iterator<Item = (EntryName, Outsider)>,
    dry_run: bool,
    context: &Context,
) -> Result<bool, Report> {
    let generations = pki.generations()?;
    let Some(rotation) = generations.open() else {
        return Ok(false);
    };
    let known = pki.ledger().sightings(rotation.began)?;
    let is_rotated = |ca: &EntryName| {
        let mut pairs = rotation.pairs.iter();
        pairs.any(|pair| generations.first(&pair.old) == generations.first(ca))
    };
    let mut sightings = Vec::new();
    for (ca, outsider) in trusting {
        if is_rotated(&ca) && !known.contains_key(&outsider.name) {
            let noted = if dry_run { "would be noted" } else { "noted" };
            context.ui.note(format!(
                "`{}` trusts `{ca}`, which is being rotated: {noted} for `certctl rotate-ca status`",
                outsider.name
            ));
            sightings.push(outsider.named(rotation.began, context.now));
        }
    }
    let has_new = !sightings.is_empty();
    if has_new {
        note(pki, sightings, dry_run)?;
    }
    Ok(has_new)
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
