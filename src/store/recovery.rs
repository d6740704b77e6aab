//! Finishing or taking back what an interrupted command left.

use std::path::{Path, PathBuf};

use super::{
    StoreError,
    layout::Layout,
    ledger::Ledger,
    publish::publish,
    staged::{all_staged, remove, remove_staged, staged_by},
};

/// What the user is told where nothing came of an interrupted command.
pub(super) const REMOVED: &str = "removed what an interrupted command had left";

/// Whether an interrupted command left something to do.
pub(super) fn is_needed(layout: &Layout, ledger: &Ledger) -> Result<bool, StoreError> {
    let taken_back = ledger.pending()?.is_none_or(|pending| pending.committed);
    Ok(!taken_back || !all_staged(layout)?.is_empty())
}

/// Finishes or takes back what an interrupted command left; says which.
pub(super) fn recover(
    layout: &Layout,
    ledger: &mut Ledger,
) -> Result<Option<&'static str>, StoreError> {
    let mut done = None;
    if let Some(pending) = ledger.pending()? {
        let transaction = pending.transaction;
        // Where the ledger is shared, it may have become true there.
        let committed = pending.committed || ledger.catch_up(transaction)?;
        if !committed {
            remove_staged(layout, transaction)?;
            ledger.abandon(transaction)?;
            done = Some("took back what an interrupted command had begun");
        } else if !staged_by(layout, transaction)?.is_empty() {
            // What was moved before the interruption, and then the rest.
            sync_published(layout)?;
            publish(layout, ledger, transaction)?;
            done = Some("finished what an interrupted command had begun");
        }
    }
    let left = all_staged(layout)?;
    remove(layout, &left)?;
    Ok(done.or((!left.is_empty()).then_some(REMOVED)))
}

/// Makes durable what was moved into its place before an interruption.
pub(super) fn sync_published(layout: &Layout) -> Result<(), StoreError> {
    let directory = layout.directory();
    let places = layout.published();
    let sync = |path: &Path| match directory.find(path)? {
        Some(_) => directory.directory(path)?.sync(),
        None => Ok(()),
    };
    let mut paths = places.iter().map(PathBuf::as_path).chain([layout.root()]);
    paths.try_for_each(|path| {
        sync(path).map_err(|error| StoreError::io("make durable", path, error))
    })
}
