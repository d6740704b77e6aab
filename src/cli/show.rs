//! `certctl show`: everything about one entry or CA.

use std::{io, ops::ControlFlow, path::Path};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::{
    Context, Report, Run,
    document::Entry,
    facts::tell_fallen,
    inspect,
    names::{Target, target},
    report::Outcome,
    table::aligned,
};
use crate::{
    pki::inspect::CertificateInfo,
    store::{
        Access, Pki,
        layout::{Area, Layout, file},
        ledger::{Order, Record, Selection, Status},
    },
};

/// Show everything about one entry or CA
///
/// Its certificate, its files with their modes, and what had its name before. Where an entry and a
/// CA share a name, the entry is shown; ca/NAME means the CA.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl show node1\n  \
    certctl show ca/root\n  \
    certctl show node1 --json")]
pub(crate) struct Show {
    /// Name of an entry or CA; certs/NAME and ca/NAME say which
    #[arg(value_name = "NAME", value_parser = target)]
    wanted: Target,
}

/// `certctl/show/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document {
    schema: &'static str,
    #[serde(flatten)]
    entry: Entry,
    /// The CAs above it, its issuer first
    issuers: Vec<String>,
    /// Null where its file cannot be read
    certificate: Option<CertificateInfo>,
    /// The files of its directory
    files: Vec<FileEntry>,
    /// What had its name before, the last one first
    history: Vec<Entry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FileEntry {
    /// Name of the file
    name: String,
    /// As chmod takes it
    mode: String,
}

impl Run for Show {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let pki = context.open(Access::Read)?;
        let mut records = self.wanted.records(&pki)?;
        let area = records[0].kind.area();
        if records.iter().any(|other| other.kind.area() != area) {
            let words = context.command(&format!("show ca/{}", self.wanted.name));
            context
                .ui
                .hint(format!("a CA has this name too: `{words}`"));
        }
        records.retain(|record| record.kind.area() == area);
        let entry = |record: &Record| Entry::new(record, pki.layout(), context.now);
        let shown = entry(&records[0]);
        let document = Document {
            schema: "certctl/show/v1",
            issuers: issuers(&pki, &records[0])?,
            certificate: certificate(context, &pki, Path::new(&shown.path)),
            files: files(pki.layout(), Path::new(&shown.path)).unwrap_or_default(),
            history: records[1..].iter().map(entry).collect(),
            entry: shown,
        };
        let text = || document.text(context.now);
        context.ui.result(text, &document)?;
        if records[0].status == Status::Current {
            tell_fallen(context, &pki, &records[0])?;
        }
        Ok(Outcome::Unchanged)
    }
}

impl Target {
    /// Everything that ever had the name: entries first, what is in use first, then the newest.
    fn records(&self, pki: &Pki) -> Result<Vec<Record>, Report> {
        let selection = Selection {
            area: self.area,
            name: Some(self.name.to_string()),
            order: Order::Newest,
            ..Selection::default()
        };
        let mut records = all(pki, &selection)?;
        records.sort_by_key(|record| {
            let is_past = record.status != Status::Current;
            (record.kind.area() == Area::Authorities, is_past)
        });
        match records.is_empty() {
            false => Ok(records),
            true => Err(self.unknown(pki)?),
        }
    }
}

fn all(pki: &Pki, selection: &Selection) -> Result<Vec<Record>, Report> {
    let mut records = Vec::new();
    let _: ControlFlow<()> = pki.ledger().select(selection, |record| {
        records.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

/// Names of the CAs above a certificate, its issuer first.
fn issuers(pki: &Pki, record: &Record) -> Result<Vec<String>, Report> {
    let authorities = pki.authorities()?;
    let mut issuers = Vec::new();
    let mut next = record.issuer.as_ref();
    while let Some(name) = next {
        // A name that comes again would be a loop, which no ledger of ours holds.
        if issuers.contains(name) {
            break;
        }
        issuers.push(name.clone());
        let issuer = authorities.iter().find(|authority| authority.name == *name);
        next = issuer.and_then(|authority| authority.issuer.as_ref());
    }
    Ok(issuers)
}

/// What its certificate says; what is wrong with the file is only a warning here.
fn certificate(context: &Context, pki: &Pki, directory: &Path) -> Option<CertificateInfo> {
    match pki.certificates(&directory.join(file::CERTIFICATE)) {
        Ok(certificates) => certificates.first().map(CertificateInfo::new),
        Err(error) => {
            context.ui.warning(error);
            None
        }
    }
}

fn files(layout: &Layout, directory: &Path) -> io::Result<Vec<FileEntry>> {
    let directory = layout.directory().directory(directory)?;
    let mut files = Vec::new();
    for name in directory.entries()? {
        let look = directory.look(&name)?;
        files.push(FileEntry {
            name: name.to_string_lossy().into_owned(),
            mode: format!("{:04o}", look.mode),
        });
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(files)
}

impl Document {
    fn text(&self, now: OffsetDateTime) -> String {
        let mut rows = vec![
            ("Status", self.entry.status.to_owned()),
            ("Signed by", self.issuers.join(", signed by ")),
        ];
        match &self.certificate {
            Some(certificate) => rows.extend(inspect::certificate(certificate, now)),
            None => rows.push(("Serial", self.entry.serial.clone())),
        }
        rows.retain(|(_, value)| !value.is_empty());
        let rows = (rows.into_iter()).map(|(label, value)| [format!("  {label}"), value]);
        let files = (self.files.iter()).map(|file| [format!("  {}", file.mode), file.name.clone()]);
        let history: Vec<_> = self.history.iter().map(history_row).collect();
        let Entry {
            name, kind, path, ..
        } = &self.entry;
        let mut sections = vec![
            format!("{name} ({kind})\n{}", aligned(rows)),
            format!("files in {path}\n{}", aligned(files)),
        ];
        if !history.is_empty() {
            sections.push(format!("history\n{}", aligned(history)));
        }
        sections.join("\n")
    }
}

fn history_row(entry: &Entry) -> [String; 3] {
    let period = format!("{} to {}", entry.not_before, entry.not_after);
    [format!("  {}", entry.status), period, entry.path.clone()]
}
