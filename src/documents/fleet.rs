//! `certctl/fleet-init/v1`: a fleet file.

use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Where it was written to, if not here
    pub(crate) path: Option<String>,
    /// The fleet file
    pub(crate) text: &'a str,
}
