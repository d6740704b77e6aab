//! What a rotation leaves to do by hand once it is over: bundles that are elsewhere, and CRLs that are due.

use super::{Context, Report};
use crate::{
    issuance::rotation::evidence::Consumer,
    pki::entry_name::EntryName,
    store::{
        Pki,
        layout::Area,
        ledger::{Kind, rotation::Rotation},
    },
};

/// Says whose bundles have to be copied once more: until then somebody trusts a CA that is gone.
pub(super) fn copy(
    context: &Context,
    pki: &Pki,
    gone: &EntryName,
    consumers: &[Consumer],
) -> Result<(), Report> {
    if context.dry_run || consumers.is_empty() {
        return Ok(());
    }
    let record = pki.ledger().named(gone)?.into_iter();
    let mut authorities = record.filter(|it| it.kind.area() == Area::Authorities);
    let is_root = authorities.any(|it| it.kind == Kind::Root);
    let (files, until) = match is_root {
        true => ("ca.pem and ca-chain.pem", "is trusted there until then"),
        false => ("ca-chain.pem", "stands in it until then"),
    };
    context.ui.hint(format!(
        "copy {files} to everybody (crl-bundle.pem, too, where CRLs are looked at), and reload: `{gone}` {until}"
    ));
    Ok(())
}

/// The CAs that have something more to list when the successor is taken back.
pub(super) fn listing(pki: &Pki, rotation: &Rotation) -> Result<Vec<EntryName>, Report> {
    let pair = rotation.top();
    let successor = pki.ledger().current(Area::Authorities, &pair.new)?;
    let above = successor.and_then(|it| it.issuer);
    let crossings = pki.crossings()?.into_iter();
    let crossed = crossings.filter(|it| it.of == pair.new && it.by == pair.old);
    Ok(above.into_iter().chain(crossed.map(|it| it.by)).collect())
}

/// Says so.
pub(super) fn list(context: &Context, listing: &[EntryName]) {
    for name in listing.iter().filter(|_| !context.dry_run) {
        let command = context.command(&format!("crl --ca {name}"));
        context.ui.hint(format!(
            "next: `{command}` tells the CA's peers what was revoked"
        ));
    }
}
