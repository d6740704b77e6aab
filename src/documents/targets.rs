//! `certctl/targets/v1`: what was seen of several, in the documents that each has alone.

use std::borrow::Cow;

use serde::Serialize;

use crate::terminal::report::ErrorDocument;

/// `certctl/targets/v1`: what was seen of several, in the documents that each has alone.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document<'s, D> {
    pub(crate) schema: &'static str,
    /// In the order in which they were given
    pub(crate) targets: Vec<TargetDocument<'s, D>>,
}

impl<D> Document<'_, D> {
    /// Of what was given, each with its document or why there is none.
    pub(crate) fn of(targets: Vec<(String, Result<D, ErrorDocument>)>) -> Self {
        let targets = targets.into_iter().map(|(target, seen)| {
            let (document, error) = match seen {
                Ok(document) => (Some(document), None),
                Err(error) => (None, Some(error)),
            };
            TargetDocument {
                target: target.into(),
                document,
                error,
            }
        });
        Self {
            schema: "certctl/targets/v1",
            targets: targets.collect(),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct TargetDocument<'s, D> {
    /// As it was given
    pub(crate) target: Cow<'s, str>,
    /// What the command prints of it alone
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<D>,
    /// Why there is none
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorDocument>,
}
