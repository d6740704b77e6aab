//! `certctl/man/v1`: pages of the manual.

use serde::Serialize;

use crate::manual::Page;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// The pages of the manual
    pub(crate) pages: Vec<Page>,
}
