//! A root in reserve: what it is called, and what is said of it.

use super::{Context, Report};
use crate::{
    issuance::rotation::RotateError,
    pki::entry_name::EntryName,
    store::{
        Pki,
        layout::{Place, file},
    },
};

/// The name that the root behind another gets.
pub(crate) fn next_name(pki: &Pki, root: &EntryName) -> Result<EntryName, Report> {
    let generations = pki.generations()?;
    if let Some(rotation) = generations.open() {
        return Err(RotateError::Open(Box::new(rotation.clone())).into());
    }
    let next = pki.next_name(&generations, root)?;
    next.ok_or_else(|| RotateError::Name(root.clone()).into())
}

/// Says where its key lies.
pub(crate) fn tell(pki: &Pki, next: &EntryName, dry_run: bool, context: &Context) {
    let place = pki.layout().place(&Place::authority(next.clone()));
    let key = context.shown(pki.layout(), &place.join(file::KEY));
    context.ui.note(match dry_run {
        true => format!("would make the next root `{next}` too"),
        false => format!(
            "made the next root `{next}`, which every bundle holds from now on; take {key} away, and put it back \
             for `certctl rotate-ca switch`"
        ),
    });
}
