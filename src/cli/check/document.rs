//! `certctl/check/v1`: findings for programs to read.

use serde::Serialize;

use super::{Found, Mended};
use crate::{
    check::Finding,
    cli::document::{self, FindingDocument},
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Document {
    schema: &'static str,
    /// What is wrong, by path
    findings: Vec<FindingDocument>,
    /// How much was looked at
    checked: Checked,
    /// What ends next; null where nothing was found that ends
    next_to_expire: Option<NextToExpire>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Checked {
    /// How many CAs
    authorities: usize,
    /// How many entries, copies of entries and lone files
    entries: usize,
    /// How many archived directories
    archived: usize,
    /// How many configuration files
    configurations: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NextToExpire {
    /// Its file
    path: String,
    /// Last second
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    not_after: String,
}

impl Document {
    pub(super) fn new(found: &Found) -> Self {
        let inspection = &found.inspection;
        let finding = |(finding, mended): (&Finding, Mended)| {
            FindingDocument::new(finding, mended == Mended::Yes)
        };
        Self {
            schema: "certctl/check/v1",
            findings: found.findings().map(finding).collect(),
            checked: Checked {
                authorities: inspection.authorities,
                entries: inspection.entries,
                archived: inspection.archived,
                configurations: inspection.configurations,
            },
            next_to_expire: inspection
                .next_to_end
                .as_ref()
                .map(|(end, path)| NextToExpire {
                    path: path.display().to_string(),
                    not_after: document::time(*end),
                }),
        }
    }
}
