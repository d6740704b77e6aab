//! `certctl inspect`: what stands in a file.

use std::ffi::OsString;

use clap::Args;
use serde::Serialize;

use super::{
    Context, Report, Run,
    bounded::Kind,
    looks::{Look, look_at},
    report::Outcome,
    subjects::Subject,
};
use crate::{documents::inspect::Document, pki::inspect::inspect, terminal::rows};

/// Show what stands in files
///
/// Of an entry, a CA or a directory it is what stands in cert.pem. Certificates, chains, private and public keys, requests and CRLs, PEM or DER, several of them in
/// one file too. Of a private key its type is told, and a hash of its public half, which its
/// certificate shares.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl inspect node1 ca/issuing\n  \
    certctl inspect server.crt server.key\n  \
    certctl inspect - --json")]
pub(crate) struct Inspect {
    /// Entry, CA or file, PEM or DER; `-` is standard input (can be repeated)
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<OsString>,
}

impl Run for Inspect {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        look_at(&self, &self.targets, context)
    }
}

impl Look for Inspect {
    type Seen = Document;

    fn look(&self, subject: &Subject, context: &Context) -> Result<Document, Report> {
        let input = subject.read(Kind::Any, context)?;
        let items = inspect(&input.octets).map_err(|error| input.not_inspectable(&error))?;
        Ok(Document {
            schema: "certctl/inspect/v1",
            items,
        })
    }

    fn document(seen: &Document) -> &impl Serialize {
        seen
    }

    fn text(seen: &Document, context: &Context) -> String {
        rows::text(&seen.items, context.now)
    }

    fn heading(subject: &Subject) -> Option<String> {
        Some(subject.given.clone())
    }
}
