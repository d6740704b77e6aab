//! What is said of an entry or a CA whose CA has fallen.

use super::{Context, Report, errors::mended};
use crate::{
    issuance::authorities::authorities,
    pki::entry_name::EntryName,
    store::{Pki, layout::Area, ledger::Record},
};

/// Says so where an entry's CA has fallen, with what helps: peers that learn of it believe the entry no more.
pub(crate) fn warn_of_fallen(context: &Context, pki: &Pki, name: &EntryName) -> Result<(), Report> {
    match pki.ledger().current(Area::Entries, name)? {
        Some(record) => tell_fallen(context, pki, &record),
        None => Ok(()),
    }
}

/// The same for what is in use, entry or CA.
pub(crate) fn tell_fallen<S>(
    context: &Context,
    pki: &Pki,
    record: &Record<S>,
) -> Result<(), Report> {
    let is_authority = record.kind.area() == Area::Authorities;
    let authority = match is_authority {
        true => Some(&record.name),
        false => record.issuer.as_ref(),
    };
    let authorities = authorities(pki)?;
    let Some(fallen) = authority.and_then(|name| authorities.fallen(name)) else {
        return Ok(());
    };
    let name = &record.name;
    context.ui.warning(format!("`{name}`: {fallen}"));
    context.ui.hint(mended(&fallen));
    if !is_authority {
        let renewed = context.command(&format!("renew {name} --force"));
        context
            .ui
            .hint(format!("then `{renewed}` makes a certificate below it"));
    }
    Ok(())
}
