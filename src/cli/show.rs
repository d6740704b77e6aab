//! `certctl show`: everything about one entry or CA.

use std::{ffi::OsString, path::Path};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::{
    Context, Report, Run,
    document::Entry,
    elsewhere::note_waiting,
    fallen::tell_fallen,
    looks::{Look, look_at},
    report::Outcome,
    subjects::Subject,
    table::aligned,
};
use crate::session::shown::{certificate, files, issuers, wanted};
use crate::{
    documents::show::Document,
    store::{
        Access, Pki,
        generations::Succession,
        layout::Area,
        ledger::{Listed, Status},
        waiting::waiting,
    },
    terminal::rows,
};

/// Show everything about entries and CAs
///
/// The certificate, the files with their modes, and what had the name before. Where an entry and a CA
/// share a name, the entry is shown; ca/NAME means the CA. A file is taken for the entry that has its
/// certificate.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl show node1 node2\n  \
    certctl show ca/root\n  \
    certctl show /etc/rethinkdb/tls/cert.pem\n  \
    certctl show node1 --json")]
pub(crate) struct Show {
    /// Entry or CA, its directory, or a file with its certificate; certs/NAME and ca/NAME say which (can be repeated)
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<OsString>,
}

impl Run for Show {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let pki = context.open(Access::Read)?;
        look_at(&Showing { pki }, &self.targets, context)
    }
}

/// The PKI directory whose entries are shown.
struct Showing {
    pki: Pki,
}

/// One entry or CA.
struct Seen {
    document: Document,
    succession: Option<Succession>,
    record: Listed,
}

impl Look for Showing {
    type Seen = Seen;

    fn look(&self, subject: &Subject, context: &Context) -> Result<Seen, Report> {
        let pki = &self.pki;
        let wanted = wanted(subject, pki, context)?;
        let mut records = wanted.records(pki)?;
        let area = records[0].kind.area();
        if records.iter().any(|other| other.kind.area() != area) {
            let words = context.command(&format!("show ca/{}", wanted.name));
            context
                .ui
                .hint(format!("a CA has this name too: `{words}`"));
        }
        records.retain(|record| record.kind.area() == area);
        let entry = |record: &Listed| Entry::new(record, pki.layout(), context.now);
        let generations = pki.generations()?;
        let shown = entry(&records[0]).among(&generations);
        let is_authority = area == Area::Authorities;
        let authority = Some(&records[0].name).filter(|_| is_authority);
        let succession = authority.and_then(|name| generations.succession(name));
        let document = Document {
            schema: "certctl/show/v1",
            issuers: issuers(pki, &records[0])?
                .iter()
                .map(ToString::to_string)
                .collect(),
            certificate: certificate(context, pki, Path::new(&shown.path)),
            waiting: waiting(pki.layout(), &records[0].place())?.is_some(),
            files: files(pki.layout(), Path::new(&shown.path)).unwrap_or_default(),
            history: records[1..].iter().map(entry).collect(),
            entry: shown,
        };
        Ok(Seen {
            document,
            succession,
            record: records.swap_remove(0),
        })
    }

    fn document(seen: &Seen) -> &impl Serialize {
        &seen.document
    }

    fn text(seen: &Seen, context: &Context) -> String {
        seen.document.text(seen.succession.as_ref(), context.now)
    }

    fn end(&self, seen: &Seen, context: &Context) -> Result<Outcome, Report> {
        if seen.record.status == Status::Current {
            tell_fallen(context, &self.pki, &seen.record)?;
        }
        if seen.document.waiting {
            note_waiting(context, &self.pki, &seen.record.place())?;
        }
        Ok(Outcome::Unchanged)
    }
}

impl Document {
    fn text(&self, succession: Option<&Succession>, now: OffsetDateTime) -> String {
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
