//! Keys of entries that others can use, told wherever a command meets them: what others have read stays known
//! to them, however the key is kept from now on.

use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt as _,
};

use super::Context;
use crate::store::layout::{Layout, Place, file};

/// Bits of a mode that let others use a file.
const OTHERS: u32 = 0o077;
/// So many are told one by one.
const LISTED: usize = 10;

/// The mode of a key file, where it lets others use it.
pub(crate) fn exposure(metadata: &Metadata) -> Option<u32> {
    let mode = metadata.mode() & 0o7777;
    (metadata.is_file() && mode & OTHERS != 0).then_some(mode)
}

/// Warns of keys that others can use, before anything is done with them.
pub(crate) fn warn(context: &Context, layout: &Layout, places: impl IntoIterator<Item = Place>) {
    let mut count = 0;
    for place in places {
        let path = layout.place(&place).join(file::KEY);
        let Some(mode) = fs::symlink_metadata(&path).ok().as_ref().and_then(exposure) else {
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
