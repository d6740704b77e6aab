//! `certctl/check/v1`: findings for programs to read.

use serde::Serialize;

use super::{Found, Mended};
use crate::{
    check::{Finding, facts::Installed},
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
    /// What nodes hold, by what was looked at there: `rotate-ca ack --from-check` takes it
    installed: Vec<InstalledDocument>,
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
struct InstalledDocument {
    /// The trust bundle
    path: String,
    /// Serial number of the certificate beside it, upper-case hexadecimal
    serial: String,
    /// SHA-256 of the bundle's certificates, the DER of one after the other, hexadecimal
    bundle_sha256: String,
    /// SHA-256 of the DER of each of them
    roots_sha256: Vec<String>,
}

impl InstalledDocument {
    fn new(installed: &Installed) -> Self {
        let hex = |octets: &Vec<u8>| base16ct::lower::encode_string(octets);
        Self {
            path: installed.bundle.display().to_string(),
            serial: installed.serial.to_string(),
            bundle_sha256: hex(&installed.digest),
            roots_sha256: installed.roots.iter().map(hex).collect(),
        }
    }
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
            installed: inspection
                .installed
                .iter()
                .map(InstalledDocument::new)
                .collect(),
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
