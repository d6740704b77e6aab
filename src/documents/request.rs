//! `certctl/request/v1`: keys and requests that were made.

use serde::Serialize;

use crate::{
    issuance::asking::Asked,
    store::layout::{Layout, Place, file},
};

/// `certctl/request/v1`
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Requests {
    pub(crate) schema: &'static str,
    /// The keys and requests that were made, or would be
    pub(crate) requests: Vec<Made>,
}

/// One request.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Made {
    /// Name of the entry
    pub(crate) name: String,
    /// Subject alternative names asked for, typed
    pub(crate) sans: Vec<String>,
    /// Type of the key
    pub(crate) key_type: &'static str,
    /// The request's file
    pub(crate) path: String,
    /// Whether the entry has a certificate, which stays in use until the answer is installed
    pub(crate) in_use: bool,
}

impl Made {
    pub(crate) fn of(asked: &Asked, layout: &Layout) -> Self {
        let place = layout.place(&Place::entry(asked.name.clone()));
        Self {
            name: asked.name.to_string(),
            sans: asked.names.iter().map(ToString::to_string).collect(),
            key_type: asked.key_type.name(),
            path: place.join(file::REQUEST).display().to_string(),
            in_use: asked.is_in_use,
        }
    }
}
