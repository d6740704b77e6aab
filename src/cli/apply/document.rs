//! `certctl/apply/v1`: a plan for programs to read.

use serde::Serialize;

use crate::{
    fleet::plan::{Change, Difference},
    store::layout::{Area, Layout, Place},
};

#[derive(Serialize)]
pub(super) struct Document {
    schema: &'static str,
    changes: Vec<ChangeDocument>,
}

#[derive(Serialize)]
struct ChangeDocument {
    action: &'static str,
    name: String,
    kind: String,
    ca: Option<String>,
    path: String,
    reason: String,
    differences: Vec<DifferenceDocument>,
}

#[derive(Serialize)]
struct DifferenceDocument {
    what: &'static str,
    from: Option<String>,
    to: Option<String>,
}

pub(super) fn document(changes: &[Change], layout: &Layout) -> Document {
    let difference = |difference: &Difference| DifferenceDocument {
        what: difference.what,
        from: difference.from.clone(),
        to: difference.to.clone(),
    };
    let change = |change: &Change| {
        let place = Place {
            area: match &*change.kind {
                "root" | "intermediate" => Area::Authorities,
                _ => Area::Entries,
            },
            name: change.name.clone(),
        };
        ChangeDocument {
            action: change.action.name(),
            name: change.name.to_string(),
            kind: change.kind.clone(),
            ca: change.issuer.clone(),
            path: layout.place(&place).display().to_string(),
            reason: change.reason.to_string(),
            differences: change.differences.iter().map(difference).collect(),
        }
    };
    Document {
        schema: "certctl/apply/v1",
        changes: changes.iter().map(change).collect(),
    }
}
