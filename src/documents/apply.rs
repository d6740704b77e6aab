//! `certctl/apply/v1`: a plan for programs to read.

use serde::Serialize;

use crate::{
    fleet::plan::{Action, Change, Difference},
    store::layout::{Area, Layout, Place},
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// One for each CA and entry, of the file or of the PKI directory
    pub(crate) changes: Vec<ChangeDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ChangeDocument {
    /// What is done about it
    pub(crate) action: Action,
    /// Name of the entry or CA
    pub(crate) name: String,
    /// What it is
    #[cfg_attr(test, schemars(extend("enum" = super::words::kinds())))]
    pub(crate) kind: &'static str,
    /// Name of the CA that signs it; null for a root
    pub(crate) ca: Option<String>,
    /// Its directory
    pub(crate) path: String,
    /// Why
    pub(crate) reason: String,
    /// What becomes different; empty where nothing does, or all is new
    pub(crate) differences: Vec<DifferenceDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DifferenceDocument {
    /// What is different
    pub(crate) what: &'static str,
    /// How it is; null where there is none
    pub(crate) from: Option<String>,
    /// How it is to be; null where there is to be none
    pub(crate) to: Option<String>,
}

pub(crate) fn document(changes: &[Change], layout: &Layout) -> Document {
    Document {
        schema: "certctl/apply/v1",
        changes: documents(changes, layout),
    }
}

pub(crate) fn documents(changes: &[Change], layout: &Layout) -> Vec<ChangeDocument> {
    let difference = |difference: &Difference| DifferenceDocument {
        what: difference.what,
        from: difference.from.clone(),
        to: difference.to.clone(),
    };
    let change = |change: &Change| {
        let place = Place {
            area: match change.kind.is_authority() {
                true => Area::Authorities,
                false => Area::Entries,
            },
            name: change.name.clone(),
        };
        ChangeDocument {
            action: change.action,
            name: change.name.to_string(),
            kind: change.kind.name(),
            ca: change.issuer.as_ref().map(ToString::to_string),
            path: layout.place(&place).display().to_string(),
            reason: change.reason.to_string(),
            differences: change.differences.iter().map(difference).collect(),
        }
    };
    changes.iter().map(change).collect()
}
