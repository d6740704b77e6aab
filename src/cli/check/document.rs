//! `certctl/check/v1`: findings for programs to read.

use serde::Serialize;

use super::Found;
use crate::{check::Finding, cli::document};

#[derive(Serialize)]
pub(super) struct Document {
    schema: &'static str,
    findings: Vec<FindingDocument>,
    checked: Checked,
    next_to_expire: Option<NextToExpire>,
}

#[derive(Serialize)]
struct FindingDocument {
    code: String,
    severity: &'static str,
    path: String,
    /// `FILE:LINE`, where a configuration file says it or names the path
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    message: String,
    hint: String,
    fixed: bool,
}

#[derive(Serialize)]
struct Checked {
    authorities: usize,
    entries: usize,
    archived: usize,
    configurations: usize,
}

#[derive(Serialize)]
struct NextToExpire {
    path: String,
    not_after: String,
}

impl Document {
    pub(super) fn new(found: &Found) -> Self {
        let inspection = &found.inspection;
        let finding = |(finding, fixed): (&Finding, bool)| FindingDocument {
            code: finding.code.to_string(),
            severity: finding.severity.name(),
            path: finding.path.display().to_string(),
            place: finding.place.as_ref().map(ToString::to_string),
            message: finding.message.clone(),
            hint: finding.hint.clone(),
            fixed,
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
