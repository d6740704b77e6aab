//! What transactions have prepared and not published, by the names that it has meanwhile.

use super::{
    StoreError,
    layout::{self, Layout, Place, STAGING_PREFIX},
};

/// Removes what one transaction has prepared.
pub(super) fn remove_staged(layout: &Layout, transaction: i64) -> Result<(), StoreError> {
    remove(layout, &staged_by(layout, transaction)?)
}

/// Removes these.
pub(super) fn remove(layout: &Layout, names: &[String]) -> Result<(), StoreError> {
    let failed = |name, error| StoreError::io("remove", &layout.root().join(name), error);
    names.iter().try_for_each(|name| {
        let removed = layout.directory().remove_tree(name);
        removed.map_err(|error| failed(name, error))
    })
}

/// Names of what one transaction has prepared and not published.
pub(super) fn staged_by(layout: &Layout, transaction: i64) -> Result<Vec<String>, StoreError> {
    let mut staged = all_staged(layout)?;
    staged
        .retain(|name| layout::read_staged(name).is_some_and(|(number, _)| number == transaction));
    Ok(staged)
}

/// Directories that one transaction has staged one by one, each with the place where it goes; CAs first.
pub(super) fn staged_places(
    layout: &Layout,
    transaction: i64,
) -> Result<Vec<(Place, String)>, StoreError> {
    let staged = staged_by(layout, transaction)?.into_iter();
    let place = |name: String| Some((layout::read_staged(&name)?.1?, name));
    let mut places: Vec<_> = staged.filter_map(place).collect();
    places.sort_unstable();
    Ok(places)
}

/// Names of all that any transaction has prepared.
pub(super) fn all_staged(layout: &Layout) -> Result<Vec<String>, StoreError> {
    let names = layout.directory().names();
    let mut names = names.map_err(|error| StoreError::io("list", layout.root(), error))?;
    names.retain(|name| name.starts_with(STAGING_PREFIX));
    Ok(names)
}
