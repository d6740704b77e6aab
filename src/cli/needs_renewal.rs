//! `certctl needs-renewal`: say by the exit code whether a certificate is due.

use std::ffi::OsString;

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::{
    Context, Report, Run,
    args::margin,
    bounded::Kind,
    document::{remaining, time},
    elsewhere::{note_waiting, waits_for_first},
    looks::{Look, look_at},
    report::Outcome,
    subjects::{Subject, What},
};
use crate::{
    documents::needs_renewal::Document,
    pki::{renewal::Margin, validity::Validity},
    store::Access,
};

/// Say whether certificates are due
///
/// Exits with 0 where one is, with 3 where none is yet, and with 1 where one is missing or cannot be read,
/// so that systemd's ExecCondition understands it. A file is judged by its first certificate.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl needs-renewal node1\n  \
    certctl needs-renewal /etc/rethinkdb/tls/cert.pem --within 33%\n  \
    certctl needs-renewal node1 node2\n  \
    certctl needs-renewal ca/root --within 1y")]
pub(crate) struct NeedsRenewal {
    /// Entry, CA, or a file with a certificate; `-` is standard input (can be repeated)
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<OsString>,
    /// Due when so much of its life is left, as in 30d or 33% [default: a third, at most 30d]
    #[arg(long, value_name = "DURATION|PERCENT", value_parser = margin)]
    within: Option<Margin>,
}

impl Run for NeedsRenewal {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        look_at(&self, &self.targets, context)
    }
}

/// One certificate's end.
pub(crate) struct Seen {
    document: Document,
    not_after: OffsetDateTime,
}

impl Look for NeedsRenewal {
    type Seen = Seen;

    const SPACED: bool = false;

    fn look(&self, subject: &Subject, context: &Context) -> Result<Seen, Report> {
        let validity = validity(subject, context)?;
        let from = self.within.unwrap_or_default().due_from(validity);
        let document = Document {
            schema: "certctl/needs-renewal/v1",
            subject: subject.given.clone(),
            due: from <= context.now,
            due_from: time(from),
            not_after: time(validity.not_after),
        };
        Ok(Seen {
            document,
            not_after: validity.not_after,
        })
    }

    fn document(seen: &Seen) -> &impl Serialize {
        &seen.document
    }

    fn text(seen: &Seen, context: &Context) -> String {
        let Document {
            subject, due_from, ..
        } = &seen.document;
        let left = remaining(seen.not_after, context.now);
        match seen.document.due {
            true => format!("{subject} is due ({left})"),
            false => format!("{subject} is not due before {due_from} ({left})"),
        }
    }

    /// Neither answer is: the exit code tells them apart.
    fn is_wrong(_: &Seen) -> bool {
        false
    }

    fn end(&self, seen: &Seen, _: &Context) -> Result<Outcome, Report> {
        Ok(match seen.document.due {
            true => Outcome::Unchanged,
            false => Outcome::Found,
        })
    }

    /// That one is due is worse than that another is not: whoever asks is to renew.
    fn together(outcomes: &[Outcome]) -> Outcome {
        match outcomes.contains(&Outcome::Unchanged) {
            true => Outcome::Unchanged,
            false => Outcome::Found,
        }
    }
}

fn validity(subject: &Subject, context: &Context) -> Result<Validity, Report> {
    let What::Name(target) = &subject.what else {
        let input = subject.read(Kind::Certificates, context)?;
        return Ok(input.certificates()?[0].validity());
    };
    let pki = context.open(Access::Read)?;
    match target.record(&pki)? {
        Some(record) => {
            note_waiting(context, &pki, &record.place())?;
            Ok(record.validity)
        }
        None => {
            let waits = waits_for_first(&pki, target)?;
            Err(waits.unwrap_or_else(|| subject.absent(context)))
        }
    }
}
