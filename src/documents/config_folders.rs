//! `certctl/config-folders/v1`: servers' configuration, a folder for each entry.

use serde::Serialize;

use super::{config::Copy, laid};
use crate::emit::Finding;

/// `certctl/config-folders/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Name of the server
    pub(crate) server: &'a str,
    /// As `--as` takes it
    pub(crate) format: &'a str,
    /// Where each file goes on its node; empty where there is no such place
    pub(crate) place: &'a str,
    /// One for each file
    pub(crate) changes: Vec<Change<'a>>,
    /// How many of them are written
    pub(crate) changed: usize,
    /// How many of them are the same already
    pub(crate) unchanged: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Change<'a> {
    /// What is done about it
    pub(crate) action: laid::Action,
    /// Name of the entry
    pub(crate) name: &'a str,
    /// The file
    pub(crate) path: String,
    /// Version of the server that it is for
    pub(crate) version: &'a str,
    /// Whether it holds a secret
    pub(crate) secret: bool,
    /// What to copy to the node besides
    pub(crate) copies: Vec<Copy<'a>>,
    /// What is to be said about it
    pub(crate) findings: &'a [Finding],
}
