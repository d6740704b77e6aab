//! `certctl/inspect/v1`: what stands in a file.

use serde::Serialize;

use crate::pki::inspect::Item;

/// `certctl/inspect/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// What stands in the file, in its order
    pub(crate) items: Vec<Item>,
}
