//! `certctl/config/v1`: a server's configuration.

use serde::Serialize;

use crate::emit::{Finding, Format, Rendered, Server};

/// `certctl/config/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    /// Name of the server
    pub(crate) server: &'a str,
    /// Version of the server that it is for
    pub(crate) version: &'a str,
    /// As `--as` takes it
    pub(crate) format: &'a str,
    /// Where the snippet goes on a node; empty where there is no such place
    pub(crate) path: &'a str,
    /// Whether the snippet holds a secret
    pub(crate) secret: bool,
    /// The configuration
    pub(crate) snippet: &'a str,
    /// What to copy to the node
    pub(crate) copies: Vec<Copy<'a>>,
    /// What is to be said about it
    pub(crate) findings: &'a [Finding],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Copy<'a> {
    /// File or directory here
    pub(crate) from: &'a str,
    /// Where the snippet expects it on the node
    pub(crate) to: &'a str,
}

pub(crate) fn copies(rendered: &Rendered) -> Vec<Copy<'_>> {
    let copies = rendered.copies.iter();
    copies.map(|(from, to)| Copy { from, to }).collect()
}

impl<'a> Document<'a> {
    pub(crate) fn new(server: &'a Server, format: &'a Format, rendered: &'a Rendered) -> Self {
        Self {
            schema: "certctl/config/v1",
            server: &server.name,
            version: &rendered.version,
            format: &format.name,
            path: &format.path,
            secret: rendered.secret,
            snippet: &rendered.text,
            copies: copies(rendered),
            findings: &rendered.findings,
        }
    }
}
