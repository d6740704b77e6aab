//! `certctl ledger`: a ledger that several machines share.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Context, Report, Run, report::Outcome, taken};
use crate::{
    documents::ledger::Document,
    store::{Access, files, shared},
};

/// What helps where the file exists.
const ANOTHER: &str = "give it another name: a backup is never written over";

/// Keep the ledger in a database that several machines share
///
/// A team, or a pipeline with many runners, issues for one cluster with one ledger: no name is given twice, no
/// revocation is missed, and every machine sees what the others did. See certctl-ledger(7).
#[derive(Args, Debug)]
#[command(
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "Examples:\n  \
    certctl ledger copy 'postgres://db.example/pki?sslrootcert=/etc/db/ca.pem'\n  \
    certctl ledger verify"
)]
pub(crate) struct Ledger {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(Init),
    Copy(Copy),
    Verify(Verify),
    Backup(Backup),
}

/// Make the tables of a shared ledger, and print the grants for those who issue
///
/// It is run once, by a role that may create a schema in the database. A role that issues may read and add; it may not
/// change or delete what is recorded.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl ledger init 'postgres:///pki?host=/run/postgresql' --role issuers")]
struct Init {
    /// Where the database is, as libpq's URLs say it (without a password)
    #[arg(value_name = "URL", env = shared::VARIABLE)]
    url: String,
    /// A role that is to issue: its grants are printed
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
}

/// Give a shared ledger what this directory knows and it lacks
///
/// A directory with a ledger of its own belongs to the shared one from then on. Where a backup of the database was put
/// back, a directory that knows more gives it the rest, revocations above all.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl ledger copy 'postgres://db.example/pki?sslrootcert=/etc/db/ca.pem'")]
struct Copy {
    /// Where the ledger is, as libpq's URLs say it (without a password)
    #[arg(value_name = "URL", env = shared::VARIABLE)]
    url: String,
}

/// Compare this directory's copy with the shared ledger, event by event
///
/// Exits with 3 where either does not hold, or they differ.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl ledger verify")]
struct Verify {}

/// Write the ledger to a file
///
/// The file is a database that may stand as ledger.db again. It holds no key, but says who was given what.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl ledger backup ledger-backup.db")]
struct Backup {
    /// File to write, which must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Run for Ledger {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        match self.command {
            Command::Init(init) => init.run(context),
            Command::Copy(copy) => copy.run(context),
            Command::Verify(verify) => verify.run(context),
            Command::Backup(backup) => backup.run(context),
        }
    }
}

impl Run for Init {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let is_new = shared::init(&self.url, &context.dir)?;
        let mut document = Document::new("init", is_new);
        document.grants = self.role.iter().flat_map(|it| shared::grants(it)).collect();
        context.ui.result(
            || {
                let lines = document.grants.iter().map(|it| format!("{it}\n"));
                lines.collect::<String>()
            },
            &document,
        )?;
        context.ui.note(match is_new {
            true => "the tables were made, in the schema certctl",
            false => "the tables are there already",
        });
        Ok(match is_new {
            true => Outcome::Changed,
            false => Outcome::Unchanged,
        })
    }
}

impl Run for Copy {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Copy)?;
        let author = format!("{} on {}", context.author.user, context.author.host);
        let copied = pki.share(&self.url, &author)?;
        let mut document = Document::new("copy", copied > 0);
        document.events = Some(copied);
        let text = || match copied {
            0 => String::from("the shared ledger had everything\n"),
            _ => format!("{copied} events were copied\n"),
        };
        context.ui.result(text, &document)?;
        Ok(match copied {
            0 => Outcome::Unchanged,
            _ => Outcome::Changed,
        })
    }
}

impl Run for Verify {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Read)?;
        let compared = pki.compare()?;
        let mut document = Document::new("verify", false);
        document.events = Some(compared.events);
        document.faults = compared.faults;
        let text = || match &document.faults[..] {
            [] => match compared.events {
                1 => String::from("1 event, and it holds\n"),
                events => format!("{events} events, and all of them hold\n"),
            },
            faults => faults.iter().map(|fault| format!("{fault}\n")).collect(),
        };
        context.ui.result(text, &document)?;
        Ok(match document.faults.is_empty() {
            true => Outcome::Unchanged,
            false => Outcome::Found,
        })
    }
}

impl Run for Backup {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Read)?;
        taken::refuse(&self.file, ANOTHER)?;
        taken::write(&self.file, &pki.database()?, files::PRIVATE, false)?;
        let mut document = Document::new("backup", true);
        document.file = Some(self.file.display().to_string());
        context
            .ui
            .result(|| format!("wrote {}\n", self.file.display()), &document)?;
        Ok(Outcome::Changed)
    }
}
