//! `certctl/show/v1`: everything about one entry or CA.

use serde::Serialize;
use time::OffsetDateTime;

use super::entries::Entry;
use crate::{
    pki::inspect::CertificateInfo,
    store::generations::Succession,
    terminal::{rows, table::aligned},
};

/// `certctl/show/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    #[serde(flatten)]
    pub(crate) entry: Entry,
    /// The CAs above it, its issuer first
    pub(crate) issuers: Vec<String>,
    /// Null where its file cannot be read
    pub(crate) certificate: Option<CertificateInfo>,
    /// Whether a request of it waits for a CA elsewhere
    pub(crate) waiting: bool,
    /// The files of its directory
    pub(crate) files: Vec<FileEntry>,
    /// What had its name before, the last one first
    pub(crate) history: Vec<Entry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FileEntry {
    /// Name of the file
    pub(crate) name: String,
    /// As chmod takes it
    pub(crate) mode: String,
}

impl Document {
    /// For a person.
    pub(crate) fn text(&self, succession: Option<&Succession>, now: OffsetDateTime) -> String {
        let status = self.entry.status;
        let mut rows = vec![
            (
                "Status",
                match succession {
                    Some(succession) => format!("{status}, {succession}"),
                    None => status.to_owned(),
                },
            ),
            ("Signed by", self.issuers.join(", signed by ")),
        ];
        match &self.certificate {
            Some(certificate) => rows.extend(rows::certificate(certificate, now)),
            None => rows.push(("Serial", self.entry.serial.clone())),
        }
        rows.retain(|(_, value)| !value.is_empty());
        let rows = (rows.into_iter()).map(|(label, value)| [format!("  {label}"), value]);
        let files = (self.files.iter()).map(|file| [format!("  {}", file.mode), file.name.clone()]);
        let history: Vec<_> = self.history.iter().map(history_row).collect();
        let Entry {
            name, kind, path, ..
        } = &self.entry;
        let mut sections = vec![format!("{name} ({kind})\n{}", aligned(rows))];
        if !self.files.is_empty() {
            sections.push(format!("files in {path}\n{}", aligned(files)));
        }
        if !history.is_empty() {
            sections.push(format!("history\n{}", aligned(history)));
        }
        sections.join("\n")
    }
}

fn history_row(entry: &Entry) -> [String; 3] {
    let period = format!("{} to {}", entry.not_before, entry.not_after);
    let kept = match &entry.machine {
        Some(machine) => format!("on {machine}"),
        None => entry.path.clone(),
    };
    [format!("  {}", entry.status), period, kept]
}
