//! `certctl/client/v1`: a program that connects.

use serde::Serialize;

use crate::emit::Finding;

/// `certctl/client/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Name of the server
    pub(crate) server: &'a str,
    /// Version of the server that it is for
    pub(crate) version: &'a str,
    /// As the command takes it
    pub(crate) language: &'a str,
    /// The program or configuration
    pub(crate) snippet: &'a str,
    /// What is to be said about it
    pub(crate) findings: &'a [Finding],
}
