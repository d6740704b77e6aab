//! `certctl/pull/v1`: public files that came from a shared ledger.

use serde::Serialize;

use crate::store::{layout::Place, pull::Pulled};

/// `certctl/pull/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// Whether nothing was changed, because of `--dry-run`
    pub(crate) dry_run: bool,
    /// CAs and entries, each with what became of its files
    pub(crate) places: Vec<PlaceDocument>,
    /// Entries whose files are not on this machine
    pub(crate) elsewhere: Vec<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PlaceDocument {
    /// `ca/NAME` or `certs/NAME`
    pub(crate) path: String,
    /// What became of its files
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Outcome {
    /// Left as they are: the key here is for another certificate
    KeyHere,
    /// They were not here
    New,
    /// They are as they were
    Unchanged,
    /// They were older, or some were missing
    Updated,
}

impl Document {
    pub(crate) fn new(pulled: &[(Place, Pulled)], elsewhere: Vec<String>, dry_run: bool) -> Self {
        let places = pulled.iter().map(|(place, pulled)| PlaceDocument {
            path: format!("{}/{}", place.area.directory(), place.name),
            outcome: match pulled {
                Pulled::KeyHere => Outcome::KeyHere,
                Pulled::New => Outcome::New,
                Pulled::Same => Outcome::Unchanged,
                Pulled::Updated => Outcome::Updated,
            },
        });
        Self {
            schema: "certctl/pull/v1",
            dry_run,
            places: places.collect(),
            elsewhere,
        }
    }

    /// Whether something came.
    pub(crate) fn is_changed(&self) -> bool {
        let mut places = self.places.iter();
        places.any(|it| matches!(it.outcome, Outcome::New | Outcome::Updated))
    }

    /// A line for each place whose files came, and for each whose files could not.
    pub(crate) fn text(&self) -> String {
        let lines = self.places.iter().filter_map(|place| {
            let said = match place.outcome {
                Outcome::KeyHere => {
                    "left as it is: the key here is not that of the certificate in use"
                }
                Outcome::New => "new",
                Outcome::Unchanged => return None,
                Outcome::Updated => "updated",
            };
            Some(format!("{}: {said}\n", place.path))
        });
        lines.collect()
    }
}
