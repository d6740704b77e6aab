//! `certctl/config-folders/v1`: servers' configuration, a folder for each entry.

use serde::Serialize;

use super::{
    config::{Copy, copies},
    laid,
};
use crate::{
    emit::{Finding, Format, Rendered, Server},
    store::outside::Laying,
};

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

impl<'a> Document<'a> {
    /// `laying` holds the file of each node, in the same order.
    pub(crate) fn new(
        server: &'a Server,
        format: &'a Format,
        written: &'a [(String, Rendered)],
        laying: &Laying,
    ) -> Self {
        let tally = laid::Tally::of([laying]);
        let both = written.iter().zip(laying.sheets());
        let changes = both.map(|((name, rendered), (sheet, standing))| Change {
            action: laid::Action::from(*standing),
            name,
            path: laying.path(sheet).display().to_string(),
            version: &rendered.version,
            secret: rendered.secret,
            copies: copies(rendered),
            findings: &rendered.findings,
        });
        Self {
            schema: "certctl/config-folders/v1",
            server: &server.name,
            format: &format.name,
            place: &format.path,
            changes: changes.collect(),
            changed: tally.changed,
            unchanged: tally.unchanged,
        }
    }
}
