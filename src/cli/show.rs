//! `certctl show`: everything about one entry or CA.

use std::ffi::OsString;

use clap::Args;

use super::{Context, Report, Run, looks::look_at, report::Outcome};
use crate::{session::shown::Showing, store::Access};

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
