//! `certctl needs-renewal`: say by the exit code whether a certificate is due.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{
    Context, Report, Run,
    args::margin,
    bounded::Kind,
    document::{remaining, time},
    input::Input,
    names::target,
    report::Outcome,
};
use crate::{
    pki::{renewal::Margin, validity::Validity},
    store::Access,
};

/// Say whether a certificate is due
///
/// Exits with 0 where it is, with 3 where it is not yet, and with 1 where it is missing or cannot be
/// read, so that systemd's ExecCondition understands it. A file is judged by its first certificate.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl needs-renewal node1\n  \
    certctl needs-renewal /etc/rethinkdb/tls/cert.pem --within 33%\n  \
    certctl needs-renewal ca/root --within 1y")]
pub(crate) struct NeedsRenewal {
    /// Name of an entry or a CA, or a file with a certificate; `-` is standard input
    #[arg(value_name = "NAME|FILE")]
    subject: PathBuf,
    /// Due when so much of its life is left, as in 30d or 33% [default: a third, at most 30d]
    #[arg(long, value_name = "DURATION|PERCENT", value_parser = margin)]
    within: Option<Margin>,
}

/// `certctl/needs-renewal/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document {
    schema: &'static str,
    /// What was asked about
    subject: String,
    /// Whether it is due
    due: bool,
    /// Since when, or from when
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    due_from: String,
    /// Last second
    #[cfg_attr(test, schemars(extend("format" = "date-time")))]
    not_after: String,
}

impl Run for NeedsRenewal {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let validity = self.validity(context)?;
        let from = self.within.unwrap_or_default().due_from(validity);
        let document = Document {
            schema: "certctl/needs-renewal/v1",
            subject: self.subject.display().to_string(),
            due: from <= context.now,
            due_from: time(from),
            not_after: time(validity.not_after),
        };
        let text = || {
            let Document {
                subject, due_from, ..
            } = &document;
            let left = remaining(validity.not_after, context.now);
            match document.due {
                true => format!("{subject} is due ({left})"),
                false => format!("{subject} is not due before {due_from} ({left})"),
            }
        };
        context.ui.result(text, &document)?;
        Ok(match document.due {
            true => Outcome::Unchanged,
            false => Outcome::Found,
        })
    }
}

impl NeedsRenewal {
    fn validity(&self, context: &Context) -> Result<Validity, Report> {
        match self.recorded(context)? {
            Some(validity) => Ok(validity),
            None => {
                Ok(Input::read(&self.subject, Kind::Certificates)?.certificates()?[0].validity())
            }
        }
    }

    /// When the entry or CA of this name is valid; `None` where a file is meant.
    fn recorded(&self, context: &Context) -> Result<Option<Validity>, Report> {
        let target = self.subject.to_str().map(target);
        let Some(Ok(target)) = target else {
            return Ok(None);
        };
        let is_file = Path::new(&self.subject).exists();
        let record = match context.open(Access::Read) {
            Ok(pki) => target.record(&pki)?,
            Err(_) if is_file => None,
            Err(report) => return Err(report),
        };
        match record {
            Some(record) => Ok(Some(record.validity)),
            None if is_file => Ok(None),
            None => Err(Report::failed(
                "no-entry",
                format!("there is no entry, CA or file `{}`", self.subject.display()),
            )
            .hint("`certctl list` shows what there is")),
        }
    }
}
