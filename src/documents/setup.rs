//! `certctl/setup/v1`: what is made and laid, for programs to read.

use serde::Serialize;

use super::{
    apply::{ChangeDocument, documents},
    laid,
};
use crate::{
    fleet::plan::Change,
    store::{layout::Layout, outside::Laying},
};

/// `certctl/setup/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Name of the server
    pub(crate) server: &'a str,
    /// What becomes of each CA and entry
    pub(crate) changes: Vec<ChangeDocument>,
    /// What becomes of each file
    pub(crate) files: Vec<FileDocument>,
    /// How many of the files are written
    pub(crate) changed: usize,
    /// How many of the files are the same already
    pub(crate) unchanged: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FileDocument {
    /// What is done about it
    pub(crate) action: laid::Action,
    /// The file
    pub(crate) path: String,
}

pub(crate) fn document<'a>(
    server: &'a str,
    changes: &[Change],
    layout: &Layout,
    planned: &[Laying; 2],
) -> Document<'a> {
    let tally = laid::Tally::of(planned);
    let files = planned.iter().flat_map(|laying| {
        laying
            .sheets()
            .iter()
            .map(|(sheet, standing)| FileDocument {
                action: laid::Action::from(*standing),
                path: laying.path(sheet).display().to_string(),
            })
    });
    Document {
        schema: "certctl/setup/v1",
        server,
        changes: documents(changes, layout),
        files: files.collect(),
        changed: tally.changed,
        unchanged: tally.unchanged,
    }
}
