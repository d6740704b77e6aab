//! What a revocation brings with it.

use std::ops::ControlFlow;

use crate::{
    cli::{Context, Report, crl::families},
    pki::entry_name::EntryName,
    store::{
        Pki,
        layout::{Area, Place, file},
        ledger::{Record, Selection, Status},
    },
};

/// Whether a CA of the same root lacks a CRL: servers use the root's bundle only where all are in it.
pub(super) fn needs_all(pki: &Pki, issuer: &EntryName) -> Result<bool, Report> {
    let families = families(&pki.authorities()?).into_values();
    let mut others = families
        .filter(|family| family.iter().any(|name| name == issuer))
        .flatten()
        .filter(|name| name != issuer);
    // The revocation stands by now: what cannot be told is no failure of it.
    let holds = |name: EntryName| {
        let place = pki.layout().place(&Place::authority(name));
        pki.layout().holds(&place.join(file::CRL)).unwrap_or(false)
    };
    Ok(!others.all(holds))
}

/// A CA takes all that it has signed along.
pub(super) fn warn_of_what_is_below(
    pki: &Pki,
    records: &[Record],
    context: &Context,
) -> Result<(), Report> {
    let authorities = records
        .iter()
        .filter(|record| record.kind.area() == Area::Authorities);
    for authority in authorities {
        let signed = Selection {
            issuer: Some(authority.name.clone()),
            statuses: vec![Status::Current],
            ..Selection::default()
        };
        let mut below = Vec::new();
        let _: ControlFlow<()> = pki.ledger().select(&signed, |record| {
            below.push(record.name);
            ControlFlow::Continue(())
        })?;
        if let Some(first) = below.first() {
            context.ui.warning(format!(
                "`{}` has signed what is in use, which falls with it: `{first}`, {} in all",
                authority.name,
                below.len()
            ));
        }
    }
    Ok(())
}
