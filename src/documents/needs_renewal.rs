//! `certctl/needs-renewal/v1`: whether a certificate is due.

use serde::Serialize;

/// `certctl/needs-renewal/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// What was asked about
    pub(crate) subject: String,
    /// Whether it is due
    pub(crate) due: bool,
    /// Since when, or from when
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) due_from: String,
    /// Last second
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) not_after: String,
}
