//! `certctl/version/v1`: what the program was made from.

use serde::Serialize;

/// `certctl/version/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// Version of certctl
    pub(crate) version: &'static str,
    /// The commit that it was made from, with `+` behind it where files differ from that
    pub(crate) commit: Option<&'static str>,
    /// The target, in Rust's words
    pub(crate) target: &'static str,
    /// Whether the C library is a part of the program
    pub(crate) is_static: bool,
    /// Features that it was built with
    pub(crate) features: Vec<&'static str>,
    /// What of other projects is a part of it and concerns keys, certificates, connections or the ledger
    pub(crate) libraries: Vec<Library>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Library {
    /// Its name
    pub(crate) name: &'static str,
    /// Its version
    pub(crate) version: &'static str,
}
