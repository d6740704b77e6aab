//! Requests whose answers come from elsewhere: of entries on a node, and of CAs.

use super::{
    StoreError,
    layout::{Area, Layout, Place, file},
};
use crate::pki::entry_name::EntryName;

/// What an entry or CA waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Waiting {
    /// Its first certificate
    First,
    /// The next one: of an entry it brings the key that lies beside the one in use, a CA keeps its key
    Next,
}

/// Whether a request of an entry or CA waits for its answer, which takes the request away. Earlier versions left
/// that of an entry there.
///
/// # Errors
///
/// Where that cannot be told.
pub fn waiting(layout: &Layout, place: &Place) -> Result<Option<Waiting>, StoreError> {
    let path = layout.place(place);
    let holds = |name| layout.holds(&path.join(name));
    Ok(match holds(file::REQUEST)? {
        true if !holds(file::CERTIFICATE)? => Some(Waiting::First),
        true if place.area == Area::Authorities || holds(file::NEW_KEY)? => Some(Waiting::Next),
        _ => None,
    })
}

/// All entries, or CAs, that wait for an answer, in the order of their names.
///
/// # Errors
///
/// Where that cannot be told.
pub fn all_waiting(layout: &Layout, area: Area) -> Result<Vec<EntryName>, StoreError> {
    let Some(directory) = layout.find(&layout.area(area))? else {
        return Ok(Vec::new());
    };
    let names = directory.names();
    let names = names.map_err(|error| StoreError::io("list", directory.path(), error))?;
    let mut found = Vec::new();
    for name in names.iter().filter_map(|name| name.parse().ok()) {
        let place = Place { area, name };
        // What is no directory is for `check` to tell.
        if layout.holds(&layout.place(&place))? && waiting(layout, &place)?.is_some() {
            found.push(place.name);
        }
    }
    found.sort();
    Ok(found)
}
