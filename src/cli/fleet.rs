//! `certctl fleet init`: a fleet file that says what is in the PKI directory.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Context, Report, Run, report::Outcome, taken};
use crate::{
    documents::fleet::Document,
    fleet,
    reconcile::description::describe,
    store::{Access, StoreError, files},
};

/// What helps where the file exists: nobody's fleet file is written over.
const ANOTHER: &str = "give it another name: a fleet file is never written over";

/// Work with fleet files
///
/// A fleet file names the CAs and entries that a PKI directory is to hold; certctl apply makes it so.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  certctl fleet init --out fleet.toml")]
pub(crate) struct Fleet {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(Init),
}

/// Write a fleet file that says what is in the PKI directory
///
/// Without a PKI directory it is an example to start from. It goes to standard output unless --out
/// names a file, which must not exist.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl fleet init\n  \
    certctl fleet init --out fleet.toml")]
struct Init {
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long, requires = "out")]
    dry_run: bool,
}

impl Run for Fleet {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let Command::Init(init) = self.command;
        let text = match context.open(Access::Read) {
            Ok(pki) => describe(&pki)?,
            Err(report) if report.code() == "no-pki" => fleet::EXAMPLE.to_owned(),
            Err(report) => return Err(report),
        };
        let document = Document {
            schema: "certctl/fleet-init/v1",
            path: init.out.as_ref().map(|path| path.display().to_string()),
            text: &text,
        };
        let Some(path) = init.out else {
            context.ui.result(|| text.clone(), &document)?;
            return Ok(Outcome::Unchanged);
        };
        taken::refuse(&path, ANOTHER)?;
        if !init.dry_run {
            files::create(&path, text.as_bytes(), files::PUBLIC).map_err(|error| {
                match error.kind() {
                    std::io::ErrorKind::AlreadyExists => taken::report(&path, ANOTHER),
                    _ => StoreError::io("write", &path, error).into(),
                }
            })?;
        }
        let verb = if init.dry_run { "would write" } else { "wrote" };
        let text = format!("{verb} {}", path.display());
        context.ui.told(text, &document)?;
        Ok(Outcome::Changed)
    }
}
