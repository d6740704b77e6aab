//! What is shown of an entry or CA.

use std::{io, ops::ControlFlow, path::Path};

use serde::Serialize;

use super::{
    Context, Report,
    bounded::Kind,
    elsewhere::{note_waiting, waits_for_first},
    fallen::tell_fallen,
    looks::Look,
    names::Target,
    report::{self, Outcome},
    subjects::{Subject, What},
};
use crate::{
    documents::{
        entries::Entry,
        show::{Document, FileEntry},
    },
    emit::shell_word,
    pki::{entry_name::EntryName, inspect::CertificateInfo},
    store::{
        Pki,
        generations::Succession,
        layout::{Area, Layout, file},
        ledger::{Listed, Order, Selection, Status},
        waiting::waiting,
    },
};

/// The PKI directory whose entries are shown.
pub(crate) struct Showing {
    pub(crate) pki: Pki,
}

/// One entry or CA.
pub(crate) struct Seen {
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
        let entry =
            |record: &Listed| Entry::new(record, pki.layout(), context.now).kept(record, pki);
        let generations = pki.generations()?;
        let shown = entry(&records[0])?.among(&generations);
        let is_authority = area == Area::Authorities;
        let authority = Some(&records[0].name).filter(|_| is_authority);
        let succession = authority.and_then(|name| generations.succession(name));
        let document = Document {
            schema: "certctl/show/v1",
            issuers: issuers(pki, &records[0])?
                .iter()
                .map(ToString::to_string)
                .collect(),
            certificate: certificate(context, pki, &records[0], &shown),
            waiting: waiting(pki.layout(), &records[0].place())?.is_some(),
            files: match shown.path.as_str() {
                "" => Vec::new(),
                path => files(pki.layout(), Path::new(path)).unwrap_or_default(),
            },
            history: records[1..].iter().map(entry).collect::<Result<_, _>>()?,
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

/// The entry or CA that is meant: by its name, by a path that belongs to it, or by a copy of its certificate.
fn wanted(subject: &Subject, pki: &Pki, context: &Context) -> Result<Target, Report> {
    let owner = subject.owner(pki);
    let (Err(report), What::Path(_)) = (&owner, &subject.what) else {
        return owner;
    };
    if report.kind() == report::Kind::Usage {
        return owner;
    }
    let input = subject.read(Kind::Certificates, context)?;
    let certificate = &input.certificates()?[0];
    let record = pki.ledger().record_of(certificate)?;
    if record
        .as_ref()
        .is_some_and(|it| it.status != Status::Current)
    {
        let given = &subject.given;
        context
            .ui
            .note(format!("the certificate in {given} is not in use any more"));
    }
    let target = record.map(|record| Target {
        area: Some(record.kind.area()),
        name: record.name,
    });
    target.ok_or_else(|| {
        let message = format!("no entry or CA here has the certificate in {}", input.name);
        Report::failed("no-entry", message).hint(format!(
            "`certctl inspect {}` shows what stands in it",
            shell_word(&input.name)
        ))
    })
}

impl Target {
    /// Everything that ever had the name: entries first, what is in use first, then the newest.
    pub(crate) fn records(&self, pki: &Pki) -> Result<Vec<Listed>, Report> {
        let selection = Selection {
            area: self.area,
            name: Some(self.name.clone()),
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
            true => Err(match waits_for_first(pki, self)? {
                Some(waits) => waits,
                None => self.unknown(pki)?,
            }),
        }
    }
}

fn all(pki: &Pki, selection: &Selection) -> Result<Vec<Listed>, Report> {
    let mut records = Vec::new();
    let _: ControlFlow<()> = pki.ledger().select(selection, |record| {
        records.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

/// Names of the CAs above a certificate, its issuer first.
fn issuers(pki: &Pki, record: &Listed) -> Result<Vec<EntryName>, Report> {
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
fn certificate(
    context: &Context,
    pki: &Pki,
    record: &Listed,
    shown: &Entry,
) -> Option<CertificateInfo> {
    if let Some(machine) = &shown.machine {
        let place = record.place();
        let words = context.command(&format!("pull {}/{}", place.area.directory(), place.name));
        context.ui.note(match record.status {
            Status::Current => format!(
                "its files are on another machine that shares the ledger, {machine}; `{words}` fetches all but its key"
            ),
            _ => format!(
                "what is left of it is in the archive of another machine that shares the ledger, {machine}"
            ),
        });
        return None;
    }
    if shown.path.is_empty() {
        return None;
    }
    match pki.certificates(&Path::new(&shown.path).join(file::CERTIFICATE)) {
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
