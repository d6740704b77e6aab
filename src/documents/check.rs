//! `certctl/check/v1`: findings for programs to read.

use serde::Serialize;

use super::findings::FindingDocument;
use crate::{
    check::facts::Installed,
    inspection::{Found, Mended},
    pki::validity::rfc3339,
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// What is wrong, by path
    pub(crate) findings: Vec<FindingDocument>,
    /// How much was looked at
    pub(crate) checked: Checked,
    /// What nodes hold, by what was looked at there: `rotate-ca ack --from-check` takes it
    pub(crate) installed: Vec<InstalledDocument>,
    /// What ends next; null where nothing was found that ends
    pub(crate) next_to_expire: Option<NextToExpire>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Checked {
    /// How many CAs
    pub(crate) authorities: usize,
    /// How many entries, copies of entries and lone files
    pub(crate) entries: usize,
    /// How many archived directories
    pub(crate) archived: usize,
    /// How many configuration files
    pub(crate) configurations: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct InstalledDocument {
    /// The trust bundle
    pub(crate) path: String,
    /// Serial number of the certificate beside it, upper-case hexadecimal
    pub(crate) serial: String,
    /// SHA-256 of the bundle's certificates, the DER of one after the other, hexadecimal
    pub(crate) bundle_sha256: String,
    /// SHA-256 of the DER of each of them
    pub(crate) roots_sha256: Vec<String>,
    /// SHA-256 of what is sent behind the certificate, the DER of one after the other, hexadecimal; roots left out
    pub(crate) chain_sha256: String,
}

impl InstalledDocument {
    pub(crate) fn new(installed: &Installed) -> Self {
        let hex = |octets: &Vec<u8>| base16ct::lower::encode_string(octets);
        Self {
            path: installed.bundle.display().to_string(),
            serial: installed.serial.to_string(),
            bundle_sha256: hex(&installed.digest),
            roots_sha256: installed.roots.iter().map(hex).collect(),
            chain_sha256: hex(&installed.chain),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NextToExpire {
    /// Its file
    pub(crate) path: String,
    /// Last second
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    pub(crate) not_after: String,
}

impl Document {
    pub(crate) fn new(found: &Found) -> Self {
        let inspection = &found.inspection;
        let finding = |(finding, mended)| FindingDocument::new(finding, mended == Mended::Yes);
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
                    not_after: rfc3339(*end),
                }),
        }
    }
}
