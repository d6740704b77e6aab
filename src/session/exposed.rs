//! Keys of entries that others can use, told wherever a command meets them: what others have read stays known
//! to them, however the key is kept from now on.

use super::Context;
use crate::store::layout::{Layout, Place, file};

/// Bits of a mode that let others use a file.
const OTHERS: u32 = 0o077;
/// So many are told one by one.
const LISTED: usize = 10;

/// The mode of a key file, where it lets others use it.
pub(crate) fn exposure(is_file: bool, mode: u32) -> Option<u32> {
    (is_file && mode & OTHERS != 0).then_some(mode)
}

/// Warns of keys that others can use, before anything is done with them.
pub(crate) fn warn(context: &Context, layout: &Layout, places: impl IntoIterator<Item = Place>) {
    let mut count = 0;
    for place in places {
        let path = layout.place(&place).join(file::KEY);
        let look = layout.directory().look(&path);
        let Some(mode) = look
            .ok()
            .and_then(|look| exposure(look.is_file(), look.mode))
        else {
            continue;
        };
        count += 1;
        if count <= LISTED {
            let path = context.shown(layout, &path);
            context.ui.warning(format!(
                "{path} is open to others (mode {mode:04o}): whoever has read it can pose as `{}`",
                place.name
            ));
        }
    }
    if count > LISTED {
        let more = count - LISTED;
        context
            .ui
            .warning(format!("{more} more keys are open to others"));
    }
}
