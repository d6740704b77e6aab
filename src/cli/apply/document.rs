//! `certctl/apply/v1`: a plan for programs to read.

use serde::Serialize;

use crate::{
    fleet::plan::{Action, Change, Difference},
    store::layout::{Area, Layout, Place},
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Document {
    schema: &'static str,
    /// One for each CA and entry, of the file or of the PKI directory
    changes: Vec<ChangeDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ChangeDocument {
    /// What is done about it
    action: Action,
    /// Name of the entry or CA
    name: String,
    /// What it is
    #[cfg_attr(test, schemars(extend("enum" = crate::cli::schemas::words::kinds())))]
    kind: &'static str,
    /// Name of the CA that signs it; null for a root
    ca: Option<String>,
    /// Its directory
    path: String,
    /// Why
    reason: String,
    /// What becomes different; empty where nothing does, or all is new
    differences: Vec<DifferenceDocument>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DifferenceDocument {
    /// What is different
    what: &'static str,
    /// How it is; null where there is none
    from: Option<String>,
    /// How it is to be; null where there is to be none
    to: Option<String>,
}

pub(super) fn document(changes: &[Change], layout: &Layout) -> Document {
    Document {
        schema: "certctl/apply/v1",
        changes: documents(changes, layout),
    }
}

pub(in crate::cli) fn documents(changes: &[Change], layout: &Layout) -> Vec<ChangeDocument> {
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
